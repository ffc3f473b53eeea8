"""`verify`: the books proved from their entries. Rooms add checks of their own with `register`, at start-up.

All checks of a cluster look at one instant of the database. Without `whole` they begin at the last verified snapshot;
when nothing is broken a new snapshot is taken, so that the next time is short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from yunju.kernel import sql
from yunju.kernel.locks import one_instant
from yunju.kernel.money import MAX_MINOR
from yunju.ledger import actions
from yunju.ledger.kinds import CACHED, FLOORED

STATEMENTS = sql.queries(Path(__file__).with_name("sql") / "verify.sql")
BREACHES_MAX = 100
"""Most broken rows that one check names."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken row: `noun` and `noun_id` say which, `found` what was found there (for the operator's log)."""

    noun: str
    noun_id: int
    found: str

    def __str__(self) -> str:
        return f"{self.noun} {self.noun_id}: {self.found}"


@dataclass(frozen=True, slots=True)
class Result:
    """How many rows a check looked at, and the broken ones among them."""

    looked_at: int
    breaches: Sequence[Breach] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant. `run(cluster_id, whole)` reads only; `whole_only` ones need the whole book to say anything."""

    code: str
    title: str
    run: Callable[[int, bool], Result]
    whole_only: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one cluster; `since` is the entry from which the ledger's own checks began."""

    cluster_id: int
    since: int
    results: Sequence[tuple[Check, Result]] = field(default_factory=tuple)

    @property
    def broken(self) -> int:
        """How many invariants are broken."""
        return sum(1 for _, result in self.results if result.breaches)


_checks: dict[tuple[str, str], Check] = {}


def register(check: Check) -> None:
    """Add a room's check. Twice is once."""
    _checks[check.code, check.title] = check


def checks() -> list[Check]:
    """All checks, in the order of their numbers."""
    return sorted(_checks.values(), key=lambda check: (check.code[:1], int(check.code[1:] or 0), check.title))


def clusters() -> list[int]:
    """Every cluster that has an account."""
    return [cluster_id for (cluster_id,) in sql.fetch(STATEMENTS["clusters"])]


def verify(cluster_id: int, *, whole: bool = False, only: Sequence[Check] | None = None) -> Report:
    """Run every check (or `only` these) on one cluster; take a snapshot when none is broken. Not inside a transaction."""
    upto = actions.settled()  # before the instant that is looked at, so that all of it is seen there
    with one_instant():
        sql.execute("SET LOCAL statement_timeout = 0")  # a whole book takes longer than a page may
        if whole:
            # All of a book is compared at once. Where statistics were taken while it was small, a plan of nested loops
            # would walk it once for every order: six minutes for a thousand.
            sql.execute("SET LOCAL enable_nestloop = off")
        since = since_of(cluster_id, whole=whole)
        chosen = [check for check in (checks() if only is None else only) if whole or not check.whole_only]
        report = Report(cluster_id, since, [(check, check.run(cluster_id, whole)) for check in chosen])
    if not report.broken:
        actions.take_snapshot(cluster_id, upto)
    return report


def last_at(cluster_id: int) -> datetime | None:
    """When a check last found every rule to hold and something new to vouch for; None before the first."""
    return cast("datetime | None", sql.fetch(STATEMENTS["last_verified_at"], {"cluster": cluster_id})[0][0])


def since_of(cluster_id: int, *, whole: bool) -> int:
    """The last verified entry of a cluster; 0 when the whole book is asked for."""
    return 0 if whole else int(sql.fetch(STATEMENTS["last_verified"], {"cluster": cluster_id})[0][0])


def _proved(broken: str, looked_at: str, cluster_id: int, whole: bool) -> Result:  # noqa: FBT001 - the contract of run
    params = {
        "cluster": cluster_id,
        "since": since_of(cluster_id, whole=whole),
        "cached": sorted(CACHED),
        "floored": sorted(FLOORED),
        "largest": MAX_MINOR,
        "most": BREACHES_MAX,
    }
    count = sql.fetch(STATEMENTS[looked_at], params)[0][0]
    return Result(count, [Breach(*row) for row in sql.fetch(STATEMENTS[broken], params)])


def _own(code: str, title: str, statement: str, looked_at: str) -> Check:
    return Check(code, title, partial(_proved, statement, looked_at), whole_only=statement == "snapshots")


OWN = (
    _own("I1", "the book sums to zero in each currency", "sum", "count_accounts"),
    _own("I1", "every transfer sums to zero", "i1", "count_transfers"),
    _own("I2", "every amount is in range and none is zero", "i2", "count_entries"),
    _own("I4", "every transfer has exactly its legs", "i4", "count_transfers"),
    _own("I5", "every entry is in the currency of its account", "i5", "count_entries"),
    _own("I6", "every kept balance is the sum of its entries", "i6", "count_cached"),
    _own("I6", "every snapshot is the sum of its entries", "snapshots", "count_snapshots"),
    _own("I7", "no account is below its floor, no debt above zero", "i7", "count_cached"),
    _own("I9", "every reversal mirrors its original, once", "i9", "count_reversals"),
    _own("I10", "every business event is booked once", "i10", "count_transfers"),
    _own("I13", "every kept balance counts all its entries", "i13", "count_cached"),
)
"""What the ledger proves of itself."""

for _check in OWN:
    register(_check)
