"""The offers that a new shop opens with."""

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from yunju.catalog.models import Offer, Stock, Variant
from yunju.catalog.queries import on_shelf
from yunju.shops.choice import FIRST_PICKS, MOST_OF_ONE_SUPPLIER, Candidate, first_picks

LOOKED_AT = 60
"""Best sold and newest that the choice is made from, each."""


def starting_picks(cluster_id: int, count: int = FIRST_PICKS) -> list[int]:
    """Ids in their order: best sold in 30 days, then the newest; only what can be bought now. Two statements."""
    found = [*_few_of_each(cluster_id, "shelf_entry__sold"), *_few_of_each(cluster_id, "listed_at")]
    candidates = {
        offer.pk: Candidate(
            offer.pk, offer.supplier_id, offer.shelf_entry.sold, offer.listed_at or offer.created_at
        )
        for offer in found
    }
    return first_picks(list(candidates.values()), count)


def _few_of_each(cluster_id: int, by: str) -> QuerySet[Offer]:
    """Of each supplier its first three by `by`: else one that has just imported hundreds would be all there is."""
    place = Window(RowNumber(), partition_by=F("supplier_id"), order_by=[F(by).desc(), F("pk").desc()])
    open_variant = Variant.objects.filter(offer_id=OuterRef("pk"), closed_at=None)
    in_stock = Stock.objects.filter(
        variant__offer_id=OuterRef("pk"),
        variant__closed_at=None,
        place__closed_at=None,
        remaining__gt=0,
    )
    few = (
        on_shelf(cluster_id)
        .filter(Exists(open_variant), Exists(in_stock))
        .annotate(place=place)
        .filter(place__lte=MOST_OF_ONE_SUPPLIER)
    )
    return few.select_related("shelf_entry").defer("body_html").order_by(f"-{by}", "-pk")[:LOOKED_AT]
