"""The cursor of all our connections: values travel beside the statement, so that PostgreSQL plans it once."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import ClientCursor

MOST_VALUES = 65_535
"""What one message of PostgreSQL's protocol can carry."""


class Cursor(psycopg.Cursor[Any]):
    """Statements with more values than a message carries have them written into their text, as psycopg's client cursor does."""

    def execute(self, query: Any, params: Sequence[Any] | Mapping[str, Any] | None = None, **how: Any) -> Any:
        if params is not None and len(params) > MOST_VALUES:
            query, params, how = (
                ClientCursor(self.connection).mogrify(query, params),
                None,
                {"prepare": False},
            )
        return super().execute(query, params, **how)
