"""Purchases placed a second, in batches, beside the same rows sent as bare SQL."""

from dataclasses import dataclass
from functools import partial

from bench import bare, writers
from bench.figures import Figure
from bench.market import Market, requests
from yunju.orders.actions import intake
from yunju.orders.draft import Placed, PlaceRequest


@dataclass(frozen=True, slots=True)
class Case:
    """How the purchases come: `batch` at a time to each writer, `count` to each writer and round."""

    batch: int
    writers: int
    count: int
    hot: bool = False

    @property
    def name(self) -> str:
        kind = "placed hot" if self.hot else "placed"
        return f"{kind}, batches of {self.batch}, {self.writers} writer{'s' if self.writers > 1 else ''}"


def measure(market: Market, case: Case, *, rounds: int = 3) -> tuple[Figure, Figure]:
    """Through the intake, and bare."""
    through = writers.Plan(partial(_prepare, market, case), case.writers, rounds)
    limit = writers.Plan(partial(_prepare_bare, market, case), case.writers, rounds)
    return writers.measure(through), writers.measure(limit)


def place_batch(batch: list[PlaceRequest]) -> None:
    """Each of them must be placed: a refusal is cheaper, and would pass as speed."""
    refused = [answer for answer in intake.place(batch) if not isinstance(answer, Placed)]
    assert not refused, refused


def _batches(market: Market, case: Case) -> list[list[PlaceRequest]]:
    count = max(case.count // case.batch, 1)
    return [requests(market, case.batch, hot=case.hot) for _ in range(count)]


def _prepare(market: Market, case: Case) -> writers.Work:
    batches = _batches(market, case)

    def work() -> int:
        for batch in batches:
            place_batch(batch)
        return len(batches) * case.batch

    return work


def _prepare_bare(market: Market, case: Case) -> writers.Work:
    recorded = [bare.record(partial(place_batch, batch)) for batch in _batches(market, case)]

    def work() -> int:
        bare.send(recorded)
        return len(recorded) * case.batch

    return work
