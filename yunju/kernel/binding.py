"""The cursor of all our connections: values travel beside the statement, and some statements are planned once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg import ClientCursor

MOST_VALUES = 65_535
"""What one message of PostgreSQL's protocol can carry."""

NEVER = 2**31
"""So often would a statement have to come until the driver prepares it by itself."""


class KeptText(str):
    """A statement that is planned once on each connection.

    Only for reading what changes slowly, with short lists or none. A kept plan is that of the day it was made: one for
    an empty table walks it from end to end when it has grown, and one for ten rows takes a minute over ten thousand.
    """

    __slots__ = ()


_keeping: ContextVar[bool] = ContextVar("yunju_keeping", default=False)


@contextmanager
def keeping() -> Iterator[None]:
    """Within, every statement is planned once on each connection. For batches whose statements are few and always the same."""
    token = _keeping.set(True)
    try:
        yield
    finally:
        _keeping.reset(token)


class Cursor(psycopg.Cursor[Any]):
    """Statements with more values than a message carries have them written into their text, as the client cursor does."""

    def execute(self, query: Any, params: Sequence[Any] | Mapping[str, Any] | None = None, **how: Any) -> Any:
        if params is not None and len(params) > MOST_VALUES:
            query, params = ClientCursor(self.connection).mogrify(query, params), None
        elif type(query) is KeptText or _keeping.get():
            how["prepare"] = True
        return super().execute(query, params, **how)
