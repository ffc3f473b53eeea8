"""The pure flow function: what does `event` do to `state`? Decided from data alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yunju.fulfilment.contract import Flow, State, Step, TimerDue, Who
from yunju.kernel.errors import Forbidden, Refused


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands: its state, its frozen waits by name, its running timers, events that happened already."""

    state: str
    waits: Mapping[str, timedelta]
    timers: Mapping[str, datetime]
    happened: frozenset[str] = frozenset()


def next_step(flow: Flow, standing: Standing, event: str, who: Who, now: datetime) -> Step:
    """The step that `event` by `who` causes.

    Raises Refused (`flow.forbidden`) when the state has no such move or an extension was used, Forbidden
    (`flow.not_yours`) when it is somebody else's move. Changes nothing.
    """
    move = flow.states[standing.state].moves.get(event)
    if move is None:
        raise Refused("flow.forbidden", event=event, state=standing.state)
    if who not in move.who:
        raise Forbidden("flow.not_yours", event=event)
    if move.extends:
        return _extension(standing, event, move.extends, move.extends_by)
    state = flow.states[move.to]
    return Step(event, standing.state, move.to, timers_of(state, standing.waits, now), state.effects)


def timers_of(state: State, waits: Mapping[str, timedelta], now: datetime) -> tuple[TimerDue, ...]:
    """The timers that entering `state` at `now` sets."""
    return tuple(
        TimerDue(timer.key, timer.event, now + (waits[timer.wait] if timer.wait else timer.after)) for timer in state.timers
    )


def _extension(standing: Standing, event: str, key: str, by: timedelta) -> Step:
    if event in standing.happened or key not in standing.timers:
        raise Refused("flow.extended_already", event=event)
    due = TimerDue(key, "", standing.timers[key] + by)
    return Step(event, standing.state, standing.state, (due,), frozenset(), keeps_timers=True)


def moves_for(flow: Flow, state: str, who: Who) -> list[str]:
    """The events `who` may cause in `state`: the buttons of a page."""
    return [event for event, move in flow.states[state].moves.items() if who in move.who]
