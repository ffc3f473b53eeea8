"""What happened in a day, week or month of a cluster."""

from django.db import models
from django.db.models import Q

UNITS = ("day", "week", "month")


class Figures(models.Model):
    """One period, cut in the cluster's time zone. Counted by a loop until two days after its end; owns no truth."""

    cluster_id = models.BigIntegerField()
    unit = models.CharField(max_length=5)
    starts_on = models.DateField()
    orders = models.IntegerField(default=0)
    gmv_minor = models.BigIntegerField(default=0)
    paid_orders = models.IntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)
    commission_minor = models.BigIntegerField(default=0)
    active_shops = models.IntegerField(default=0)
    new_members = models.IntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "figures"
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "unit", "starts_on"], name="figures_once"),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="figures_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.starts_on}"
