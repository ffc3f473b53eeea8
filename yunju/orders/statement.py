"""A payee's statement, line by line. Pure: from what the book says of a month to rows with a reason each.

opening + gross - returns - tax withheld - paid out = closing, where opening and closing are everything the cluster
owes the payee (pending, available, reserve, on its way out, less debt). `build` refuses a month for which it does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

OWED = ("pending", "available", "reserve", "paying_out", "debt")
"""The accounts that make up what a payee is owed."""

INCOME_KINDS: Mapping[str, str] = {
    "supplier": "goods",
    "shop": "commission",
    "designer": "service",
    "maker": "service",
    "provider": "service",
    "park": "park_fee",
    "platform": "platform_fee",
}
"""Role of a share -> income kind, as tax reports and statements name it."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One reason: a code with parameters that a page renders, and its money in minor units (all positive)."""

    at: datetime
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    income_kind: str = ""
    gross_minor: int = 0
    returns_minor: int = 0
    tax_minor: int = 0
    paid_out_minor: int = 0
    moved_minor: int = 0  # between the payee's own pots: nothing is earned or lost

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.returns_minor

    @property
    def is_move(self) -> bool:
        """Only from one pot of the payee to another. What a bank sent back is told all the same: somebody has to act."""
        return self.moved_minor > 0 and self.reason != "payout_failed"


@dataclass(frozen=True, slots=True)
class Movement:
    """What one transfer did to the payee: the change of all that is owed, and per account kind."""

    transfer_id: int
    kind: str
    source_type: str
    source_id: int
    at: datetime
    by_kind: Mapping[str, int]

    @property
    def change(self) -> int:
        return sum(self.by_kind.get(kind, 0) for kind in OWED)


@dataclass(frozen=True, slots=True)
class Detail:
    """Why a transfer moved money, from the rooms that caused it: parts with reason, parameters, role and cents."""

    reason: str
    params: Mapping[str, str | int]
    income_kind: str
    cents: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of a payee."""

    opening_minor: int
    closing_minor: int
    lines: tuple[StatementLine, ...]

    def total(self, column: str) -> int:
        """The sum of one column: `gross_minor`, `returns_minor`, `net_minor`, `tax_minor`, `paid_out_minor`."""
        return sum(getattr(line, column) for line in self.lines)


def build(
    opening_minor: int, movements: Sequence[Movement], details: Mapping[int, Sequence[Detail]]
) -> Statement:
    """The statement of the movements in order. `details` by transfer id; a transfer without any is told by its own kind.

    Raises ValueError when details do not add up to what the transfer moved: a statement never hides a cent.
    """
    lines: list[StatementLine] = []
    for movement in movements:
        lines += _lines(movement, details.get(movement.transfer_id, ()))
    closing = opening_minor + sum(movement.change for movement in movements)
    statement = Statement(opening_minor, closing, tuple(lines))
    told = statement.total("net_minor") - statement.total("tax_minor") - statement.total("paid_out_minor")
    if opening_minor + told != closing:
        raise ValueError("the statement does not add up to the book")
    return statement


def _lines(movement: Movement, details: Sequence[Detail]) -> list[StatementLine]:
    if details and sum(detail.cents for detail in details) != abs(movement.change):
        raise ValueError(f"details of transfer {movement.transfer_id} do not add up")
    if movement.kind == "payout_paid":
        return [_payout(movement)]
    if not movement.change:
        return [
            StatementLine(
                movement.at, movement.kind, _params(movement, details), moved_minor=_moved(movement)
            )
        ]
    column = "gross_minor" if movement.change > 0 else "returns_minor"
    found = details or [Detail(movement.kind, {}, "", abs(movement.change))]
    return [
        StatementLine(movement.at, detail.reason, detail.params, detail.income_kind, **{column: detail.cents})
        for detail in found
    ]


def _payout(movement: Movement) -> StatementLine:
    tax = movement.by_kind.get("tax_withheld", 0)
    paid = -movement.change - tax
    return StatementLine(movement.at, "payout_paid", tax_minor=tax, paid_out_minor=paid)


def _params(movement: Movement, details: Sequence[Detail]) -> Mapping[str, str | int]:
    return details[0].params if details else {movement.source_type: movement.source_id}


def _moved(movement: Movement) -> int:
    return sum(cents for kind, cents in movement.by_kind.items() if kind in OWED and cents > 0)
