"""Reads of notices: a person's own, nobody else's."""

from django.db.models import QuerySet

from yunju.kernel.actor import Actor
from yunju.members.words import Permission
from yunju.notices.models import Delivery, Notice, Preference, Robot


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """One's own notices in this cluster."""
    return Notice.objects.filter(cluster_id=actor.cluster_id, user_id=actor.user_id or 0)


def unread(actor: Actor) -> int:
    """How many notices are unread, for the bell: an index-only count of few rows."""
    return visible_to(actor).filter(read_at=None).count() if actor.user_id else 0


def preference_of(actor: Actor) -> Preference:
    """The person's wishes, or the ones that hold without any."""
    return Preference.objects.filter(user_id=actor.user_id or 0).first() or Preference(
        user_id=actor.user_id or 0
    )


def robots_visible_to(actor: Actor) -> QuerySet[Robot]:
    """Robots of the members whose data the person may edit."""
    mine = actor.members_with(Permission.MEMBER_EDIT)
    return Robot.objects.filter(cluster_id=actor.cluster_id, member_id__in=mine, ended_at=None).order_by("pk")


def deliveries_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """What left the house: the operator's to see, without numbers; others see none."""
    here = Delivery.objects.filter(cluster_id=actor.cluster_id)
    may = actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_ADMIT))
    return here if may else here.none()
