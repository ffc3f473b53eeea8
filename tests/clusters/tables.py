"""Which tables are hot, what stands beside them, and what PostgreSQL's catalogue says of them.

`breaches` names each thing that would keep the hot tables from being distributed by `cluster_id`.
"""

import re
from collections.abc import Iterator
from typing import Any

import psycopg

HOT = frozenset(
    {
        "catalog_stock",
        "kernel_idempotency",
        "kernel_outbox",
        "ledger_account",
        "ledger_entry",
        "ledger_snapshot",
        "ledger_transfer",
        "notices_notice",
        "orders_contact",
        "orders_event",
        "orders_flowtimer",
        "orders_line",
        "orders_order",
        "orders_purchase",
        "orders_refund",
        "orders_refundpart",
        "orders_share",
        "payments_attempt",
        "payments_notification",
        "payments_paymentevent",
        "ship_parcel",
        "ship_scan",
        "ship_waveorder",
    }
)
"""What grows with every order. A table that a day of a market writes to is here or in WARM."""

WARM = {
    "orders_case": "a case is opened for one order in many",
    "orders_caseline": "a line of such a case",
    "ship_wave": "a row for as many orders as a supplier packs in one go",
}
"""Written while orders are worked on, but not with each of them."""

BESIDE = frozenset({"ship_wave"})
"""Distributed with the hot ones, by the same column: each row is of one cluster."""

REFERENCE = frozenset({"catalog_place", "catalog_variant", "members_cluster"})
"""Seldom written: a copy on every machine, so that hot statements may join them and hot keys lead to them."""

_COLUMNS = (
    "SELECT c.relname, a.attname, a.attnotnull FROM pg_class c"
    " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'cluster_id' AND NOT a.attisdropped"
    " WHERE c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace"
)
_INDEXES = (
    "SELECT c.relname, i.relname, a.attname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
    " JOIN pg_class i ON i.oid = x.indexrelid"
    " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]"
    " WHERE NOT x.indisprimary AND c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace"
)
_FOREIGN_KEYS = (
    "SELECT c.relname, k.conname, r.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
    " JOIN pg_class r ON r.oid = k.confrelid"
    " WHERE k.contype = 'f' AND c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace"
)
_TRIGGERS = (
    "SELECT DISTINCT c.relname, p.proname, p.prosrc, coalesce(t.tgnewtable, ''), coalesce(t.tgoldtable, '')"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace"
)
_FUNCTIONS = (
    "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
    " WHERE p.pronamespace = 'public'::regnamespace AND l.lanname IN ('sql', 'plpgsql')"
    " AND p.proname NOT LIKE 'procrastinate%%' ORDER BY p.proname"
)


def breaches(session: psycopg.Connection[Any]) -> Iterator[str]:
    """Everything in the catalogue that breaks a rule, by a name that says where."""
    yield from _columns(session)
    for table, index, first in session.execute(_INDEXES, [sorted(HOT)]):
        if first != "cluster_id":
            yield f"{table}: index {index} begins with {first or 'an expression'}"
    for table, key, target in session.execute(_FOREIGN_KEYS, [sorted(HOT)]):
        if target not in HOT | BESIDE | REFERENCE:
            yield f"{table}: key {key} leads to {target}"
    for table, function, body, *transitions in session.execute(_TRIGGERS, [sorted(HOT)]):
        yield from (
            f"{table}: trigger {function} joins {name}" for name in transitions if name and joins(body, name)
        )
    for function, body in session.execute(_FUNCTIONS):
        yield from (f"function {function}: {table} of all clusters" for table in unbound(body))


def _columns(session: psycopg.Connection[Any]) -> Iterator[str]:
    found = session.execute(_COLUMNS, [sorted(HOT)]).fetchall()
    yield from (f"{table}: is not there" for table in HOT - {row[0] for row in found})
    for table, column, is_filled in found:
        if not column:
            yield f"{table}: no cluster_id"
        elif not is_filled:
            yield f"{table}: cluster_id may be empty"


def sentences(body: str) -> list[str]:
    """The statements of a function, without comments and texts."""
    plain = re.sub(r"--[^\n]*|'[^']*'", " ", body)
    return plain.split(";")


_TABLE = r"\b(?:FROM|JOIN|UPDATE|USING|INTO|TABLE)\s+(?:ONLY\s+)?(?:public\.)?(\w+)(?:\s+(?:AS\s+)?(\w+))?"
_WORDS = {
    "SET",
    "WHERE",
    "ON",
    "VALUES",
    "IN",
    "ORDER",
    "GROUP",
    "LIMIT",
    "LEFT",
    "JOIN",
    "CROSS",
    "FOR",
    "SELECT",
}


def joins(body: str, transition: str) -> bool:
    """That a statement reads the transition table together with another table: Citus cannot."""
    for sentence in sentences(body):
        tables = {match[0] for match in re.findall(_TABLE, sentence, re.IGNORECASE)} - _targets(sentence)
        if transition in tables and tables != {transition}:
            return True
    return False


def _targets(sentence: str) -> set[str]:
    """Variables of `SELECT ... INTO a, b`."""
    return set(re.findall(r"(?<!INSERT )\bINTO\s+(\w+)", sentence))


def unbound(body: str) -> list[str]:
    """Hot tables that a statement of the function names without saying of which cluster."""
    found = []
    for sentence in sentences(body):
        for table, alias in re.findall(_TABLE, sentence, re.IGNORECASE):
            if table in HOT and not _is_bound(sentence, table, alias):
                found.append(table)
    return sorted(set(found))


def _is_bound(sentence: str, table: str, alias: str) -> bool:
    if re.search(rf"INSERT\s+INTO\s+(public\.)?{table}\s*\([^)]*\bcluster_id\b", sentence, re.IGNORECASE):
        return True
    name = alias if alias and alias.upper() not in _WORDS else table
    return bool(re.search(rf"\b{name}\.cluster_id\s*=|(?<![.\w])cluster_id\s*=", sentence))
