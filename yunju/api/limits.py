"""How often one caller may ask: a fixed window per principal and process, so that one program cannot starve the others.

It is a brake, not a law: with several web processes a caller has as many windows. Laws (unpaid purchases per buyer,
stock, money) are kept by the database.
"""

import threading
from time import monotonic

from yunju.kernel.actor import Actor
from yunju.kernel.errors import TooMany

PER_MINUTE = 600
WINDOW_SECONDS = 60
_MOST_CALLERS = 50_000

_lock = threading.Lock()
_counts: dict[str, int] = {}
_window: list[float] = [0.0]


def count(actor: Actor, address: str) -> None:
    """One more request of this caller, known by account or else by `address`. Raises TooMany with the seconds to wait."""
    caller = f"user:{actor.user_id}" if actor.user_id is not None else f"address:{address}"
    with _lock:
        now = monotonic()
        if now - _window[0] >= WINDOW_SECONDS or len(_counts) > _MOST_CALLERS:
            _window[0] = now
            _counts.clear()
        _counts[caller] = _counts.get(caller, 0) + 1
        if _counts[caller] > PER_MINUTE:
            raise TooMany("api.too_many", seconds=max(int(_window[0] + WINDOW_SECONDS - now), 1))


def reset() -> None:
    """Begin a new window."""
    with _lock:
        _window[0] = monotonic()
        _counts.clear()
