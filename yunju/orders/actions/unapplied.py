"""Money without a live purchase: booked to the gateway's `unapplied` and sent back at once. It never wakes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yunju.kernel import ids
from yunju.kernel.actor import Actor
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.orders.models import Refund
from yunju.payments.contract import VerifiedEvent


@dataclass(frozen=True, slots=True)
class Stray:
    """The part of a payment that pays nothing, in minor units, and why (a verdict word)."""

    event: VerifiedEvent
    attempt_id: int
    purchase_id: int
    amount_minor: int
    reason: str


def book(strays: Sequence[Stray], *, by: Actor, at: datetime) -> list[Refund]:
    """Book the strays that carry money, and decide their refunds: clearing -> unapplied -> refund_due."""
    found = [stray for stray in strays if stray.amount_minor]
    if not found:
        return []
    refunds = Refund.objects.bulk_create([_refund(stray, by.cluster_id, at) for stray in found])
    post(
        [
            posting
            for stray, refund in zip(found, refunds, strict=True)
            for posting in _postings(stray, refund, at)
        ]
    )
    return refunds


def _refund(stray: Stray, cluster_id: int, at: datetime) -> Refund:
    return Refund(
        cluster_id=cluster_id,
        kind="unapplied",
        purchase_id=stray.purchase_id,
        attempt_id=stray.attempt_id,
        gateway=stray.event.gateway,
        out_no=f"R{ids.public_code(20)}",
        currency=stray.event.currency,
        amount_minor=stray.amount_minor,
        reason="overpaid" if stray.reason == "paid" else stray.reason,
        decided_at=at,
        next_try_at=at,
    )


def _postings(stray: Stray, refund: Refund, at: datetime) -> list[Posting]:
    gateway, amount = subjects.gateway(stray.event.gateway), stray.amount_minor
    arrived = (Leg(gateway, Kind.CLEARING, -amount), Leg(gateway, Kind.UNAPPLIED, amount))
    going = (Leg(gateway, Kind.UNAPPLIED, -amount), Leg(gateway, Kind.REFUND_DUE, amount))
    return [
        Posting(refund.cluster_id, "unapplied", "refund", refund.pk, refund.currency, arrived, at),
        Posting(refund.cluster_id, "refund_decided", "refund", refund.pk, refund.currency, going, at),
    ]
