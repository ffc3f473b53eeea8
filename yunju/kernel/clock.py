"""The one clock. Everything that asks for the time asks here, so that tests, replays and demos can set it.

Times are aware datetimes in UTC; days, months and deadlines are cut in the time zone of a cluster.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("yunju_clock", default=None)
_offset: list[timedelta] = [timedelta(0)]


def now() -> datetime:
    """The present instant, aware, in UTC; the set one inside `at`, else the system's plus any global offset."""
    frozen = _frozen.get()
    return frozen if frozen is not None else datetime.now(UTC) + _offset[0]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Make `now()` answer `moment` (aware) inside the block, for this thread of execution only."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware datetimes only")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def shift(offset: timedelta) -> None:
    """Move the whole process's clock by `offset` from the system's. For browser tests, which wait for no real day."""
    _offset[0] = offset


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of `moment` in the time zone named `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def at_local(day: date, hour: int, zone: str) -> datetime:
    """`hour` o'clock of `day` in the time zone named `zone`, in UTC."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def month_bounds(year: int, month: int, zone: str) -> tuple[datetime, datetime]:
    """First instant of the month and of the next, cut in `zone`, in UTC. A statement covers [first, second)."""
    first = at_local(date(year, month, 1), 0, zone)
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, at_local(following, 0, zone)
