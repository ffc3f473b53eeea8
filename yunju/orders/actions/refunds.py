"""Deciding refunds: payees give back what they hold or were released, by the shares of the lines. Set-based.

The caller has locked the orders. Money leaves the payees at once; the gateway is asked afterwards (`sending`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Sum

from yunju.catalog.actions import stock as catalog_stock
from yunju.kernel import clock, ids, outbox, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, YunjuError
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, lock_balances, post
from yunju.ledger.kinds import Kind
from yunju.members.queries import operator_of
from yunju.orders.models import Line, Order, Refund, RefundPart
from yunju.orders.refunding import Balances, Part, ShareLeft, amounts_left, legs, take
from yunju.payments.models import Attempt


@dataclass(frozen=True, slots=True)
class Want:
    """A refund of one order. `amounts`: line id -> minor units; None means all that is left of every line.

    `quantities`: line id -> pieces that this refund settles, for the line's counter.
    """

    order_id: int
    reason: str
    amounts: Mapping[int, int] | None = None
    quantities: Mapping[int, int] = field(default_factory=dict)
    case_id: int | None = None


@dataclass(slots=True)
class _Plan:
    """A refund that can be made: what each share gives, what comes out of escrow."""

    want: Want
    order: Order
    amounts: dict[int, int]
    parts: list[Part]
    escrow: int = 0
    kept: int = 0  # of the total, what the buyer never paid: the shortage that the operator had borne
    refund: Refund | None = None

    @property
    def total(self) -> int:
        return self.escrow + sum(part.from_pending + part.from_released for part in self.parts)


def decide(cluster_id: int, wants: Sequence[Want]) -> list[Refund | YunjuError]:
    """Decide refunds of locked, paid orders; each stands or is refused on its own. At most one want per order.

    Answers the Refund row, or the refusal (`refund.nothing_left`, `refund.too_much`), in the order given.
    """
    at = clock.now()
    orders = {
        order.pk: order
        for order in Order.objects.select_related("purchase").filter(
            cluster_id=cluster_id, purchase__cluster_id=cluster_id, pk__in=[want.order_id for want in wants]
        )
    }
    lines = _lines(cluster_id, list(orders))
    shares = _lock_shares(cluster_id, list(orders))
    short = _lock_shortages(cluster_id, orders.values())
    balances = _lock_balances(cluster_id, orders.values(), shares.values())
    plans: list[_Plan | YunjuError] = []
    for want in wants:
        try:
            plans.append(_plan(want, orders[want.order_id], lines[want.order_id], shares, balances))
            _keep_shortage(plans[-1], short)
        except YunjuError as refusal:
            plans.append(refusal)
    _carry_out(cluster_id, [plan for plan in plans if isinstance(plan, _Plan)], balances, at)
    return [plan.refund if isinstance(plan, _Plan) and plan.refund else _refusal(plan) for plan in plans]


def _refusal(plan: "_Plan | YunjuError") -> YunjuError:
    if isinstance(plan, YunjuError):
        return plan
    raise AssertionError("a plan was not carried out")


def refund_rest(
    *,
    cluster_id: int,
    order_ids: Sequence[int],
    reason: str,
    by: Actor,  # noqa: ARG001 - the flow writes who moved it
) -> list[Refund | YunjuError]:
    """All that is left of locked orders goes back. An order with nothing left is `refund.nothing_left`, and no error."""
    return decide(cluster_id, [Want(order_id, reason) for order_id in order_ids])


def _lines(cluster_id: int, order_ids: Sequence[int]) -> dict[int, dict[int, tuple[int, int]]]:
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    rows = Line.objects.filter(cluster_id=cluster_id, order_id__in=order_ids).order_by("order_id", "seq")
    for order_id, line_id, amount, refunded in rows.values_list(
        "order_id", "pk", "amount_minor", "refunded_minor"
    ):
        found[order_id][line_id] = (amount, refunded)
    return found


def _lock_shares(cluster_id: int, order_ids: Sequence[int]) -> dict[int, list[ShareLeft]]:
    """Shares by line, locked in id order (which is the fixed order of payees within a line)."""
    rows = sql.fetch(
        "SELECT id, line_id, payee_id, amount_minor, released_minor, refunded_minor, reclaimed_minor FROM orders_share"
        " WHERE cluster_id = %s AND order_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
        [cluster_id, list(order_ids)],
    )
    found: dict[int, list[ShareLeft]] = defaultdict(list)
    for row in rows:
        share = ShareLeft(*row)
        found[share.line_id].append(share)
    return found


def _lock_balances(
    cluster_id: int, orders: Iterable[Order], shares: Iterable[Sequence[ShareLeft]]
) -> Balances:
    """Every balance the refunds may touch, locked in one call so that the ids are taken in order.

    Escrow of orders that have it; available, reserve and debt of payees who were released something.
    """
    found = list(orders)
    if not found:
        return {}
    payees = {share.payee_id for line in shares for share in line if share.released > share.reclaimed}
    keys = [(subjects.order(order.pk), Kind.ESCROW) for order in found if order.escrowed]
    keys += [
        (subjects.member(payee), kind)
        for payee in sorted(payees)
        for kind in (Kind.AVAILABLE, Kind.RESERVE, Kind.DEBT)
    ]
    return lock_balances(cluster_id, found[0].currency, keys)


def _plan(
    want: Want,
    order: Order,
    lines: Mapping[int, tuple[int, int]],
    shares: Mapping[int, Sequence[ShareLeft]],
    balances: Balances,
) -> _Plan:
    """What each share gives. An order in escrow gives what is still in escrow before it asks its payees."""
    left = amounts_left(lines)
    amounts = dict(left) if want.amounts is None else dict(want.amounts)
    if order.purchase.payment_state != "paid":
        raise Refused("refund.not_paid")
    if any(cents < 0 or cents > left.get(line_id, -1) for line_id, cents in amounts.items()):
        raise Refused("refund.too_much")
    plan = _Plan(want, order, {line_id: cents for line_id, cents in amounts.items() if cents}, [])
    escrow = balances.get((subjects.order(order.pk), Kind.ESCROW), 0)
    for line_id, cents in plan.amounts.items():
        from_escrow = min(cents, escrow)
        escrow -= from_escrow
        plan.escrow += from_escrow
        plan.parts += take(cents - from_escrow, shares.get(line_id, ()))
    if not plan.total:
        raise Refused("refund.nothing_left")
    return plan


def _lock_shortages(cluster_id: int, orders: Iterable[Order]) -> dict[int, int]:
    """Purchase id -> minor units of its shares that no buyer's money stands behind any more, where there are some.

    Short attempts are locked: refunds of two orders of one purchase, side by side, would each leave the same cents out.
    """
    purchases = {order.purchase_id: order.purchase for order in orders}
    attempts = Attempt.objects.filter(
        cluster_id=cluster_id,
        pk__in=[p.attempt_id for p in purchases.values() if p.attempt_id],
        paid_minor__lt=F("amount_minor"),
    )
    locked = attempts.select_for_update(no_key=True).order_by("pk").values_list("pk", "paid_minor")
    paid = {pk: cents for pk, cents in locked if cents is not None}
    short = {
        pk: purchase.total_minor - paid[purchase.attempt_id]
        for pk, purchase in purchases.items()
        if purchase.attempt_id in paid
    }
    if not short:
        return {}
    rows = Refund.objects.filter(cluster_id=cluster_id, kind="order", purchase_id__in=list(short))
    for pk, kept in rows.values_list("purchase_id").annotate(Sum("kept_minor")):
        short[pk or 0] -= kept
    return short


def _keep_shortage(plan: "_Plan | YunjuError", short: dict[int, int]) -> None:
    """A buyer gets back no more than was paid: the first refund that can leaves out what was short, a cent at least goes."""
    if isinstance(plan, _Plan):
        plan.kept = min(short.get(plan.order.purchase_id, 0), plan.total - 1)
        if plan.kept:
            short[plan.order.purchase_id] -= plan.kept


def _carry_out(cluster_id: int, plans: Sequence[_Plan], balances: Balances, at: datetime) -> None:
    if not plans:
        return
    refunds = Refund.objects.bulk_create([_refund(plan, at) for plan in plans])
    for plan, refund in zip(plans, refunds, strict=True):
        plan.refund = refund
    parts = [(plan, part) for plan in plans for part in plan.parts]
    RefundPart.objects.bulk_create([_part(plan, part) for plan, part in parts])
    _count_shares(cluster_id, [part for _, part in parts])
    _count_lines(cluster_id, plans)
    post([_posting(plan, balances, at) for plan in plans])
    events = [
        outbox.Event(cluster_id, "refund.decided", refund.pk, {"order": refund.order_id})
        for refund in refunds
    ]
    outbox.write(events)


def _refund(plan: _Plan, at: datetime) -> Refund:
    purchase = plan.order.purchase
    if purchase.attempt_id is None:
        raise AssertionError(f"purchase {purchase.pk} is paid without an attempt")
    return Refund(
        cluster_id=plan.order.cluster_id,
        kind="order",
        purchase_id=purchase.pk,
        order_id=plan.order.pk,
        case_id=plan.want.case_id,
        attempt_id=purchase.attempt_id,
        gateway=purchase.gateway,
        out_no=f"R{ids.public_code(20)}",
        currency=plan.order.currency,
        amount_minor=plan.total - plan.kept,
        kept_minor=plan.kept,
        reason=plan.want.reason,
        decided_at=at,
        next_try_at=at,
    )


def _part(plan: _Plan, part: Part) -> RefundPart:
    return RefundPart(
        cluster_id=plan.order.cluster_id,
        refund=plan.refund,
        line_id=part.share.line_id,
        share_id=part.share.id,
        payee_id=part.share.payee_id,
        from_pending_minor=part.from_pending,
        from_released_minor=part.from_released,
    )


def _count_shares(cluster_id: int, parts: Sequence[Part]) -> None:
    if parts:
        sql.execute(
            "UPDATE orders_share s SET refunded_minor = s.refunded_minor + w.p, reclaimed_minor = s.reclaimed_minor + w.r"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(id, p, r) WHERE s.cluster_id = %s AND s.id = w.id",
            [
                [part.share.id for part in parts],
                [part.from_pending for part in parts],
                [part.from_released for part in parts],
                cluster_id,
            ],
        )


def _count_lines(cluster_id: int, plans: Sequence[_Plan]) -> None:
    """Count money and pieces. With its last cent a line is refunded whole; pieces that never left are free again.

    A line that still has its pieces reserved was released to nobody, so that no account is locked before this stock.
    """
    rows = [
        (line, plan.amounts.get(line, 0), plan.want.quantities.get(line, 0))
        for plan in plans
        for line in sorted(plan.amounts.keys() | plan.want.quantities.keys())
    ]
    counted = sql.fetch(
        "WITH w AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS w(id, cents, pieces)),"
        " before AS (SELECT l.id, l.refunded_quantity FROM orders_line l JOIN w ON w.id = l.id WHERE l.cluster_id = %s)"
        " UPDATE orders_line l SET refunded_minor = l.refunded_minor + w.cents,"
        " refunded_quantity = CASE WHEN w.cents > 0 AND l.refunded_minor + w.cents = l.amount_minor THEN l.quantity"
        " ELSE least(l.refunded_quantity + w.pieces, l.quantity) END"
        " FROM w JOIN before b ON b.id = w.id WHERE l.cluster_id = %s AND l.id = w.id"
        " RETURNING l.variant_id, l.place_id, l.refunded_quantity - b.refunded_quantity, l.stock_state",
        [*(list(column) for column in zip(*rows, strict=True)), cluster_id, cluster_id],
    )
    freed = [(variant, place, n) for variant, place, n, state in counted if state == "reserved" and n]
    catalog_stock.give_back(cluster_id, freed)


def _posting(plan: _Plan, balances: Balances, at: datetime) -> Posting:
    if plan.refund is None:
        raise AssertionError("a refund is posted after it is written")
    gives = legs(plan.parts, balances)
    if plan.escrow:
        gives.append(Leg(subjects.order(plan.order.pk), Kind.ESCROW, -plan.escrow))
    due = Leg(subjects.gateway(plan.refund.gateway), Kind.REFUND_DUE, plan.total - plan.kept)
    if plan.kept:
        gives.append(Leg(subjects.member(operator_of(plan.order.cluster_id)), Kind.LOSS, plan.kept))
    cluster_id, currency = plan.order.cluster_id, plan.order.currency
    return Posting(cluster_id, "refund_decided", "refund", plan.refund.pk, currency, (*gives, due), at)
