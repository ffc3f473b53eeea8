"""What sold of late, and with what a new shop therefore begins."""

from collections.abc import Collection
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Sum, Window
from django.db.models.functions import RowNumber

from yunju.catalog.models import Offer, Stock, Variant
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock
from yunju.orders.models import Line
from yunju.shops.choice import FIRST_PICKS, MOST_OF_ONE_SUPPLIER, Candidate, first_picks

WINDOW = timedelta(days=30)
KEPT_SECONDS = 600
"""A ranking of thirty days does not change within ten minutes, and a scan of their lines is not for every page."""
RANKED, NEWEST = 1_000, 60


def pieces_sold(cluster_id: int, offer_ids: Collection[int] | None = None) -> dict[int, int]:
    """Offer id -> pieces paid for in the last 30 days and not given back, of the thousand best sold; no other is in it."""
    key = f"yunju:sold:{cluster_id}"
    sold: dict[int, int] | None = cache.get(key)
    if sold is None:
        sold = _count(cluster_id)
        cache.set(key, sold, KEPT_SECONDS)
    if offer_ids is None:
        return sold
    return {offer: sold[offer] for offer in offer_ids if offer in sold}


def _count(cluster_id: int) -> dict[int, int]:
    lines = Line.objects.filter(
        cluster_id=cluster_id,
        kind="goods",
        offer_id__isnull=False,
        order__cluster_id=cluster_id,
        order__placed_at__gte=clock.now() - WINDOW,
        order__purchase__payment_state="paid",
    )
    counted = (
        lines.values("offer_id")
        .annotate(sold=Sum("quantity") - Sum("refunded_quantity"))
        .filter(sold__gt=0)
        .order_by("-sold", "-offer_id")
    )
    rows = counted.values_list("offer_id", "sold")[:RANKED]
    return {offer: sold for offer, sold in rows if offer is not None}


def starting_picks(cluster_id: int, count: int = FIRST_PICKS) -> list[int]:
    """The offers that a new shop opens with, in their order: only what can be bought now. Three statements."""
    sold = pieces_sold(cluster_id)
    open_variant = Variant.objects.filter(offer_id=OuterRef("pk"), closed_at=None)
    in_stock = Stock.objects.filter(
        variant__offer_id=OuterRef("pk"),
        variant__closed_at=None,
        place__closed_at=None,
        remaining__gt=0,
    )
    ready = on_shelf(cluster_id).filter(Exists(open_variant), Exists(in_stock))
    best = ready.filter(pk__in=list(sold))
    # Of each supplier its newest three: else a supplier that has just imported hundreds would be all there is.
    place = Window(
        RowNumber(), partition_by=F("supplier_id"), order_by=[F("listed_at").desc(), F("pk").desc()]
    )
    few = ready.annotate(place=place).filter(place__lte=MOST_OF_ONE_SUPPLIER)
    newest = few.order_by("-listed_at", "-pk")[:NEWEST]
    found: dict[int, Offer] = {offer.pk: offer for offer in [*best.only(*_READ), *newest.only(*_READ)]}
    return first_picks(
        [
            Candidate(pk, offer.supplier_id, sold.get(pk, 0), offer.listed_at or offer.created_at)
            for pk, offer in found.items()
        ],
        count,
    )


_READ = ("pk", "supplier_id", "listed_at", "created_at")
