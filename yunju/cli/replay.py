"""`yunju replay`: recorded orders through the same actions as the web, and what they came to in the book.

Named lines and quirks go to the standard output, progress to the error output. Exit code 0 when book and source agree
and no invariant is broken, 1 when not, 2 when the source cannot be read (then nothing was changed).
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.utils import translation

from yunju.cli import replay_doors, replay_market, replay_source, replay_totals
from yunju.cli.replay_source import BadSource, Source
from yunju.cli.replay_story import Story, Stuck, words
from yunju.cli.say import Stop, complain, say
from yunju.kernel import clock, guards, loops, sql
from yunju.kernel.errors import YunjuError
from yunju.members.actions.clusters import CODE
from yunju.members.models import Cluster
from yunju.orders.flow.timers import TimersBroken

MOST_BATCH = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "docs/replay.md says what becomes of what, and which quirks are met how."
    parser.add_argument("form", choices=["olist"], help="the form of the recorded orders")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the files of the source are")
    parser.add_argument(
        "--cluster",
        type=_code,
        metavar="CODE",
        help="replay into this cluster: a new one, an empty one, or one whose replay goes on",
    )
    parser.add_argument(
        "--limit",
        type=_number(replay_source.MOST_ORDERS),
        metavar="N",
        help="only the first N orders of the file",
    )
    parser.add_argument(
        "--batch",
        type=_number(MOST_BATCH),
        default=64,
        metavar="N",
        help="most requests placed or paid at once (default: %(default)s)",
    )


def _number(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= most):
            raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {most:,}")
        return int(text)

    return number


def _code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise argparse.ArgumentTypeError("expected up to 40 small letters, digits and hyphens")
    return text


def run(args: argparse.Namespace) -> int:
    began = time.monotonic()
    try:
        source = replay_source.read(args.folder, args.limit)
    except BadSource as fault:
        complain(f"yunju replay: {fault} Nothing was changed.")
        return 2
    if not source.orders:
        complain("yunju replay: the file of orders has no orders. Nothing was changed.")
        return 2
    guards.require()
    quirks = Counter(source.quirks)
    cluster = _safely(source, quirks, args)
    totals = replay_totals.read(cluster)
    for name, value in totals.named():
        say(f"{name}: {value}")
    say(f"seconds: {time.monotonic() - began:.1f}")
    for quirk, count in sorted(quirks.items()):
        say(f"quirk: {quirk}: {count}")
    for state, count in replay_totals.ends(cluster).items():
        say(f"state: {state}: {count}")
    wrong = replay_totals.faults(totals, source)
    for sentence in wrong:
        complain(f"yunju replay: {sentence}")
    return 1 if wrong or totals.broken else 0


def _safely(source: Source, quirks: Counter[str], args: argparse.Namespace) -> Cluster:
    """The replay while every worker rests: theirs is today's clock, by which all of the source is long overdue."""
    try:
        with translation.override("en"), loops.paused(), _unhurried():
            return _replay(source, quirks, args)
    except Stuck as reason:
        raise Stop(f"{reason} What was done before stays; the same command goes on from there.") from reason
    except YunjuError as refusal:
        raise Stop(f"A step was refused: {words(refusal)}") from refusal
    except TimersBroken as broken:
        raise Stop(f"Timers could not be fired: {broken}.") from broken


@contextmanager
def _unhurried() -> Iterator[None]:
    """Commits do not wait for the disk, which is most of the time: what a power cut takes away is replayed again."""
    sql.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        sql.execute("RESET synchronous_commit")


def _replay(source: Source, quirks: Counter[str], args: argparse.Namespace) -> Cluster:
    """Build the market on the day before the first order, then tell the story."""
    opening = source.orders[0].placed_at - timedelta(days=1)
    with clock.at(opening):
        cluster = replay_market.find_or_make_cluster(args.cluster or "")
        complain(f"cluster: {cluster.code}")
        market = replay_market.build(cluster, source, complain)
    with replay_doors.opened(cluster.pk) as doors:
        Story(market, doors, batch=args.batch, quirks=quirks).play(source, _tell_month)
    return cluster


def _tell_month(day: date) -> None:
    if day.day == 1:
        complain(f"{day:%Y-%m}")
