"""Whether PostgreSQL is away: the failure that passes by itself, told as 503 instead of as a fault of ours."""

from django.db import OperationalError

_AWAY = ("08", "57P01", "57P02", "57P03", "53300")
"""Connection lost, shut down, crashed, not up yet, no connection free. What a lock or a statement came to is none of these."""


def is_away(error: BaseException | None) -> bool:
    """True when the database could not be reached, or left in the middle. The driver names no state where nobody answered."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or str(state).startswith(_AWAY)
