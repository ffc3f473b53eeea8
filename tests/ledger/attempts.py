"""A case: statements that the database must refuse, with which SQLSTATE and constraint, for each role.

An empty constraint with 42501 means that the right itself is missing; None means that the role may.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.ledger.book import Book

Expected = tuple[str, str]
NO_RIGHT: Expected = ("42501", "")


@dataclass(frozen=True)
class Case:
    name: str
    do: Callable[[Book], object]
    app: Expected | None
    owner: Expected | None

    def expected(self, role: str) -> Expected | None:
        return self.app if role == "app" else self.owner


CASES: list[Case] = []


def case(
    *refusal: str, app: Expected | None = None, owner: Expected | None = None
) -> Callable[[Callable[[Book], object]], Callable[[Book], object]]:
    """Register a function; `refusal` (SQLSTATE, constraint) holds for both roles."""

    def note(do: Callable[[Book], object]) -> Callable[[Book], object]:
        both = (refusal[0], refusal[1]) if refusal else None
        CASES.append(Case(do.__name__, do, app or both, owner or both))
        return do

    return note
