"""The words of filings, and the period that a round asks about. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from yunju.kernel.errors import Invalid


class ColumnKind(StrEnum):
    """What a column holds. Money is kept in minor units, counts as they are, a note as text."""

    MONEY = "money"
    COUNT = "count"
    NOTE = "note"


class ReturnState(StrEnum):
    """How far a member is: asked -> draft -> handed_in, and back to draft while the round is open."""

    ASKED = "asked"
    DRAFT = "draft"
    HANDED_IN = "handed_in"


OPEN_STATES = (ReturnState.ASKED.value, ReturnState.DRAFT.value)
REMINDER_DAYS = (3, 7)
"""Days after the opening on which a member that has not handed in is reminded."""

COLUMNS_MOST = 40
NOTE_MOST = 200
SCALES = (1, 1_000, 10_000)
"""An authority's sheet counts money in yuan, thousands or ten thousands."""

OWN_SOURCES = ("number", "name", "credit_code", "contact", "phone", "state")
"""What a layout may show of a member beside the columns of the form."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year, as authorities count them."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def read(cls, text: str) -> "Quarter":
        """`2026Q3`. Invalid for anything else, and for years outside 2000 to 2100."""
        year, letter, number = text[:4], text[4:5], text[5:]
        if not (text.isascii() and year.isdigit() and letter == "Q" and number in {"1", "2", "3", "4"}):
            raise Invalid("filing.no_quarter", field="quarter")
        if not 2000 <= int(year) <= 2100:
            raise Invalid("filing.no_quarter", field="quarter")
        return cls(int(year), int(number))

    def before(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        following = date(self.year + self.number // 4, self.number * 3 % 12 + 1, 1)
        return following - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"
