"""What finding an offer needs, beside the offer: its words, its prices, how well it sells."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from yunju.catalog.models.shelf import Offer

FRONTS = (3, 2, 1)
"""The narrowest first. 0: all that is not in front."""

_SEEN = Q(listed_at__isnull=False)


class ShelfEntry(models.Model):
    """One row for each offer, made by the database (sql/0002_shelf_entries.sql) with the offer itself.

    `supplier_id` and `listed_at` follow the offer and prices its open variants, by triggers (sql/0004_shelf_known.sql):
    an offer that leaves the shelf leaves every list in the same transaction. `words` are written by `actions.indexing`
    in the transaction of every write; a change of the offer's text that forgets to is noticed by a trigger
    (`seg_version` 0) and mended by a loop. `sold` are the pieces of the last 30 days, counted by a loop, which also
    says which entries of a big shelf stand in front: those have small indexes of words of their own, where hot words
    are looked up. An own table, so that reading offers never drags words.
    """

    offer = models.OneToOneField(
        Offer, primary_key=True, on_delete=models.CASCADE, related_name="shelf_entry"
    )
    cluster_id = models.BigIntegerField()
    supplier_id = models.BigIntegerField(default=0)
    listed_at = models.DateTimeField(null=True, blank=True, help_text="Empty: not on the shelf")
    words = SearchVectorField(default="")
    seg_version = models.SmallIntegerField(default=0, help_text="Of segments.SEG_VERSION; 0: to be written")
    least_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(default=0)
    sold = models.BigIntegerField(default=0, help_text="Pieces of the last 30 days")
    front = models.SmallIntegerField(default=0, help_text="3: among what sells best; 0: not in front")

    class Meta:
        verbose_name_plural = "shelf entries"
        indexes = [
            GinIndex(fields=["words"], name="shelf_entry_words", fastupdate=False),
            *(
                GinIndex(
                    fields=["words"],
                    name=f"shelf_entry_words_{front}",
                    fastupdate=False,
                    condition=Q(front__gte=front),
                )
                for front in FRONTS
            ),
            models.Index(
                fields=["cluster_id", "least_minor", "offer"],
                name="shelf_entry_seen_by_price",
                condition=_SEEN,
            ),
            models.Index(
                fields=["cluster_id", "-sold", "-offer"], name="shelf_entry_seen_by_sold", condition=_SEEN
            ),
            models.Index(
                fields=["cluster_id", "-listed_at", "-offer"], name="shelf_entry_seen_by_age", condition=_SEEN
            ),
            models.Index(fields=["cluster_id"], name="shelf_entry_in_front", condition=Q(front__gte=1)),
            models.Index(fields=["seg_version", "offer"], name="shelf_entry_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} v{self.seg_version}"
