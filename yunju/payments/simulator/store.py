"""The provider's own book: one SQLite file, written through before anybody is answered."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (
    out_no TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, provider_no TEXT NOT NULL UNIQUE, request TEXT NOT NULL,
    kind TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, description TEXT NOT NULL,
    return_url TEXT NOT NULL, notify_url TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
    paid_amount INTEGER, paid_at REAL, created_at REAL NOT NULL, expires_at REAL NOT NULL,
    held INTEGER NOT NULL DEFAULT 0, refusals INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'paid') = (paid_at IS NOT NULL AND paid_amount IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS payment_paid ON payment (paid_at);
CREATE TABLE IF NOT EXISTS part (
    out_no TEXT NOT NULL REFERENCES payment, position INTEGER NOT NULL, supplier INTEGER NOT NULL, merchant TEXT NOT NULL,
    amount INTEGER NOT NULL, description TEXT NOT NULL, received INTEGER NOT NULL DEFAULT 0,
    given_back INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (out_no, supplier), CHECK (given_back >= 0 AND given_back <= received)
);
CREATE TABLE IF NOT EXISTS refund (
    refund_no TEXT PRIMARY KEY, provider_no TEXT NOT NULL UNIQUE, out_no TEXT NOT NULL REFERENCES payment, request TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), state TEXT NOT NULL CHECK (state IN ('pending', 'refunded', 'refund_failed')),
    reason TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 1, due_at REAL NOT NULL, settled_at REAL
);
CREATE INDEX IF NOT EXISTS refund_settled ON refund (settled_at);
CREATE TABLE IF NOT EXISTS refund_share (
    refund_no TEXT NOT NULL REFERENCES refund, supplier INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_no, supplier)
);
CREATE TABLE IF NOT EXISTS notification (
    id INTEGER PRIMARY KEY, out_no TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL, mode TEXT NOT NULL,
    due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '', done_at REAL
);
CREATE INDEX IF NOT EXISTS notification_due ON notification (due_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
DEFAULTS = {"clock_offset": "0", "notify_delay": "0", "refund_delay": "0.3", "refund_outcome": "refunded"}
Row = sqlite3.Row


class Store:
    """Opens the file anew for each use, so that any thread may; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.writing() as db:
            for statement in filter(str.strip, SCHEMA.split(";")):
                db.execute(statement)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=15, isolation_level=None)
        db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
        return db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        db = self._connect()
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is alone; committed at the end, rolled back by an exception."""
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def setting(db: sqlite3.Connection, name: str) -> str:
    row = db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
    return str(row["value"]) if row else DEFAULTS[name]


def set_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )


def now(db: sqlite3.Connection) -> float:
    """The provider's clock in seconds since 1970; the control page can move it, as tests move the site's."""
    return time.time() + float(setting(db, "clock_offset"))


def one(db: sqlite3.Connection, statement: str, *values: Any) -> Row | None:
    row: Row | None = db.execute(statement, values).fetchone()
    return row
