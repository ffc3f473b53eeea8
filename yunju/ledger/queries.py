"""Reading the ledger: balances, totals, entries. One function computes a balance, a statement line and a screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yunju.kernel import sql
from yunju.ledger.kinds import CACHED, Kind

STATEMENTS = sql.queries(Path(__file__).with_name("sql") / "statements.sql")
_CACHED = sorted(kind.value for kind in CACHED)

Key = tuple[str, Kind]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One leg as its account's owner sees it: `kind` of the account, then what its transfer was for."""

    transfer_id: int
    kind: Kind
    amount: int
    transfer_kind: str
    source_type: str
    source_id: int
    step: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """One leg of a transfer, with what the transfer was for, whosever account it is on."""

    transfer_id: int
    transfer_kind: str
    source_type: str
    source_id: int
    effective_at: datetime
    seq: int
    subject: str
    kind: Kind
    amount: int


def balances(cluster_id: int, subjects: Sequence[str], currency: str) -> dict[Key, int]:
    """All balances of the subjects, in one statement. An account that was never used is absent: read with `.get(key, 0)`."""
    params = {"cluster": cluster_id, "subjects": list(subjects), "currency": currency, "cached": _CACHED}
    return {(row[0], Kind(row[1])): row[2] for row in sql.fetch(STATEMENTS["balances"], params)}


def balance(cluster_id: int, subject: str, kind: Kind, currency: str) -> int:
    """One balance; 0 when the account was never used."""
    return balances(cluster_id, [subject], currency).get((subject, kind), 0)


def total(cluster_id: int, kind: Kind, currency: str) -> int:
    """The sum of all accounts of one kind, over all subjects of the cluster."""
    params = {"cluster": cluster_id, "kind": kind.value, "currency": currency, "cached": _CACHED}
    return int(sql.fetch(STATEMENTS["total"], params)[0][0])


def entries(cluster_id: int, subject: str, since: datetime, until: datetime) -> list[EntryRow]:
    """Every entry of a subject with `since <= effective_at < until`, in the order in which they were written."""
    params = {"cluster": cluster_id, "subject": subject, "since": since, "until": until}
    rows = sql.fetch(STATEMENTS["entries"], params)
    return [EntryRow(row[0], Kind(row[1]), *row[2:]) for row in rows]


def legs_for(cluster_id: int, wanted: Sequence[tuple[str, str, int]]) -> list[Posted]:
    """Every leg of the transfers of these (kind, source type, source id), in the order in which they were written."""
    params = {
        "cluster": cluster_id,
        "kinds": [kind for kind, _, _ in wanted],
        "types": [source for _, source, _ in wanted],
        "ids": [number for _, _, number in wanted],
    }
    rows = sql.fetch(STATEMENTS["legs_for"], params) if wanted else []
    return [
        Posted(number, why, source, source_id, at, seq, subject, Kind(kind), amount)
        for number, why, source, source_id, at, seq, subject, kind, amount in rows
    ]
