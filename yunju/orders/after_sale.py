"""After-sale cases as pure data and functions: reasons and whose fault they are, waits, and what a case may ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yunju.kernel.errors import Invalid, Refused

FAULT_OF: Mapping[str, str] = {
    "no_reason": "buyer",
    "not_needed": "buyer",
    "not_received": "carrier",
    "damaged": "carrier",
    "not_as_described": "supplier",
    "wrong_item": "supplier",
    "poor_quality": "supplier",
    "late": "supplier",
    "other": "supplier",
}
"""Reason code -> who bears the freight, until an operator rules otherwise."""

WAITS: Mapping[str, timedelta] = {
    "asked": timedelta(hours=48),
    "agreed": timedelta(days=7),
    "returning": timedelta(days=10),
    "refused_by": timedelta(days=7),
}
"""How long each state of a case waits before `silence` decides (FULFILMENT 2.1)."""

UNSENT = frozenset({"to_pack"})
"""Fulfilment states in which nothing has left the supplier."""

ON_THE_WAY = frozenset({"packed", "in_transit", "out_for_delivery", "at_pickup"})
"""Fulfilment states in which the buyer cannot have opened the parcel."""

_SEEN = ("damaged", "not_as_described", "wrong_item", "poor_quality", "other")


def reasons_that_fit(kind: str, state: str) -> Sequence[str]:
    """The reasons a form offers for a claim of this kind in this fulfilment state, the likeliest first.

    A help for the eye: `judge` takes every reason, for what really happened may be what nobody thought of.
    """
    if state in UNSENT:
        return ("not_needed", "late", "other")
    if kind == "return":
        return ("no_reason", *_SEEN)
    if state in ON_THE_WAY:
        return ("not_received", "late", "not_needed", "other")
    return ("not_received", *_SEEN)


@dataclass(frozen=True, slots=True)
class LineState:
    """A line as a case sees it. Amounts in minor units."""

    id: int
    kind: str
    quantity: int
    unit_minor: int
    amount_minor: int
    refunded_quantity: int
    refunded_minor: int
    returnable: bool
    release_due_at: datetime | None
    released_at: datetime | None

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Claim:
    """What a buyer asks: pieces per line, a kind (refund or return), a reason code, words."""

    kind: str
    pieces: Mapping[int, int]
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the claim comes to: money per goods line, freight on top, whose fault."""

    amounts: Mapping[int, int]
    freight_minor: int
    fault: str


def judge(claim: Claim, lines: Sequence[LineState], state: str, now: datetime) -> Judged:
    """Check a claim against the lines and price it.

    Pieces cost what was paid for them, the last piece of a line what is left of it. Freight comes back when all goods
    do and either nothing was sent or the buyer is not at fault. Raises Invalid at `reason`, `kind`, `pieces`; Refused
    (`case.window_over`, `case.not_returnable`).
    """
    _check_words(claim)
    goods = {line.id: line for line in lines if line.kind == "goods"}
    amounts: dict[int, int] = {}
    for line_id, pieces in claim.pieces.items():
        line = goods.get(line_id)
        if (
            line is None
            or type(pieces) is not int
            or not 1 <= pieces <= line.quantity - line.refunded_quantity
        ):
            raise Invalid("case.pieces", field=f"line:{line_id}")
        if line.released_at is not None or (line.release_due_at is not None and line.release_due_at <= now):
            raise Refused("case.window_over")
        if claim.reason == "no_reason" and not line.returnable and state not in UNSENT:
            raise Refused("case.not_returnable")
        is_last = pieces == line.quantity - line.refunded_quantity
        amounts[line_id] = line.left_minor if is_last else min(line.unit_minor * pieces, line.left_minor)
    if not amounts:
        raise Invalid("case.pieces", field="pieces")
    if claim.kind == "return" and state in UNSENT:
        raise Invalid("case.nothing_to_return", field="kind")
    fault = FAULT_OF[claim.reason]
    return Judged(amounts, _freight(amounts, lines, state, fault), fault)


def _check_words(claim: Claim) -> None:
    if claim.kind not in ("refund", "return"):
        raise Invalid("input.choice", field="kind")
    if claim.reason not in FAULT_OF:
        raise Invalid("input.choice", field="reason")
    if len(claim.words) > 500:
        raise Invalid("input.too_long", field="words", limit=500)


def _freight(amounts: Mapping[int, int], lines: Sequence[LineState], state: str, fault: str) -> int:
    all_goods = all(amounts.get(line.id, 0) == line.left_minor for line in lines if line.kind == "goods")
    if not all_goods or (state not in UNSENT and fault == "buyer"):
        return 0
    return sum(line.left_minor for line in lines if line.kind == "freight")
