"""What an import says of itself: every row and column is accounted for. Frozen values, no tables."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_REMARKS = 1_000
"""Faults kept in full, and as many notes: many notes never hide a fault. Beyond, they are counted by code."""

Params = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know of a row. `fault`: the product of this row was not taken; else it was, with this remark."""

    code: str
    row: int
    column: str = ""
    fault: bool = True
    params: Params = field(default_factory=dict)


@dataclass
class Tally:
    """The counts of an import while it runs. rows = rows_variant + rows_picture + rows_refused + rows_blank."""

    rows: int = 0
    rows_variant: int = 0
    rows_picture: int = 0
    rows_refused: int = 0
    rows_blank: int = 0
    offers_made: int = 0
    offers_changed: int = 0
    offers_unchanged: int = 0
    offers_refused: int = 0
    variants_made: int = 0
    variants_changed: int = 0
    variants_unchanged: int = 0
    pictures_made: int = 0
    pictures_changed: int = 0
    stock_set: int = 0

    def add(self, other: "Tally") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Remarks:
    """Remarks collected: the first thousand faults and notes in full, all of them counted."""

    kept: list[Remark] = field(default_factory=list)
    by_code: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    more_rows: list[int] = field(default_factory=list)
    _room: dict[bool, int] = field(default_factory=lambda: {True: KEPT_REMARKS, False: KEPT_REMARKS})

    def add(self, remark: Remark) -> None:
        self.by_code[remark.code] += 1
        self.faults += remark.fault
        self._keep(remark)

    def take_over(self, other: "Remarks") -> None:
        """Add all of another collection; what it had only counted stays counted."""
        self.by_code.update(other.by_code)
        self.faults += other.faults
        self.more_rows += other.more_rows
        for remark in other.kept:
            self._keep(remark)

    def _keep(self, remark: Remark) -> None:
        if self._room[remark.fault]:
            self._room[remark.fault] -= 1
            self.kept.append(remark)
        elif remark.fault:
            self.more_rows.append(remark.row)

    @property
    def left_out(self) -> int:
        return self.by_code.total() - len(self.kept)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import. `state` refused: nothing was changed (a fault under `strict`)."""

    run_id: int
    state: str
    dry_run: bool
    file_name: str
    encoding: str
    currency: str
    counts: dict[str, int]
    columns_unused: dict[str, int]
    remarks: tuple[Remark, ...]
    remarks_by_code: dict[str, int]
    remarks_left_out: int
    faults: int
    format: str = "shopify"
    heads: int = 1
    more_fault_rows: tuple[int, ...] = ()
    """Rows whose faults are only counted: they are marked in the file that is handed back."""

    def stored(self) -> dict[str, Any]:
        """As the run keeps it."""
        return asdict(self)
