"""Looking as somebody else, and at what is covered: the operator's, for a reason, on record."""

from datetime import timedelta

from django.db.models import F

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import inputs, policy
from yunju.members.actions.steps import action, lock_member, lock_user, note
from yunju.members.models import Capacity, Role, Unmasking, Visit
from yunju.members.words import VISIT_MINUTES, CapacityKind, Permission

UNMASK = {
    "order.contact": Permission.CLUSTER_ORDERS,
    "order.search": Permission.CLUSTER_ORDERS,
    "member.phone": Permission.CLUSTER_ADMIT,
    "licence.picture": Permission.CLUSTER_ADMIT,
}
"""What may be uncovered, and by whom."""


@action
def begin_visit(*, as_user_id: int, member_id: int, reason: str, by: Actor) -> Visit:
    """Look at the site as a member's person, for half an hour, reading only. Never as somebody of the operator."""
    policy.for_cluster(by, Permission.CLUSTER_VISIT)
    visitor = policy.person(by)
    reason = inputs.text(reason, field="reason", most=200, least=4)
    if visitor == as_user_id:
        raise Invalid("visit.yourself", field="user")
    lock_member(by.cluster_id, member_id, closed_too=True)
    if not Role.objects.filter(member_id=member_id, user_id=as_user_id, ended_at=None).exists():
        raise NotFound("members.no_role")
    if lock_user(as_user_id).is_staff or _operates(as_user_id):
        raise Refused("visit.operator")
    now = clock.now()
    Visit.objects.filter(by_user_id=visitor, ended_at=None).update(ended_at=now)
    visit = Visit.objects.create(
        cluster_id=by.cluster_id,
        by_user_id=visitor,
        as_user_id=as_user_id,
        member_id=member_id,
        reason=reason,
        began_at=now,
        ends_at=now + timedelta(minutes=VISIT_MINUTES),
    )
    note(by, "visit.began", member_id, visit=visit.pk, as_user_id=as_user_id)
    return visit


@action
def end_visit(*, visit_id: int, by: Actor) -> None:
    """Back to oneself. Ending twice is ending once."""
    visit = (
        Visit.objects.select_for_update(no_key=True).filter(pk=visit_id, by_user_id=policy.person(by)).first()
    )
    if visit is None:
        raise NotFound("visit.unknown")
    if visit.ended_at is None:
        visit.ended_at = min(clock.now(), visit.ends_at)
        visit.save(update_fields=["ended_at"])
        note(by, "visit.ended", visit.member_id, visit=visit.pk, as_user_id=visit.as_user_id)


def going_on(*, visit_id: int, visitor_id: int, cluster_id: int) -> Visit | None:
    """The visit when it still goes on and the visitor still may; counts the page that is looked at. Two statements."""
    found = Visit.objects.filter(
        pk=visit_id, by_user_id=visitor_id, cluster_id=cluster_id, ended_at=None, ends_at__gt=clock.now()
    )
    visit = found.select_related("as_user", "by_user").first()
    if visit is None or not visit.as_user.is_active:
        return None
    Visit.objects.filter(pk=visit.pk).update(pages=F("pages") + 1)
    return visit


def unmask(*, what: str, noun_id: int | None, reason: str, by: Actor) -> None:
    """Keep that personal data is about to be seen, and why. Joins a transaction; comes before the showing."""
    policy.for_cluster(by, UNMASK[what])
    Unmasking.objects.create(
        cluster_id=by.cluster_id,
        by_user_id=by.user_id,
        what=what,
        noun_id=noun_id,
        reason=inputs.text(reason, field="reason", most=200, least=4),
        at=clock.now(),
    )


def _operates(user_id: int) -> bool:
    """Of any cluster: nobody borrows an operator's eyes."""
    running = Capacity.objects.filter(kind=CapacityKind.OPERATOR, admitted_at__isnull=False, ended_at=None)
    return Role.objects.filter(
        user_id=user_id, ended_at=None, member_id__in=running.values("member_id")
    ).exists()
