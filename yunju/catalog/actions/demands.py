"""Licences that a category demands: set by the operator, asked for before an offer goes on the shelf, watched after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from yunju.catalog import policy
from yunju.catalog.actions import events
from yunju.catalog.models import Category, CategoryDemand, Offer
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import papers
from yunju.members.models import Cluster, Licence
from yunju.members.words import LicenceKind

BATCH = 500


@dataclass(frozen=True, slots=True)
class Lacking:
    """A licence that a supplier lacks for a category: the codes of both."""

    category: str
    kind: str


def set_demands(*, category_id: int, kinds: Collection[str], by: Actor) -> list[str]:
    """What one category demands from now on. Offers that no longer may leave the shelf with the next round."""
    policy.may_set_cluster_rules(by)
    unknown = sorted(set(kinds) - {word.value for word in LicenceKind})
    if unknown:
        raise Invalid("input.choice", field="kinds")
    with transaction.atomic():
        found = (
            Category.objects.select_for_update(no_key=True)
            .filter(pk=category_id, cluster_id=by.cluster_id)
            .first()
        )
        if found is None:
            raise NotFound("category.unknown")
        wanted, held = set(kinds), set(found.demands.values_list("kind", flat=True))
        found.demands.filter(kind__in=held - wanted).delete()
        CategoryDemand.objects.bulk_create(
            CategoryDemand(cluster_id=by.cluster_id, category=found, kind=kind)
            for kind in sorted(wanted - held)
        )
        if wanted != held:
            params = {"category": found.code, "kinds": sorted(wanted)}
            events.note([events.Change(0, "category.demands", params)], by)
        return sorted(wanted)


def require(*, category_id: int | None, supplier_id: int, cluster_id: int) -> None:
    """Refuse what may not go on the shelf for want of a licence. One statement where nothing is demanded."""
    lacking = missing(category_id=category_id, supplier_id=supplier_id, cluster_id=cluster_id)
    if lacking:
        raise Refused("offer.licence_missing", field="category", licence=lacking[0])


def missing(*, category_id: int | None, supplier_id: int, cluster_id: int) -> list[str]:
    """Kinds of licences that the supplier lacks for this category today."""
    if category_id is None:
        return []
    kinds = list(CategoryDemand.objects.filter(category_id=category_id).values_list("kind", flat=True))
    if not kinds:
        return []
    held = Licence.objects.filter(_valid_now(cluster_id), member_id=supplier_id, kind__in=kinds)
    return sorted(set(kinds) - set(held.values_list("kind", flat=True)))


def _valid_now(cluster_id: int) -> Q:
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    return papers.valid_on(clock.local_day(clock.now(), zone)) & Q(cluster_id=cluster_id)


def unlicensed(cluster_id: int) -> list[tuple[int, int, str]]:
    """(offer, supplier, kind of licence) of offers on the shelf that may not be there. One statement and the zone."""
    licensed = Licence.objects.filter(
        _valid_now(cluster_id), member_id=OuterRef("supplier_id"), kind=OuterRef("category__demands__kind")
    )
    rows = (
        Offer.objects.filter(
            cluster_id=cluster_id,
            category__demands__isnull=False,
            listed_at__isnull=False,
            withdrawn_at=None,
            closed_at=None,
        )
        .filter(~Exists(licensed))
        .order_by("pk")
        .values_list("pk", "supplier_id", "category__demands__kind")
    )
    return list(rows[:BATCH])


def take_off(cluster_id: int) -> Sequence[tuple[int, int, str]]:
    """Take offers off the shelf whose supplier's licence has ended; answers what `unlicensed` found, each offer once."""
    with transaction.atomic():
        found = {
            offer_id: (offer_id, supplier_id, kind) for offer_id, supplier_id, kind in unlicensed(cluster_id)
        }
        held = Offer.objects.select_for_update(no_key=True).filter(pk__in=list(found), withdrawn_at=None)
        ids = sorted(held.order_by("pk").values_list("pk", flat=True))
        Offer.objects.filter(pk__in=ids).update(withdrawn_at=clock.now())
        by = system(cluster_id, "catalog.licences")
        events.note([events.Change(pk, "offer.unlicensed", {"kind": found[pk][2]}) for pk in ids], by)
        return [found[pk] for pk in ids]
