"""Reads of notices: a person's own, nobody else's."""

from django.db.models import QuerySet

from yunju.kernel.actor import Actor
from yunju.notices.models import Notice


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """One's own notices in this cluster."""
    return Notice.objects.filter(cluster_id=actor.cluster_id, user_id=actor.user_id or 0)


def unread(actor: Actor) -> int:
    """How many notices are unread, for the bell: an index-only count of few rows."""
    return visible_to(actor).filter(read_at=None).count() if actor.user_id else 0
