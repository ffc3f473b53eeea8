"""Time that passes: reservations run out and timers come due while things die, and what is then still undone.

Nobody can wait 15 minutes or 48 hours here, so dates are moved into the past as the database's superuser, which is what
the passing of time would have made of them.
"""

import random
from contextlib import suppress
from typing import Any

import psycopg

from tests.crash.buyers import Line
from tests.crash.journal import Journal
from tests.crash.stack import Stack

PROMISE_SECONDS = 60
LATEST = 100
RESERVATIONS = (
    "UPDATE orders_purchase SET expires_at = now() - interval '1 second'"
    " WHERE payment_state = 'unpaid' AND id %% %s = %s"
)
TIMERS = (
    "UPDATE orders_flowtimer SET due_at = now() - interval '1 second' WHERE due_at > now() AND id %% %s = %s"
)
REFUNDS = (
    "UPDATE orders_refund SET next_try_at = now() WHERE state IN ('decided', 'sent') AND next_try_at > now()"
)
"""Whoever was killed while sending one has put its next try off by minutes."""

UNDONE = {
    "expired reservations": (
        "SELECT 'purchase ' || code FROM orders_purchase WHERE payment_state = 'unpaid' AND expires_at <= now()"
    ),
    "due timers": "SELECT event || ' of ' || noun || ' ' || noun_id FROM orders_flowtimer WHERE due_at <= now()",
    "outbox rows": (
        "SELECT topic || ' ' || noun_id || ' ' || error FROM kernel_outbox WHERE done_at IS NULL AND available_at <= now()"
    ),
    "outbox rows put off": "SELECT topic || ' ' || noun_id || ' ' || error FROM kernel_outbox WHERE done_at IS NULL AND attempts > 0",
    "refunds under way": "SELECT out_no || ' ' || error FROM orders_refund WHERE state <> 'confirmed'",
}
UNBOOKED = (
    "SELECT w.out_no FROM unnest(%s::text[]) AS w(out_no)"
    " LEFT JOIN payments_attempt a ON a.out_no = w.out_no AND a.state = 'paid' WHERE a.id IS NULL"
)


def some(stack: Stack, dice: random.Random) -> None:
    """A third of all reservations run out now, and of all timers a fifth comes due; where nobody listens, later."""
    with suppress(psycopg.Error), stack.superuser() as connection:
        connection.execute(RESERVATIONS, [3, dice.randrange(3)])
        connection.execute(TIMERS, [5, dice.randrange(5)])


def everything(stack: Stack) -> None:
    """Every open reservation and every timer that runs is due now, and so is the next try of every refund."""
    with stack.superuser() as connection:
        connection.execute(RESERVATIONS, [1, 0])
        connection.execute(TIMERS, [1, 0])
        connection.execute(REFUNDS)


def tell_again(stack: Stack, journal: Journal) -> None:
    """The provider says once more what it took: it would within a day, and nothing may come of hearing it twice.

    What was not heard yet, and the latest of the rest: all of a long run would keep it busy for minutes.
    """
    taken = list(journal.told()["payments"])
    with stack.superuser() as connection:
        unheard = _first(connection, UNBOOKED, [taken])
    line = Line(stack.gateway_port)
    for out_no in {*unheard, *taken[-LATEST:]}:
        line.post("/control.json", {"do": "send", "out_no": out_no})


def undone(stack: Stack, journal: Journal) -> dict[str, list[str]]:
    """What is due and not done, by kind; empty when all is."""
    payments = list(journal.told()["payments"])
    with stack.superuser() as connection:
        found = {name: _first(connection, statement) for name, statement in UNDONE.items()}
        found["payments not booked"] = _first(connection, UNBOOKED, [payments])
    return {name: rows for name, rows in found.items() if rows}


def _first(connection: psycopg.Connection[Any], statement: str, values: list[Any] | None = None) -> list[str]:
    return [str(row[0]) for row in connection.execute(statement, values).fetchall()]
