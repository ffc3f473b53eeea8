"""Public values of a cluster, kept in this process for seconds: what every page asks anew and hardly ever changes."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from django.conf import settings

T = TypeVar("T")
values: dict[Hashable, tuple[float, object]] = {}
_MOST_VALUES = 5_000


def remembered(key: Hashable, seconds: float, make: Callable[[], T]) -> T:
    """A public value of a cluster, made anew after `seconds`; with the pages' memory off, always."""
    if not settings.YUNJU_PAGE_MEMORY:
        return make()
    now = time.monotonic()
    until, value = values.get(key, (0.0, None))
    if now < until:
        return cast("T", value)
    made = make()
    if len(values) >= _MOST_VALUES:
        values.clear()
    values[key] = (now + seconds, made)
    return made
