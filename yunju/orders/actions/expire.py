"""Unpaid purchases end: by time, or because the buyer says so. Stock goes back, and what was taken of sales; the gateway is told afterwards."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from yunju.catalog.actions import sales as catalog_sales
from yunju.catalog.actions import stock as catalog_stock
from yunju.kernel import clock, locks, outbox, sql
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Refused
from yunju.orders import policy, queries, transitions
from yunju.orders.actions import events
from yunju.orders.models import Line, Purchase

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ending:
    """A locked unpaid purchase that ends."""

    id: int
    version: int


def expire_due(limit: int = 200) -> int:
    """Expire up to `limit` purchases of one cluster whose time to pay is over; returns how many.

    Where one of them cannot be (its stock does not add up), each is tried by itself: it stays and stands in the log, and
    the others do not wait for it.
    """
    try:
        with transaction.atomic():
            cluster_id, own = _due(limit)
            if own:
                _end(system(cluster_id, "expiry"), own, "expire", "timer")
            return len(own)
    except (DatabaseError, Refused):
        with transaction.atomic():
            due = sql.fetch(f"SELECT cluster_id, id {_DUE}", [clock.now(), limit])
        return sum(_expire_alone(cluster_id, purchase_id) for cluster_id, purchase_id in due)


_DUE = (
    "FROM orders_purchase WHERE payment_state = 'unpaid' AND expires_at <= %s"
    " ORDER BY cluster_id, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)


def _due(limit: int) -> tuple[int, list[_Ending]]:
    """Locked purchases of the first cluster that has any; none: (0, [])."""
    rows = sql.fetch(f"SELECT cluster_id, id, version {_DUE}", [clock.now(), limit])
    first = rows[0][0] if rows else 0
    return first, [_Ending(row[1], row[2]) for row in rows if row[0] == first]


def _expire_alone(cluster_id: int, purchase_id: int) -> int:
    """1 where it is over now."""
    try:
        with locks.transaction_with_timeout(locks.ALONE_MS):
            rows = sql.fetch(
                "SELECT version FROM orders_purchase WHERE cluster_id = %s AND id = %s AND payment_state = 'unpaid'"
                " AND expires_at <= %s FOR NO KEY UPDATE",
                [cluster_id, purchase_id, clock.now()],
            )
            if rows:
                _end(system(cluster_id, "expiry"), [_Ending(purchase_id, rows[0][0])], "expire", "timer")
            return len(rows)
    except (DatabaseError, Refused):
        log.exception("purchase %s of cluster %s could not expire", purchase_id, cluster_id)
        return 0


def cancel_purchase(*, code: str, by: Actor) -> None:
    """The buyer gives an unpaid purchase up. Cancelling twice is once. Raises NotFound, Busy, Refused when it is paid."""
    locks.with_retries(lambda: _cancel(code, by))


def _cancel(code: str, by: Actor) -> None:
    with locks.transaction_with_timeout(locks.ALONE_MS):
        purchase = queries.purchase_visible_to(by, code)
        policy.require_buyer(by, purchase)
        locked = Purchase.objects.select_for_update(no_key=True).get(cluster_id=by.cluster_id, pk=purchase.pk)
        if locked.payment_state in ("cancelled", "expired"):
            return
        if locked.payment_state != "unpaid":
            raise Refused("purchase.paid_already")
        _end(by, [_Ending(locked.pk, locked.version)], "cancel", "buyer")


def _end(by: Actor, endings: Sequence[_Ending], event: str, who: str) -> None:
    """One state, one stock movement, one event row each; all set-based."""
    after, at = transitions.after(transitions.PAYMENT, "unpaid", event), clock.now()
    found = [ending.id for ending in endings]
    sql.execute(
        "UPDATE orders_purchase SET payment_state = %s, version = version + 1"
        " WHERE cluster_id = %s AND id = ANY(%s) AND payment_state = 'unpaid'",
        [after, by.cluster_id, found],
    )
    lines = Line.objects.filter(
        cluster_id=by.cluster_id,
        order__cluster_id=by.cluster_id,
        order__purchase_id__in=found,
        stock_state="reserved",
    )
    moves = list(lines.values_list("pk", "variant_id", "place_id", "quantity"))
    Line.objects.filter(cluster_id=by.cluster_id, pk__in=[move[0] for move in moves]).update(
        stock_state="returned"
    )
    catalog_stock.give_back(
        by.cluster_id, [(variant, place, count) for _, variant, place, count in moves if variant and place]
    )
    catalog_sales.give_back(by.cluster_id, found)
    events.write(
        [
            events.Change("purchase", e.id, e.version + 1, "payment", event, "unpaid", after, who)
            for e in endings
        ],
        by=by,
        at=at,
    )
    outbox.write(
        [outbox.Event(by.cluster_id, "purchase.ended", purchase_id, {"as": after}) for purchase_id in found]
    )
