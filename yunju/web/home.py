"""The face of the cluster: its front page, its shelf, the page of an offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog import freight
from yunju.catalog import queries as catalog
from yunju.catalog.models import Category, Offer, Picture, Variant
from yunju.kernel.errors import YunjuError
from yunju.members.models import Address
from yunju.members.words import Permission
from yunju.shops import queries as shops
from yunju.shops.attribution import Attribution
from yunju.shops.models import Shop
from yunju.ui import messages
from yunju.web import provinces
from yunju.web.cards import Card, cards, picture_address
from yunju.web.middleware import SHARE_COOKIE, set_cookie
from yunju.web.request import Request, missing

PAGE = 24
PROVINCE_COOKIE = "yunju_province"
PROVINCE_SECONDS = 180 * 24 * 3600


@require_GET
def front(request: Request) -> HttpResponse:
    """What is new, what there is, who sells."""
    newest = catalog.on_shelf(request.cluster.pk).select_related("supplier").order_by("-listed_at", "-pk")[:8]
    told = {
        "here": "home",
        "cards": cards(list(newest)),
        "categories": _categories(request),
        "shops": list(shops.visible_to(request.actor).filter(closed_at=None).order_by("-opened_at")[:6]),
    }
    return render(request, "web/home/front.html", told)


@require_GET
def shelf(request: Request) -> HttpResponse:
    """All offers, by words and by category, page by page. For shopkeepers with what each pays and a button to pick it."""
    words = " ".join(request.GET.get("q", "").split())[:80]
    chosen = request.GET.get("category", "")[:60]
    offers = _found(request, words, chosen)
    page = Paginator(offers, PAGE).get_page(request.GET.get("page"))
    found = cards(list(page.object_list))
    shop = keeper_shop(request)
    told = {
        "here": "shelf",
        "page": page,
        "cards": found,
        "words": words,
        "chosen": chosen,
        "categories": _categories(request),
        "shop": shop,
        "picked": _picked(request, shop, found),
    }
    return render(request, "web/home/shelf.html", told)


def _found(request: Request, words: str, category: str) -> QuerySet[Offer]:
    offers = catalog.found_by(catalog.on_shelf(request.cluster.pk), words).select_related("supplier")
    if category:
        offers = offers.filter(category__code=category)
    return offers.order_by("-listed_at", "-pk")


def _categories(request: Request) -> list[Category]:
    return list(Category.objects.filter(cluster_id=request.cluster.pk).order_by("position", "id"))


def keeper_shop(request: Request) -> Shop | None:
    """The open shop the person keeps, the first when there are several."""
    mine = request.actor.members_with(Permission.SHOP_EDIT)
    if not mine:
        return None
    return (
        Shop.objects.filter(cluster_id=request.cluster.pk, member_id__in=mine, closed_at=None)
        .order_by("id")
        .first()
    )


def _picked(request: Request, shop: Shop | None, found: Sequence[Card]) -> set[int]:
    if shop is None:
        return set()
    pairs = {(shop.pk, card.offer.pk) for card in found}
    return {offer for _, offer in shops.lists(request.cluster.pk, pairs)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant on the page of an offer."""

    variant: Variant
    left: int


@require_GET
def offer(request: Request, code: str) -> HttpResponse:
    """One offer: pictures, variants, stock, price, who makes it, return policy, freight to the buyer's province."""
    found = catalog.visible_to(request.actor).select_related("supplier", "category").filter(code=code).first()
    if found is None:
        missing()
    province = _province(request)
    choices = _choices(found)
    shop = keeper_shop(request)
    told = {
        "offer": found,
        "choices": choices,
        "chosen": next((choice for choice in choices if choice.left), None),
        "is_left": any(choice.left for choice in choices),
        "pictures": _pictures(found),
        "province": province,
        "provinces": provinces.choices(),
        "freight": _freight(found, choices, province, request.cluster.currency),
        "days": found.after_sale_days or request.cluster.after_sale_days,
        "brought_by": _bringing_shop(request, found),
        "shop": shop,
        "is_picked": shop is not None and bool(shops.lists(request.cluster.pk, [(shop.pk, found.pk)])),
        "terms": catalog.shop_terms(catalog.newest_rules([found.pk]).get(found.pk)),
    }
    response = render(request, "web/home/offer.html", told)
    if request.GET.get("province") == province:
        keep_province(response, province)
    return response


def _choices(offer: Offer) -> list[Choice]:
    variants = (
        offer.variants.filter(closed_at=None).prefetch_related("stock__place").order_by("position", "id")
    )
    return [
        Choice(variant, sum(row.remaining for row in variant.stock.all() if row.place.closed_at is None))
        for variant in variants
    ]


def _pictures(offer: Offer) -> list[dict[str, str]]:
    stored: list[Picture] = [one for one in offer.pictures.all() if one.file]
    return [{"address": picture_address(one), "alt": one.alt or offer.title} for one in stored]


def _province(request: Request) -> str:
    """The one asked for, else the one chosen last in this browser, else that of the address book."""
    asked = request.GET.get("province", "")
    if asked in provinces.KEYS:
        return asked
    kept = kept_province(request)
    if kept or request.actor.user_id is None:
        return kept
    last = (
        Address.objects.filter(user_id=request.actor.user_id)
        .order_by("-id")
        .values_list("province", flat=True)
    )
    return provinces.key(last.first() or "")


def kept_province(request: Request) -> str:
    """The province this browser chose last."""
    try:
        kept = bytes.fromhex(request.COOKIES.get(PROVINCE_COOKIE, "")).decode()
    except ValueError:
        return ""
    return kept if kept in provinces.KEYS else ""


def keep_province(response: HttpResponse, province: str) -> None:
    """Remember it in the browser; a cookie's value is ASCII, hence the hex."""
    if province in provinces.KEYS:
        set_cookie(response, PROVINCE_COOKIE, province.encode().hex(), PROVINCE_SECONDS)


def _freight(offer: Offer, choices: Sequence[Choice], province: str, currency: str) -> dict[str, object]:
    """What sending one piece of the first variant costs: `minor`, or `refusal` in words, or nothing without a province."""
    if not province or not choices:
        return {}
    rule = catalog.freight_rules([offer.supplier_id]).get(offer.supplier_id)
    first = choices[0].variant
    try:
        minor = freight.quote(rule, province=province, goods_minor=first.price_minor, weight_g=first.weight_g)
    except YunjuError as error:
        return {"refusal": messages.of(error, currency=currency)}
    return {"minor": minor}


def bringing(request: Request) -> Attribution | None:
    """The newest link that led this buyer here: by the address, the cookie, or what is kept with the account."""
    address, cookie = request.GET.get("s", ""), request.COOKIES.get(SHARE_COOKIE, "")
    return shops.attribution_of(request.actor, address=address, cookie=cookie)


def _bringing_shop(request: Request, offer: Offer) -> str:
    """The name of the shop whose link led here, when it lists this offer."""
    led = bringing(request)
    if led is None or not shops.lists(request.cluster.pk, [(led.shop_id, offer.pk)]):
        return ""
    return shops.terms(request.cluster.pk, [led.shop_id])[led.shop_id].name
