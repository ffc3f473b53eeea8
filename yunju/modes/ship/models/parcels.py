"""Parcels and what carriers said of them."""

from django.db import models

from yunju.orders.models import Order


class Parcel(models.Model):
    """One parcel of one order. Opened empty when the order is paid; carrier and number come when it is packed."""

    cluster_id = models.BigIntegerField()
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="parcel")
    carrier = models.CharField(max_length=40, blank=True)
    tracking_no = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    packed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "carrier", "tracking_no"], name="parcel_by_number")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_no}"


class Scan(models.Model):
    """One thing said of a parcel: unique by (parcel, time, code, who said it), so that a repeat is nothing."""

    cluster_id = models.BigIntegerField()
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="scans")
    code = models.CharField(max_length=30, help_text="A word of ship.words.WORDS")
    said_by = models.CharField(max_length=10, default="carrier", help_text="carrier | supplier")
    place = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parcel", "happened_at", "code", "said_by"], name="scan_once"),
            models.CheckConstraint(
                condition=models.Q(said_by__in=("carrier", "supplier")), name="scan_said_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.happened_at:%F %T}"
