"""What scans together say: a fold by the time things happened, whatever the order in which they were heard. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from yunju.modes.ship.words import WORDS

_RANK = {code: position for position, code in enumerate(WORDS)}
_LEAVES_DELIVERED = frozenset({"delivered", "returning", "returned"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One scan: what and when. Two of the same are one."""

    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Said:
    """The state that the scans stand for, and the scan that counts last; none while nothing was said of a state."""

    state: str = ""
    last: Heard | None = None


def fold(scans: Collection[Heard]) -> Said:
    """The newest scan by time decides; of one instant the word that a parcel meets later.

    Handed over is handed over: after `delivered` only a way back counts, not a straggling `in_transit`. What is back
    with the sender stays there.
    """
    said = Said()
    for heard in sorted(set(scans), key=lambda one: (one.at, _RANK[one.code])):
        state = WORDS[heard.code].state
        if not state or said.state == "returned":
            continue
        if said.state == "delivered" and state not in _LEAVES_DELIVERED:
            continue
        said = Said(state, heard)
    return said


RESTARTS = frozenset({"in_transit", "out_for_delivery", "returning"})
"""States in which silence counts from the last scan."""


def event_for(before: Said, after: Said, state: str) -> str:
    """The state that new scans move an order in `state` to, or an empty string when they change nothing.

    `before` and `after` are the folds without and with the new scans.
    """
    if not after.state or after.last == before.last:
        return ""
    news = after.state != before.state or after.state != state or state in RESTARTS
    return after.state if news else ""
