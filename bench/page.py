"""The page of results, written from a run: what is promised beside what was measured, and every line."""

from collections.abc import Sequence
from dataclasses import dataclass

from yunju.kernel import clock


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure by its name, how it is called, and what is wanted of it; `most`: no more than that."""

    name: str
    said: str
    wanted: float
    most: bool = False


PROMISES = (
    Promise("ratio placed 128", "placed over HTTP, 128 clients, as a part of the limit", 0.4),
    Promise("placed 128", "placed over HTTP a second, 128 clients", 4_325),
    Promise("placed 32", "the same, 32 clients", 0),
    Promise("ratio placed hot 128", "everybody the same thing, as a part of that", 0.8),
    Promise("paid", "payments told over HTTP, a second", 0),
    Promise("placed and paid", "placed and paid a second, both in one run", 2_000),
    Promise("released", "due lines released a second", 0),
    Promise("pg us per placed", "PostgreSQL's processor time of a purchase placed, us", 150, most=True),
    Promise("pg us per paid", "PostgreSQL's processor time of a payment, us", 160, most=True),
    Promise("p99 ms 32", "p99 of 32 clients, ms", 35, most=True),
    Promise("p99 ms 128", "p99 of 128 clients, ms", 60, most=True),
)


def made(lines: Sequence[str]) -> str:
    """The page, in Markdown."""
    found = {name: value for name, _, value in (line.partition(": ") for line in lines)}
    rows = [_row(promise, found[promise.name]) for promise in PROMISES if promise.name in found]
    table = ["| figure | wanted | measured |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join(
        [
            "# Results of a run",
            "",
            f"Written by `python -m bench --page docs/bench-results.md` on {clock.now():%Y-%m-%d}: not by hand.",
            "`docs/bench.md` says what each line measures. What is wanted and not met is open work.",
            "",
            f"The machine: {found.get('machine', 'unknown')}; PostgreSQL {found.get('postgres', 'unknown')}.",
            "Everything ran on it: server, database, generator.",
            "",
            *table,
            "```",
            *lines,
            "```",
            "",
        ]
    )


def _row(promise: Promise, value: str) -> str:
    if not promise.wanted:
        return f"| {promise.said} | | {value} |"
    is_met = float(value) <= promise.wanted if promise.most else float(value) >= promise.wanted
    bound = f"{'at most' if promise.most else 'at least'} {promise.wanted:,g}"
    return f"| {promise.said} | {bound} | {value}{'' if is_met else ' (not met)'} |"
