"""Quiet hours. Pure: when may what waits be sent, in hours of the cluster's own day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DEFAULT = (22, 8)


def is_quiet(moment: datetime, hours: tuple[int, int], zone: str) -> bool:
    """True between `hours[0]` and `hours[1]` o'clock; the same hour twice is never quiet."""
    begin, end = hours
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


def next_moment(moment: datetime, hours: tuple[int, int], zone: str) -> datetime:
    """`moment` itself, or the end of the quiet hours it lies in."""
    if not is_quiet(moment, hours, zone):
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    end = local.replace(hour=hours[1], minute=0, second=0, microsecond=0)
    return (end if end > local else end + timedelta(days=1)).astimezone(moment.tzinfo)
