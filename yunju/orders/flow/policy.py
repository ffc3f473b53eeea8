"""Who an actor is to an order. Pure."""

from dataclasses import dataclass

from yunju.fulfilment.contract import Who
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound, YunjuError
from yunju.members.words import Permission


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose order it is: the buyer's login or browser, and the supplier (none until an award).

    A purchase without account also belongs to the browsers that opened it by its link.
    """

    cluster_id: int
    user_id: int | None
    holder: str
    supplier_id: int | None
    purchase_id: int = 0


def whos_of(actor: Actor, order: Parties) -> frozenset[Who]:
    """As whom the actor may move the order. The software itself may speak for all; a person for nobody else."""
    if actor.cluster_id != order.cluster_id:
        return frozenset()
    if actor.kind == "system":
        return frozenset(Who)
    roles = {
        Who.BUYER: _is_buyer(actor, order),
        Who.SUPPLIER: actor.holds(Permission.ORDER_SHIP, order.supplier_id),
        # Not CLUSTER_ORDERS: auditors hold that to look, not to act.
        Who.OPERATOR: actor.is_operator and bool(actor.members_with(Permission.CLUSTER_CASES)),
    }
    return frozenset(who for who, is_so in roles.items() if is_so)


def _is_buyer(actor: Actor, order: Parties) -> bool:
    if actor.user_id is not None and actor.user_id == order.user_id:
        return True
    if order.user_id is None and order.purchase_id in actor.keys:
        return True
    return bool(order.holder) and actor.holder == order.holder


def may_see(actor: Actor, order: Parties) -> bool:
    """Whoever may move an order sees it; so do people of the supplier and of the operator who may see orders."""
    if actor.cluster_id != order.cluster_id:
        return False
    looks_on = actor.is_operator and bool(actor.members_with(Permission.CLUSTER_ORDERS))
    return bool(whos_of(actor, order)) or looks_on or actor.holds(Permission.ORDER_SEE, order.supplier_id)


def refusal(actor: Actor, order: Parties, who: Who, event: str) -> YunjuError | None:
    """Why the actor may not speak as `who`: a stranger's order does not exist, another's move is forbidden."""
    if who in whos_of(actor, order):
        return None
    if not may_see(actor, order):
        return NotFound("order.unknown")
    return Forbidden("flow.not_yours", event=event)
