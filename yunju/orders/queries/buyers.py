"""What the intake asks about buyers: how many unpaid purchases they hold, and what a key was answered with."""

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from yunju.kernel import sql
from yunju.kernel.binding import KeptText
from yunju.orders.draft import Placed, PlacedOrder
from yunju.orders.models import Order, Purchase


def lock_buyers(cluster_id: int, buyers: Sequence[str]) -> sql.Asked[None]:
    """Serialise placements of the same buyer until the transaction ends, in a fixed order, in one statement.

    Without it a swarm of parallel requests of one buyer would each count no unpaid purchase and hold all the stock.
    """
    keys = sorted(
        int.from_bytes(hashlib.sha256(f"{cluster_id} {buyer}".encode()).digest()[:8], "big", signed=True)
        for buyer in buyers
    )
    return sql.Asked(
        KeptText("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k"), [keys], lambda _rows: None
    )


def unpaid_counts(cluster_id: int, buyers: Sequence[str]) -> sql.Asked[dict[str, int]]:
    """How many unpaid purchases each buyer (`user:ID` or `holder:HASH`) holds; who holds none is absent.

    Planned each time: a plan kept from a table that was young picks the wrong one of its indexes, and reads a cluster's
    purchases for every buyer.
    """
    users = [int(buyer.removeprefix("user:")) for buyer in buyers if buyer.startswith("user:")]
    holders = [buyer.removeprefix("holder:") for buyer in buyers if buyer.startswith("holder:")]
    return sql.Asked(
        "SELECT 'user:' || u, (SELECT count(*) FROM orders_purchase"
        "  WHERE cluster_id = %(c)s AND user_id = u AND payment_state = 'unpaid')"
        " FROM unnest(%(users)s::bigint[]) AS users(u)"
        " UNION ALL SELECT 'holder:' || h, (SELECT count(*) FROM orders_purchase"
        "  WHERE cluster_id = %(c)s AND holder = h AND holder <> '' AND user_id IS NULL AND payment_state = 'unpaid')"
        " FROM unnest(%(holders)s::text[]) AS holders(h)",
        {"c": cluster_id, "users": users, "holders": holders},
        lambda rows: {buyer: count for buyer, count in rows if count},
    )


def unpaid_within(cluster_id: int, buyers: Sequence[str], limit: int) -> sql.Asked[None]:
    """Raises DatabaseError where one of the buyers, locked and written, holds more unpaid purchases than `limit`."""
    counted = unpaid_counts(cluster_id, buyers)
    return sql.Asked(
        f"SELECT kernel_expect(max(n) <= %(limit)s) FROM ({counted.statement}) AS held(buyer, n)",  # noqa: S608 - ours
        {**dict(counted.params), "limit": limit},
        lambda _rows: None,
    )


def placed(cluster_id: int, purchase_ids: Sequence[int]) -> dict[int, Placed]:
    """The answers of purchases placed before, as replays. Two queries for any number."""
    orders: dict[int, list[PlacedOrder]] = {}
    for order in Order.objects.filter(cluster_id=cluster_id, purchase_id__in=purchase_ids).order_by("id"):
        orders.setdefault(order.purchase_id, []).append(
            PlacedOrder(order.pk, order.number, order.code, order.supplier_id, order.total_minor)
        )
    return {
        purchase.pk: Placed(
            purchase.pk,
            purchase.code,
            purchase.currency,
            purchase.total_minor,
            tuple(orders.get(purchase.pk, ())),
            is_replay=True,
        )
        for purchase in Purchase.objects.filter(cluster_id=cluster_id, pk__in=purchase_ids)
    }


def as_replay(answer: Placed) -> Placed:
    """The same answer, marked as given before."""
    return replace(answer, is_replay=True)
