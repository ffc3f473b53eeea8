"""One lock order for the whole house, and how long anybody waits.

Order (DESIGN 5): idempotency keys (sorted), purchase, order, share, stock, quota, account; within a kind by id.
Whoever locks goes through the `lock_*` helpers of the room that owns the table, late, and once per transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from yunju.kernel import sql
from yunju.kernel.binding import KeptText, keeping
from yunju.kernel.errors import Busy

BATCH_MS = 1_000
"""How long a batch waits for a lock before its members are tried one by one."""

ALONE_MS = 4_000
"""How long a single request waits: less than a statement may take (5 s), or that limit would be the one that speaks."""

ATTEMPTS = 3
_RETRYABLE = {"40001", "40P01"}
_LOCKED = "55P03"

T = TypeVar("T")


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of a database error that Django wrapped, or an empty string."""
    cause = error.__cause__
    return str(getattr(cause, "sqlstate", None) or "")


@contextmanager
def transaction_with_timeout(milliseconds: int) -> Iterator[None]:
    """A transaction in which nobody waits longer than `milliseconds` for a lock."""
    with transaction.atomic():
        sql.answer(patience(milliseconds))
        yield


@contextmanager
def hot_transaction(milliseconds: int) -> Iterator[None]:
    """The same for a batch of a hot path: its statements are planned once a connection, and look rows up by their indexes."""
    with transaction.atomic(), keeping():
        sql.answer(patience_by_index(milliseconds))
        yield


def patience(milliseconds: int) -> sql.Asked[None]:
    """How long anybody waits for a lock in the transaction that is open, to be asked before its locks."""
    return sql.Asked(
        KeptText("SELECT set_config('lock_timeout', %s, true)"), [f"{milliseconds}ms"], lambda _rows: None
    )


def patience_by_index(milliseconds: int) -> sql.Asked[None]:
    """The same for a batch of a hot path, whose statements are kept: besides, all its rows are looked up by their indexes.

    A plan that was kept when a table was empty walks it from end to end until its figures are taken again; a batch that
    met such a plan took 40 ms instead of 8.
    """
    return sql.Asked(
        KeptText(
            "SELECT set_config('lock_timeout', %s, true), set_config('enable_seqscan', 'off', true),"
            " set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
        ),
        [f"{milliseconds}ms"],
        lambda _rows: None,
    )


@contextmanager
def one_instant() -> Iterator[None]:
    """A read-only look at the database as it is at one instant. Inside a transaction it is that transaction's look."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def with_retries(work: Callable[[], T]) -> T:
    """Run `work` (one whole transaction), again on a deadlock or serialization failure, at most 3 times.

    Raises Busy when the third try fails too, or a lock was not to be had in time.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except OperationalError as error:
            state = sqlstate(error)
            if state == _LOCKED or (state in _RETRYABLE and attempt == ATTEMPTS):
                raise Busy("busy.locked") from error
            if state not in _RETRYABLE:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")
