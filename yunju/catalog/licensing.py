"""The round that watches licences: word before the end, off the shelf after it. A loop of the worker."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from yunju.catalog.actions import demands
from yunju.catalog.models import CategoryDemand, Offer
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.members import papers
from yunju.members.models import Cluster, Licence, Member
from yunju.members.words import LICENCE_WARN_DAYS
from yunju.notices.actions import Draft, notify

NAME = "catalog.licences"
EVERY_SECONDS = 600
BATCH = 200


def watch() -> int:
    """Remind and take off in every open cluster where there is something to watch; how many papers and offers it met."""
    last_day = clock.now().date() + dt.timedelta(days=max(LICENCE_WARN_DAYS) + 1)  # in any zone
    ending = Licence.objects.filter(cluster_id=OuterRef("pk"), state="valid", valid_until__lte=last_day)
    demanding = CategoryDemand.objects.filter(category__cluster_id=OuterRef("pk"))
    done = 0
    for cluster in Cluster.objects.filter(Exists(ending) | Exists(demanding), closed_at=None).order_by("pk"):
        done += _remind(cluster) + _take_off(cluster)
    return done


@transaction.atomic
def _remind(cluster: Cluster) -> int:
    """Each paper is told of once for each of the marks: 90, 30 and 7 days before its end, and when it has ended."""
    today = clock.local_day(clock.now(), cluster.timezone)
    due = [
        (paper, mark)
        for paper in papers.ending(cluster.pk, max(LICENCE_WARN_DAYS), today).select_related("member")[:5_000]
        if (mark := _mark(paper, today)) is not None
    ][:BATCH]
    drafts = []
    for paper, mark in due:
        Licence.objects.filter(pk=paper.pk).update(reminded_days=mark)
        drafts.append(_draft(cluster, paper, today))
    notify(notices=drafts, by=system(cluster.pk, NAME))
    return len(due)


def _mark(paper: Licence, today: dt.date) -> int | None:
    """The mark that the paper has reached and not been told of; None when there is none."""
    if paper.valid_until is None:
        return None
    left = (paper.valid_until - today).days
    reached = 0 if left < 0 else min(mark for mark in LICENCE_WARN_DAYS if left <= mark)
    return reached if paper.reminded_days is None or reached < paper.reminded_days else None


def _draft(cluster: Cluster, paper: Licence, today: dt.date) -> Draft:
    left = (paper.valid_until - today).days if paper.valid_until else 0
    return Draft(
        cluster_id=cluster.pk,
        member_id=paper.member_id,
        code="licence.ended" if left < 0 else "licence.ends",
        params={"licence": paper.kind, "number": paper.number, "days": left},
        link=f"/m/{paper.member.code}/papers",
    )


def _take_off(cluster: Cluster) -> int:
    with transaction.atomic():
        taken = demands.take_off(cluster.pk)
        titles = dict(Offer.objects.filter(pk__in=[one[0] for one in taken]).values_list("pk", "title"))
        codes = dict(Member.objects.filter(pk__in={one[1] for one in taken}).values_list("pk", "code"))
        drafts = [
            Draft(
                cluster_id=cluster.pk,
                member_id=supplier_id,
                code="offer.unlicensed",
                params={"title": titles[offer_id], "licence": kind},
                link=f"/m/{codes[supplier_id]}/papers",
            )
            for offer_id, supplier_id, kind in taken
        ]
        notify(notices=drafts, by=system(cluster.pk, NAME))
    return len(taken)
