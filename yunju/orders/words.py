"""The word a buyer sees for an order: a pure function of the three axes and of line quantities, stored nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineCount:
    """Pieces of a line and how many of them were given back."""

    quantity: int
    refunded: int


def status_word(
    payment: str, fulfilment: str, after_sale: str, lines: Sequence[LineCount], *, is_disputed: bool = False
) -> str:
    """A code for the page to render.

    unpaid, expired, cancelled; refunded (everything went back); disputed, after_sale; else `order.` and the
    fulfilment state, with `partly_refunded` where some pieces went back and the order is over.
    """
    if payment in ("unpaid", "expired", "cancelled"):
        return payment
    if is_disputed:
        return "disputed"
    if after_sale == "open":
        return "after_sale"
    if lines and all(line.refunded >= line.quantity for line in lines):
        return "refunded"
    if fulfilment == "received" and any(line.refunded for line in lines):
        return "partly_refunded"
    return f"order.{fulfilment}"
