"""What is sent while work is done, and of which clusters PostgreSQL would look at rows for it.

No text is searched: each statement is planned again, and the plan's own conditions are read. PostgreSQL carries
`o.cluster_id = l.cluster_id AND o.cluster_id = 7` to both tables, as Citus does when it looks for the one node to ask.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

SHARED = ("yunju.kernel.sql", "yunju.kernel.prepared", "yunju.kernel.locks", "yunju.kernel.ids")
"""Where statements pass through: whoever called these says what they are for."""
COMPARED = re.compile(r"\(*(?:(?P<alias>\w+)\.)?cluster_id = '?-?\d+'?(?:::bigint)?\)*")


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with its values, and the function that sent it."""

    where: str
    text: str


@contextmanager
def recorded() -> Iterator[list[Sent]]:
    """All that this thread's connection sends inside the block, each statement of each function once."""
    seen: dict[tuple[str, str], Sent] = {}

    def note(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        where = _caller()
        if where and (where, str(statement)) not in seen:
            text = statement if params is None else connection.ops.compose_sql(statement, params)
            seen[where, str(statement)] = Sent(where, text)
        return execute(statement, params, many, context)

    found: list[Sent] = []
    with connection.execute_wrapper(note):
        yield found
    found += seen.values()


def _caller() -> str:
    """The innermost function of the house that is no mere passage; empty where a test itself asks."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("yunju.") and module not in SHARED:
            return f"{module.removeprefix('yunju.')}.{frame.f_code.co_qualname.split('.<')[0]}"
        frame = frame.f_back
    return ""


@dataclass(frozen=True, slots=True)
class Touch:
    """A table that a statement reads or writes.

    `one_cluster`: it looks at rows of a single cluster that it names itself, or it adds rows to a table that has clusters.
    """

    table: str
    one_cluster: bool
    writes: bool = False


class Planner:
    """Asks PostgreSQL how it would work a statement off, without doing it."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session
        rows = session.execute(
            "SELECT i.inhrelid::regclass::text, i.inhparent::regclass::text FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhparent WHERE c.relkind = 'p'"
        ).fetchall()
        self._whole: Mapping[str, str] = dict(rows)
        rows = session.execute(
            "SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE a.attname = 'cluster_id' AND a.attnotnull AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        self._divided = {row[0] for row in rows}

    def touches(self, text: str) -> list[Touch]:
        """Every table of the statement, once for each time it stands there."""
        rows = self._session.execute(f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) {text}".encode()).fetchall()
        return [touch for (plans,) in rows for one in plans for touch in self._walk(one["Plan"])]

    def _walk(self, node: Mapping[str, Any]) -> Iterator[Touch]:
        table = node.get("Relation Name", "")
        if node["Node Type"] == "ModifyTable":
            if node["Operation"] == "Insert":
                yield Touch(self._named(table), table in self._divided, writes=True)
        elif table:
            yield Touch(self._named(table), _looks_at_one(node))
        for below in node.get("Plans", ()):
            if below["Node Type"] != "Bitmap Index Scan":
                yield from self._walk(below)

    def _named(self, table: str) -> str:
        return self._whole.get(table, table)


def _looks_at_one(node: Mapping[str, Any]) -> bool:
    """That every row it may return has a cluster that stands in the statement, not one that another table names."""
    scans = [node, *_bitmaps(node)]
    texts = [
        scan[kind] for scan in scans for kind in ("Index Cond", "Recheck Cond", "Filter") if kind in scan
    ]
    conditions = [part for text in texts for part in conjuncts(text)]
    return any(
        (found := COMPARED.fullmatch(part)) and found["alias"] in (None, node["Alias"]) for part in conditions
    )


def _bitmaps(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for below in node.get("Plans", ()):
        if below["Node Type"] == "Bitmap Index Scan":
            yield below


def conjuncts(condition: str) -> Sequence[str]:
    """What must hold all at once: `((a = 1) AND ((b = 2) OR (c = 3)))` is `(a = 1)` and `((b = 2) OR (c = 3))`."""
    inner = condition[1:-1] if _is_wrapped(condition) else condition
    parts, depth, begun = [], 0, 0
    for place, sign in enumerate(inner):
        depth += (sign == "(") - (sign == ")")
        if not depth and inner.startswith(" AND ", place):
            parts.append(inner[begun:place])
            begun = place + len(" AND ")
    return [*parts, inner[begun:]]


def _is_wrapped(text: str) -> bool:
    """That its first bracket is closed by its last."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place == len(text) - 1
    return False
