"""What a payout moves in the ledger, for any number of items in a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime

from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, lock_balances, post
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balances
from yunju.payments.models import PayoutItem, PayoutRun

SOURCE = "payout_item"
STARTED, PAID, FAILED, CANCELLED = "payout_started", "payout_paid", "payout_failed", "payout_cancelled"


def locked(run: PayoutRun, items: Sequence[PayoutItem]) -> dict[tuple[int, Kind], int]:
    """What payees have available and paying out, and the debts of those who owe, by (member id, kind).

    All in one go, in the one order of accounts, until the transaction ends: a refund locks the same accounts. Who owes
    nothing gets no account for it; a refund that makes a debt takes the lock of `available` before.
    """
    payees = {subjects.member(item.member_id): item.member_id for item in items}
    now = balances(run.cluster_id, list(payees), run.currency)
    owing = [key for key, amount in now.items() if key[1] is Kind.DEBT and amount]
    both = [(subject, kind) for subject in payees for kind in (Kind.AVAILABLE, Kind.PAYING_OUT)]
    found = lock_balances(run.cluster_id, run.currency, [*both, *owing])
    return {(payees[subject], kind): amount for (subject, kind), amount in found.items()}


def start(run: PayoutRun, items: Sequence[PayoutItem], at: datetime) -> None:
    """available -> paying_out."""
    _post(run, items, STARTED, at, [_moved(item, Kind.AVAILABLE, Kind.PAYING_OUT) for item in items])


def pay(run: PayoutRun, items: Sequence[PayoutItem], at: datetime) -> None:
    """paying_out -> the gateway's clearing; what was withheld for the tax office stays in the book as that."""
    clearing = subjects.gateway(run.gateway)
    legs = [
        (
            Leg(subjects.member(item.member_id), Kind.PAYING_OUT, -item.gross_minor),
            Leg(clearing, Kind.CLEARING, item.net_minor),
            Leg(subjects.member(item.member_id), Kind.TAX_WITHHELD, item.tax_minor),
        )
        for item in items
    ]
    _post(run, items, PAID, at, legs)


def give_back(run: PayoutRun, items: Sequence[PayoutItem], kind: str, at: datetime) -> None:
    """paying_out -> available; what a payee has come to owe meanwhile is netted first."""
    found = locked(run, items)
    legs = []
    for item in items:
        subject = subjects.member(item.member_id)
        netted = min(item.gross_minor, -found.get((item.member_id, Kind.DEBT), 0))
        legs.append(
            (
                Leg(subject, Kind.PAYING_OUT, -item.gross_minor),
                Leg(subject, Kind.DEBT, netted),
                Leg(subject, Kind.AVAILABLE, item.gross_minor - netted),
            )
        )
    _post(run, items, kind, at, legs)


def _moved(item: PayoutItem, source: Kind, target: Kind) -> tuple[Leg, ...]:
    subject = subjects.member(item.member_id)
    return (Leg(subject, source, -item.gross_minor), Leg(subject, target, item.gross_minor))


def _post(
    run: PayoutRun, items: Sequence[PayoutItem], kind: str, at: datetime, legs: Sequence[tuple[Leg, ...]]
) -> None:
    post(
        [
            Posting(
                cluster_id=run.cluster_id,
                kind=kind,
                source_type=SOURCE,
                source_id=item.pk,
                currency=run.currency,
                legs=parts,
                effective_at=at,
            )
            for item, parts in zip(items, legs, strict=True)
        ]
    )
