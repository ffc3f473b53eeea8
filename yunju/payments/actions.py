"""Attempts and the inbox of notifications. The gateway is always called outside a transaction, between two short ones.

Whether a purchase may be paid, and by whom, is for `orders` to judge before; here only attempts are written.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError, transaction

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Busy, Invalid, NotFound, Refused, YunjuError
from yunju.kernel.money import MAX_MINOR
from yunju.payments import answers, journal, queries, registry
from yunju.payments.contract import Answer, AnswerKind, Gateway, Payable, Qr, StartRequest, VerifiedEvent
from yunju.payments.errors import Foreign, GatewayRefused, GatewaySilent
from yunju.payments.models import Attempt

log = logging.getLogger(__name__)

NOTIFY_PATH = "/hooks/gateways/{gateway}"
"""Where `api` takes notifications: it calls `registry.gateway(code).verify` and hands the event to `orders`."""

RETURN_PATH = "/purchases/{code}"
"""The site's own page of a purchase, where a buyer comes back to."""

ASK_AGAIN_AFTER = timedelta(seconds=30)
ASK_NO_MORE_AFTER = timedelta(days=7)


# --- starting and closing -------------------------------------------------------------------------------------------


def start_attempt(*, payable: Payable, gateway: str, kind: str, by: Actor) -> tuple[Attempt, Answer]:
    """Announce a purchase at a gateway; the same purchase, gateway and kind again gives the same open attempt.

    The row is written first, then the gateway is called, then its answer is kept: a crash between leaves an attempt
    that the next call takes up under the same number. Must not run inside a transaction.
    Raises Invalid (`payments.unknown_gateway`, `payments.unknown_kind`, `payments.parts_differ`, `payments.no_amount`,
    `payments.too_many_parts`), Refused (`payments.attempt_differs`), GatewayRefused, GatewaySilent.
    """
    adapter = registry.gateway(gateway)
    way = _checked(payable, adapter, kind)
    if by.cluster_id != payable.cluster_id:
        raise NotFound("payments.other_cluster")
    attempt = _open_attempt(payable, gateway, way, by)
    if attempt.answer is not None and not _is_over(answers.from_json(attempt.answer)):
        return attempt, answers.from_json(attempt.answer)
    try:
        answer = adapter.start(_request(attempt, payable, way))
    except GatewayRefused as refusal:
        _end(attempt, "failed", {"reason": str(refusal.params.get("reason", ""))}, by)
        raise
    attempt.answer = answers.to_json(answer)
    attempt.save(update_fields=["answer"])
    return attempt, answer


def close_attempt(*, out_no: str, by: Actor) -> VerifiedEvent | None:
    """End an attempt at the gateway, so that it can be paid no more; closing twice is once.

    Returns the payment when the buyer was faster: hand it to `orders.actions.pay`. Must not run inside a transaction.
    Raises NotFound (`payments.no_attempt`), GatewaySilent (then nothing has changed: try again).
    """
    attempt = queries.attempt_by_out_no(out_no)
    if attempt is None or attempt.cluster_id != by.cluster_id:
        raise NotFound("payments.no_attempt")
    if attempt.state != "started":
        return None
    adapter = registry.gateway(attempt.gateway)
    try:
        adapter.close(out_no)
    except GatewayRefused as refusal:
        if refusal.params.get("reason") != "paid":
            raise
        return adapter.query(out_no)
    _end(attempt, "closed", {}, by)
    return None


def close_attempts(*, purchase_ids: Sequence[int], by: Actor) -> list[VerifiedEvent]:
    """Close the open attempts of purchases that are expired, cancelled or paid otherwise; returns payments found.

    A gateway that is silent, gone or refuses is left for the next round: its attempts stay open and hold up no other.
    """
    found = []
    for attempt in queries.attempts_of(by.cluster_id, purchase_ids).filter(state="started"):
        try:
            event = close_attempt(out_no=attempt.out_no, by=by)
        except YunjuError as error:
            log.warning("gateway %s: attempt %s stays open: %s", attempt.gateway, attempt.out_no, error)
            continue
        if event:
            found.append(event)
    return found


# --- what providers said --------------------------------------------------------------------------------------------


def note_notifications(events: Sequence[VerifiedEvent], *, verdict: str = "new") -> list[bool]:
    """Put events into the inbox; True where an event was not known before, in the order given. One statement.

    Runs in the transaction of the effect: a rollback forgets both. Of an event that stands twice in `events` the first
    is new. Somebody else's uncommitted same event is waited for (`lock_timeout`). `verdict`: what will nearly always come
    of them; whoever finds otherwise says so by `note_verdicts` before the commit.
    """
    at = clock.now()
    firsts: dict[tuple[str, str], int] = {}
    for position, event in enumerate(events):
        firsts.setdefault((event.gateway, event.event_id), position)
    ordered = [
        events[firsts[key]] for key in sorted(firsts)
    ]  # one order, so that two batches never wait crosswise
    rows = sql.fetch(
        "INSERT INTO payments_notification (gateway, event_id, kind, verdict, body_sha256, received_at)"
        " SELECT g, e, k, %s, b, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS rows(g, e, k, b)"
        " ON CONFLICT (gateway, event_id) DO NOTHING RETURNING gateway, event_id",
        [
            verdict,
            at,
            [event.gateway for event in ordered],
            [event.event_id for event in ordered],
            [event.kind for event in ordered],
            [event.body_sha256 for event in ordered],
        ],
    )
    fresh = {firsts[gateway, event_id] for gateway, event_id in rows}
    return [position in fresh for position in range(len(events))]


def note_verdicts(events: Sequence[VerifiedEvent], verdicts: Sequence[str]) -> None:
    """Write beside each noted event what became of it (`paid`, `unapplied`, ...), in one statement; none for none."""
    if not events:
        return
    sql.execute(
        "UPDATE payments_notification n SET verdict = v.verdict"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS v(gateway, event_id, verdict)"
        " WHERE n.gateway = v.gateway AND n.event_id = v.event_id",
        [[event.gateway for event in events], [event.event_id for event in events], list(verdicts)],
    )


def mark_paid(events: Sequence[VerifiedEvent], *, by: Actor | None = None) -> set[str]:
    """Mark the attempts of `paid` events as paid and return the `out_no` of those that were not before.

    Two statements, in the caller's transaction, after the purchases are locked. Money that arrives at a closed attempt
    arrived all the same: the attempt becomes paid, the caller decides where the money belongs.
    """
    paid = sorted({event.out_no: event for event in events if event.kind == "paid"}.items())
    rows = sql.fetch(
        "UPDATE payments_attempt a SET state = 'paid', provider_no = e.provider_no, paid_minor = e.amount, paid_at = e.at"
        " FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[]) AS e(out_no, provider_no, amount, at)"
        " WHERE a.out_no = e.out_no AND a.state <> 'paid' RETURNING a.cluster_id, a.id, a.out_no, a.paid_minor",
        [
            [out_no for out_no, _ in paid],
            [event.provider_no for _, event in paid],
            [event.amount_minor for _, event in paid],
            [event.at for _, event in paid],
        ],
    )
    who = by or system(0, "gateway")
    journal.note_many("attempt", "paid", [(row[0], row[1], {"amount": row[3]}) for row in rows], who)
    return {row[2] for row in rows}


def query_silent(*, older_than: timedelta, limit: int = 50) -> list[VerifiedEvent]:
    """Ask gateways about attempts that were started long ago and of which nothing was heard; returns what was paid.

    Several workers may do so side by side. An attempt is asked for with growing pauses, and no more after 7 days.
    Must not run inside a transaction; the caller hands the events to `orders.actions.pay`.
    """
    found: list[VerifiedEvent] = []
    silent: set[str] = set()
    for out_no, code in _claim_silent(older_than, limit):
        if code in silent:
            continue
        try:
            event = registry.gateway(code).query(out_no)
        except GatewaySilent:
            log.warning("gateway %s does not answer queries", code)
            silent.add(code)
        except Foreign as refusal:
            log.error("gateway %s answers for %s with another payment: %s", code, out_no, refusal)
        else:
            found += [event] if event else []
    return found


def _claim_silent(older_than: timedelta, limit: int) -> list[tuple[str, str]]:
    at = clock.now()
    rows = sql.fetch(
        "UPDATE payments_attempt SET asked_at = %(now)s WHERE id IN ("
        " SELECT id FROM payments_attempt WHERE state = 'started' AND answer IS NOT NULL"
        " AND started_at BETWEEN %(oldest)s AND %(youngest)s"
        " AND (asked_at IS NULL OR asked_at < %(now)s - greatest(%(pause)s, (%(now)s - started_at) / 4))"
        " ORDER BY asked_at NULLS FIRST, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) RETURNING out_no, gateway",
        {
            "now": at,
            "oldest": at - ASK_NO_MORE_AFTER,
            "youngest": at - older_than,
            "pause": ASK_AGAIN_AFTER,
            "limit": limit,
        },
    )
    return [(out_no, code) for out_no, code in rows]


# --- parts of starting ----------------------------------------------------------------------------------------------


def _checked(payable: Payable, adapter: Gateway, kind: str) -> AnswerKind:
    if kind not in set(AnswerKind):
        raise Invalid("payments.unknown_kind", field="kind", kind=kind[:20])
    if not 0 < payable.amount_minor <= MAX_MINOR:
        raise Invalid("payments.no_amount", field="amount")
    suppliers = {part.supplier_id for part in payable.parts}
    whole = sum(part.amount_minor for part in payable.parts)
    least = min((part.amount_minor for part in payable.parts), default=0)
    if whole != payable.amount_minor or len(suppliers) != len(payable.parts) or least <= 0:
        raise Invalid("payments.parts_differ", field="parts")
    if len(payable.parts) > adapter.max_parts:
        raise Invalid(
            "payments.too_many_parts", field="parts", most=adapter.max_parts, parts=len(payable.parts)
        )
    return AnswerKind(kind)


def _open_attempt(payable: Payable, gateway: str, kind: AnswerKind, by: Actor) -> Attempt:
    """The open attempt of this purchase, gateway and kind; made when there is none."""
    try:
        with transaction.atomic():
            return _kept(payable, gateway, kind) or _made(payable, gateway, kind, by)
    except IntegrityError as error:  # two taps at once: the other one made it
        kept = _kept(payable, gateway, kind)
        if kept is None:  # ... and it has ended since
            raise Busy("busy.locked") from error
        return kept


def _kept(payable: Payable, gateway: str, kind: AnswerKind) -> Attempt | None:
    mine = queries.attempts_of(payable.cluster_id, [payable.purchase_id])
    attempt = mine.filter(gateway=gateway, kind=kind, state="started").first()
    if attempt and (attempt.amount_minor, attempt.currency) != (payable.amount_minor, payable.currency):
        raise Refused("payments.attempt_differs")
    return attempt


def _made(payable: Payable, gateway: str, kind: AnswerKind, by: Actor) -> Attempt:
    attempt = Attempt.objects.create(
        cluster_id=payable.cluster_id,
        purchase_id=payable.purchase_id,
        gateway=gateway,
        out_no="A" + secrets.token_hex(12),
        currency=payable.currency,
        amount_minor=payable.amount_minor,
        parts=[asdict(part) for part in payable.parts],
        kind=kind.value,
        started_at=clock.now(),
    )
    journal.note("attempt", attempt.pk, "started", {"gateway": gateway, "kind": kind.value}, by)
    return attempt


def _request(attempt: Attempt, payable: Payable, kind: AnswerKind) -> StartRequest:
    own_page = settings.YUNJU_PUBLIC_URL + RETURN_PATH.format(code=quote(payable.purchase_code))
    return StartRequest(
        out_no=attempt.out_no,
        cluster_id=attempt.cluster_id,
        purchase_code=payable.purchase_code,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        parts=payable.parts,
        kind=kind,
        return_url=payable.return_url or own_page,
        notify_url=settings.YUNJU_PUBLIC_URL + NOTIFY_PATH.format(gateway=attempt.gateway),
        description=payable.purchase_code,
    )


def _is_over(answer: Answer) -> bool:
    return isinstance(answer, Qr) and answer.expires_at <= clock.now()


def _end(attempt: Attempt, state: str, params: dict[str, str | int | bool | None], by: Actor) -> None:
    """Guarded: a payment that was booked meanwhile stays."""
    with transaction.atomic():
        changed = Attempt.objects.filter(
            cluster_id=attempt.cluster_id, pk=attempt.pk, state="started"
        ).update(state=state, ended_at=clock.now())
        if changed:
            attempt.state = state
            journal.note("attempt", attempt.pk, state, params, by)
