"""选品中心: what a shop can pick, with what each pays, and 一键上架: in and out with one tap."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages as flash
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog import queries as catalog
from yunju.catalog.models import Category, CommissionRule, Offer, Stock
from yunju.catalog.terms import FULL_BP
from yunju.shops import actions, queries
from yunju.shops.models import Listing, Shop
from yunju.web.cards import Card, cards, earning
from yunju.web.keeping import own_shop
from yunju.web.request import Request, local_address, missing

PAGE = 24
SORTS = ("sold", "pays", "new")


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer to pick: the card, what one sale of the cheapest variant earns, how it sold."""

    card: Card
    earns_minor: int
    sold: int
    left: int
    is_picked: bool


@require_GET
def choose(request: Request, code: str) -> HttpResponse:
    """The shelf with a keeper's eyes: live price and stock, commission in money, sales, and the button."""
    shop = own_shop(request, code)
    words, category, only, sort = _asked(request)
    shown = Paginator(wanted(request, shop), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "work",
        "tab": "choose",
        "shop": shop,
        "page": shown,
        "choices": choices(shop, list(shown.object_list)),
        "words": words,
        "chosen": category,
        "sort": sort,
        "sorts": SORTS,
        "only": only,
        "categories": list(Category.objects.filter(cluster_id=request.cluster.pk).order_by("position", "id")),
        "count": _count(shop),
        "unpicked": _unpicked(shop, shown),
    }
    return render(request, "web/shop/choose.html", told)


def wanted(request: Request, shop: Shop) -> QuerySet[Offer]:
    """What of the shelf the address asks for, in its order."""
    words, category, only, sort = _asked(request)
    return _sorted(_found(shop, words, category, only), sort)


def _asked(request: Request) -> tuple[str, str, str, str]:
    """Words, category, `picked` or everything, order."""
    given = request.GET
    sort = given.get("sort", "")
    words, category = " ".join(given.get("q", "").split())[:80], given.get("category", "")[:60]
    return words, category, given.get("only", ""), sort if sort in SORTS else "sold"


def _found(shop: Shop, words: str, category: str, only: str) -> QuerySet[Offer]:
    offers = catalog.on_shelf(shop.cluster_id)
    if words:
        offers = catalog.found_by(offers, words, cluster_id=shop.cluster_id)
    if category:
        offers = offers.filter(category__code=category)
    if only == "picked":
        offers = offers.filter(pk__in=_live(shop).values("offer_id"))
    return offers.select_related("supplier", "category", "shelf_entry").defer("body_html")


def _sorted(offers: QuerySet[Offer], sort: str) -> QuerySet[Offer]:
    """By pieces sold, by what one sale pays (before floor and cap), or the newest first."""
    if sort == "new":
        return offers.order_by("-listed_at", "-pk")
    if sort == "sold":
        return offers.order_by("-shelf_entry__sold", "-pk")
    rule = CommissionRule.objects.filter(offer_id=OuterRef("pk")).order_by("-version")
    terms = {
        "bp": Coalesce(Subquery(rule.values("shop_bp")[:1]), 0),
        "floor": Coalesce(Subquery(rule.values("shop_floor_minor")[:1]), 0),
        "cap": Subquery(rule.values("shop_cap_minor")[:1]),
    }
    by_rate = F("bp") * F("shelf_entry__least_minor") / FULL_BP
    whole = IntegerField()
    pays = Case(
        When(cap__isnull=False, cap__lt=by_rate, then=F("cap")),
        When(floor__gt=by_rate, then=F("floor")),
        default=by_rate,
        output_field=whole,
    )
    return offers.annotate(**terms).annotate(pays=pays).order_by("-pays", "-pk")


def choices(shop: Shop, offers: Sequence[Offer]) -> list[Choice]:
    """The offers as the page shows them, in the order given."""
    picked = {offer for _, offer in queries.lists(shop.cluster_id, {(shop.pk, one.pk) for one in offers})}
    left = _left([one.pk for one in offers])
    return [
        Choice(
            card=card,
            earns_minor=earning(card.terms, card.price_minor),
            sold=card.offer.shelf_entry.sold,
            left=left.get(card.offer.pk, 0),
            is_picked=card.offer.pk in picked,
        )
        for card in cards(offers)
    ]


def _left(offer_ids: Sequence[int]) -> dict[int, int]:
    rows = Stock.objects.filter(
        variant__offer_id__in=offer_ids, variant__closed_at=None, place__closed_at=None
    )
    return dict(rows.values_list("variant__offer_id").annotate(left=Sum("remaining")).order_by())


def _live(shop: Shop) -> QuerySet[Listing]:
    return Listing.objects.filter(shop=shop, ended_at=None)


def _count(shop: Shop) -> int:
    return _live(shop).count()


def _unpicked(shop: Shop, shown: Page[Offer]) -> list[str]:
    """Codes of this page that are not in the shop yet: for the button that takes all of them."""
    picked = set(_live(shop).filter(offer__in=[one.pk for one in shown]).values_list("offer_id", flat=True))
    return [one.code for one in shown if one.pk not in picked]


@require_POST
def pick(request: Request) -> HttpResponse:
    """一键上架: one offer or many of the shelf into one's shop, or one out of it (`drop`). Answers htmx with the button alone."""
    shop = own_shop(request, request.POST.get("shop", ""))
    asked = request.POST.getlist("offer")[:100]
    by_code = {one.code: one for one in catalog.visible_to(request.actor).filter(code__in=asked)}
    wanted = [by_code[code] for code in dict.fromkeys(asked) if code in by_code]
    if not wanted:
        missing()
    is_picked = request.POST.get("what", "") != "drop"
    if is_picked:
        actions.pick_many(shop_id=shop.pk, offer_ids=[one.pk for one in wanted], by=request.actor)
    else:
        for listing in _live(shop).filter(offer=wanted[0]):
            actions.drop(listing_id=listing.pk, by=request.actor)
    if request.headers.get("HX-Request"):
        told = {"shop": shop, "offer": wanted[0], "is_picked": is_picked, "count": _count(shop)}
        return render(request, "web/shop/_toggle.html", told)
    flash.success(request, _said(wanted, is_picked=is_picked))
    back = request.POST.get("next", "")
    return HttpResponseRedirect(local_address(request, back, f"/shops/{shop.code}/arrange"))


def _said(offers: Sequence[Offer], *, is_picked: bool) -> str:
    title = {"title": offers[0].title}
    if not is_picked:
        return _("“%(title)s” is no longer in your shop.") % title
    if len(offers) == 1:
        return _("“%(title)s” is in your shop.") % title
    count = len(offers)
    return ngettext("%(count)s thing is in your shop.", "%(count)s things are in your shop.", count) % {
        "count": count
    }
