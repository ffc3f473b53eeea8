"""Who may ask for figures, and who may hand them in. Pure: returns when allowed, raises when not."""

from yunju.kernel.actor import Actor
from yunju.members import policy
from yunju.members.words import Permission


def may_ask(actor: Actor) -> None:
    """Defining forms, opening rounds, reading what came in: the operator's people who know the members."""
    policy.for_cluster(actor, Permission.CLUSTER_ADMIT)


def may_hand_in(actor: Actor, member_id: int) -> None:
    """A member's managers and owners. To strangers the return is not there."""
    policy.for_member(actor, member_id, Permission.MEMBER_EDIT)
