"""Who may do what to members. Pure: each function returns when it is allowed and raises when it is not.

Nobody signed in: SignInNeeded. A stranger to the member: NotFound, as if it were not there. Somebody of the member (or
of the operator) without the permission: Forbidden.
"""

from collections.abc import Collection

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound, Refused, SignInNeeded
from yunju.members.words import GRANTS, OPERATOR_GRANTS, CapacityKind, Permission, RoleKind


def signed_in(actor: Actor) -> None:
    """Somebody with an account, or the software itself."""
    if actor.kind == "anonymous":
        raise SignInNeeded("members.sign_in_needed")


def person(actor: Actor) -> int:
    """The id of the signed-in user: what follows is an act of a person (a consent), never of the software."""
    if actor.user_id is None:
        raise SignInNeeded("members.sign_in_needed")
    return actor.user_id


def software(actor: Actor) -> None:
    """Only the command line or an import, not a person on a page."""
    signed_in(actor)
    if actor.kind != "system":
        raise Forbidden("members.may_not")


def for_member(actor: Actor, member_id: int, permission: Permission) -> None:
    """`permission` through a role of that very member."""
    signed_in(actor)
    if actor.holds(permission, member_id):
        return
    raise _refusal(actor, member_id)


def for_cluster(actor: Actor, permission: Permission) -> None:
    """A `cluster.*` permission: through a role of the operator."""
    signed_in(actor)
    if actor.kind != "system" and not actor.members_with(permission):
        raise Forbidden("members.may_not")


def for_member_or_cluster(actor: Actor, member_id: int, own: Permission, cluster: Permission) -> None:
    """The member's own people with `own`, or the operator's with `cluster`."""
    signed_in(actor)
    if actor.holds(own, member_id) or actor.members_with(cluster):
        return
    raise _refusal(actor, member_id)


def _refusal(actor: Actor, member_id: int) -> Forbidden | NotFound:
    known = member_id in actor.grants or actor.is_operator
    return Forbidden("members.may_not") if known else NotFound("members.no_member")


def granted_by(kind: RoleKind, *, runs_cluster: bool) -> frozenset[Permission]:
    """All that a role allows at a member."""
    return GRANTS[kind] | (OPERATOR_GRANTS[kind] if runs_cluster else frozenset())


def may_grant(
    actor: Actor, member_id: int, user_id: int, *, kinds: Collection[RoleKind], runs_cluster: bool
) -> None:
    """Give `user_id` a role, or another than before (`kinds`: the new one and the old one).

    Never oneself, and nothing above what the grantor holds at that member. The operator may give a member a helper.
    """
    if set(kinds) == {RoleKind.HELPER} and actor.members_with(Permission.CLUSTER_ADMIT):
        _not_oneself(actor, user_id)
        return
    for_member(actor, member_id, Permission.ROLES_EDIT)
    if actor.kind == "system":
        return
    _not_oneself(actor, user_id)
    held = actor.grants.get(member_id, frozenset())
    if any(not granted_by(kind, runs_cluster=runs_cluster) <= held for kind in kinds):
        raise Forbidden("members.above_own_rights")


def _not_oneself(actor: Actor, user_id: int) -> None:
    if user_id == actor.user_id:
        raise Forbidden("members.no_self_grant")


def may_end_role(actor: Actor, member_id: int, user_id: int, *, kind: RoleKind, runs_cluster: bool) -> None:
    """Anybody may lay down a role of their own; taking one from somebody else is like granting it."""
    signed_in(actor)
    if actor.user_id is not None and actor.user_id == user_id:
        return
    may_grant(actor, member_id, user_id, kinds=[kind], runs_cluster=runs_cluster)


def may_admit(actor: Actor, kind: CapacityKind) -> None:
    """The operator admits; a further operator is admitted only by those who make the rules."""
    for_cluster(
        actor, Permission.CLUSTER_RULES if kind is CapacityKind.OPERATOR else Permission.CLUSTER_ADMIT
    )


def may_seat(actor: Actor, *, member_id: int, park_member_id: int) -> None:
    """The operator, or somebody who acts for both: a seat gives the park its share of the member's sales."""
    signed_in(actor)
    if actor.kind == "system" or actor.members_with(Permission.CLUSTER_ADMIT):
        return
    for_member(actor, member_id, Permission.MEMBER_EDIT)
    for_member(actor, park_member_id, Permission.MEMBER_EDIT)


def keeps_an_owner(owners_left: int) -> None:
    """A member is never without an owner."""
    if owners_left < 1:
        raise Refused("members.last_owner")
