"""今日: the first page of a shopkeeper. What came of the shop today and yesterday, and what could be posted next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from yunju.catalog import materials
from yunju.catalog.models import Material
from yunju.kernel import clock
from yunju.members.words import Permission
from yunju.orders.queries import shop_orders
from yunju.orders.queries import statement as money
from yunju.orders.queries.shop_orders import Brought, Takings
from yunju.shops import queries, traffic
from yunju.shops.choice import Postable, Suggestion, suggestions
from yunju.shops.models import MaterialPost, Shop
from yunju.shops.traffic import Day
from yunju.ui import formats
from yunju.ui.charts import Chart, Spot
from yunju.web.cards import Card, cards, earning
from yunju.web.keeping import own_shop, share_address
from yunju.web.request import Request
from yunju.web.words import Word, order_word

DAYS = 14
PAGE = 30


@dataclass(frozen=True, slots=True)
class Takable:
    """What can be taken out now, what is on its way in the two states that the earnings have, and its next date."""

    available_minor: int
    waiting_minor: int
    expected_minor: int
    debt_minor: int
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class ToPost:
    """A suggestion as the page shows it."""

    material: Material
    card: Card
    why: Suggestion
    is_picked: bool


@require_GET
def today(request: Request, code: str) -> HttpResponse:
    """浏览, 访客, 下单, 预估收益, 可提现, and three offers to post."""
    shop = own_shop(request, code)
    day = clock.local_day(clock.now(), request.cluster.timezone)
    looked = traffic.days(shop, last=day, count=2, by=request.actor)
    sold = takings(request, shop, day)
    told = {
        "here": "work",
        "tab": "today",
        "shop": shop,
        "day": day,
        "looked": looked[1],
        "looked_before": looked[0],
        "sold": sold[1],
        "sold_before": sold[0],
        "money": takable(request, shop),
        "to_post": to_post(shop),
        "has_posted": MaterialPost.objects.filter(shop=shop).exists,
        "picks": queries.live_listings(shop.cluster_id).filter(shop=shop).count(),
        "share": share_address(request, shop),
    }
    return render(request, "web/shop/today.html", told)


def takings(request: Request, shop: Shop, day: date) -> list[Takings]:
    """Yesterday and today."""
    if not request.actor.holds(Permission.ORDER_SEE, shop.member_id):
        return [Takings(day - timedelta(days=1), 0, 0, 0), Takings(day, 0, 0, 0)]
    zone = request.cluster.timezone
    return shop_orders.takings(shop, last=day, count=2, zone=zone, by=request.actor)


def takable(request: Request, shop: Shop) -> Takable | None:
    """None for those of the shop's people who may not see its money."""
    if not request.actor.holds(Permission.MONEY_SEE, shop.member_id):
        return None
    found = money.balances(member_id=shop.member_id, by=request.actor)
    expected, waiting = money.expected_and_waiting(member_id=shop.member_id, by=request.actor)
    due = money.next_due(member_id=shop.member_id, by=request.actor)
    return Takable(found.available_minor, waiting, expected, found.debt_minor, due)


def to_post(shop: Shop) -> list[ToPost]:
    """Up to three: sets not posted yet, of offers that are left, the shop's own picks before others of the shelf."""
    posted = MaterialPost.objects.filter(shop=shop).values_list("material_id", flat=True)
    found = {one.pk: one for one in materials.newest_sets(shop.cluster_id, without=list(posted))}
    offers = {one.offer.pk: one.offer for one in found.values()}
    by_offer = {card.offer.pk: card for card in cards(list(offers.values())) if card.is_left}
    picked = {offer for _, offer in queries.lists(shop.cluster_id, {(shop.pk, pk) for pk in by_offer})}
    chosen: list[Suggestion] = []
    for is_picked in (True, False):
        candidates = _candidates(found.values(), by_offer, picked, is_picked=is_picked)
        chosen += suggestions(candidates, clock.now(), 3 - len(chosen))
    return [
        ToPost(found[one.post.material_id], by_offer[one.post.offer_id], one, one.post.offer_id in picked)
        for one in chosen
    ]


def _candidates(
    found: Iterable[Material], by_offer: dict[int, Card], picked: set[int], *, is_picked: bool
) -> list[Postable]:
    sets = [one for one in found if one.offer_id in by_offer and (one.offer_id in picked) == is_picked]
    return [
        Postable(
            offer_id=one.offer_id,
            material_id=one.pk,
            commission_minor=earning(by_offer[one.offer_id].terms, by_offer[one.offer_id].price_minor),
            sold=one.offer.shelf_entry.sold,
            written_at=one.made_at,
        )
        for one in sets
    ]


# --- where the figures come from --------------------------------------------------------------------------------------


@require_GET
def views(request: Request, code: str) -> HttpResponse:
    """浏览 and 访客 of two weeks: by day, by the way they came, by what was looked at."""
    shop = own_shop(request, code)
    last = clock.local_day(clock.now(), request.cluster.timezone)
    found: list[Day] = traffic.days(shop, last=last, count=DAYS, by=request.actor)
    by_source, by_offer = traffic.ways(shop, first=found[0].day, last=last, by=request.actor)
    told = {
        "here": "work",
        "tab": "today",
        "shop": shop,
        "days": list(reversed(found)),
        "chart": Chart(
            key="views",
            title=_("Views"),
            spots=[Spot(formats.short_day(one.day), formats.day(one.day), one.views) for one in found],
            show=lambda value: ngettext("%(views)s view", "%(views)s views", value) % {"views": value},
            short=formats.short_number,
        ),
        "by_source": by_source,
        "by_offer": by_offer[:50],
        "total": sum(day.views for day in found),
    }
    return render(request, "web/shop/views.html", told)


@dataclass(frozen=True, slots=True)
class BroughtRow:
    """A line that the shop brought, and the word for its order."""

    brought: Brought
    word: Word


@require_GET
def orders(request: Request, code: str) -> HttpResponse:
    """What was bought through the shop, with its state and commission; of the buyer three things and no more."""
    shop = own_shop(request, code, Permission.ORDER_SEE)
    before = request.GET.get("before", "")
    found = shop_orders.brought(
        shop,
        by=request.actor,
        before_id=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        limit=PAGE,
    )
    told = {
        "here": "work",
        "tab": "orders",
        "shop": shop,
        "rows": [BroughtRow(one, order_word(one.order, [one.line])) for one in found],
        "sees_money": request.actor.holds(Permission.MONEY_SEE, shop.member_id),
        "older": found[-1].share_id if len(found) == PAGE else None,
    }
    return render(request, "web/shop/orders.html", told)
