"""The limit: the statements of a real batch, recorded and rolled back, then sent again without Python's decisions.

The rows are the same to the byte: ids and codes were drawn when the batch was recorded, and nobody else has them. What
remains is the transaction itself: locks, guards, inserts, commit; texts and arrays are made beforehand.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import psycopg
from django.db import connection, transaction

Transaction = tuple[str, ...]
RECORDING = multiprocessing.get_context("fork").Lock()
"""A recording holds its rows until it is rolled back: one writer at a time."""
_BRACKETS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class _Rolled(Exception):
    """Ends a recording."""


def record(batch: Callable[[], None]) -> Transaction:
    """The statements that `batch` runs inside its transaction. It must open exactly one, and leaves nothing behind.

    Now and then two orders of a day draw the same number, and the batch is placed again one by one: another is recorded.
    """
    for _ in range(5):
        seen = _recorded(batch)
        brackets = [place for place, text in enumerate(seen) if text.startswith(_BRACKETS)]
        if len(brackets) == 2:
            return tuple(seen[brackets[0] + 1 : brackets[1]])
    raise AssertionError("a batch is one transaction, and was tried again each time")


def _recorded(batch: Callable[[], None]) -> list[str]:
    """All that it runs, between the savepoint that an outer transaction makes of the inner one, and its release."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
        assert not many, "the hot paths send sets"
        seen.append(statement if params is None else connection.ops.compose_sql(statement, params))
        return execute(statement, params, many, context)

    try:
        with RECORDING, transaction.atomic(), connection.execute_wrapper(note):
            batch()
            raise _Rolled
    except _Rolled:
        return seen


def send(batches: Sequence[Transaction]) -> None:
    """Each batch in a transaction of its own, statement by statement, on one connection."""
    bare = _connected(os.getpid())
    for statements in batches:
        with bare.transaction(), bare.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.encode(), prepare=False)


@cache
def _connected(process: int) -> psycopg.Connection:  # noqa: ARG001 - the key: a connection does not survive a fork
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def hang_up() -> None:
    """Close this process's connection."""
    _connected(os.getpid()).close()
    _connected.cache_clear()
