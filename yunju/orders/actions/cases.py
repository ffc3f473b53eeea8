"""After-sale cases: asked by the buyer, answered by the supplier or by silence, ruled by the operator.

Every waiting state has a timer whose default is in the table of `transitions.CASE`. Settling a case decides its
refund in the same transaction; a dispute lays the order's overlay, which freezes its timers and its release.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yunju.catalog.actions import stock as catalog_stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, idempotency, ids, locks, outbox
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Invalid, KeyConflict, NotFound, Refused, YunjuError
from yunju.kernel.pictures import Kept
from yunju.orders import policy, transitions
from yunju.orders.actions import case_timers, events, refunds
from yunju.orders.after_sale import UNSENT, Claim, Judged, LineState, judge
from yunju.orders.checks import principal
from yunju.orders.flow import actions as flow
from yunju.orders.flow import rows as flow_rows
from yunju.orders.flow.timers import POSTPONED, TimersBroken
from yunju.orders.models import Case, CaseLine, CasePhoto, Line, Order

log = logging.getLogger(__name__)


def open_case(*, order_id: int, claim: Claim, by: Actor, photos: Sequence[Kept] = ()) -> Case:
    """Ask for a refund or a return, with photos that are stored already (see `claims`). One open case an order.

    Raises NotFound, Invalid at the field, Refused (`case.open_already`, `case.window_over`, `case.not_returnable`).
    """
    return locks.with_retries(lambda: _open(order_id, claim, by, photos))


def _open(order_id: int, claim: Claim, by: Actor, photos: Sequence[Kept]) -> Case:
    at = clock.now()
    with locks.transaction_with_timeout(locks.ALONE_MS):
        order = _locked_order(by.cluster_id, order_id)
        policy.require(by, order, Who.BUYER, "open_case")
        if not order.fulfilment_state:
            raise Refused("flow.not_open")
        if (
            Case.objects.filter(cluster_id=by.cluster_id, order_id=order_id)
            .exclude(state__in=transitions.CASE_ENDS)
            .exists()
        ):
            raise Refused("case.open_already")
        judged = judge(claim, _lines(order), order.fulfilment_state, at)
        case = _write(order, claim, judged, at)
        CasePhoto.objects.bulk_create(
            [
                CasePhoto(case=case, position=place, name=one.name, small=one.small)
                for place, one in enumerate(photos, start=1)
            ]
        )
        _after_sale(order, "open", by, at)
        case_timers.set_for(case, at)
        _event(case, "open", "", "asked", Who.BUYER, by)
        _tell(case, "opened")
        return case


def _write(order: Order, claim: Claim, judged: Judged, at: datetime) -> Case:
    case = Case.objects.create(
        cluster_id=order.cluster_id,
        order_id=order.pk,
        code=ids.public_code(),
        kind=claim.kind,
        reason=claim.reason,
        words=claim.words.strip(),
        fault=judged.fault,
        amount_minor=sum(judged.amounts.values()) + judged.freight_minor,
        freight_minor=judged.freight_minor,
        version=1,
        opened_at=at,
    )
    CaseLine.objects.bulk_create(
        [
            CaseLine(case=case, line_id=line_id, quantity=claim.pieces[line_id], amount_minor=amount)
            for line_id, amount in judged.amounts.items()
        ]
    )
    return case


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to a case: the event of `transitions.CASE`, and what it carries."""

    event: str
    tracking: str = ""
    restock: bool = True
    words: str = ""


WHO_SAYS: Mapping[str, frozenset[Who]] = {
    "agree": frozenset({Who.SUPPLIER, Who.OPERATOR}),
    "refuse": frozenset({Who.SUPPLIER}),
    "withdraw": frozenset({Who.BUYER}),
    "send_back": frozenset({Who.BUYER}),
    "accept": frozenset({Who.SUPPLIER, Who.OPERATOR}),
    "escalate": frozenset({Who.BUYER, Who.SUPPLIER}),
    "rule_buyer": frozenset({Who.OPERATOR}),
    "rule_supplier": frozenset({Who.OPERATOR}),
    "silence": frozenset({Who.TIMER}),
}


def answer_case(*, case_id: int, answer: Answer, who: Who, by: Actor) -> Case:
    """Move a case as `who`; a timer only when it is over.

    Raises NotFound, Forbidden, Invalid, Refused (`flow.forbidden`, `flow.too_early`), Busy; a refusal changes nothing.
    """
    return locks.with_retries(lambda: _answer(case_id, answer, who, by))


def _answer(case_id: int, answer: Answer, who: Who, by: Actor) -> Case:
    with locks.transaction_with_timeout(locks.ALONE_MS):
        found = Case.objects.filter(cluster_id=by.cluster_id, pk=case_id).first()
        if found is None:
            raise NotFound("case.unknown")
        order = _locked_order(by.cluster_id, found.order_id)
        case = Case.objects.select_for_update().get(cluster_id=by.cluster_id, pk=case_id)
        policy.require(by, order, who, answer.event)
        if who not in WHO_SAYS.get(answer.event, frozenset()):
            raise Refused("flow.forbidden", event=answer.event, state=case.state)
        after = transitions.after(transitions.CASE, case.state, answer.event)
        if who is Who.TIMER and not case_timers.is_due(case):
            raise Refused("flow.too_early", event=answer.event)
        if answer.event == "send_back" and not 5 <= len(answer.tracking.strip()) <= 60:
            raise Invalid("input.required", field="tracking")
        _move(case, order, after, answer, (who, by))
        return case


def _move(case: Case, order: Order, after: str, answer: Answer, who_by: tuple[Who, Actor]) -> None:
    """Write the new state, then what it means: the refund, the overlay, the timer."""
    who, by = who_by
    before, at = case.state, clock.now()
    if after == "agreed" and case.kind == "refund":
        after = transitions.after(transitions.CASE, "agreed", "settle")
    case.state, case.version = after, case.version + 1
    case.tracking = answer.tracking.strip() or case.tracking
    case.settled_at = at if after in transitions.CASE_ENDS else None
    case.save(update_fields=["state", "version", "tracking", "settled_at"])
    _event(case, answer.event, before, after, who, by)
    case_timers.set_for(case, at)
    if after in transitions.CASE_ENDS:
        _end(case, order, (before, after), answer, by)
    elif after == "disputed":
        _overlay(order, by, opens=True)
    _tell(case, after)


def _end(case: Case, order: Order, states: tuple[str, str], answer: Answer, by: Actor) -> None:
    before, after = states
    if before == "disputed":
        _overlay(order, by, opens=False)
        order.refresh_from_db(from_queryset=Order.objects.filter(cluster_id=order.cluster_id))
    if after == "settled":
        _settle(case, order, restock=answer.restock)
    _after_sale(order, "settle" if after == "settled" else "close", by, clock.now())
    if after == "settled" and order.fulfilment_state in UNSENT:
        _cancel_when_empty(order)


def _settle(case: Case, order: Order, *, restock: bool) -> None:
    """Decide the refund. What was given back by another refund meanwhile is not given twice."""
    lines = {line.id: line for line in _lines(order)}
    wanted = {row.line_id: row for row in case.lines.all()}
    amounts = {line_id: min(row.amount_minor, lines[line_id].left_minor) for line_id, row in wanted.items()}
    freight, rest = [line for line in lines.values() if line.kind == "freight"], case.freight_minor
    for line in freight:
        amounts[line.id] = min(rest, line.left_minor)
        rest -= amounts[line.id]
    pieces = {line_id: row.quantity for line_id, row in wanted.items()}
    if any(amounts.values()):
        want = refunds.Want(order.pk, case.reason, amounts, pieces, case.pk)
        decided = refunds.decide(order.cluster_id, [want])[0]
        if isinstance(decided, YunjuError):
            raise decided
    if case.kind == "return" and restock:
        _put_back(order, pieces)


def _put_back(order: Order, pieces: Mapping[int, int]) -> None:
    """Pieces that came back go on the shelf when the supplier says they may. What never left is the refund's to free."""
    lines = Line.objects.filter(cluster_id=order.cluster_id, pk__in=list(pieces), stock_state="taken")
    moves = [
        (line.variant_id, line.place_id, pieces[line.pk])
        for line in lines
        if line.variant_id and line.place_id
    ]
    catalog_stock.put_back_sold(order.cluster_id, moves)


def _cancel_when_empty(order: Order) -> None:
    """Nothing is left to send: the order ends as cancelled."""
    goods = Line.objects.filter(cluster_id=order.cluster_id, order_id=order.pk, kind="goods")
    if any(line.refunded_quantity < line.quantity for line in goods):
        return
    by = system(order.cluster_id, "after-sale")
    change = flow_rows.Change(order.cluster_id, Who.OPERATOR, by, clock.now(), {"reason": "refunded"})
    locked = flow_rows.lock_orders(order.cluster_id, [order.pk], clock.now())
    answer = flow.move_locked(change, locked, [order.pk], "cancel")[order.pk]
    if isinstance(answer, YunjuError):
        raise answer


def _overlay(order: Order, by: Actor, *, opens: bool) -> None:
    machine = system(by.cluster_id, "after-sale")
    if opens:
        flow.dispute(cluster_id=by.cluster_id, order_id=order.pk, by=machine, reason="case", who=Who.SYSTEM)
    else:
        flow.settle_dispute(cluster_id=by.cluster_id, order_id=order.pk, by=machine, who=Who.SYSTEM)


def _locked_order(cluster_id: int, order_id: int) -> Order:
    order = (
        Order.objects.select_for_update(of=("self",), no_key=True)
        .select_related("purchase")
        .filter(cluster_id=cluster_id, purchase__cluster_id=cluster_id, pk=order_id)
        .first()
    )
    if order is None:
        raise NotFound("order.unknown")
    return order


def _lines(order: Order) -> list[LineState]:
    fields = LineState.__dataclass_fields__
    rows = Line.objects.filter(cluster_id=order.cluster_id, order_id=order.pk).order_by("seq")
    return [LineState(**row) for row in rows.values(*fields)]


def _after_sale(order: Order, event: str, by: Actor, at: datetime) -> None:
    """Move the order's third axis, guarded by its version, with its event row. No move when it is there already."""
    own = Order.objects.filter(cluster_id=order.cluster_id)
    order.refresh_from_db(fields=["after_sale_state", "version"], from_queryset=own)
    before = order.after_sale_state
    after = transitions.after(transitions.AFTER_SALE, before, event)
    changed = own.filter(pk=order.pk, version=order.version).update(
        after_sale_state=after, version=order.version + 1
    )
    if changed != 1:
        raise AssertionError("an order changed under its lock")
    change = events.Change("order", order.pk, order.version + 1, "after_sale", event, before, after, "system")
    events.write([change], by=by, at=at)
    order.refresh_from_db(fields=["after_sale_state", "version"], from_queryset=own)


def _event(case: Case, event: str, before: str, after: str, who: Who, by: Actor) -> None:
    change = events.Change("case", case.pk, case.version, "after_sale", event, before, after, who.value)
    events.write([change], by=by, at=clock.now())


def _tell(case: Case, word: str) -> None:
    outbox.write([outbox.Event(case.cluster_id, "case.moved", case.pk, {"order": case.order_id, "to": word})])


def fire_due(limit: int = 100) -> int:
    """Let silence decide the cases whose time is over; returns how many timers were taken. Twice is once.

    Raises TimersBroken when a case could not be moved for another reason than a refusal; the others were.
    """
    taken = case_timers.due(limit)
    broken = [case_id for cluster_id, case_id in taken if not _silence(cluster_id, case_id)]
    if broken:
        raise TimersBroken(f"silence of cases {broken}")
    return len(taken)


def _silence(cluster_id: int, case_id: int) -> bool:
    try:
        answer_case(case_id=case_id, answer=Answer("silence"), who=Who.TIMER, by=system(cluster_id, "timer"))
    except Exception as error:
        if isinstance(error, Refused) and error.code in ("flow.forbidden", "flow.too_early"):
            # The case moved on between the look and the lock. The timer of its new state stays.
            case_timers.drop_due(cluster_id, case_id)
            return True
        log.exception("silence of case %s failed", case_id)
        case_timers.put_off(cluster_id, case_id, clock.now() + POSTPONED)
        return False
    return True


def refund_by_supplier(
    *, order_id: int, amounts: Mapping[int, int], words: str, by: Actor, key: str = ""
) -> None:
    """A refund without a case, at any time, by the supplier of its own will or by the operator: minor units per line.

    When all goods are paid back before anything was sent, the order ends. `key` is the idempotency key of the form: the
    same again is nothing more. A caller that has claimed one of its own gives none.
    Raises NotFound, Forbidden, Refused (`refund.too_much`, `refund.nothing_left`), KeyConflict, Busy, Invalid when an amount is none.
    """
    if len(words) > 200 or any(type(cents) is not int or cents < 0 for cents in amounts.values()):
        raise Invalid("input.range", field="amount")
    payload = [order_id, sorted(amounts.items()), words]
    claimed = [idempotency.make(scope=f"goodwill {principal(by)}", key=key, payload=payload)] if key else []
    locks.with_retries(lambda: _refund(order_id, amounts, by, claimed))


def _refund(order_id: int, amounts: Mapping[int, int], by: Actor, keys: Sequence[idempotency.Key]) -> None:
    with locks.transaction_with_timeout(locks.ALONE_MS):
        for claim in idempotency.claim(by.cluster_id, keys).values():
            if claim.conflict:
                raise KeyConflict("idempotency.conflict")
            if not claim.fresh:
                return
        order = _locked_order(by.cluster_id, order_id)
        who = Who.OPERATOR if by.is_operator else Who.SUPPLIER
        policy.require(by, order, who, "refund")
        decided = refunds.decide(by.cluster_id, [refunds.Want(order_id, "goodwill", dict(amounts))])[0]
        if isinstance(decided, YunjuError):
            raise decided
        Order.objects.filter(cluster_id=order.cluster_id, pk=order_id).update(version=order.version + 1)
        params = {"refund": decided.pk, "amount": decided.amount_minor}
        change = events.Change(
            "order", order_id, order.version + 1, "after_sale", "goodwill", "", "", who.value, params
        )
        events.write([change], by=by, at=clock.now())
        if order.fulfilment_state in UNSENT:
            _cancel_when_empty(order)
        idempotency.finish(by.cluster_id, [(key, {"refund": decided.pk}) for key in keys])
