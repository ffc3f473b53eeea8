"""The pure flow function: what does `event` do to `state`? Decided from data alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yunju.fulfilment.contract import STAYS, Flow, Move, State, Step, Timer, TimerDue, Who
from yunju.kernel.errors import Forbidden, Refused

STOPPED_BY_DISPUTE = frozenset({Who.BUYER, Who.SUPPLIER, Who.TIMER})
"""A carrier still reports facts, the operator still decides."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands: state, running timers, events that happened, frozen waits by name.

    While it is disputed its timers are given as if they went on from now: the caller freezes what `next_step` answers.
    """

    state: str
    timers: tuple[TimerDue, ...] = ()
    happened: frozenset[str] = frozenset()
    waits: Mapping[str, timedelta] = field(default_factory=dict)
    is_abroad: bool = False
    is_disputed: bool = False


def next_step(flow: Flow, standing: Standing, event: str, who: Who, now: datetime) -> Step:
    """The step that `event` by `who` causes. Changes nothing.

    Raises Refused: `flow.forbidden` (no such move from here), `flow.too_early` (what it needs has not happened),
    `flow.disputed`, `flow.done_already` (a mark carried once), `flow.nothing_to_extend`; Forbidden `flow.not_yours`
    when it is somebody else's move.
    """
    move = _move(flow, standing, event, who)
    if move.to == STAYS:
        return Step(event, standing.state, standing.state, _after_mark(standing, event, move))
    state = flow.states[move.to]
    timers = _without(standing.timers, event) if move.keeps_timers else timers_of(state, standing, now)
    return Step(event, standing.state, move.to, timers, state.effects)


def _move(flow: Flow, standing: Standing, event: str, who: Who) -> Move:
    state = flow.states.get(standing.state)
    move = state.moves.get(event) if state else None
    if move is None:
        raise Refused("flow.forbidden", event=event, state=standing.state)
    if who not in move.who:
        raise Forbidden("flow.not_yours", event=event)
    if standing.is_disputed and who in STOPPED_BY_DISPUTE and not move.in_dispute:
        raise Refused("flow.disputed", event=event)
    if move.needs and move.needs not in standing.happened:
        raise Refused("flow.too_early", event=event)
    if move.once and event in standing.happened:
        raise Refused("flow.done_already", event=event)
    return move


def _after_mark(standing: Standing, event: str, move: Move) -> tuple[TimerDue, ...]:
    if not move.extends:
        return _without(standing.timers, event)
    if move.extends not in {timer.key for timer in standing.timers}:
        raise Refused("flow.nothing_to_extend", event=event)
    return tuple(
        TimerDue(timer.key, timer.event, timer.due_at + move.extends_by)
        if timer.key == move.extends
        else timer
        for timer in standing.timers
    )


def _without(timers: tuple[TimerDue, ...], event: str) -> tuple[TimerDue, ...]:
    return tuple(timer for timer in timers if timer.event != event)


def timers_of(state: State, standing: Standing, now: datetime) -> tuple[TimerDue, ...]:
    """The timers that entering `state` at `now` sets. What the buyer had extended once stays extended."""
    return tuple(
        TimerDue(timer.key, timer.event, now + wait_of(timer, standing) + _extended(state, timer, standing))
        for timer in state.timers
    )


def wait_of(timer: Timer, standing: Standing) -> timedelta:
    """How long this timer waits for an order that stands so."""
    if timer.wait:
        return standing.waits[timer.wait]
    return timer.abroad if standing.is_abroad and timer.abroad is not None else timer.after


def _extended(state: State, timer: Timer, standing: Standing) -> timedelta:
    used = [
        move
        for event, move in state.moves.items()
        if move.extends == timer.key and event in standing.happened
    ]
    return sum((move.extends_by for move in used), timedelta(0))


def moves_for(flow: Flow, standing: Standing, who: Who, now: datetime) -> list[str]:
    """The events `who` may cause now: the buttons of a page."""
    state = flow.states.get(standing.state)
    possible = []
    for event in state.moves if state else ():
        try:
            next_step(flow, standing, event, who, now)
        except (Refused, Forbidden):
            continue
        possible.append(event)
    return possible
