"""What arrives in a process together is done together: purchases, whichever page or program they come through, and
payments that gateways tell of."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yunju.kernel.errors import YunjuError
from yunju.kernel.gather import Gatherer
from yunju.orders.actions import intake, pay
from yunju.orders.draft import Placed, PlaceRequest
from yunju.payments.contract import VerifiedEvent

Read = Callable[[Sequence[Any]], Sequence[PlaceRequest | YunjuError]]


@dataclass(frozen=True, slots=True)
class Unread:
    """Somebody's wish that still has to be read from the database: `read` does so for all of its kind in a batch."""

    wish: Any
    read: Read


def _place(wanted: Sequence[PlaceRequest | Unread]) -> list[intake.Answer]:
    """Read what is unread, kind by kind, then place all of it at once."""
    requests: list[PlaceRequest | YunjuError | Unread] = list(wanted)
    unread: dict[Read, list[int]] = defaultdict(list)
    for position, one in enumerate(wanted):
        if isinstance(one, Unread):
            unread[one.read].append(position)
    for read, positions in unread.items():
        wishes = [one.wish for one in (wanted[position] for position in positions) if isinstance(one, Unread)]
        for position, found in zip(positions, read(wishes), strict=True):
            requests[position] = found
    ready = [one for one in requests if isinstance(one, PlaceRequest)]
    placed = iter(intake.place(ready))
    return [next(placed) if isinstance(one, PlaceRequest) else _refused(one) for one in requests]


def _refused(one: YunjuError | Unread) -> YunjuError:
    if isinstance(one, Unread):
        raise TypeError("a wish was not read")
    return one


purchases: Gatherer[PlaceRequest | Unread, intake.Answer] = Gatherer(_place, name="intake")
"""Of this process: pages and programs ask the same one."""


payments: Gatherer[VerifiedEvent, str | None] = Gatherer(pay.pay_announced, name="payments")
"""Events that were read but not verified; answered as by `pay.pay_announced`."""


def place_with_others(request: PlaceRequest) -> Placed:
    """Place a purchase in the next batch and wait for its commit. Raises its refusal; Busy where too many wait."""
    answer = purchases.wait_for(request)
    if not isinstance(answer, Placed):
        raise answer
    return answer
