"""Paying: verified events become money in the book. The second hot path, batched like the intake.

One transaction per cluster: inbox rows, purchases locked in id order, the pure verdict per event, then a fixed number
of statements. Money that pays nothing (late, twice, short, too much) goes to `unapplied` and is sent back.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from yunju.kernel import clock, locks, outbox, sql
from yunju.kernel.actor import system
from yunju.kernel.errors import YunjuError
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.members import queries as members
from yunju.members.models import Cluster
from yunju.orders import paying
from yunju.orders.actions import events as changes
from yunju.orders.actions import unapplied
from yunju.orders.flow import actions as flow
from yunju.payments import actions as payments
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt
from yunju.payments.queries import attempts_by_out_no

log = logging.getLogger(__name__)
Verdict = str | DatabaseError | YunjuError
"""A word of `paying`, or why an event was not booked."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A new event with its attempt, its locked purchase and what was decided."""

    event: VerifiedEvent
    attempt_id: int
    purchase_id: int
    version: int
    verdict: paying.Verdict


@dataclass(frozen=True, slots=True)
class _Due:
    """What an order is owed: its shares summed by payee, or all of it in escrow."""

    order_id: int
    purchase_id: int
    escrowed: bool
    total_minor: int
    payees: tuple[tuple[int, int], ...]


def pay(events: Sequence[VerifiedEvent]) -> list[str]:
    """Book payments; answers a verdict word per event (see `paying`), in the order given.

    Events of kind `paid` only. A repeated event is `duplicate` and has no effect; an attempt nobody started is
    `unknown` and shows up when the provider's bill is reconciled.
    Each is booked or fails by itself: the first failure is raised when all others are booked.
    """
    verdicts = _pay_each(events, attempts_by_out_no([event.out_no for event in events]))
    for verdict in verdicts:
        if not isinstance(verdict, str):
            raise verdict
    return [str(verdict) for verdict in verdicts]


def pay_announced(events: Sequence[VerifiedEvent]) -> list[Verdict | None]:
    """The same for events that were only read: None, and nothing done, where an event does not say what its attempt does
    (gateway, currency, amount); its gateway has to be asked. Each fails for itself."""
    attempts = attempts_by_out_no([event.out_no for event in events])
    announced = [event for event in events if _is_announced(event, attempts.get(event.out_no))]
    verdicts = iter(_pay_each(announced, attempts))
    return [next(verdicts) if _is_announced(event, attempts.get(event.out_no)) else None for event in events]


def _is_announced(event: VerifiedEvent, attempt: Attempt | None) -> bool:
    return (
        attempt is not None
        and event.kind == "paid"
        and (event.gateway, event.currency, event.amount_minor)
        == (attempt.gateway, attempt.currency, attempt.amount_minor)
    )


def _pay_each(events: Sequence[VerifiedEvent], attempts: Mapping[str, Attempt]) -> list[Verdict]:
    verdicts: list[Verdict] = [paying.UNKNOWN] * len(events)
    by_cluster: dict[int, list[int]] = defaultdict(list)
    for position, event in enumerate(events):
        if event.out_no in attempts:
            by_cluster[attempts[event.out_no].cluster_id].append(position)
    for cluster_id, positions in by_cluster.items():
        words = _pay_in_cluster(cluster_id, [events[position] for position in positions], attempts)
        for position, word in zip(positions, words, strict=True):
            verdicts[position] = word
    return verdicts


def _pay_in_cluster(
    cluster_id: int, events: Sequence[VerifiedEvent], attempts: Mapping[str, Attempt]
) -> list[Verdict]:
    """The whole batch at once; where the database or the book refuses it, each event by itself."""
    try:
        return [*_pay_batch(cluster_id, events, attempts, locks.BATCH_MS)]
    except (DatabaseError, YunjuError):
        return [_pay_alone(cluster_id, event, attempts) for event in events]


def _pay_alone(cluster_id: int, event: VerifiedEvent, attempts: Mapping[str, Attempt]) -> Verdict:
    try:
        return locks.with_retries(lambda: _pay_batch(cluster_id, [event], attempts, locks.ALONE_MS)[0])
    except (DatabaseError, YunjuError) as error:
        log.exception("payment %s was not booked", event.out_no)
        return error


def _pay_batch(
    cluster_id: int, events: Sequence[VerifiedEvent], attempts: Mapping[str, Attempt], wait_ms: int
) -> list[str]:
    by, now = system(cluster_id, "payments"), clock.now()
    with locks.hot_transaction(wait_ms):
        new = payments.note_notifications(events, verdict=paying.PAID)
        jobs = _judge(
            cluster_id, [event for event, fresh in zip(events, new, strict=True) if fresh], attempts
        )
        paid = [job for job in jobs if job.verdict.word == paying.PAID]
        _mark_paid(cluster_id, paid, now)
        changes.write([_change(job) for job in paid], by=by, at=now)
        dues = _dues(cluster_id, [job.purchase_id for job in paid])
        flow.start(cluster_id, [due.order_id for due in dues], at=now, by=by)
        post(_postings(cluster_id, paid, dues, now))
        payments.mark_paid([job.event for job in jobs], by=by)
        others = [job for job in jobs if job.verdict.word != paying.PAID]
        payments.note_verdicts([job.event for job in others], [job.verdict.word for job in others])
        unapplied.book(
            [
                unapplied.Stray(
                    job.event, job.attempt_id, job.purchase_id, job.verdict.unapplied_minor, job.verdict.word
                )
                for job in jobs
            ],
            by=by,
            at=now,
        )
        outbox.write([outbox.Event(cluster_id, "purchase.paid", job.purchase_id, {}) for job in paid])
    words = iter(job.verdict.word for job in jobs)
    return [next(words) if fresh else paying.DUPLICATE for fresh in new]


def _judge(cluster_id: int, events: Sequence[VerifiedEvent], attempts: Mapping[str, Attempt]) -> list[_Job]:
    """Lock the purchases in id order and judge the events one after another, each seeing what the one before did."""
    wanted = sorted({attempts[event.out_no].purchase_id for event in events})
    rows = sql.fetch(
        "SELECT id, payment_state, total_minor, version FROM orders_purchase"
        " WHERE cluster_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [cluster_id, wanted],
    )
    states = {row[0]: row[1] for row in rows}
    totals = {row[0]: (row[2], row[3]) for row in rows}
    tolerance = (
        Cluster.objects.values_list("shortage_tolerance_minor", flat=True).get(pk=cluster_id) if events else 0
    )
    jobs = []
    for event in events:
        attempt = attempts[event.out_no]
        total, version = totals.get(attempt.purchase_id, (0, 0))
        known = attempt.purchase_id in states
        standing = paying.Standing(states[attempt.purchase_id], total, tolerance) if known else None
        verdict = paying.judge(standing, event.amount_minor)
        if verdict.word == paying.PAID:
            states[attempt.purchase_id] = "paid"
        jobs.append(_Job(event, attempt.pk, attempt.purchase_id, version, verdict))
    return jobs


def _mark_paid(cluster_id: int, jobs: Sequence[_Job], now: datetime) -> None:
    if not jobs:
        return
    touched = sql.execute(
        "UPDATE orders_purchase p SET payment_state = 'paid', paid_at = w.at, version = p.version + 1,"
        " attempt_id = w.attempt, gateway = w.gateway"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]) AS w(id, attempt, gateway, at)"
        " WHERE p.cluster_id = %s AND p.id = w.id AND p.payment_state = 'unpaid'",
        [
            [job.purchase_id for job in jobs],
            [job.attempt_id for job in jobs],
            [job.event.gateway for job in jobs],
            [now for _ in jobs],
            cluster_id,
        ],
    )
    if touched != len(jobs):
        raise AssertionError("a purchase judged unpaid under its lock was not")


def _change(job: _Job) -> changes.Change:
    params = {
        "amount": job.event.amount_minor,
        "gateway": job.event.gateway,
        "provider_no": job.event.provider_no,
    }
    return changes.Change(
        "purchase", job.purchase_id, job.version + 1, "payment", "pay", "unpaid", "paid", "gateway", params
    )


def _dues(cluster_id: int, purchase_ids: Sequence[int]) -> list[_Due]:
    """What each order of the purchases is owed, payees in a fixed order. One statement."""
    if not purchase_ids:
        return []
    rows = sql.fetch(
        "SELECT o.id, o.purchase_id, o.escrowed, o.total_minor, s.payee_id, s.amount"
        " FROM orders_order o LEFT JOIN LATERAL (SELECT payee_id, sum(amount_minor)::bigint AS amount"
        "  FROM orders_share WHERE cluster_id = %s AND order_id = o.id GROUP BY payee_id) AS s ON true"
        " WHERE o.cluster_id = %s AND o.purchase_id = ANY(%s) ORDER BY o.id, s.payee_id",
        [cluster_id, cluster_id, list(purchase_ids)],
    )
    heads: dict[int, tuple[int, bool, int]] = {}
    payees: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for order_id, purchase_id, escrowed, total, payee_id, amount in rows:
        heads[order_id] = (purchase_id, escrowed, total)
        if payee_id is not None and not escrowed:
            payees[order_id].append((payee_id, amount))
    return [_Due(order_id, *head, tuple(payees[order_id])) for order_id, head in heads.items()]


def _postings(cluster_id: int, jobs: Sequence[_Job], dues: Sequence[_Due], now: datetime) -> list[Posting]:
    """A transfer per order, clearing to payees or escrow; one more per purchase whose payment was short.

    What was paid is dated when it is booked, so that no entry lands in a day that was closed before.
    """
    by_purchase = {job.purchase_id: job for job in jobs}
    postings = []
    for due in dues:
        event = by_purchase[due.purchase_id].event
        if not due.total_minor:
            continue  # the buyer's own shop turned all of its price into a discount: no money belongs to it
        clearing = Leg(subjects.gateway(event.gateway), Kind.CLEARING, -due.total_minor)
        to = (
            [Leg(subjects.order(due.order_id), Kind.ESCROW, due.total_minor)]
            if due.escrowed
            else [Leg(subjects.member(payee), Kind.PENDING, amount) for payee, amount in due.payees]
        )
        postings.append(
            Posting(cluster_id, "paid", "order", due.order_id, event.currency, (clearing, *to), now)
        )
    short = [job for job in jobs if job.verdict.shortage_minor]
    operator = subjects.member(members.operator_of(cluster_id)) if short else ""
    for job in short:
        legs = (
            Leg(subjects.gateway(job.event.gateway), Kind.CLEARING, job.verdict.shortage_minor),
            Leg(operator, Kind.LOSS, -job.verdict.shortage_minor),
        )
        postings.append(
            Posting(cluster_id, "shortage", "purchase", job.purchase_id, job.event.currency, legs, now)
        )
    return postings
