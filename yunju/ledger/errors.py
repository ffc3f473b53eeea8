"""What the ledger refuses. The database has the last word; its SQLSTATE and constraint become one of these."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from psycopg import Error as DriverError

from yunju.kernel.errors import Invalid, Refused, YunjuError


class AlreadyPosted(Refused):
    """The same business event has its transfer already (I10)."""


class AlreadyReversed(Refused):
    """A transfer is reversed once (I9)."""


class Overdrawn(Refused):
    """An account would fall below its floor, or a debt rise above zero (I7)."""


class Unbalanced(Invalid):
    """The legs do not sum to zero (I1)."""


class Unpostable(Invalid):
    """The posting says something impossible: nothing, too much, a mirror that is none."""


REFUSALS: dict[str, YunjuError] = {
    "transfer_once_per_event": AlreadyPosted("ledger.already_posted"),
    "transfer_reversed_once": AlreadyReversed("ledger.already_reversed"),
    "account_floor": Overdrawn("ledger.overdrawn"),
    "account_debt": Overdrawn("ledger.debt_above_zero"),
    "account_kind": Unpostable("ledger.kind_unknown"),
    "ledger_balanced": Unbalanced("ledger.unbalanced"),
    "ledger_legs": Unpostable("ledger.legs"),
    "ledger_currency": Unpostable("ledger.currency"),
    "ledger_mirror": Unpostable("ledger.not_mirrored"),
    "ledger_filled": Unpostable("ledger.empty"),
    "transfer_two_legs": Unpostable("ledger.empty"),
    "entry_not_zero": Unpostable("ledger.amount_range"),
    "entry_in_range": Unpostable("ledger.amount_range"),
    "entry_seq_once": Unpostable("ledger.legs"),
}
"""Constraint -> what it means. What is not here is a fault of ours and passes through as it came."""


def constraint_of(error: BaseException) -> str:
    """The constraint a database error names, or an empty string."""
    cause = error.__cause__
    return cause.diag.constraint_name or "" if isinstance(cause, DriverError) else ""


@contextmanager
def named() -> Iterator[None]:
    """Turn the database's refusals inside the block into the ledger's. The transaction is lost all the same."""
    try:
        yield
    except DatabaseError as error:
        refusal = REFUSALS.get(constraint_of(error))
        if refusal is None:
            raise
        raise type(refusal)(refusal.code) from error
