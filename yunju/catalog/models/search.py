"""What finding an offer needs, beside the offer: its words, its prices, how well it sells."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from yunju.catalog.models.shelf import Offer


class ShelfEntry(models.Model):
    """One row for each offer, made by the database (sql/0002_shelf_entries.sql) with the offer itself.

    Prices follow the open variants by a trigger. `words` are written by `actions.indexing` in the transaction of every
    write; a change of the offer's text that forgets to is noticed by a trigger (`seg_version` 0) and mended by a loop.
    `sold` are the pieces of the last 30 days, counted by a loop. An own table, so that reading offers never drags words.
    """

    offer = models.OneToOneField(
        Offer, primary_key=True, on_delete=models.CASCADE, related_name="shelf_entry"
    )
    cluster_id = models.BigIntegerField()
    words = SearchVectorField(default="")
    seg_version = models.SmallIntegerField(default=0, help_text="Of segments.SEG_VERSION; 0: to be written")
    least_minor = models.BigIntegerField(default=0)
    most_minor = models.BigIntegerField(default=0)
    sold = models.BigIntegerField(default=0, help_text="Pieces of the last 30 days")

    class Meta:
        verbose_name_plural = "shelf entries"
        indexes = [
            GinIndex(fields=["words"], name="shelf_entry_words", fastupdate=False),
            models.Index(fields=["cluster_id", "least_minor", "offer"], name="shelf_entry_by_price"),
            models.Index(fields=["cluster_id", "-sold", "-offer"], name="shelf_entry_by_sold"),
            models.Index(fields=["seg_version", "offer"], name="shelf_entry_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} v{self.seg_version}"
