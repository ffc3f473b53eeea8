"""For tests that race: the whole book proved, work on a connection of its own, rows that somebody else holds."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from django.db import connection, transaction

from tests.factories.markets import Market
from yunju.ledger import verify as books


def proved(market: Market) -> None:
    """Every invariant of the market's book, over all of it."""
    report = books.verify(market.cluster.pk, whole=True)
    broken = [
        (check.code, check.title, result.breaches) for check, result in report.results if result.breaches
    ]
    assert not broken


def aside(work: Callable[[], object]) -> object:
    """Run `work` in a thread on a connection of its own."""

    def alone():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result(30)


@contextmanager
def held(statement: str, params: list[int]) -> Iterator[None]:
    """Somebody else holds the rows that `statement` locks, until the block ends."""
    locked, done = Event(), Event()

    def hold():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, params)
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert locked.wait(10)
        try:
            yield
        finally:
            done.set()
            holding.result(30)
