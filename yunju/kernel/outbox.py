"""The outbox: events written beside their cause, told after the commit, in batches, at least once.

A handler takes a list of events of one topic, works through actions that are safe to call twice, and touches only the
database. A batch that fails is told again one by one, so that only the guilty event waits; after `ATTEMPTS` it stays
as dead and raises the alarm.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from msgspec import Struct

from yunju.kernel import clock, sql
from yunju.kernel.errors import noted

log = logging.getLogger(__name__)
BATCH = 200
ATTEMPTS = 12
KEEP_DAYS = 7


class Event(Struct, frozen=True, gc=False):
    """One outbox row: `topic` says what happened, `noun_id` to whom, `payload` the rest (no personal data)."""

    cluster_id: int
    topic: str
    noun_id: int
    payload: dict[str, Any]
    id: int = 0
    attempts: int = 0


Handler = Callable[[Sequence[Event]], None]
handlers: dict[str, list[Handler]] = defaultdict(list)


def subscribe(topic: str, handler: Handler) -> None:
    """Add a handler for a topic. Called once at start-up by `config`, which sees all rooms."""
    if handler not in handlers[topic]:
        handlers[topic].append(handler)


def write(events: Sequence[Event]) -> None:
    """Write all events in one statement, inside the caller's transaction."""
    at = clock.now()
    sql.insert_rows(
        "kernel_outbox",
        {
            "cluster_id": "bigint",
            "topic": "text",
            "noun_id": "bigint",
            "payload": "jsonb",
            "created_at": "timestamptz",
            "available_at": "timestamptz",
        },
        [(e.cluster_id, e.topic, e.noun_id, json.dumps(e.payload), at, at) for e in events],
    )


def drain(limit: int = BATCH) -> int:
    """Tell up to `limit` waiting events of one topic; returns how many. Several workers may drain side by side.

    One topic of one cluster a transaction: each handler keeps the lock order, two handlers one after the other might not.
    """
    with transaction.atomic():
        events = _claim(limit)
        if events:
            _tell(events[0].topic, events)
        return len(events)


def _claim(limit: int) -> list[Event]:
    waiting = "FROM kernel_outbox WHERE done_at IS NULL AND available_at <= %s AND attempts < %s"
    order = " ORDER BY available_at, id LIMIT %s FOR UPDATE SKIP LOCKED"
    at = clock.now()
    oldest = sql.fetch(f"SELECT cluster_id, topic {waiting}{order}", [at, ATTEMPTS, 1])
    if not oldest:
        return []
    cluster_id, topic = oldest[0]
    rows = sql.fetch(
        f"SELECT id, noun_id, payload, attempts {waiting} AND cluster_id = %s AND topic = %s{order}",
        [at, ATTEMPTS, cluster_id, topic, limit],
    )
    return [
        Event(
            id=row[0],
            cluster_id=cluster_id,
            topic=topic,
            noun_id=row[1],
            payload=_parsed(row[2]),
            attempts=row[3],
        )
        for row in rows
    ]


def _parsed(value: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return parsed


def _tell(topic: str, events: list[Event]) -> None:
    try:
        _handle(topic, events)
    except Exception as error:  # noqa: BLE001 - a handler may raise anything; it is logged, kept and tried again
        if len(events) == 1:
            _postpone(events[0], error)
            return
        log.warning("outbox batch of %d %s failed, telling one by one: %s", len(events), topic, error)
        for event in events:
            _tell(topic, [event])


def _handle(topic: str, events: list[Event]) -> None:
    with transaction.atomic():
        for handler in handlers[topic]:
            handler(events)
        sql.execute(
            "UPDATE kernel_outbox SET done_at = %s WHERE cluster_id = %s AND id = ANY(%s)",
            [clock.now(), events[0].cluster_id, [e.id for e in events]],
        )


def _postpone(event: Event, error: Exception) -> None:
    log.error("outbox event %s %s of %s failed", event.topic, event.id, event.noun_id, exc_info=error)
    wait = timedelta(seconds=min(2 ** (event.attempts + 1), 3_600))
    sql.execute(
        "UPDATE kernel_outbox SET attempts = attempts + 1, available_at = %s, error = %s"
        " WHERE cluster_id = %s AND id = %s",
        [clock.now() + wait, noted(error), event.cluster_id, event.id],
    )


def dead() -> int:
    """How many events have used up their attempts: each is an alarm."""
    return int(
        sql.fetch("SELECT count(*) FROM kernel_outbox WHERE done_at IS NULL AND attempts >= %s", [ATTEMPTS])[
            0
        ][0]
    )


def maintain(days_ahead: int = 3) -> int:
    """Make the partitions of the coming days and drop old, finished ones; returns how many were made."""
    day = clock.now().date()
    return int(sql.fetch("SELECT kernel_outbox_maintain(%s, %s, %s)", [day, days_ahead, KEEP_DAYS])[0][0])
