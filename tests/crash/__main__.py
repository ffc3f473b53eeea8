"""`python -m tests.crash`, which is `make crash`: the run, its control, and what they print.

The last line is `lost: 0 oversold: 0 ledger: 0 duplicates: 0`; it ends with 0 when all is well and nothing that was due
is left undone. With `--control` (synchronous_commit off) it ends with 0 when acknowledged purchases were lost.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.crash.run import Course, Outcome, play

FIRST = 5


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--app", type=int, default=10, help="rounds that kill the web or the worker")
    parser.add_argument("--postgres", type=int, default=5, help="rounds that kill PostgreSQL, all of it")
    parser.add_argument("--seed", type=int, default=None, help="of the moments, the parts and the wishes")
    parser.add_argument("--buyers", type=int, default=12, help="connections that buy at the same time")
    parser.add_argument(
        "--control",
        action="store_true",
        help="with synchronous_commit off; PostgreSQL alone is killed, --postgres times at most, until something is lost",
    )
    return parser.parse_args(arguments)


def told(outcome: Outcome) -> list[str]:
    """What happened, what differs (the first of each), what was left undone, then the one line that counts."""
    differing = [f"{name}: {one}" for name, found in outcome.differing.items() for one in found[:FIRST]]
    undone = [
        f"left undone: {len(found)} {name}: {', '.join(found[:FIRST])}"
        for name, found in outcome.undone.items()
    ]
    happened = [f"{name}: {count:,}" for name, count in sorted(outcome.counts.items())]
    last = " ".join(f"{name}: {len(found)}" for name, found in outcome.differing.items())
    return [*happened, *differing, *undone, last]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ended from outside it takes its house down with it."""
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed: {seed}", flush=True)  # noqa: T201 - that is what it is for
    folder = Path(tempfile.mkdtemp(prefix="yunju-crash-", dir="/tmp"))
    folder.chmod(0o755)  # PostgreSQL may run as somebody else
    course = Course(options.app, options.postgres, seed, options.buyers, is_control=options.control)
    try:
        outcome = play(folder, course, say=lambda line: print(line, flush=True))  # noqa: T201
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(told(outcome)), flush=True)  # noqa: T201
    return int(outcome.fails != options.control)


if __name__ == "__main__":
    sys.exit(main())
