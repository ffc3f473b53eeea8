"""Placing what was decided without locks: one transaction, whose statements are sent together and waited for once.

The rows of hot goods are the last it takes: the time that this process needs to decide and to write is nobody's wait. Buyers are counted and goods are moved by statements that raise where what was seen is no
longer so; then nothing happened, and the caller asks again under locks.
"""

from collections.abc import Sequence

from django.db import DatabaseError

from yunju.catalog.actions import stock as catalog_stock
from yunju.kernel import idempotency, locks, sql
from yunju.orders import checks, queries
from yunju.orders.actions import write
from yunju.orders.book import CheckedBook
from yunju.orders.draft import Placed

_NORMAL = {"YJ001", "23505", "55P03", "40P01", "40001"}
"""Something seen is no longer so, a key is taken, a lock was not to be had in time, two waited for each other."""


def is_normal(error: DatabaseError) -> bool:
    """True where others were at work meanwhile; anything else is a fault that somebody should hear of."""
    return locks.sqlstate(error) in _NORMAL


def place(
    book: CheckedBook, keys: Sequence[idempotency.Key], jobs: Sequence[write.Job], ids: write.Ids
) -> list[Placed]:
    """Place all of it, none of it in a sale; `keys` in the order of `jobs`. Raises DatabaseError where one cannot be."""
    rows, answers = write.make(book, jobs, ids)
    expected = {key.order(): {"purchase": job.purchase_id} for key, job in zip(keys, jobs, strict=True)}
    buyers = sorted({checks.principal(job.request.by) for job in jobs})
    stock = [catalog_stock.reserving(book.cluster_id, rows.stock)] if rows.stock else []
    with sql.at_once():
        sql.send(
            locks.patience_by_index(locks.BATCH_MS),
            idempotency.taking_all(book.cluster_id, keys, expected),
        )
        write.insert(book, rows)
        sql.send(
            queries.lock_buyers(book.cluster_id, buyers),
            queries.unpaid_within(book.cluster_id, buyers, book.unpaid_limit),
            *stock,
        )
    return answers
