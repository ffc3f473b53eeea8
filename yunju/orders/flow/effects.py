"""What entering a state does beyond the state, set-based and in the transaction of the move.

Releases and refunds belong to `orders.actions`, which stands above the flow and calls it: at start-up `config` hands
their functions over, so that no import goes in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yunju.catalog.actions import stock
from yunju.fulfilment.contract import Effect
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.orders.flow.rows import SQL, Change, Decided


class DateRelease(Protocol):
    """Freezes on every line of the orders when its shares will be released."""

    def __call__(self, *, cluster_id: int, order_ids: Sequence[int], at: datetime) -> object: ...


class RefundRest(Protocol):
    """Gives the buyer all that payees still hold of the orders; nothing where nothing is held."""

    def __call__(self, *, cluster_id: int, order_ids: Sequence[int], reason: str, by: Actor) -> object: ...


@dataclass(frozen=True, slots=True)
class Money:
    """The two functions of `orders.actions` that a move may need."""

    date_release: DateRelease
    refund_rest: RefundRest


_money: list[Money] = []


def hand_over(*, date_release: DateRelease, refund_rest: RefundRest) -> None:
    """Called once at start-up; a second call replaces the first."""
    _money[:] = [Money(date_release, refund_rest)]


def _handed() -> Money:
    if not _money:
        raise RuntimeError(
            "the flow moves money, but nobody called orders.flow.effects.hand_over at start-up"
        )
    return _money[0]


def run(change: Change, event: str, decided: Sequence[Decided]) -> None:
    """Carry out the effects of all steps: stock before money, as the lock order of the house says.

    Shares are only touched by those who hold their order, so that taking stock between order and share locks nobody out.
    """
    _move_stock(change, _with(decided, Effect.TAKE_STOCK), "reserved", "taken")
    _move_stock(change, _with(decided, Effect.GIVE_STOCK_BACK), "reserved", "returned")
    _move_stock(change, _with(decided, Effect.PUT_STOCK_BACK), "taken", "returned")
    if received := _with(decided, Effect.RECEIVED):
        _handed().date_release(cluster_id=change.cluster_id, order_ids=received, at=change.at)
    if refunded := _with(decided, Effect.REFUND):
        _handed().refund_rest(cluster_id=change.cluster_id, order_ids=refunded, reason=event, by=change.by)


def _with(decided: Sequence[Decided], effect: Effect) -> list[int]:
    return [one.order.id for one in decided if effect in one.step.effects]


_MOVES = {
    ("reserved", "taken"): stock.take,
    ("reserved", "returned"): stock.give_back,
    ("taken", "returned"): stock.put_back_sold,
}


def _move_stock(change: Change, order_ids: list[int], before: str, after: str) -> None:
    """Lines whose stock already moved are not in `before` any more: a second time moves nothing."""
    if not order_ids:
        return
    lines = sql.fetch(
        SQL["change_stock_states"],
        {"cluster_id": change.cluster_id, "ids": order_ids, "before": before, "after": after},
    )
    pieces = [(variant_id, place_id, quantity) for variant_id, place_id, quantity in lines if quantity]
    _MOVES[before, after](change.cluster_id, pieces)
