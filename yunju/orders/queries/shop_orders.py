"""What a shop sees of the orders it brought: how many, what they earn, and of the buyer three things and never more.

Those three are put together here, in the statement itself: name, phone and street never leave the database for a shop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Left, Right

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.models import User
from yunju.members.words import Permission
from yunju.orders.models import Contact, Line, Order, Share
from yunju.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Takings:
    """One day of a shop: orders placed, those of them that are paid, and what is left of their commission."""

    day: date
    placed: int
    paid: int
    earned_minor: int


@dataclass(frozen=True, slots=True)
class Glimpse:
    """All that a shop may know of a buyer. `nickname` is the first letter of the account's name; empty for guests."""

    nickname: str
    city: str
    last4: str


@dataclass(frozen=True, slots=True)
class Brought:
    """One line that the shop brought. `left_minor` is what is or will be the shop's, of `commission_minor`."""

    share_id: int
    line: Line
    order: Order
    buyer: Glimpse
    commission_minor: int
    left_minor: int


def require_shop(shop: Shop, by: Actor) -> None:
    """Orders of a shop are seen by its people who may see orders. To anybody else there is no such shop."""
    if by.kind != "system" and not by.holds(Permission.ORDER_SEE, shop.member_id):
        raise NotFound("shops.no_shop")


def takings(shop: Shop, *, last: date, count: int, zone: str, by: Actor) -> list[Takings]:
    """`count` days up to `last`, cut in `zone`, the oldest first. One statement a day."""
    require_shop(shop, by)
    return [_day(shop, last - timedelta(days=back), zone) for back in reversed(range(count))]


def _day(shop: Shop, day: date, zone: str) -> Takings:
    orders = Order.objects.filter(
        cluster_id=shop.cluster_id,
        placed_at__gte=clock.at_local(day, 0, zone),
        placed_at__lt=clock.at_local(day + timedelta(days=1), 0, zone),
    )
    paid = Q(paid=True)
    is_paid = Order.objects.filter(pk=OuterRef("order_id"), purchase__payment_state="paid").values("pk")
    found = (
        _shares(shop)
        .filter(order_id__in=orders.values("pk"))
        .annotate(paid_order=Subquery(is_paid))
        .alias(paid=Q(paid_order__isnull=False))
        .aggregate(
            placed=Count("order_id", distinct=True),
            paid_ones=Count("paid_order", distinct=True),
            earned=Sum(_LEFT, filter=paid, default=0),
        )
    )
    return Takings(day, found["placed"], found["paid_ones"], int(found["earned"]))


_LEFT = F("amount_minor") - F("refunded_minor") - F("reclaimed_minor")


def _shares(shop: Shop) -> QuerySet[Share]:
    return Share.objects.filter(cluster_id=shop.cluster_id, payee_id=shop.member_id, role="shop")


def shares_of(shop: Shop, *, by: Actor) -> QuerySet[Share]:
    """What `brought` tells of, the newest first."""
    require_shop(shop, by)
    return _shares(shop).order_by("-pk")


def brought(
    shop: Shop,
    *,
    by: Actor,
    before_id: int | None = None,
    limit: int = 30,
    day: date | None = None,
    zone: str = "UTC",
) -> list[Brought]:
    """Lines that were bought through the shop, the newest first; `before_id` is the share of the last one seen."""
    shares = shares_of(shop, by=by)
    if before_id is not None:
        shares = shares.filter(pk__lt=before_id)
    if day is not None:
        first, after = clock.at_local(day, 0, zone), clock.at_local(day + timedelta(days=1), 0, zone)
        on_day = Order.objects.filter(cluster_id=shop.cluster_id, placed_at__gte=first, placed_at__lt=after)
        shares = shares.filter(order_id__in=on_day.values("pk"))
    page = list(shares[:limit])
    lines = Line.objects.filter(cluster_id=shop.cluster_id, pk__in=[share.line_id for share in page])
    by_id = {line.pk: line for line in lines.select_related("order__purchase")}
    glimpses = _glimpses(shop.cluster_id, [share.order_id for share in page])
    nobody = Glimpse("", "", "")
    return [
        Brought(
            share.pk,
            by_id[share.line_id],
            by_id[share.line_id].order,
            glimpses.get(share.order_id, nobody),
            share.amount_minor,
            _left(share, by_id[share.line_id].order),
        )
        for share in page
    ]


def _left(share: Share, order: Order) -> int:
    """Nothing of what was never paid and no longer can be."""
    if order.purchase.payment_state not in ("unpaid", "paid"):
        return 0
    return share.amount_minor - share.refunded_minor - share.reclaimed_minor


def _glimpses(cluster_id: int, order_ids: Sequence[int]) -> dict[int, Glimpse]:
    nickname = User.objects.filter(pk=OuterRef("purchase__user_id")).values(first=Left("name", 1))
    contact = Contact.objects.filter(order_id=OuterRef("pk"), cluster_id=cluster_id)
    rows = Order.objects.filter(cluster_id=cluster_id, pk__in=order_ids).annotate(
        nickname=Subquery(nickname[:1]),
        city=Subquery(contact.values("city")[:1]),
        last4=Subquery(contact.values(end=Right("phone", 4))[:1]),
    )
    return {
        row["pk"]: Glimpse(row["nickname"] or "", row["city"] or "", row["last4"] or "")
        for row in rows.values("pk", "nickname", "city", "last4")
    }
