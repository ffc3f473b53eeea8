"""Sending decided refunds to their gateway, and booking the answer. The gateway is called outside every transaction."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, YunjuError
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.orders import policy
from yunju.orders.actions.start_payment import receiver_of
from yunju.orders.models import Order, Refund
from yunju.payments import actions as payments
from yunju.payments import registry
from yunju.payments.contract import RefundOrder, VerifiedEvent
from yunju.payments.models import Attempt

log = logging.getLogger(__name__)
TRIES = 20
ASK_AFTER = timedelta(minutes=1)


def send_due(limit: int = 50) -> int:
    """Send refunds that are due, or ask again about those the gateway has not answered. Returns how many were taken.

    A row is claimed by moving its next try into the future, so that a killed worker loses nothing and two workers
    do not send at once; sent twice all the same, it is one refund, for the gateway knows our number.
    """
    claimed = _claim(limit)
    for refund in claimed:
        _send(refund)
    return len(claimed)


def _claim(limit: int) -> list[Refund]:
    now = clock.now()
    with transaction.atomic():
        rows = list(
            Refund.objects.select_for_update(skip_locked=True)
            .filter(state__in=("decided", "sent"), next_try_at__lte=now)
            .order_by("next_try_at", "id")[:limit]
        )
        for row in rows:
            row.tries += 1
            row.next_try_at = now + min(ASK_AFTER * 2 ** min(row.tries, 9), timedelta(hours=6))
        Refund.objects.bulk_update(rows, ["tries", "next_try_at"])
    return rows


def _send(refund: Refund) -> None:
    try:
        gateway = registry.gateway(refund.gateway)  # one that was taken away must not hold up the others
        event = gateway.query_refund(refund.out_no) if refund.state == "sent" else None
        if event is None:
            event = gateway.refund(_order_for(refund))
    except YunjuError as error:
        _note_failure(refund, error)
        return
    if event is None:
        _row(refund).filter(state="decided").update(state="sent", error="")
    else:
        confirm([event])


def _order_for(refund: Refund) -> RefundOrder:
    """Names the supplier's part; a payment that was short has a part with less in it, so there it is the whole."""
    attempt = Attempt.objects.get(cluster_id=refund.cluster_id, pk=refund.attempt_id)
    is_short = attempt.paid_minor is not None and attempt.paid_minor < attempt.amount_minor
    part = None
    if refund.order_id is not None and not is_short:
        part = receiver_of(Order.objects.get(cluster_id=refund.cluster_id, pk=refund.order_id))
    return RefundOrder(
        attempt.out_no, refund.out_no, part, refund.amount_minor, refund.currency, refund.reason
    )


def _note_failure(refund: Refund, error: YunjuError) -> None:
    """A silent gateway is asked again; one that refuses, or stays silent too long, leaves a refund for a person."""
    log.warning("refund %s: %s", refund.out_no, error)
    gives_up = not error.retryable or refund.tries >= TRIES
    words = f"{error.code} {error.params.get('reason', '')}".strip()[:300]
    state = "failed" if gives_up else refund.state
    _row(refund).filter(state__in=("decided", "sent")).update(error=words, state=state)


def _row(refund: Refund) -> QuerySet[Refund]:
    return Refund.objects.filter(cluster_id=refund.cluster_id, pk=refund.pk)


def confirm(events: Sequence[VerifiedEvent]) -> list[str]:
    """Book what gateways say of refunds: confirmed moves refund_due to clearing, once. Answers a word per event."""
    words: list[str] = []
    with transaction.atomic():
        new = payments.note_notifications(events)
        wanted = [event.refund_no for event in events]
        rows = Refund.objects.select_for_update().filter(out_no__in=wanted).order_by("id")
        refunds = {refund.out_no: refund for refund in rows}
        postings: dict[tuple[int, str], list[Posting]] = defaultdict(list)
        for event, is_new in zip(events, new, strict=True):
            refund = refunds.get(event.refund_no)
            words.append(_settle(refund, event, is_new) if refund else "unknown")
            if refund and words[-1] == "confirmed":
                postings[(refund.cluster_id, refund.currency)].append(_posting(refund))
        for group in postings.values():
            post(group)
    return words


def _settle(refund: Refund, event: VerifiedEvent, is_new: bool) -> str:  # noqa: FBT001 - what the inbox said
    """The row's state decides, not the inbox: a failure told once more of a refund that was tried again is one again."""
    if refund.state == "confirmed" or (refund.state == "failed" and not is_new):
        return "duplicate"
    if event.kind == "refunded" and event.amount_minor == refund.amount_minor:
        refund.state, refund.confirmed_at, refund.error = "confirmed", clock.now(), ""
    else:
        refund.state, refund.error = "failed", (event.reason or "amount")[:300]
    _row(refund).update(state=refund.state, confirmed_at=refund.confirmed_at, error=refund.error)
    return refund.state


def _posting(refund: Refund) -> Posting:
    gateway, amount = subjects.gateway(refund.gateway), refund.amount_minor
    legs = (Leg(gateway, Kind.REFUND_DUE, -amount), Leg(gateway, Kind.CLEARING, amount))
    return Posting(
        refund.cluster_id, "refund_confirmed", "refund", refund.pk, refund.currency, legs, clock.now()
    )


def try_again(*, refund_id: int, by: Actor) -> None:
    """Put a failed refund back in the queue, after a person has looked at it. Raises Forbidden, NotFound."""
    policy.require_money(by)
    changed = Refund.objects.filter(pk=refund_id, cluster_id=by.cluster_id, state="failed").update(
        state="decided", next_try_at=clock.now(), tries=0, error=""
    )
    if not changed:
        raise NotFound("refund.unknown")
