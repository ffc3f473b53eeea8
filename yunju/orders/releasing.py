"""Where a released cent goes, and when it is due. Pure.

Debt is netted first, then the reserve rate is kept back, the rest becomes available.
"""

from datetime import datetime, timedelta

from yunju.kernel import clock
from yunju.kernel.split import WHOLE_BP
from yunju.ledger import subjects
from yunju.ledger.actions import Leg
from yunju.ledger.kinds import Kind
from yunju.orders.refunding import Balances


def due_at(received_at: datetime, wait_days: int, at_hour: int, zone: str) -> datetime:
    """When a unit received at `received_at` may be released: `at_hour` of the day after the wait has ended, in `zone`."""
    ended = clock.local_day(received_at, zone) + timedelta(days=wait_days)
    return clock.at_local(ended + timedelta(days=1), at_hour, zone)


def legs(payee_id: int, amount: int, reserve_bp: int, balances: Balances) -> list[Leg]:
    """Legs that move `amount` (minor units) out of a payee's pending. `balances` holds the locked debt and is brought up to date."""
    subject = subjects.member(payee_id)
    owed = -balances[(subject, Kind.DEBT)]
    netted = min(amount, owed)
    balances[(subject, Kind.DEBT)] += netted
    kept = (amount - netted) * reserve_bp // WHOLE_BP
    moved = [(Kind.DEBT, netted), (Kind.RESERVE, kept), (Kind.AVAILABLE, amount - netted - kept)]
    return [
        Leg(subject, Kind.PENDING, -amount),
        *(Leg(subject, kind, cents) for kind, cents in moved if cents),
    ]
