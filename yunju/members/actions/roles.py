"""Roles: who acts for a member, given and taken by its owners."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import inputs, policy, queries
from yunju.members.actions.steps import action, end_sessions, lock_member, lock_user, note
from yunju.members.models import Role, User
from yunju.members.words import CapacityKind, RoleKind


@action
def grant_role(*, member_id: int, email: str, kind: str, by: Actor) -> Role:
    """Let the user with that address act for the member, or give them another role than before (sessions then end)."""
    policy.signed_in(by)
    email = inputs.email(email)
    wanted = RoleKind(inputs.choice(kind, field="kind", words=[word.value for word in RoleKind]))
    runs_cluster = queries.has_capacity(member_id, CapacityKind.OPERATOR)
    # Before the address is looked up: only who may grant here learns whether it has an account.
    policy.may_grant(by, member_id, 0, kinds=[wanted], runs_cluster=runs_cluster)
    lock_member(by.cluster_id, member_id, closed_too=True)
    user_id = _user_id(email)
    held = Role.objects.filter(user_id=user_id, member_id=member_id, ended_at=None).first()
    kinds = [wanted] if held is None else [wanted, RoleKind(held.kind)]
    policy.may_grant(by, member_id, user_id, kinds=kinds, runs_cluster=runs_cluster)
    if held is not None and held.kind == wanted:
        raise Refused("members.role_held")
    if held is not None:
        _end(held, losing_owner=held.kind == RoleKind.OWNER)
    role = Role.objects.create(
        user_id=user_id, member_id=member_id, kind=wanted, granted_at=clock.now(), granted_by_id=by.user_id
    )
    note(
        by, "role.granted", member_id, user_id=user_id, role=wanted.value, before=held.kind if held else None
    )
    return role


@action
def end_role(*, member_id: int, user_id: int, by: Actor) -> Role:
    """Take a role away, or lay down one's own. All sessions of that user end with the commit."""
    policy.signed_in(by)
    own = by.user_id == user_id and member_id in by.grants
    if not own:
        policy.may_grant(by, member_id, 0, kinds=[RoleKind.HELPER], runs_cluster=False)
    lock_member(by.cluster_id, member_id, closed_too=True)
    held = Role.objects.filter(user_id=user_id, member_id=member_id, ended_at=None).first()
    if held is None:
        raise NotFound("members.no_role")
    runs_cluster = queries.has_capacity(member_id, CapacityKind.OPERATOR)
    policy.may_end_role(by, member_id, user_id, kind=RoleKind(held.kind), runs_cluster=runs_cluster)
    _end(held, losing_owner=held.kind == RoleKind.OWNER)
    note(by, "role.ended", member_id, user_id=user_id, role=held.kind)
    return held


def _user_id(email: str) -> int:
    user_id = User.objects.filter(email=email, is_active=True).values_list("pk", flat=True).first()
    if user_id is None:
        raise Invalid("members.no_account_with_email", field="email")
    return user_id


def _end(role: Role, *, losing_owner: bool) -> None:
    """Under the member's lock: the count of owners cannot change meanwhile."""
    if losing_owner:
        owners = Role.objects.filter(member_id=role.member_id, kind=RoleKind.OWNER, ended_at=None)
        policy.keeps_an_owner(owners.exclude(pk=role.pk).count())
    lock_user(role.user_id)
    role.ended_at = clock.now()
    role.save(update_fields=["ended_at"])
    end_sessions(role.user_id)
