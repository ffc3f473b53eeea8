"""Places, and how many pieces of a variant lie at each."""

from django.db import models
from django.db.models import F, Q

from yunju.catalog.models.shelf import Variant
from yunju.members.models import Cluster, Member, Site


class Place(models.Model):
    """Where stock lies: an address of a supplier, or a site."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="places")
    name = models.CharField(max_length=80)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    position = models.IntegerField(default=0, help_text="Lower is taken from first")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "name"], name="place_name")]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """Pieces of one variant at one place. received = reserved + sold + remaining, always (invariant I16).

    Rows are locked in id order by `catalog.actions.stock.lock_stock` and nobody else.
    """

    cluster_id = models.BigIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock")
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    received = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    sold = models.BigIntegerField(default=0)
    remaining = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "variant", "place"], name="stock_once"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, reserved__gte=0, sold__gte=0), name="stock_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(received=F("reserved") + F("sold") + F("remaining")), name="stock_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} at {self.place_id}: {self.remaining}"
