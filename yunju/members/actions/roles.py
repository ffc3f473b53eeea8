"""Roles: who acts for a member, given and taken by its owners.

On pages a role is offered: the answer is the same whether the address has an account or not, and the person takes it up.
"""

from datetime import timedelta

from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, TooMany
from yunju.members import inputs, policy, queries
from yunju.members.actions.steps import action, end_sessions, lock_member, lock_user, note
from yunju.members.models import Role, RoleOffer, User
from yunju.members.words import CapacityKind, RoleKind

OFFERED_TOPIC = "role.offered"
OFFER_VALID = timedelta(days=14)
OFFERS_A_DAY = 30
"""Of one member, taken back or not: nobody spreads notices by offering roles."""


@action
def grant_role(*, member_id: int, email: str, kind: str, by: Actor) -> Role:
    """Let the user with that address act for the member, or give them another role than before (sessions then end).

    Tells whether the address has an account: pages offer instead (`offer_role`).
    """
    return _grant(member_id=member_id, email=email, kind=kind, by=by)


def _grant(*, member_id: int, email: str, kind: str, by: Actor) -> Role:
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
def offer_role(*, member_id: int, email: str, kind: str, by: Actor) -> None:
    """Offer a role to whoever has that address, for 14 days. Whether anybody has it is not looked at here.

    Who acts for the member already is known to it: theirs is changed at once.
    """
    policy.signed_in(by)
    email = inputs.email(email)
    wanted = RoleKind(inputs.choice(kind, field="kind", words=[word.value for word in RoleKind]))
    runs_cluster = queries.has_capacity(member_id, CapacityKind.OPERATOR)
    policy.may_grant(by, member_id, 0, kinds=[wanted], runs_cluster=runs_cluster)
    if Role.objects.filter(member_id=member_id, user__email=email, ended_at=None).exists():
        _grant(member_id=member_id, email=email, kind=wanted.value, by=by)
        return
    if User.objects.filter(pk=by.user_id or 0, email=email).exists():
        raise Forbidden("members.no_self_grant")
    lock_member(by.cluster_id, member_id, closed_too=True)
    at = clock.now()
    waiting = RoleOffer.objects.filter(member_id=member_id, ended_at=None)
    waiting.filter(email=email).update(ended_at=at)
    today = RoleOffer.objects.filter(member_id=member_id, offered_at__gt=at - timedelta(days=1))
    if today.count() >= OFFERS_A_DAY:
        raise TooMany("members.too_many_offers", most=OFFERS_A_DAY)
    offer = RoleOffer.objects.create(
        member_id=member_id,
        email=email,
        kind=wanted,
        offered_at=at,
        offered_by_id=by.user_id,
        expires_at=at + OFFER_VALID,
    )
    note(by, "role.offered", member_id, offer=offer.pk, role=wanted.value)
    outbox.write([outbox.Event(by.cluster_id, OFFERED_TOPIC, offer.pk, {})])


@action
def withdraw_offer(*, offer_id: int, member_id: int, by: Actor) -> None:
    """What was offered and not taken up is offered no more."""
    offer = RoleOffer.objects.filter(pk=offer_id, member_id=member_id, ended_at=None).first()
    kinds = [RoleKind(offer.kind)] if offer else [RoleKind.HELPER]
    runs_cluster = queries.has_capacity(member_id, CapacityKind.OPERATOR)
    policy.may_grant(by, member_id, 0, kinds=kinds, runs_cluster=runs_cluster)
    lock_member(by.cluster_id, member_id, closed_too=True)
    if not RoleOffer.objects.filter(pk=offer_id, member_id=member_id, ended_at=None).update(
        ended_at=clock.now()
    ):
        raise NotFound("members.no_offer")
    note(by, "role.offer_withdrawn", member_id, offer=offer_id)


@action
def answer_offer(*, offer_id: int, takes: bool, by: Actor) -> RoleOffer:
    """Take up a role that was offered to one's address, or decline it. Who offered it must still be able to."""
    user_id = policy.person(by)
    found = queries.offers_to(by).filter(pk=offer_id).first()
    if found is None:
        raise NotFound("members.no_offer")
    lock_member(by.cluster_id, found.member_id)
    user = lock_user(user_id)
    offer = RoleOffer.objects.select_for_update(of=("self",)).filter(pk=offer_id, ended_at=None).first()
    if offer is None or offer.email != user.email:
        raise NotFound("members.no_offer")
    at = clock.now()
    offer.ended_at, offer.taken_by = at, user if takes else None
    offer.save(update_fields=["ended_at", "taken_by"])
    if not takes:
        note(by, "role.offer_declined", offer.member_id, offer=offer.pk)
        return offer
    try:
        _grant(member_id=offer.member_id, email=offer.email, kind=offer.kind, by=_giver(offer, by))
    except (Forbidden, NotFound) as error:
        raise Refused("members.offer_over") from error
    return offer


def _giver(offer: RoleOffer, by: Actor) -> Actor:
    """Who offered, with what they may do today: a right that is gone gives nothing any more (`grant_role` asks)."""
    if offer.offered_by is None:
        return system(by.cluster_id, "offer")
    return queries.actor_for(offer.offered_by, by.cluster_id)


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
