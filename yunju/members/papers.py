"""Reads of what the law asks to show: papers of the site, agreements in force, licences of members."""

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members.models import AGREEMENTS, Acceptance, Agreement, Cluster, ClusterPapers, Licence, Visit
from yunju.members.words import Permission


def papers_of(cluster: Cluster) -> ClusterPapers:
    """The papers of a cluster; blank ones, not stored, where nobody has set any. No query when they came along."""
    kept: ClusterPapers | None = getattr(cluster, "papers", None)
    return kept or ClusterPapers(cluster=cluster)


def is_live(cluster: Cluster) -> bool:
    return papers_of(cluster).live_at is not None


def agreement_versions(cluster_id: int, kind: str) -> list[Agreement]:
    """All versions, newest first: they stay public."""
    return list(Agreement.objects.filter(cluster_id=cluster_id, kind=kind).order_by("-version"))


def in_force(cluster_id: int, kinds: Collection[str] = AGREEMENTS) -> dict[str, Agreement]:
    """For each kind the version that holds now; a kind without one is left out. One statement."""
    rows = (
        Agreement.objects.filter(cluster_id=cluster_id, kind__in=kinds, effective_at__lte=clock.now())
        .order_by("kind", "-version")
        .distinct("kind")
    )
    return {one.kind: one for one in rows}


def to_accept(actor: Actor, kinds: Collection[str]) -> list[Agreement]:
    """What this person has not agreed to yet in the version that holds now."""
    held = in_force(actor.cluster_id, kinds)
    accepted = set(_acceptances(actor, held.values()).values_list("agreement_id", flat=True))
    return [one for one in held.values() if one.pk not in accepted]


def _acceptances(actor: Actor, agreements: Collection[Agreement]) -> QuerySet[Acceptance]:
    rows = Acceptance.objects.filter(cluster_id=actor.cluster_id, agreement__in=agreements)
    if actor.user_id is not None:
        return rows.filter(user_id=actor.user_id)
    return rows.filter(holder=actor.holder) if actor.holder else rows.none()


def licences_visible_to(actor: Actor) -> QuerySet[Licence]:
    """Papers of members: their own people who may edit them, and the operator."""
    here = Licence.objects.filter(cluster_id=actor.cluster_id)
    if actor.kind == "system" or actor.members_with(Permission.CLUSTER_ADMIT):
        return here
    return here.filter(member_id__in=actor.members_with(Permission.MEMBER_EDIT))


def valid_on(day: dt.date) -> Q:
    """Checked papers that hold on that day."""
    return Q(state="valid", valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gte=day))


def ending(cluster_id: int, days: int, today: dt.date) -> QuerySet[Licence]:
    """Checked papers of open members that end within so many days, or have ended, and that no later one follows."""
    follower = Licence.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=OuterRef("valid_until")),
        member_id=OuterRef("member_id"),
        kind=OuterRef("kind"),
        state="valid",
    )
    rows = Licence.objects.filter(
        cluster_id=cluster_id,
        state="valid",
        valid_until__lte=today + dt.timedelta(days=days),
        member__closed_at=None,
    )
    return rows.filter(~Exists(follower)).order_by("valid_until", "pk")


def holders(cluster_id: int, member_ids: Sequence[int], kind: str, day: dt.date) -> set[int]:
    """Those of the members that have a valid paper of that kind: one statement."""
    rows = Licence.objects.filter(
        valid_on(day), cluster_id=cluster_id, kind=kind, member_id__in=set(member_ids)
    )
    return set(rows.values_list("member_id", flat=True))


def visits_of(user_id: int) -> QuerySet[Visit]:
    """Who looked at the site as this person, newest first: the person's own log."""
    return Visit.objects.filter(as_user_id=user_id).select_related("by_user").order_by("-pk")
