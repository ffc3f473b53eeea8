"""Who an actor is to the talk about an order. Pure.

The shop that brought the buyer sees that there is a thread and whether an answer is due; the words are not its own.
"""

from yunju.fulfilment.contract import Who
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound
from yunju.members.words import Permission
from yunju.orders.flow.policy import Parties, may_see, whos_of


def side_of(by: Actor, order: Parties, wanted: str = "") -> str:
    """`buyer`, `supplier`, `operator`, or empty for whom the words are not. `wanted` where somebody is several."""
    sides = sides_of(by, order)
    return wanted if wanted in sides else (sides[0] if sides and not wanted else "")


def sides_of(by: Actor, order: Parties) -> tuple[str, ...]:
    """As whom the actor may speak."""
    if by.kind == "system":
        return ("operator",)
    whos = whos_of(by, order)
    found = []
    if Who.BUYER in whos:
        found.append("buyer")
    if by.cluster_id == order.cluster_id and by.holds(Permission.CASE_ANSWER, order.supplier_id):
        found.append("supplier")
    if Who.OPERATOR in whos:
        found.append("operator")
    return tuple(found)


def require_side(by: Actor, order: Parties, wanted: str = "") -> str:
    """The side, or NotFound for a stranger and Forbidden for whoever sees the order only."""
    side = side_of(by, order, wanted)
    if not side:
        raise Forbidden("thread.not_yours") if may_see(by, order) else NotFound("order.unknown")
    return side


def require_service(by: Actor, member_id: int, permission: Permission) -> None:
    """Whoever answers for a member: a stranger does not learn that it is there."""
    if by.holds(permission, member_id):
        return
    raise Forbidden("thread.not_yours") if member_id in by.grants else NotFound("members.no_member")


def require_operator(by: Actor) -> None:
    if by.kind != "system" and not by.members_with(Permission.CLUSTER_CASES):
        raise Forbidden("thread.operator_only")
