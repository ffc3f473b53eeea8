"""The word for an order's state: the code is decided by `orders.words`, the sentence and the shape are given here."""

from collections.abc import Sequence
from dataclasses import dataclass

from yunju.orders.models import Line, Order
from yunju.orders.words import LineCount, status_word
from yunju.ui import messages

SHAPES = {
    "unpaid": "wait",
    "after_sale": "wait",
    "order.to_pack": "wait",
    "order.received": "done",
    "partly_refunded": "done",
    "expired": "stop",
    "cancelled": "stop",
    "refunded": "stop",
    "disputed": "stop",
    "order.cancelled": "stop",
    "order.lost": "stop",
    "order.returned": "stop",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What a person reads, and the shape beside it."""

    text: str
    shape: str


def order_word(order: Order, lines: Sequence[Line]) -> Word:
    """The order comes with its purchase selected."""
    counts = [LineCount(line.quantity, line.refunded_quantity) for line in lines if line.kind == "goods"]
    code = status_word(
        order.purchase.payment_state,
        order.fulfilment_state,
        order.after_sale_state,
        counts,
        is_disputed=order.disputed_at is not None,
    )
    return Word(messages.word("word", code), SHAPES.get(code, ""))
