"""Search on a big shelf: one to three words, half of them with a category, the first page each. What a page pays for it."""

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench import goods
from yunju.catalog import finding
from yunju.catalog.finding import Wanted
from yunju.kernel import sql

LIMIT_MS = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, ascending."""

    values: tuple[float, ...]

    def at(self, share: float) -> float:
        return self.values[min(int(len(self.values) * share), len(self.values) - 1)]

    def told(self) -> str:
        return (
            f"p50 {statistics.median(self.values):.1f} ms, p95 {self.at(0.95):.1f} ms, p99 {self.at(0.99):.1f} ms,"
            f" longest {self.values[-1]:.0f} ms ({len(self.values)} times)"
        )


def measure(count: int, queries: int) -> Iterator[str]:
    """`count` offers, `queries` of each kind; lines as they are known."""
    begun = time.perf_counter()
    shelf = goods.make(count, whole=False)
    yield f"shelf of {count:,} offers made: {time.perf_counter() - begun:.0f} s"
    size = sql.fetch("SELECT pg_size_pretty(pg_relation_size('shelf_entry_words'))")[0][0]
    yield f"index of words: {size}"
    asked = _asked(shelf, queries)
    for wanted in asked[: max(queries // 10, 1)]:
        finding.find(shelf.cluster.pk, wanted)
    yield f"search, best match: {_timed(shelf, asked).told()}"
    cheap = [Wanted(words=one.words, category=one.category, sort="cheap") for one in asked]
    yield f"search, by price: {_timed(shelf, cheap).told()}"
    typed = [Wanted(words=one.words[:-1] or one.words, is_typing=True) for one in asked]
    yield f"search, while typing: {_timed(shelf, typed).told()}"
    plain = [Wanted(sort=finding.SORTS[1 + n % 4]) for n in range(queries)]
    yield f"shelf without words: {_timed(shelf, plain).told()}"
    yield f"search limit: p95 {LIMIT_MS} ms"


def _asked(shelf: goods.Goods, queries: int) -> list[Wanted]:
    dice = random.Random(11)  # noqa: S311 - the same queries in every run
    return [
        Wanted(
            words=" ".join(goods.word(dice) for _ in range(dice.randint(1, 3))),
            category=dice.choice(shelf.categories) if n % 2 else "",
        )
        for n in range(queries)
    ]


def _timed(shelf: goods.Goods, asked: list[Wanted]) -> Times:
    taken = []
    for wanted in asked:
        begun = time.perf_counter()
        finding.find(shelf.cluster.pk, wanted)
        taken.append((time.perf_counter() - begun) * 1_000)
    return Times(tuple(sorted(taken)))
