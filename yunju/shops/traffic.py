"""How a shop was looked at: by day, by link, by offer."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Count, Sum

from yunju.catalog.models import Offer
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.words import Permission
from yunju.shops.models import Shop, ShopDay, ShopVisitor, ViewCount
from yunju.shops.models.looks import PAGE_OF_SHOP

K = TypeVar("K", int, str)


@dataclass(frozen=True, slots=True)
class Day:
    """Looks and browsers of one day."""

    day: date
    views: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Way:
    """Looks that came one way, or at one thing. `offer` None: the shop's own page."""

    source: str
    offer: Offer | None
    views: int


def require_own(shop: Shop, by: Actor) -> None:
    """Figures of a shop are its people's."""
    if by.kind != "system" and not by.holds(Permission.SHOP_EDIT, shop.member_id):
        raise NotFound("shops.no_shop")


def days(shop: Shop, *, last: date, count: int, by: Actor) -> list[Day]:
    """`count` days up to `last`, the oldest first, those without a look included. Three statements."""
    require_own(shop, by)
    first = last - timedelta(days=count - 1)
    which = {"cluster_id": shop.cluster_id, "shop_id": shop.pk, "day__range": (first, last)}
    views = dict(ViewCount.objects.filter(**which).values_list("day").annotate(sum=Sum("views")))
    hashes = dict(ShopVisitor.objects.filter(**which).values_list("day").annotate(count=Count("pk")))
    folded = dict(ShopDay.objects.filter(**which).values_list("day", "visitors"))
    every = [first + timedelta(days=n) for n in range(count)]
    return [Day(day, views.get(day) or 0, folded.get(day) or hashes.get(day) or 0) for day in every]


def ways(shop: Shop, *, first: date, last: date, by: Actor) -> tuple[list[Way], list[Way]]:
    """Where looks came from and what was looked at, the most first, from the same rows."""
    require_own(shop, by)
    rows = (
        ViewCount.objects.filter(cluster_id=shop.cluster_id, shop_id=shop.pk, day__range=(first, last))
        .values_list("source", "offer_id")
        .annotate(sum=Sum("views"))
    )
    by_source: dict[str, int] = defaultdict(int)
    by_offer: dict[int, int] = defaultdict(int)
    for source, offer_id, views in rows:
        by_source[source] += views
        by_offer[offer_id] += views
    offers = Offer.objects.in_bulk([pk for pk in by_offer if pk != PAGE_OF_SHOP])
    return (
        [Way(source, None, views) for source, views in _most(by_source)],
        [Way("", offers.get(pk), views) for pk, views in _most(by_offer)],
    )


def _most(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda row: -row[1])
