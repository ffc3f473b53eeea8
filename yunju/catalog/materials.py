"""Reading material: of one offer, and of many with what each shop has still to post."""

from collections.abc import Collection

from django.db.models import Prefetch, QuerySet

from yunju.catalog.models import Material, MaterialPicture
from yunju.catalog.queries import on_shelf, visible_to
from yunju.kernel.actor import Actor


def materials_visible_to(actor: Actor) -> QuerySet[Material]:
    """Living sets of offers that the actor sees, the newest first, each with its pictures."""
    pictures = Prefetch("pictures", MaterialPicture.objects.order_by("position", "pk"))
    here = Material.objects.filter(offer__in=visible_to(actor), ended_at=None)
    return here.select_related("offer__supplier").prefetch_related(pictures).order_by("-pk")


def newest_sets(cluster_id: int, *, without: Collection[int] = (), limit: int = 300) -> QuerySet[Material]:
    """The newest living sets of offers on the shelf, but for those of `without` (ids of sets)."""
    living = Material.objects.filter(offer__in=on_shelf(cluster_id), ended_at=None)
    return (
        living.exclude(pk__in=without)
        .select_related("offer__supplier", "offer__shelf_entry")
        .order_by("-made_at")[:limit]
    )
