"""After-sale cases and their lines."""

from django.db import models
from django.db.models import Q


class Case(models.Model):
    """An after-sale case: refund only or return, on lines of one order, with whose fault it is."""

    cluster_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=8)  # refund | return
    state = models.CharField(max_length=10, default="asked")
    reason = models.CharField(max_length=30)
    words = models.CharField(max_length=500, blank=True)
    fault = models.CharField(max_length=10, blank=True)  # buyer | supplier | carrier | none
    amount_minor = models.BigIntegerField()
    freight_minor = models.BigIntegerField(default=0)
    version = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    tracking = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "order_id"],
                condition=~Q(state__in=("settled", "refused", "withdrawn")),
                name="case_open_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, freight_minor__gte=0), name="case_amount"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CaseLine(models.Model):
    """How many pieces of a line a case is about, and how much money."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lines")
    line_id = models.BigIntegerField()
    quantity = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "line_id"], name="case_line_once")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.line_id}"
