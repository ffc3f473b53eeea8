"""The page of an offer: pictures, variants, freight and arrival, who makes it, what buyers say; and its studio's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yunju.catalog import finding, freight, hearts, sales, stamps
from yunju.catalog import queries as catalog
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import Offer, Picture, Presale, Variant
from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.kernel.prepared import prepared
from yunju.members.models import Member
from yunju.modes.ship import deliveries, promise
from yunju.modes.ship.promise import Promise
from yunju.shops import queries as shops
from yunju.talks import queries as talks
from yunju.ui import messages
from yunju.web import provinces
from yunju.web.cards import Card, cards, picture_address
from yunju.web.home import bringing, keep_province, keeper_shop, province_of
from yunju.web.public import is_stranger, public_home, public_thing, remembered
from yunju.web.request import Request, missing

FEW = 10
"""Pieces from which on a buyer is told how many are left."""

LEARNED_SECONDS, MORE_SECONDS = 600, 30


@dataclass(frozen=True, slots=True)
class Read:
    """What the page reads of an offer for everybody."""

    offer: Offer
    variants: list[tuple[Variant, int]]
    pictures: list[Picture]
    freight: FreightTerms | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant on the page of an offer."""

    variant: Variant
    left: int
    ship_from: date | None = None
    sale: sales.Shown | None = None

    @property
    def price_minor(self) -> int:
        """What a piece costs now."""
        return self.sale.price_minor if self.sale and self.sale.is_running else self.variant.price_minor

    @property
    def is_few(self) -> bool:
        return 0 < self.left < FEW


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an option, and the variant that choosing it leads to."""

    label: str
    code: str
    is_chosen: bool
    is_left: bool


@public_thing(stamps.offer)
@require_GET
def offer(request: Request, code: str) -> HttpResponse:
    """One offer, with one of its variants chosen: price, stock, freight and arrival are those of the choice."""
    found = _read(request, code)
    choices = _choices(found)
    chosen = _chosen(choices, request.GET.get("v", ""))
    province = province_of(request)
    shop = keeper_shop(request)
    told = {
        "here": "shelf",
        "offer": found.offer,
        "choices": choices,
        "chosen": chosen,
        "options": _options(found.offer, choices, chosen),
        "is_left": any(choice.left for choice in choices),
        "pictures": _pictures(found, chosen),
        "province": province,
        "freight": _freight(found, chosen, province, request.cluster.currency),
        "promise": _promise(found.offer, chosen, province),
        "days": found.offer.after_sale_days or request.cluster.after_sale_days,
        "brought_by": _bringing_shop(request, found.offer),
        "has_heart": not is_stranger(request) and hearts.has_heart(request.actor, found.offer),
        "reviews": _reviews(request, found.offer),
        "more": _more(request, found.offer),
        "shop": shop,
        "is_picked": shop is not None and bool(shops.lists(request.cluster.pk, [(shop.pk, found.offer.pk)])),
        "terms": catalog.shop_terms(
            catalog.newest_rules([found.offer.pk]).get(found.offer.pk) if shop else None
        ),
        "share": request.build_absolute_uri(request.path),
    }
    response = render(request, "web/home/offer.html", told)
    if request.GET.get("province") == province:
        keep_province(response, province)
    return response


def _read(request: Request, code: str) -> Read:
    """The offer, its open variants with what remains of each, its pictures, its freight: four statements."""
    found = catalog.offer_by_code(request.actor, code)
    variants = _variants.rows(cluster_id=request.cluster.pk, offer_id=found.pk)
    return Read(
        offer=found,
        variants=[(one, one.remaining or 0) for one in variants],
        pictures=_stored_pictures.rows(offer_id=found.pk),
        freight=catalog.freight_rules([found.supplier_id]).get(found.supplier_id),
    )


@prepared(cluster_id=int, offer_id=int)
def _variants(cluster_id: int, offer_id: int) -> QuerySet[Variant]:
    open_places = Q(stock__place__closed_at=None, stock__cluster_id=cluster_id)
    variants = Variant.objects.filter(offer_id=offer_id, closed_at=None).order_by("position", "pk")
    return variants.annotate(remaining=Sum("stock__remaining", filter=open_places))


@prepared(offer_id=int)
def _stored_pictures(offer_id: int) -> QuerySet[Picture]:
    return Picture.objects.filter(offer_id=offer_id).exclude(file="")


@prepared(offer_id=int)
def _presales(offer_id: int) -> QuerySet[Presale]:
    return Presale.objects.filter(offer_id=offer_id)


def _reviews(request: Request, offer: Offer) -> talks.Reviews | None:
    """What buyers say; most offers have nothing yet, which one statement tells."""
    if not talks.ratings_of([offer.pk]):
        return None
    return talks.reviews_of(offer.pk, request.GET.get("reviews"))


def _choices(found: Read) -> list[Choice]:
    days = {row.variant_id: row.ship_from for row in _presales.rows(offer_id=found.offer.pk)}
    on_sale = sales.shown(found.offer.cluster_id, [one.pk for one, _left in found.variants])
    return [
        Choice(one, left, days.get(one.pk, days.get(None)), on_sale.get(one.pk))
        for one, left in found.variants
    ]


def _chosen(choices: Sequence[Choice], code: str) -> Choice | None:
    """The variant of the address; else the first that there is any of; else the first."""
    asked = next((one for one in choices if one.variant.code == code), None)
    return asked or next((one for one in choices if one.left), None) or (choices[0] if choices else None)


def _options(offer: Offer, choices: Sequence[Choice], chosen: Choice | None) -> list[tuple[str, list[Value]]]:
    """The options with their values; each leads to the variant that differs in it alone, if there is such a one."""
    if chosen is None or len(choices) < 2:
        return []
    names = offer.option_names
    if not names or any(len(one.variant.options) != len(names) for one in choices):
        values = [
            Value(one.variant.title or offer.title, one.variant.code, one is chosen, bool(one.left))
            for one in choices
        ]
        return [("", values)]
    return [(str(name), _values(choices, chosen, place)) for place, name in enumerate(names)]


def _values(choices: Sequence[Choice], chosen: Choice, place: int) -> list[Value]:
    now = chosen.variant.options
    labels = list(dict.fromkeys(str(one.variant.options[place]) for one in choices))
    values = []
    for label in labels:
        there = [one for one in choices if str(one.variant.options[place]) == label]
        best = max(there, key=lambda one: (_alike(one.variant.options, now, place), one.left > 0))
        values.append(Value(label, best.variant.code, str(now[place]) == label, bool(best.left)))
    return values


def _alike(options: Sequence[object], now: Sequence[object], place: int) -> int:
    return sum(a == b for at, (a, b) in enumerate(zip(options, now, strict=True)) if at != place)


def _pictures(found: Read, chosen: Choice | None) -> list[dict[str, str]]:
    """The stored pictures, that of the chosen variant first."""
    own = chosen.variant.picture_id if chosen else None
    stored = sorted(found.pictures, key=lambda one: one.pk != own)
    return [{"address": picture_address(one), "alt": one.alt or found.offer.title} for one in stored]


def _freight(found: Read, chosen: Choice | None, province: str, currency: str) -> dict[str, object]:
    """What sending one piece costs: `minor`, or `refusal` in words, or nothing without a province."""
    if not province or chosen is None:
        return {}
    one = chosen.variant
    try:
        minor = freight.quote(
            found.freight, province=province, goods_minor=chosen.price_minor, weight_g=one.weight_g
        )
    except YunjuError as error:
        return {"refusal": messages.of(error, currency=currency)}
    return {"minor": minor}


def _promise(offer: Offer, chosen: Choice | None, province: str) -> Promise | None:
    """When it would arrive; only for what is sent, and only where to is known."""
    if not province or chosen is None or offer.mode != "ship":
        return None
    way = provinces.key(offer.supplier.province), province
    learned = remembered(
        ("way", offer.supplier_id, province),
        LEARNED_SECONDS,
        lambda: deliveries.transit_days(offer.cluster_id, offer.supplier_id, province),
    )
    zone = timezone.get_current_timezone()
    return promise.promise(now=clock.now(), zone=zone, way=way, learned=learned, ship_from=chosen.ship_from)


def _more(request: Request, offer: Offer) -> dict[str, object]:
    """What else its studio has on the shelf."""

    def read() -> tuple[list[Card], int]:
        found = finding.find(request.cluster.pk, finding.Wanted(supplier_id=offer.supplier_id))
        return cards(found.offers[:5], with_terms=False), found.total

    newest, number = remembered(("more", offer.supplier_id), MORE_SECONDS, read)
    return {"cards": [one for one in newest if one.offer.pk != offer.pk][:4], "number": number}


def _bringing_shop(request: Request, offer: Offer) -> str:
    """The name of the shop whose link led here, when it lists this offer."""
    if is_stranger(request):
        return ""
    led = bringing(request)
    if led is None or not shops.lists(request.cluster.pk, [(led.shop_id, offer.pk)]):
        return ""
    return shops.terms(request.cluster.pk, [led.shop_id])[led.shop_id].name


@public_home
@require_GET
def studio(request: Request, code: str) -> HttpResponse:
    """A supplier as buyers see it: where it is, its story, all that it has on the shelf."""
    member = Member.objects.filter(cluster_id=request.cluster.pk, code=code, closed_at=None).first()
    if member is None or not catalog.on_shelf(request.cluster.pk).filter(supplier=member).exists():
        missing()
    page = request.GET.get("page", "1")
    found = finding.find(
        request.cluster.pk,
        finding.Wanted(supplier_id=member.pk, sort="sold"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )
    told = {
        "here": "shelf",
        "member": member,
        "found": found,
        "cards": cards(found.offers, with_terms=False),
        "reach": talks.cards(request.cluster.pk, supplier_id=member.pk).supplier,
    }
    return render(request, "web/home/studio.html", told)
