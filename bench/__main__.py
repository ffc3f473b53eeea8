"""All measurements in one run, `name: value` lines: `python -m bench`, which is `make bench`."""

import argparse
import itertools
import time
from collections.abc import Iterator, Sequence

import bench.house  # noqa: F401 - before any room
from bench import figures, intake, market, pages, paying, payouts, posting, search, volume, waves
from yunju.ledger import verify
from yunju.ledger.verify import checks

SMALL = 50
"""Batches of a round at most: one by one is slow, and fewer of them say as much."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=640, help="purchases placed by a writer in a round")
    parser.add_argument("--payments", type=int, default=640, help="payments of a round")
    parser.add_argument("--lines", type=int, default=10_000, help="due lines to release")
    parser.add_argument("--payees", type=int, default=payouts.PAYEES, help="payees of a payout run")
    parser.add_argument("--transfers", type=int, default=3_200, help="transfers posted in a round")
    parser.add_argument("--suppliers", type=int, default=20, help="suppliers of 10 offers each")
    parser.add_argument("--rounds", type=int, default=3, help="rounds after the warm-up; the median counts")
    parser.add_argument("--found", type=int, default=1_000_000, help="offers of the shelf that is searched")
    parser.add_argument("--queries", type=int, default=240, help="searches of each kind")
    parser.add_argument(
        "--shown", type=int, default=100_000, help="offers of the shelf whose pages are asked for"
    )
    parser.add_argument(
        "--visits", type=float, default=20, help="seconds of each kind of visitor; 0: no server is started"
    )
    parser.add_argument("--parcels", type=int, default=waves.PARCELS, help="parcels of one supplier")
    parser.add_argument(
        "--lives", type=int, default=3_200, help="purchases whose bytes are counted; 0: none are"
    )
    parser.add_argument(
        "--only", choices=["volume", "book", "search", "pages", "waves"], help="one part alone"
    )
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> Iterator[str]:
    """Every line, as it is known."""
    yield from figures.machine()
    parts = {"volume": left, "book": booked, "search": searched, "pages": shown, "waves": packed}
    for name, part in parts.items():
        if options.only in (None, name):
            yield from part(options)


def left(options: argparse.Namespace) -> Iterator[str]:
    if options.lives:
        yield from volume.measure(options.lives)


def packed(options: argparse.Namespace) -> Iterator[str]:
    for step, seconds in waves.measure(options.parcels).items():
        yield f"parcels of one supplier, {options.parcels:,}, {step}: {seconds:.2f} s"
    yield f"parcels limit: {waves.LIMIT_SECONDS} s each"


def searched(options: argparse.Namespace) -> Iterator[str]:
    yield from search.measure(options.found, options.queries)


def shown(options: argparse.Namespace) -> Iterator[str]:
    if options.visits:
        yield from pages.measure(options.shown, options.visits)


def booked(options: argparse.Namespace) -> Iterator[str]:
    stage = market.make(suppliers=options.suppliers)
    yield f"market: {sum(map(len, stage.goods))} variants of {options.suppliers} suppliers, {len(stage.shops)} shops"
    yield from placed(stage, options)
    yield from paid(stage, options)
    yield f"released: {paying.measure_release(stage, options.lines, rounds=options.rounds).told('a line')}"
    for batch in (1, 64):
        count = min(options.transfers, batch * SMALL)
        figure = posting.measure(stage, batch, count, rounds=options.rounds)
        yield f"posted, {batch} to a transaction: {figure.told('a transfer of six legs')}"
    for step, seconds in payouts.measure(options.payees).items():
        yield f"payout of {options.payees:,}, {step}: {seconds:.2f} s"
    yield f"payout limit: {payouts.LIMIT_SECONDS} s"
    yield f"invariants broken: {broken(stage)}"


def cases(options: argparse.Namespace) -> list[intake.Case]:
    shapes = [
        *itertools.product((1, 16, 64), (1, 2), (False,)),
        *itertools.product((64,), (1, 2), (True,)),
    ]
    return [
        intake.Case(batch, writers, max(min(options.orders, batch * SMALL), batch), hot)
        for batch, writers, hot in shapes
    ]


def placed(stage: market.Market, options: argparse.Namespace) -> Iterator[str]:
    for case in cases(options):
        through, limit = intake.measure(stage, case, rounds=options.rounds)
        yield from compared(case.name, "a purchase", through, limit)


def paid(stage: market.Market, options: argparse.Namespace) -> Iterator[str]:
    through, limit = paying.measure(stage, options.payments, rounds=options.rounds)
    yield from compared(f"paid, batches of {paying.BATCH}, 1 writer", "a payment", through, limit)


def compared(name: str, noun: str, through: figures.Figure, limit: figures.Figure) -> Iterator[str]:
    """The ratios are the figures that count; where others use the machine, the one of processor times is the steadier."""
    yield f"ratio {name}: {through.rate / limit.rate:.2f}"
    yield f"processor ratio {name}: {limit.all_us / max(through.all_us, 1):.2f}"
    yield f"{name}: {through.told(noun)}"
    yield f"{name}, same rows bare: {limit.told(noun)}"


def broken(stage: market.Market) -> int:
    """Breaches of every invariant in the market's whole book, after all that."""
    report = verify.verify(stage.cluster.pk, whole=True, only=checks())
    return sum(len(result.breaches) for _, result in report.results)


def main() -> None:
    begun = time.perf_counter()
    for line in run(parse()):
        print(line, flush=True)  # noqa: T201 - that is what it is for
    print(f"seconds: {time.perf_counter() - begun:.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
