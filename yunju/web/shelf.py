"""The shelf: search as one types, filters, pages, suggestions, the list as a workbook."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yunju.catalog import finding
from yunju.catalog.finding import Found, Wanted
from yunju.kernel.money import EXPONENTS
from yunju.members.models import Cluster
from yunju.shops import queries as shops
from yunju.shops.models import Shop
from yunju.ui import formats, messages
from yunju.web import provinces
from yunju.web.cards import Card, cards
from yunju.web.home import categories_of, keeper_shop
from yunju.web.public import public_page, remembered
from yunju.web.request import Request

_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,3})?", re.ASCII)
SWITCHES = ("in_stock", "free_freight", "new", "presale")
MOST_WORDS = 80


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the address of the page without it."""

    label: str
    without: str


def wanted_of(given: QueryDict, cluster: Cluster) -> Wanted:
    """What an address asks for; what it says wrongly is not asked for."""
    return Wanted(
        words=" ".join(given.get("q", "")[:1_000].split())[:MOST_WORDS],
        category=given.get("category", "")[:60],
        least_minor=_minor(given.get("min", ""), cluster.currency),
        most_minor=_minor(given.get("max", ""), cluster.currency),
        province=given.get("from", "") if given.get("from", "") in provinces.KEYS else "",
        sort=given.get("sort", "") if given.get("sort", "") in finding.SORTS else "",
        **{name: given.get(name) == "1" for name in SWITCHES},
    )


def _minor(text: str, currency: str) -> int | None:
    """An amount as somebody types it, in minor units; nothing for what is none."""
    plain = text.strip().replace(",", "").replace("，", "").lstrip("¥￥")
    if not _AMOUNT.fullmatch(plain):
        return None
    whole, _dot, part = plain.partition(".")
    places = EXPONENTS[currency]
    return int(whole + part[:places].ljust(places, "0"))


@public_page
@require_GET
def shelf(request: Request) -> HttpResponse:
    """All offers, by words and by filters, page by page. For shopkeepers with what each pays and a button to pick it."""
    wanted = wanted_of(request.GET, request.cluster)
    shop = keeper_shop(request)
    found = finding.find(
        request.cluster.pk, wanted, page=_page(request.GET), after=request.GET.get("after", "")
    )
    shown = cards(found.offers, with_terms=shop is not None)
    told = {
        "here": "shelf",
        "wanted": wanted,
        "found": found,
        "cards": shown,
        "chips": list(_chips(request, wanted)),
        "sorts": _sorts(),
        "near": _near(request, wanted, found),
        "categories": categories_of(request.cluster.pk),
        "origins": _origins(request.cluster.pk),
        "fewer": _fewer(wanted),
        "further": _further(request, found),
        "shop": shop,
        "picked": _picked(request, shop, shown),
        "currency": request.cluster.currency,
    }
    if request.headers.get("HX-Target") != "found":
        return _varied(render(request, "web/home/shelf.html", told))
    response = _varied(render(request, "web/home/_found.html", told))
    response["HX-Push-Url"] = _address(request)
    return response


def _varied(response: HttpResponse) -> HttpResponse:
    """The same address answers a whole page or, to htmx, its list alone."""
    patch_vary_headers(response, ["HX-Target"])
    return response


def _address(request: Request) -> str:
    """The address of this list without what was left empty: for the browser's bar while somebody types."""
    words = {name: value for name, value in request.GET.items() if value}
    return f"{reverse('shelf')}?{urlencode(words)}" if words else reverse("shelf")


def _page(given: QueryDict) -> int:
    text = given.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _sorts() -> list[tuple[str, str]]:
    """The orders one may ask for; without a wish words are matched best, and without words the newest come first."""
    return [
        ("", _("Best match")),
        ("new", _("Newest first")),
        ("sold", _("Best sold")),
        ("cheap", _("Price, low to high")),
        ("dear", _("Price, high to low")),
    ]


def _chips(request: Request, wanted: Wanted) -> Iterator[Chip]:
    """The filters that hold. The words are none: they stand in the field."""
    labels: Mapping[str, str] = {
        "in_stock": _("In stock"),
        "free_freight": _("Free shipping"),
        "new": _("New in 14 days"),
        "presale": _("Presale"),
    }
    currency = request.cluster.currency
    if wanted.category:
        named = [one for one in categories_of(request.cluster.pk) if one.code == wanted.category]
        yield Chip(messages.local_name(named[0]) if named else wanted.category, _without(request, "category"))
    if wanted.least_minor is not None:
        amount = formats.money(wanted.least_minor, currency)
        yield Chip(_("From %(amount)s") % {"amount": amount}, _without(request, "min"))
    if wanted.most_minor is not None:
        amount = formats.money(wanted.most_minor, currency)
        yield Chip(_("Up to %(amount)s") % {"amount": amount}, _without(request, "max"))
    if wanted.province:
        place = provinces.shown(wanted.province)
        yield Chip(_("Ships from %(place)s") % {"place": place}, _without(request, "from"))
    for name in SWITCHES:
        if getattr(wanted, name):
            yield Chip(labels[name], _without(request, name))


def _without(request: Request, *names: str) -> str:
    words = request.GET.copy()
    for name in (*names, "page", "after"):
        words.pop(name, None)
    return f"{reverse('shelf')}?{words.urlencode()}" if words else reverse("shelf")


def _further(request: Request, found: Found) -> str:
    """Beyond the last page that is counted: the same list from there on."""
    if not found.after:
        return ""
    address = _without(request)
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'after': found.after})}"


def _near(request: Request, wanted: Wanted, found: Found) -> list[Card]:
    """When words found nothing: what is like them."""
    if found.total or not wanted.words:
        return []
    return cards(finding.near(request.cluster.pk, wanted.words, 8))


def _fewer(wanted: Wanted) -> list[str]:
    """The words of a query one by one, for who asked for too many at once."""
    words = wanted.words.split()
    return words if 1 < len(words) <= 6 else []


def _origins(cluster_id: int) -> list[tuple[str, str]]:
    """(key, shown name) of the provinces goods come from."""
    keys = set(remembered(("origins", cluster_id), 60, lambda: finding.provinces(cluster_id)))
    return [(key, shown) for key, shown in provinces.choices() if key in keys]


def _picked(request: Request, shop: Shop | None, found: Sequence[Card]) -> set[int]:
    if shop is None:
        return set()
    pairs = {(shop.pk, card.offer.pk) for card in found}
    return {offer for _shop, offer in shops.lists(request.cluster.pk, pairs)}


@public_page
@require_GET
def suggest(request: Request) -> HttpResponse:
    """What the words typed so far may mean: links, as a piece of a page."""
    words = " ".join(request.GET.get("q", "")[:1_000].split())[:MOST_WORDS]
    return render(
        request, "web/home/_suggest.html", {"suggested": finding.suggest(request.cluster.pk, words)}
    )
