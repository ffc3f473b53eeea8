"""The tenant."""

from django.db import models
from django.db.models import Q

from yunju.kernel.money import EXPONENTS


class Cluster(models.Model):
    """The tenant: one market with its own members, shelf, rules, currency and ledger."""

    code = models.SlugField(max_length=40, unique=True)
    host = models.CharField(
        max_length=200, blank=True, default="", help_text="Host name whose pages show this cluster"
    )
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY", choices=[(c, c) for c in sorted(EXPONENTS)])
    country = models.CharField(
        max_length=2,
        default="CN",
        help_text="Its home: what goes elsewhere goes abroad. ISO 3166, two letters",
    )
    attribution_days = models.PositiveSmallIntegerField(default=7)
    self_purchase = models.CharField(
        max_length=10, default="none", choices=[("none", "none"), ("discount", "discount")]
    )
    reserve_bp = models.PositiveIntegerField(default=0, help_text="Part of a released share kept in reserve")
    unpaid_limit = models.PositiveSmallIntegerField(
        default=5, help_text="Unpaid purchases one buyer may hold"
    )
    unpaid_minutes = models.PositiveSmallIntegerField(default=15)
    after_sale_days = models.PositiveSmallIntegerField(default=7)
    payout_min_minor = models.BigIntegerField(default=100)
    shortage_tolerance_minor = models.BigIntegerField(
        default=0, help_text="A payment short by no more counts as paid; the operator bears it"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="cluster_country"),
            models.CheckConstraint(condition=Q(attribution_days__lte=30), name="cluster_attribution_days"),
            models.CheckConstraint(condition=Q(reserve_bp__lte=10_000), name="cluster_reserve"),
            models.CheckConstraint(
                condition=Q(self_purchase__in=["none", "discount"]), name="cluster_self_purchase"
            ),
            models.CheckConstraint(condition=Q(unpaid_limit__gte=1), name="cluster_unpaid_limit"),
            models.CheckConstraint(condition=Q(shortage_tolerance_minor__gte=0), name="cluster_tolerance"),
            models.UniqueConstraint(fields=["host"], condition=~Q(host=""), name="cluster_host"),
        ]

    def __str__(self) -> str:
        return self.name_zh
