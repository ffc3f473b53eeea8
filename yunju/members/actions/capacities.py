"""Capacities: asked for by the member, admitted or refused by the operator, ended by either."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused
from yunju.members import inputs, policy, queries
from yunju.members.actions.papers import accept
from yunju.members.actions.steps import action, lock_cluster, lock_member, note
from yunju.members.models import Capacity, Member
from yunju.members.words import ASKED, SELF_SERVICE, CapacityKind, EndReason, Permission, RefusalReason


@action
def ask_capacity(*, member_id: int, kind: str, by: Actor) -> Capacity:
    """Ask to be a supplier, a maker, ... A shopkeeper is admitted with the asking."""
    policy.for_member(by, member_id, Permission.MEMBER_EDIT)
    lock_member(by.cluster_id, member_id)
    return ask(member_id, kind, by)


def ask(member_id: int, kind: str, by: Actor) -> Capacity:
    """`ask_capacity` inside a transaction that holds the member's lock (or has just made it)."""
    wanted = CapacityKind(inputs.choice(kind, field="capacity", words=[word.value for word in CapacityKind]))
    if wanted not in ASKED:
        policy.for_cluster(by, Permission.CLUSTER_RULES)
    held = Capacity.objects.filter(member_id=member_id, kind=wanted, ended_at=None).first()
    if held is not None:
        raise Refused("members.capacity_held" if held.admitted_at else "members.capacity_waiting")
    now = clock.now()
    at_once = wanted in SELF_SERVICE
    capacity = Capacity.objects.create(
        member_id=member_id, kind=wanted, asked_at=now, admitted_at=now if at_once else None
    )
    if wanted is CapacityKind.SUPPLIER:
        accept(kinds=("supplier",), at_step="join", by=by)
    note(by, "capacity.admitted" if at_once else "capacity.asked", member_id, capacity=wanted.value)
    return capacity


@action
def admit_capacity(*, member_id: int, kind: str, by: Actor, gateway_merchant: str | None = None) -> Capacity:
    """Let a member be what it asked to be. A person admits only who is complete (see `missing_for_admission`).

    A supplier needs a sub-merchant at the payment provider: `gateway_merchant` sets it in the same step.
    """
    wanted = CapacityKind(inputs.choice(kind, field="capacity", words=[word.value for word in CapacityKind]))
    policy.may_admit(by, wanted)
    member = lock_member(by.cluster_id, member_id)
    capacity = _waiting(member, wanted)
    if gateway_merchant is not None:
        member.gateway_merchant = inputs.text(gateway_merchant, field="gateway_merchant", most=60, least=0)
        member.save(update_fields=["gateway_merchant"])
    missing = queries.missing_for_admission(member, wanted) if by.kind == "user" else []
    if missing:
        raise Refused("members.not_complete", missing=" ".join(missing))
    capacity.admitted_at = clock.now()
    capacity.admitted_by_id = by.user_id
    capacity.save(update_fields=["admitted_at", "admitted_by"])
    note(by, "capacity.admitted", member_id, capacity=wanted.value, merchant=member.gateway_merchant)
    return capacity


@action
def refuse_capacity(*, member_id: int, kind: str, reason: str, by: Actor) -> Capacity:
    """Not admitted, with a reason that the member reads. It may ask again."""
    wanted = CapacityKind(inputs.choice(kind, field="capacity", words=[word.value for word in CapacityKind]))
    policy.may_admit(by, wanted)
    reason = inputs.choice(reason, field="reason", words=[word.value for word in RefusalReason])
    capacity = _waiting(lock_member(by.cluster_id, member_id), wanted)
    capacity.ended_at = clock.now()
    capacity.save(update_fields=["ended_at"])
    note(by, "capacity.refused", member_id, capacity=wanted.value, reason=reason)
    return capacity


@action
def end_capacity(*, member_id: int, kind: str, reason: str, by: Actor) -> Capacity:
    """The member is that no more (or asks no longer): by its own wish or the operator's decision."""
    policy.for_member_or_cluster(by, member_id, Permission.ROLES_EDIT, Permission.CLUSTER_ADMIT)
    wanted = CapacityKind(inputs.choice(kind, field="capacity", words=[word.value for word in CapacityKind]))
    reason = inputs.choice(reason, field="reason", words=[word.value for word in EndReason])
    if wanted is CapacityKind.OPERATOR:
        policy.may_admit(by, wanted)
        lock_cluster(by.cluster_id)
    lock_member(by.cluster_id, member_id)
    if wanted is CapacityKind.OPERATOR:
        keep_an_operator(by.cluster_id, member_id)
    capacity = Capacity.objects.filter(member_id=member_id, kind=wanted, ended_at=None).first()
    if capacity is None:
        raise NotFound("members.no_capacity")
    capacity.ended_at = clock.now()
    capacity.save(update_fields=["ended_at"])
    note(by, "capacity.ended", member_id, capacity=wanted.value, reason=reason)
    return capacity


def keep_an_operator(cluster_id: int, member_id: int) -> None:
    """Refuse when `member_id` is the only operator. Under the lock of the cluster: two may not leave at once."""
    operators = queries.live_capacities(CapacityKind.OPERATOR).filter(
        member__cluster_id=cluster_id, member__closed_at=None
    )
    if list(operators.values_list("member_id", flat=True)) == [member_id]:
        raise Refused("members.last_operator")


def _waiting(member: Member, kind: CapacityKind) -> Capacity:
    capacity = Capacity.objects.filter(member=member, kind=kind, ended_at=None).first()
    if capacity is None:
        raise NotFound("members.no_capacity")
    if capacity.admitted_at is not None:
        raise Refused("members.capacity_held")
    return capacity
