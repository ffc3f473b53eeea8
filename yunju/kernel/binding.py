"""The cursor of all our connections: values travel beside the statement, so that PostgreSQL plans it once."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import ClientCursor

MOST_VALUES = 65_535
"""What one message of PostgreSQL's protocol can carry."""


class ArrayText(str):
    """The text of an array of any length, on which depends how a statement is best carried out: it is planned each time."""

    __slots__ = ()


_LISTS = frozenset({ArrayText, list})


class Cursor(psycopg.Cursor[Any]):
    """Prepares what comes again, but nothing with lists: a plan for ten rows takes a minute over a hundred thousand.

    Statements with more values than a message carries have them written into their text, as psycopg's client cursor does.
    """

    def execute(self, query: Any, params: Sequence[Any] | Mapping[str, Any] | None = None, **how: Any) -> Any:
        if params is not None and len(params) > MOST_VALUES:
            query, params = ClientCursor(self.connection).mogrify(query, params), None
            how["prepare"] = False
        elif params and _has_lists(params):
            how["prepare"] = False
        return super().execute(query, params, **how)


def _has_lists(params: Sequence[Any] | Mapping[str, Any]) -> bool:
    values = params.values() if isinstance(params, Mapping) else params
    return not _LISTS.isdisjoint(map(type, values))
