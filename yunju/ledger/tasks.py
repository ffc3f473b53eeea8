"""Due work of the ledger: every cluster's book is proved once a day, one cluster a round. `config` registers the loop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from yunju.kernel import clock
from yunju.ledger import verify

EVERY = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_proved: dict[int, datetime] = {}
_broken: dict[int, int] = {}


class BookBroken(Exception):
    """An invariant of a book does not hold: `yunju ledger verify --all` says which rows. The loop makes it an alarm."""


def prove_next() -> int:
    """Prove the book that was proved longest ago, a day or more, from its last snapshot on, and take the next snapshot.

    Snapshots keep balances quick to read. Answers 0: a worker that has just started has many books to prove, and other
    work to do between them. Raises BookBroken as long as a book is known to be broken, so that the alarm stays.
    """
    at = clock.now()
    waiting = [pk for pk in verify.clusters() if at - _proved.get(pk, _NEVER) >= EVERY or pk in _broken]
    if waiting:
        cluster_id = min(waiting, key=lambda pk: (_proved.get(pk, _NEVER), pk))
        broken = verify.verify(cluster_id).broken
        _proved[cluster_id] = at
        _broken.pop(cluster_id, None)
        if broken:
            _broken[cluster_id] = broken
    if _broken:
        raise BookBroken(f"invariants broken, by cluster: {_broken}")
    return 0


LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (("ledger.proof", 60, prove_next),)
"""Name, seconds between rounds, one bounded batch."""
