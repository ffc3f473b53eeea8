"""The bulk helper: the only place besides the ledger, the intake and insight that opens a cursor.

Set-based statements take one array per column, so that their number does not grow with the rows.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import connection, transaction

from yunju.kernel.binding import KeptText

T = TypeVar("T")
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def queries(path: Path) -> dict[str, str]:
    """Read a `.sql` file of named statements: each begins with a line `-- name: word`."""
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    return {name: text.strip().rstrip(";") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def fetch(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one statement and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _literal(params))
        return list(cursor.fetchall())


def fetch_kept(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same for a statement of pages that everybody opens: see `binding.KeptText` for when that is safe."""
    return fetch(KeptText(statement), params)


def execute(statement: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _literal(params))
        return int(cursor.rowcount)


@contextmanager
def together() -> Iterator[None]:
    """Statements within go out one after the other, and are waited for once, at the end; what is wrong is raised there.

    Only for `insert_rows` and `send`: no statement within may need another's answer. Both sides wake once instead of each time.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@contextmanager
def at_once() -> Iterator[None]:
    """A transaction whose statements go out together and are waited for once, and then its commit: rows stay locked
    while PostgreSQL works, and not while this process does. What is wrong is raised at the end, all undone.

    No statement within may need another's answer. Inside another transaction each is waited for: that one goes on.

    The commit is not sent along. Where PostgreSQL dies just then, Django takes a connection whose end it learns of inside
    a pipeline for one in a transaction, and never asks for another (found by `make crash`).
    """
    is_inner = connection.in_atomic_block
    with transaction.atomic():
        if is_inner:
            yield
            return
        with together():
            yield


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A question that can be put together with others: a statement, its values, and how its rows are read."""

    statement: str
    params: Sequence[Any] | Mapping[str, Any]
    read: Callable[[list[tuple[Any, ...]]], T]


def answer(asked: Asked[T]) -> T:
    """The answer to one question."""
    return asked.read(fetch(asked.statement, asked.params))


def send(*asked: Asked[Any]) -> None:
    """Questions whose answers nobody reads: they lock something, or raise."""
    for one in asked:
        execute(one.statement, one.params)


def answers(*asked: Asked[Any]) -> list[Any]:
    """The answers to all of them, in their order. They are sent one after the other and waited for once.

    PostgreSQL works them off in that order, each seeing what those before it did and locked.
    """
    connection.ensure_connection()
    cursors = [connection.cursor() for _ in asked]
    with connection.wrap_database_errors, connection.connection.pipeline():
        for one, cursor in zip(asked, cursors, strict=True):
            cursor.execute(one.statement, _literal(one.params))
    found = [one.read(cursor.fetchall()) for one, cursor in zip(asked, cursors, strict=True)]
    for cursor in cursors:
        cursor.close()
    return found


def _literal(params: Sequence[Any] | Mapping[str, Any] | None) -> Sequence[Any] | Mapping[str, Any] | None:
    """Lists become text here: the driver walks each value in Python, which was a fifth of an intake's time."""
    if params is None:
        return None
    if isinstance(params, Mapping):
        return {name: array(value) if type(value) is list else value for name, value in params.items()}
    return [array(value) if type(value) is list else value for value in params]


def array(values: list[Any]) -> Any:
    """The list as the text of a PostgreSQL array, of the type that the statement says or compares it with.

    Only for lists of whole numbers, texts, truths, days or moments, all with gaps, or of gaps alone; any other is left
    to the driver.
    """
    kinds = set(map(type, values)) - {_NONE}
    if len(kinds) != 1:
        return values if kinds or not values else _numbers(values)
    write = _WRITERS.get(kinds.pop())
    return values if write is None else write(values)


def _numbers(values: list[int | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _booleans(values: list[bool | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else "t" if value else "f" for value in values]) + "}"


def _days(values: list[date | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else value.isoformat() for value in values]) + "}"


def _moments(values: list[datetime | None]) -> str:
    words = {value: "NULL" if value is None else f'"{value.isoformat()}"' for value in set(values)}
    return "{" + ",".join([words[value] for value in values]) + "}"


def _texts(values: list[str | None]) -> Any:
    """Quoted and escaped all at once, joined by a character that no text may hold."""
    if None in values:
        return "{" + ",".join(["NULL" if value is None else f'"{_escaped(value)}"' for value in values]) + "}"
    joined = "\0".join(values)  # type: ignore[arg-type] # no gap among them
    if joined.count("\0") != len(values) - 1:
        return values  # the driver refuses it
    return '{"' + _escaped(joined).replace("\0", '","') + '"}'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_NONE = type(None)
_WRITERS: dict[type, Callable[[list[Any]], Any]] = {
    int: _numbers,
    str: _texts,
    bool: _booleans,
    date: _days,
    datetime: _moments,
}


Same = Mapping[str, tuple[str, Any]]
"""Column -> its PostgreSQL type and the value that all rows of an insert share."""


def insert_rows(
    table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], same: Same | None = None
) -> int:
    """Insert all `rows` in one statement. `columns` maps each column to its PostgreSQL type, in the order of a row.

    What is the `same` in all rows is sent once. `jsonb` columns take JSON text. Returns the number of rows written; an
    empty list writes nothing and asks nothing.
    """
    if not rows:
        return 0
    same = same or {}
    kinds = tuple((name, kind) for name, (kind, _value) in same.items())
    statement = _insert(table, tuple(columns.items()), kinds)
    values = [list(column) for column in zip(*rows, strict=True)]
    return execute(statement, [*(value for _kind, value in same.values()), *values])


@cache
def _insert(table: str, columns: tuple[tuple[str, str], ...], same: tuple[tuple[str, str], ...]) -> KeptText:
    """Kept by the connection: rows from arrays into a table have one plan, whatever the table holds."""
    names = ", ".join(name for name, _kind in (*same, *columns))
    shared = [f"%s::{kind}" for _name, kind in same]
    picked = [f"c{n}::{kind}" for n, (_name, kind) in enumerate(columns)]
    arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for _name, kind in columns)
    alias = ", ".join(f"c{n}" for n in range(len(columns)))
    chosen = ", ".join([*shared, *picked])
    return KeptText(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM unnest({arrays}) AS rows({alias})")  # noqa: S608 - names are ours, values are parameters
