"""A small book written with plain SQL, as either role, in two cluster numbers of its own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = ("ledger_account", "ledger_transfer", "ledger_entry", "ledger_snapshot")


def fresh_cluster() -> int:
    """A number that no other test has; odd, so that the next one is free as well."""
    return random.SystemRandom().randrange(10**12, 10**15) * 2 + 1


@dataclass(frozen=True)
class Entry:
    account: int
    amount: int
    currency: str = "CNY"
    seq: int | None = None  # its place in the list, when not given
    cluster: int | None = None


@dataclass(frozen=True)
class Header:
    """`legs`: as many as there are entries, when not given."""

    legs: int | None = None
    kind: str = "pay"
    source_id: int = 1
    step: int = 0
    reverses: int | None = None
    cluster: int | None = None


@dataclass
class Book:
    """Statements on one connection; nobody but the caller commits."""

    connection: psycopg.Connection
    cluster: int
    ids: dict[str, int] = field(default_factory=dict)

    def one(self, statement: str, *params: object) -> int:
        row = self.connection.execute(statement, params).fetchone()
        assert row is not None
        return row[0]

    def run(self, statement: str, *params: object) -> None:
        self.connection.execute(statement, params)

    def account(self, subject: str, kind: str, currency: str = "CNY", cluster: int | None = None) -> int:
        return self.one(
            "INSERT INTO ledger_account (cluster_id, subject, kind, currency) VALUES (%s, %s, %s, %s) RETURNING id",
            cluster or self.cluster,
            subject,
            kind,
            currency,
        )

    def header(self, header: Header, legs: int) -> int:
        return self.one(
            "INSERT INTO ledger_transfer (cluster_id, kind, source_type, source_id, step, legs, reverses_id,"
            " effective_at, created_at) VALUES (%s, %s, 'test', %s, %s, %s, %s, %s, %s) RETURNING id",
            header.cluster or self.cluster,
            header.kind,
            header.source_id,
            header.step,
            header.legs or legs,
            header.reverses,
            NOW,
            NOW,
        )

    def entries(self, transfer: int, entries: Sequence[Entry]) -> None:
        """All in one statement, as the guard wants it."""
        rows = [
            (
                one.cluster or self.cluster,
                transfer,
                place if one.seq is None else one.seq,
                one.account,
                one.currency,
                one.amount,
            )
            for place, one in enumerate(entries, start=1)
        ]
        self.run(
            "INSERT INTO ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::text[], %s::bigint[])",
            *(list(column) for column in zip(*rows, strict=True)),
        )

    def transfer(self, header: Header, *entries: Entry) -> int:
        transfer = self.header(header, len(entries))
        self.entries(transfer, entries)
        return transfer

    def balance(self, name: str) -> tuple[int, int]:
        """Balance and version of an account of the opening."""
        row = self.connection.execute(
            "SELECT balance, version FROM ledger_account WHERE cluster_id = %s AND id = %s",
            (self.cluster, self.ids[name]),
        ).fetchone()
        assert row is not None
        return row[0], row[1]


OPENING = {"available": 500, "reserve": 100, "paying_out": 50, "escrow": 200, "pending": 70, "debt": -80}


def opened(connection: psycopg.Connection, cluster: int) -> Book:
    """Every kind of account with money on it, one paid transfer, one of four legs, one snapshot; committed."""
    book = Book(connection, cluster)
    book.ids = {kind: book.account("member:1", kind) for kind in OPENING}
    book.ids["clearing"] = book.account("gateway:x", "clearing")
    book.ids["clearing usd"] = book.account("gateway:x", "clearing", "USD")
    book.ids["pending usd"] = book.account("member:1", "pending", "USD")
    book.ids["elsewhere"] = book.account("member:1", "pending", cluster=cluster + 1)
    legs = [Entry(book.ids[kind], amount) for kind, amount in OPENING.items()]
    book.ids["opening"] = book.transfer(
        Header(source_id=100), *legs, Entry(book.ids["clearing"], -sum(OPENING.values()))
    )
    book.ids["paid"] = book.transfer(
        Header(source_id=101), Entry(book.ids["clearing"], -30), Entry(book.ids["pending"], 30)
    )
    book.ids["twice two"] = book.transfer(
        Header(source_id=102),
        Entry(book.ids["clearing"], -10),
        Entry(book.ids["pending"], 10),
        Entry(book.ids["clearing"], -5),
        Entry(book.ids["pending"], 5),
    )
    connection.commit()
    book.one("SELECT ledger_take_snapshot(%s, ledger_settled(), %s)", cluster, NOW)
    connection.commit()
    return book


def fingerprint(connection: psycopg.Connection, cluster: int) -> list[tuple[int, int]]:
    """Changes when any row of the book changes."""
    found = []
    for table in TABLES:
        row = connection.execute(
            f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} t"
            " WHERE cluster_id IN (%s, %s)",
            (cluster, cluster + 1),
        ).fetchone()
        assert row is not None
        found.append((row[0], int(row[1])))
    connection.commit()
    return found
