"""Who may do what in the catalog. Pure: an actor and ids go in, nothing is read."""

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden
from yunju.members.words import Permission


def is_system(actor: Actor) -> bool:
    return actor.kind == "system"


def sees_all(actor: Actor) -> bool:
    """The operator and the software itself see every offer of their cluster."""
    return is_system(actor) or actor.is_operator


def sees_inside(actor: Actor, supplier_id: int) -> bool:
    """True when the actor belongs to the supplier or sees everything: others meet a 404 where nothing is on the shelf."""
    return sees_all(actor) or supplier_id in actor.grants


def suppliers_of(actor: Actor) -> list[int]:
    """The members whose offers the actor sees even off the shelf."""
    return sorted(actor.grants)


def require_offer_edit(actor: Actor, supplier_id: int) -> None:
    _require(actor.holds(Permission.OFFER_EDIT, supplier_id))


def require_stock_edit(actor: Actor, supplier_id: int) -> None:
    _require(actor.holds(Permission.STOCK_EDIT, supplier_id))


def require_cluster_rules(actor: Actor) -> None:
    """Fees and categories are the operator's; only roles of the operator carry this word."""
    _require(is_system(actor) or bool(actor.members_with(Permission.CLUSTER_RULES)))


def _require(allowed: bool) -> None:  # noqa: FBT001 - a private guard
    if not allowed:
        raise Forbidden("action.forbidden")
