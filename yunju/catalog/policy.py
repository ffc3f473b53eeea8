"""Who may do what in the catalog. Pure: an actor and ids go in, nothing is read."""

from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members import policy as members_policy
from yunju.members.words import Permission


def sees_all(actor: Actor) -> bool:
    """The operator and the software itself see every offer of their cluster."""
    return actor.kind == "system" or actor.is_operator


def sees_inside(actor: Actor, supplier_id: int) -> bool:
    """True when the actor belongs to the supplier or sees everything: others meet a 404 off the shelf."""
    return sees_all(actor) or supplier_id in actor.grants


def suppliers_of(actor: Actor) -> list[int]:
    """The members whose offers the actor sees even off the shelf."""
    return sorted(actor.grants)


def may_edit_offers(actor: Actor, supplier_id: int) -> None:
    """Offers, variants, prices, pictures, imports: the supplier's own people."""
    members_policy.for_member(actor, supplier_id, Permission.OFFER_EDIT)


def may_edit_rules(actor: Actor, supplier_id: int) -> None:
    """Who earns with a sale, and what freight costs: not for a helper."""
    members_policy.for_member(actor, supplier_id, Permission.RULE_EDIT)


def may_edit_stock(actor: Actor, supplier_id: int) -> None:
    """Stock and places: the supplier's own people."""
    members_policy.for_member(actor, supplier_id, Permission.STOCK_EDIT)


def may_withdraw(actor: Actor, supplier_id: int) -> None:
    """The supplier's people, and the operator who takes something off the shelf that must not be there."""
    members_policy.for_member_or_cluster(actor, supplier_id, Permission.OFFER_EDIT, Permission.CLUSTER_ADMIT)


def may_set_cluster_rules(actor: Actor) -> None:
    """Fees and categories are the operator's."""
    members_policy.for_cluster(actor, Permission.CLUSTER_RULES)


def own_or_unknown(actor: Actor, supplier_id: int, code: str) -> None:
    """A stranger's object does not exist for this person."""
    if not sees_inside(actor, supplier_id):
        raise NotFound(code)
