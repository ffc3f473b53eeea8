"""Firing due timers. Any worker may; an order that another holds is skipped, a timer whose state moved on is dropped.

What a timer causes is an ordinary move by `Who.TIMER`: killed between two batches nothing is lost, and done twice is
once, because the move deletes the timer in the transaction of its effect.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yunju.fulfilment.contract import Who
from yunju.kernel import clock, locks, sql
from yunju.kernel.actor import system
from yunju.kernel.errors import YunjuError
from yunju.orders.flow import rows
from yunju.orders.flow.actions import move_locked
from yunju.orders.flow.rows import SQL, Change

log = logging.getLogger(__name__)
POSTPONED = timedelta(minutes=10)
"""How long a timer waits whose move broke: the others go on meanwhile, and the worker's alarm shows it."""


class TimersBroken(Exception):
    """Some timers could not be fired; the message has the orders. The loop's heartbeat turns it into an alarm."""


@dataclass(slots=True)
class _Fired:
    done: int = 0
    broken: list[int] = field(default_factory=list)


def fire_due(limit: int = 200, *, only_cluster: int | None = None) -> int:
    """Fire up to `limit` due timers of one cluster and event; returns how many were dealt with, 0 when none is due.

    `only_cluster` leaves the others alone: for a replay, whose clock is its own.

    Raises TimersBroken when the move of an order failed for another reason than a refusal; it is tried again later.
    """
    now = clock.now()
    oldest = sql.fetch(SQL["oldest_due"], {"now": now, "only": only_cluster})
    if not oldest:
        return 0
    cluster_id, event = oldest[0]
    change = Change(cluster_id=cluster_id, who=Who.TIMER, by=system(cluster_id, "timer"), at=now, params={})
    fired = _fire(change, event, limit)
    if fired.broken:
        raise TimersBroken(f"timer {event} of orders {fired.broken}")
    return fired.done


def _fire(change: Change, event: str, limit: int) -> _Fired:
    """The whole batch at once; where one of it breaks, each by itself, and the guilty one is put off."""
    try:
        return _Fired(done=_batch(change, event, limit=limit))
    except Exception:
        # Broad on purpose: effects are the modes' code. Whatever one order raised is found below, by itself, and told there.
        log.warning("timers %s of cluster %s failed as a batch", event, change.cluster_id, exc_info=True)
    fired = _Fired()
    for order_id in _due_orders(change, event, limit):
        try:
            fired.done += _batch(change, event, limit=1, only=[order_id])
        except Exception:
            # Broad on purpose: the money of the other orders must not wait for the fault of this one, whatever it is.
            # `fire_due` raises TimersBroken at its end, so that the loop's heartbeat shows it.
            log.exception("timer %s of order %s failed", event, order_id)
            _put_off(change, event, order_id)
            fired.broken.append(order_id)
    return fired


def _batch(change: Change, event: str, *, limit: int, only: Sequence[int] | None = None) -> int:
    names = {"cluster_id": change.cluster_id, "event": event, "now": change.at, "limit": limit, "only": only}
    with locks.transaction_with_timeout(locks.BATCH_MS):
        claimed = [row[0] for row in sql.fetch(SQL["claim_due"], names)]
        if not claimed:
            return 0
        locked = rows.lock_orders(change.cluster_id, claimed, change.at)
        due = [
            order_id
            for order_id in claimed
            if order_id in locked and _is_due(locked[order_id], event, change.at)
        ]
        answers = move_locked(change, locked, due, event)
        refused = [order_id for order_id, answer in answers.items() if isinstance(answer, YunjuError)]
        if refused:
            log.info("timer %s dropped for orders %s: their state knows no such move", event, refused)
            sql.execute(SQL["drop_due"], names | {"ids": refused})
        return len(claimed)


def _is_due(order: rows.Locked, event: str, now: datetime) -> bool:
    """Asked again under the lock: between the claim's snapshot and the lock somebody may have moved the order."""
    timers = order.standing.timers
    return not order.standing.is_disputed and any(t.event == event and t.due_at <= now for t in timers)


def _due_orders(change: Change, event: str, limit: int) -> list[int]:
    names = {"cluster_id": change.cluster_id, "event": event, "now": change.at, "limit": limit}
    return [row[0] for row in sql.fetch(SQL["due_orders"], names)]


def _put_off(change: Change, event: str, order_id: int) -> None:
    names = {"cluster_id": change.cluster_id, "ids": [order_id], "event": event, "now": change.at}
    sql.execute(SQL["postpone_due"], names | {"until": change.at + POSTPONED})
