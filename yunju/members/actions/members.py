"""Members: opened by a person, edited, given terms by the operator, closed."""

from dataclasses import dataclass

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused
from yunju.members import inputs, policy, queries
from yunju.members.actions.capacities import ask, keep_an_operator
from yunju.members.actions.steps import action, lock_cluster, lock_member, lock_user, note
from yunju.members.models import Member, Role
from yunju.members.words import MEMBERS_PER_USER, EndReason, Permission, RoleKind

KINDS = ("person", "organisation")


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """What a member says of itself. `kind` (person or organisation) is fixed when it is opened."""

    name: str
    phone: str = ""
    province: str = ""
    city: str = ""
    story: str = ""


@action
def open_member(
    *, kind: str, draft: MemberDraft, capacity: str | None = None, by: Actor, owner_id: int | None = None
) -> Member:
    """A new member whose owner is the actor. A shopkeeper may begin at once, other capacities wait for the operator.

    The software may open one for `owner_id`, or for nobody (imported sellers whose people come later).
    """
    policy.signed_in(by)
    if owner_id is not None or by.user_id is None:
        policy.software(by)
    by_person = by.kind == "user"
    with inputs.Faults() as check:
        kind = check(inputs.choice, kind, field="kind", words=KINDS)
        draft = check(_checked, draft, phone_required=by_person)
    owner = by.user_id if by_person else owner_id
    if not queries.is_open(by.cluster_id):
        raise NotFound("members.no_cluster_here")
    if owner is not None:
        lock_user(owner)
        _below_limit(by, owner)
    member = Member.objects.create(
        cluster_id=by.cluster_id,
        kind=kind,
        name=draft.name,
        phone=draft.phone,
        province=draft.province,
        city=draft.city,
        story=draft.story,
        created_at=clock.now(),
    )
    if owner is not None:
        Role.objects.create(user_id=owner, member=member, kind=RoleKind.OWNER, granted_at=clock.now())
    note(by, "member.opened", member.pk, kind=kind, owner_id=owner)
    if capacity is not None:
        ask(member.pk, capacity, by)
    return member


@action
def edit_member(*, member_id: int, draft: MemberDraft, by: Actor) -> Member:
    """Name, phone, place and story. The whole draft replaces what was there."""
    policy.for_member_or_cluster(by, member_id, Permission.MEMBER_EDIT, Permission.CLUSTER_ADMIT)
    draft = _checked(draft, phone_required=by.kind == "user")
    member = lock_member(by.cluster_id, member_id)
    changed = []
    for field in ("name", "phone", "province", "city", "story"):
        if getattr(member, field) != getattr(draft, field):
            setattr(member, field, getattr(draft, field))
            changed.append(field)
    if changed:
        member.save(update_fields=changed)
        note(by, "member.edited", member_id, fields=changed)
    return member


@action
def set_gateway_merchant(*, member_id: int, gateway_merchant: str, by: Actor) -> Member:
    """The member's sub-merchant at the payment provider: to whom a buyer's money goes, so the operator's to set."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    merchant = inputs.text(gateway_merchant, field="gateway_merchant", most=60, least=0)
    member = lock_member(by.cluster_id, member_id)
    if member.gateway_merchant != merchant:
        before = member.gateway_merchant
        member.gateway_merchant = merchant
        member.save(update_fields=["gateway_merchant"])
        note(by, "member.merchant_set", member_id, before=before, after=merchant)
    return member


@action
def set_member_reserve(*, member_id: int, reserve_bp: int | None, by: Actor) -> Member:
    """The part of this member's released money that is kept in reserve; None is the cluster's own rate."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    if reserve_bp is not None:
        inputs.integer(reserve_bp, field="reserve_bp", least=0, most=10_000)
    member = lock_member(by.cluster_id, member_id)
    if member.reserve_bp != reserve_bp:
        before = member.reserve_bp
        member.reserve_bp = reserve_bp
        member.save(update_fields=["reserve_bp"])
        note(by, "member.reserve_set", member_id, before=before, after=reserve_bp)
    return member


@action
def close_member(*, member_id: int, reason: str, by: Actor) -> Member:
    """The member trades no more: capacities and seats end. Its people stay, to finish orders and take their money."""
    policy.for_member_or_cluster(by, member_id, Permission.ROLES_EDIT, Permission.CLUSTER_ADMIT)
    reason = inputs.choice(reason, field="reason", words=[word.value for word in EndReason])
    lock_cluster(by.cluster_id)
    member = lock_member(by.cluster_id, member_id)
    keep_an_operator(by.cluster_id, member_id)
    now = clock.now()
    member.capacities.filter(ended_at=None).update(ended_at=now)
    # A seat given in this very instant (a frozen clock) would end when it began, which the database refuses.
    member.seats.filter(until=None, since__lt=now).update(until=now)
    member.seats.filter(until=None).delete()
    member.closed_at = now
    member.save(update_fields=["closed_at"])
    note(by, "member.closed", member_id, reason=reason)
    return member


def _checked(draft: MemberDraft, *, phone_required: bool) -> MemberDraft:
    with inputs.Faults() as check:
        return MemberDraft(
            name=check(inputs.text, draft.name, field="name", most=120),
            phone=check(inputs.phone, draft.phone, required=phone_required),
            province=check(inputs.text, draft.province, field="province", most=40, least=0),
            city=check(inputs.text, draft.city, field="city", most=40, least=0),
            story=check(inputs.text, draft.story, field="story", most=5_000, least=0, lines=True),
        )


def _below_limit(by: Actor, owner_id: int) -> None:
    """Counted under the lock of the user, so that two requests at once cannot pass together."""
    owned = Role.objects.filter(
        user_id=owner_id,
        kind=RoleKind.OWNER,
        ended_at=None,
        member__cluster_id=by.cluster_id,
        member__closed_at=None,
    )
    if by.kind == "user" and owned.count() >= MEMBERS_PER_USER:
        raise Refused("members.too_many_members", most=MEMBERS_PER_USER)
