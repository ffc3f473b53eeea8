"""The bulk helper: the only place besides the ledger, the intake and insight that opens a cursor.

Set-based statements take one array per column, so that their number does not grow with the rows.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def queries(path: Path) -> dict[str, str]:
    """Read a `.sql` file of named statements: each begins with a line `-- name: word`."""
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    return {name: text.strip().rstrip(";") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def fetch(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def execute(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def insert_rows(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert all `rows` in one statement. `columns` maps each column to its PostgreSQL type, in the order of a row.

    `jsonb` columns take JSON text. Returns the number of rows written; an empty list writes nothing and asks nothing.
    """
    if not rows:
        return 0
    names = ", ".join(columns)
    arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in columns.values())
    picked = ", ".join(f"c{n}::{kind}" for n, kind in enumerate(columns.values()))
    alias = ", ".join(f"c{n}" for n in range(len(columns)))
    values = [list(column) for column in zip(*rows, strict=True)]
    statement = f"INSERT INTO {table} ({names}) SELECT {picked} FROM unnest({arrays}) AS rows({alias})"  # noqa: S608 - names are ours, values are parameters
    return execute(statement, values)
