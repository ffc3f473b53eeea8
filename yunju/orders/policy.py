"""Who may do what with orders beyond moving them. Pure; raises what the actor is told."""

from yunju.fulfilment.contract import Who
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound
from yunju.members.words import Permission
from yunju.orders.flow.policy import Parties, may_see, whos_of
from yunju.orders.models import Order, Purchase


def parties_of(order: Order) -> Parties:
    """Whose order it is. The purchase is read with it."""
    return Parties(
        order.cluster_id, order.purchase.user_id, order.purchase.holder, order.supplier_id, order.purchase_id
    )


def require(by: Actor, order: Order, who: Who, event: str) -> None:
    """Raise NotFound for a stranger, Forbidden for somebody who sees the order and may not do this."""
    parties = parties_of(order)
    if who is Who.SUPPLIER and by.holds(Permission.CASE_ANSWER, order.supplier_id):
        return
    if who in whos_of(by, parties):
        return
    raise Forbidden("flow.not_yours", event=event) if may_see(by, parties) else NotFound("order.unknown")


def require_buyer(by: Actor, purchase: Purchase) -> None:
    """Only the buyer (or the software for them) pays a purchase or gives it up; who merely sees it may not."""
    is_account = by.user_id is not None and by.user_id == purchase.user_id
    is_browser = bool(by.holder) and by.holder == purchase.holder
    has_key = purchase.user_id is None and purchase.pk in by.keys
    if by.kind != "system" and not (is_account or is_browser or has_key):
        raise Forbidden("purchase.not_yours")


def require_money(by: Actor) -> None:
    """Whoever decides over money of the cluster: the operator's people with the right, or the software."""
    if by.kind != "system" and not by.members_with(Permission.CLUSTER_CASES):
        raise Forbidden("money.not_yours")
