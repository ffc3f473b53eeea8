"""Is a flow well made? Checked when a mode is registered, and again by the contract test."""

from collections.abc import Iterator, Mapping

from yunju.fulfilment.contract import AWARD, STAYS, Flow, State, Who

LONGEST_WORD = {"state": 20, "event": 30, "timer": 30}
"""What the columns of the rows hold."""


def faults(flow: Flow) -> list[str]:
    """What is wrong with the flow, in words for the developer; empty when it is sound."""
    if flow.initial not in flow.states:
        return [f"the initial state {flow.initial} does not exist"]
    return [*_names(flow), *_moves(flow), *_timers(flow), *_ends(flow), *_silences(flow)]


def _names(flow: Flow) -> Iterator[str]:
    for name, state in flow.states.items():
        words = [
            ("state", name),
            *(("event", event) for event in state.moves),
            *(("timer", t.key) for t in state.timers),
        ]
        for kind, word in words:
            if not 0 < len(word) <= LONGEST_WORD[kind]:
                yield f"{kind} {word!r} is empty or longer than {LONGEST_WORD[kind]}"


def _moves(flow: Flow) -> Iterator[str]:
    events = {event for state in flow.states.values() for event in state.moves} | {AWARD}
    for name, state in flow.states.items():
        for event, move in state.moves.items():
            if move.to != STAYS and move.to not in flow.states:
                yield f"{name}.{event} leads to {move.to}, which does not exist"
            if not move.who:
                yield f"{name}.{event} may be caused by nobody"
            if move.needs and move.needs not in events:
                yield f"{name}.{event} needs {move.needs}, which nothing causes"
            if move.extends and (move.to != STAYS or not move.once):
                yield f"{name}.{event} extends a timer: it must be a mark, and once"
            if not (move.label.zh and move.label.en):
                yield f"{name}.{event} has no words for people"


def _timers(flow: Flow) -> Iterator[str]:
    carried = carried_timers(flow)
    for name, state in flow.states.items():
        for event in sorted(carried[name]):
            move = state.moves.get(event)
            if move is None or Who.TIMER not in move.who:
                yield f"a timer may cause {event} in {name}, where no timer may"
        keys = [timer.key for timer in state.timers]
        if len(keys) != len(set(keys)):
            yield f"{name} has two timers of one key"


def carried_timers(flow: Flow) -> Mapping[str, frozenset[str]]:
    """For each state the events that running timers may cause there: its own, and those that moves carry into it."""
    running = {name: {timer.event for timer in state.timers} for name, state in flow.states.items()}
    grows = True
    while grows:
        grows = False
        for name, state in flow.states.items():
            for event, move in state.moves.items():
                brought = running[name] - {event}
                if move.keeps_timers and move.to in running and not brought <= running[move.to]:
                    running[move.to] |= brought
                    grows = True
    return {name: frozenset(events) for name, events in running.items()}


def _ends(flow: Flow) -> Iterator[str]:
    closing = {name for name, state in flow.states.items() if state.is_end}
    grows = True
    while grows:
        found = {
            name
            for name, state in flow.states.items()
            if closing & {move.to for move in state.moves.values()}
        }
        grows = not found <= closing
        closing |= found
    for name, state in flow.states.items():
        if name not in closing:
            yield f"{name} reaches no end"
        if state.is_end and (state.moves or state.timers):
            yield f"{name} is an end, but something happens after it"


def _silences(flow: Flow) -> Iterator[str]:
    """If everybody outside keeps silent, timers alone must bring an order from any state to an end."""
    for name, state in flow.states.items():
        if not state.is_end and not _ends_in_silence(flow, name, frozenset()):
            yield f"{name} waits for ever when all keep silent"


def _ends_in_silence(flow: Flow, name: str, seen: frozenset[str]) -> bool:
    state = flow.states[name]
    if state.is_end:
        return True
    return any(
        target not in seen and _ends_in_silence(flow, target, seen | {name}) for target in _defaults(state)
    )


def _defaults(state: State) -> set[str]:
    targets = {state.moves[timer.event].to for timer in state.timers if timer.event in state.moves}
    return targets - {STAYS}
