"""From the outbox to the modes: what happened to orders is told to the mode that delivers them, in batches.

Handlers may be called twice for the same event; the contract of a mode says that twice is once.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from yunju.fulfilment import registry
from yunju.fulfilment.contract import Effect, OrderRef
from yunju.kernel import outbox
from yunju.kernel.outbox import Event

K = TypeVar("K", bound=Hashable)


def subscribe_all() -> None:
    """Called once at start-up."""
    outbox.subscribe("order.opened", tell_opened)
    outbox.subscribe("order.moved", tell_moved)
    outbox.subscribe("order.released", tell_released)


def tell_opened(events: Sequence[Event]) -> None:
    """The orders are paid."""
    for code, group in _grouped(events, _mode).items():
        registry.mode(code).open(_refs(group))


def tell_moved(events: Sequence[Event]) -> None:
    """The mode hears of timers that fired, and of orders that ended with a refund."""
    timed = [event for event in events if event.payload["timer"]]
    for (code, timer), group in _grouped(
        timed, lambda event: (_mode(event), str(event.payload["timer"]))
    ).items():
        registry.mode(code).fire(_refs(group), timer)
    ended = [event for event in events if _ends_without_delivery(event)]
    for code, group in _grouped(ended, _mode).items():
        registry.mode(code).cancel(_refs(group))


def tell_released(events: Sequence[Event]) -> None:
    """All money of the orders is free."""
    for code, group in _grouped(events, _mode).items():
        registry.mode(code).release(_refs(group))


def _mode(event: Event) -> str:
    return str(event.payload["mode"])


def _ends_without_delivery(event: Event) -> bool:
    state = registry.mode(_mode(event)).flow.states[event.payload["after"]]
    return state.is_end and Effect.REFUND in state.effects


def _refs(events: Sequence[Event]) -> list[OrderRef]:
    return [
        OrderRef(
            event.noun_id,
            event.cluster_id,
            event.payload.get("supplier"),
            str(event.payload.get("after", "")),
        )
        for event in events
    ]


def _grouped(events: Sequence[Event], key: Callable[[Event], K]) -> dict[K, list[Event]]:
    groups: dict[K, list[Event]] = defaultdict(list)
    for event in events:
        groups[key(event)].append(event)
    return groups
