"""Award: an order whose payee or amount was not known when the buyer paid gets its supplier and its shares, once.

The money waits in `order:N escrow`; the award moves what it fixes to the payees' pending, and sends the rest back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from yunju.kernel import clock, outbox, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, YunjuError
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.members.models import Member
from yunju.orders.actions import events, refunds
from yunju.orders.actions.write import SHARE, of_shares
from yunju.orders.models import Line, Order
from yunju.orders.shares import Claimant, ShareDraft, fix


@dataclass(frozen=True, slots=True)
class Award:
    """Who delivers, how much of each line is theirs to divide (minor units), and who else has a part of it."""

    order_id: int
    supplier_id: int
    amounts: dict[int, int]
    claimants: tuple[Claimant, ...] = ()


def award(*, award: Award, by: Actor) -> Order:
    """Fix the shares of an escrowed, paid order and name its supplier. The mode that calls has checked who may.

    Raises NotFound, Refused (`award.not_in_escrow`, `award.done`), Invalid (`award.amount`, `award.supplier`).
    """
    at = clock.now()
    with transaction.atomic():
        order = _locked(by.cluster_id, award.order_id)
        supplier = Member.objects.filter(
            pk=award.supplier_id, cluster_id=by.cluster_id, closed_at=None
        ).first()
        if supplier is None:
            raise Invalid("award.supplier", field="supplier")
        rows = Line.objects.filter(cluster_id=by.cluster_id, order_id=order.pk)
        lines = {line.pk: line.amount_minor - line.refunded_minor for line in rows}
        _check(award, lines)
        drafts = {
            line: fix(cents, award.supplier_id, award.claimants)
            for line, cents in award.amounts.items()
            if cents
        }
        _write_shares(order, drafts)
        Order.objects.filter(cluster_id=order.cluster_id, pk=order.pk).update(
            supplier_id=supplier.pk, supplier_name=supplier.name, version=order.version + 1
        )
        post([_posting(order, drafts)])
        change = events.Change("order", order.pk, order.version + 1, "fulfilment", "award", "", "", "system")
        events.write([change], by=by, at=at)
        _send_rest_back(order, lines, award.amounts)
        outbox.write(
            [
                outbox.Event(
                    by.cluster_id, "order.awarded", order.pk, {"mode": order.mode, "supplier": supplier.pk}
                )
            ]
        )
    order.refresh_from_db()
    return order


def _locked(cluster_id: int, order_id: int) -> Order:
    order = (
        Order.objects.select_for_update(of=("self",), no_key=True)
        .select_related("purchase")
        .filter(cluster_id=cluster_id, pk=order_id)
        .first()
    )
    if order is None:
        raise NotFound("order.unknown")
    if not order.escrowed or order.purchase.payment_state != "paid":
        raise Refused("award.not_in_escrow")
    if order.supplier_id is not None:
        raise Refused("award.done")
    return order


def _check(award: Award, lines: dict[int, int]) -> None:
    for line_id, cents in award.amounts.items():
        if type(cents) is not int or not 0 <= cents <= lines.get(line_id, -1):
            raise Invalid("award.amount", field=f"line:{line_id}")
    if not any(award.amounts.values()):
        raise Invalid("award.amount", field="amounts")


def _write_shares(order: Order, drafts: dict[int, list[ShareDraft]]) -> None:
    sql.insert_rows(
        "orders_share",
        SHARE,
        [
            (order.pk, line_id, share.role, share.payee_id, share.amount_minor)
            for line_id, shares in drafts.items()
            for share in shares
            if share.amount_minor
        ],
        of_shares(order.cluster_id),
    )


def _posting(order: Order, drafts: dict[int, list[ShareDraft]]) -> Posting:
    shares: Sequence[ShareDraft] = [share for found in drafts.values() for share in found]
    to = [Leg(subjects.member(share.payee_id), Kind.PENDING, share.amount_minor) for share in shares]
    out = Leg(subjects.order(order.pk), Kind.ESCROW, -sum(share.amount_minor for share in shares))
    return Posting(order.cluster_id, "awarded", "order", order.pk, order.currency, (out, *to), clock.now())


def _send_rest_back(order: Order, lines: dict[int, int], awarded: dict[int, int]) -> None:
    """What the award did not use of what had not gone back before is the buyer's again."""
    rest = {line_id: left - awarded.get(line_id, 0) for line_id, left in lines.items()}
    if not any(rest.values()):
        return
    decided = refunds.decide(order.cluster_id, [refunds.Want(order.pk, "awarded_less", rest)])[0]
    if isinstance(decided, YunjuError):
        raise decided
