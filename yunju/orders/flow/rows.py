"""The rows of the flow: reading orders under their lock, writing what was decided. Each function is one statement."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path

from yunju.fulfilment.contract import Effect, Step, TimerDue, Who
from yunju.fulfilment.flow import Standing
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Busy
from yunju.orders.flow.policy import Parties

SQL = sql.queries(Path(__file__).resolve().parent.parent / "sql" / "flow.sql")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Locked:
    """An order under its lock, and how it stands."""

    id: int
    mode: str
    version: int
    was_dispatched: bool
    parties: Parties
    standing: Standing


@dataclass(frozen=True, slots=True)
class Decided:
    """A step that an order takes."""

    order: Locked
    step: Step


@dataclass(frozen=True, slots=True)
class Change:
    """What all steps of one action have in common. `cause` is the actor as the event row keeps it."""

    cluster_id: int
    who: Who
    by: Actor
    at: datetime
    params: Mapping[str, str | int | bool | None]


def lock_orders(cluster_id: int, order_ids: Sequence[int], at: datetime) -> dict[int, Locked]:
    """Lock the orders in id order and read how they stand, in three statements. Unknown ids are not in the answer."""
    ids = sorted(order_id for order_id in set(order_ids) if 0 < order_id <= LARGEST_ID)
    rows = sql.fetch(SQL["lock_orders"], {"cluster_id": cluster_id, "ids": ids})
    timers = _timers(cluster_id, ids, at)
    happened = {
        row[0]: frozenset(row[1])
        for row in sql.fetch(SQL["happened"], {"cluster_id": cluster_id, "ids": ids})
    }
    return {
        order_id: Locked(
            id=order_id,
            mode=mode,
            version=version,
            was_dispatched=was_dispatched,
            parties=Parties(cluster_id, user_id, holder, supplier_id, purchase_id),
            standing=Standing(
                state=state,
                timers=tuple(timers[order_id]),
                happened=happened.get(order_id, frozenset()),
                waits={"after_sale": timedelta(days=days)},
                is_abroad=is_abroad,
                is_disputed=is_disputed,
            ),
        )
        for order_id, mode, supplier_id, state, version, is_disputed, days, user_id, holder, purchase_id, is_abroad, was_dispatched in rows
    }


def _timers(cluster_id: int, ids: Sequence[int], at: datetime) -> dict[int, list[TimerDue]]:
    timers: dict[int, list[TimerDue]] = defaultdict(list)
    for order_id, key, event, due_at, left in sql.fetch(
        SQL["running_timers"], {"cluster_id": cluster_id, "ids": list(ids)}
    ):
        timers[order_id].append(TimerDue(key, event, due_at or at + timedelta(seconds=left)))
    return timers


def sent_from(cluster_id: int, order_ids: Sequence[int]) -> dict[int, datetime]:
    """Orders sold in advance, with the instant from which they may be sent; the others are not in the answer."""
    return dict(sql.fetch(SQL["sent_from"], {"cluster_id": cluster_id, "ids": list(order_ids)}))


def write_states(change: Change, decided: Sequence[Decided]) -> None:
    """The guarded update. Under the lock every row must be met; one that is not means a lock was not taken."""
    touched = sql.execute(
        SQL["change_states"],
        {
            "cluster_id": change.cluster_id,
            "at": change.at,
            "ids": [one.order.id for one in decided],
            "versions": [one.order.version for one in decided],
            "befores": [one.step.before for one in decided],
            "afters": [one.step.after for one in decided],
            "dispatched": [
                Effect.DISPATCHED in one.step.effects and not one.order.was_dispatched for one in decided
            ],
            "received": [Effect.RECEIVED in one.step.effects for one in decided],
        },
    )
    if touched != len(decided):
        raise Busy("busy.locked")


@dataclass(frozen=True, slots=True)
class Note:
    """An event row to be: `version` is the one that the change made."""

    order_id: int
    version: int
    axis: str
    event: str
    before: str
    after: str


def write_events(change: Change, notes: Sequence[Note]) -> None:
    """One row a change; UNIQUE (order, version) stops a second writer of the same version."""
    by, params = change.by, json.dumps(dict(change.params))
    sql.insert_rows(
        "orders_event",
        {
            "cluster_id": "bigint",
            "noun": "text",
            "noun_id": "bigint",
            "version": "integer",
            "axis": "text",
            "event": "text",
            "before": "text",
            "after": "text",
            "who": "text",
            "by_user_id": "bigint",
            "by_name": "text",
            "params": "jsonb",
            "at": "timestamptz",
        },
        [
            (
                change.cluster_id,
                "order",
                note.order_id,
                note.version,
                note.axis,
                note.event,
                note.before,
                note.after,
                change.who.value,
                by.user_id,
                by.name[:60] if by.kind == "system" else "",
                params,
                change.at,
            )
            for note in notes
        ],
    )


def replace_timers(change: Change, decided: Sequence[Decided]) -> None:
    """Two statements: what ran goes, what the step says runs; frozen at once while the order is disputed."""
    sql.execute(
        SQL["drop_timers"], {"cluster_id": change.cluster_id, "ids": [one.order.id for one in decided]}
    )
    sql.insert_rows(
        "orders_flowtimer",
        {
            "cluster_id": "bigint",
            "noun": "text",
            "noun_id": "bigint",
            "key": "text",
            "event": "text",
            "due_at": "timestamptz",
            "left_seconds": "integer",
        },
        [
            (
                change.cluster_id,
                "order",
                one.order.id,
                timer.key,
                timer.event,
                *_due_or_left(timer, one, change.at),
            )
            for one in decided
            for timer in one.step.timers
        ],
    )


def _due_or_left(timer: TimerDue, one: Decided, at: datetime) -> tuple[datetime | None, int | None]:
    if one.order.standing.is_disputed:
        return None, max(0, ceil((timer.due_at - at).total_seconds()))
    return timer.due_at, None
