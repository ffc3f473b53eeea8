"""Commission, service roles, the cluster's fees, freight."""

from django.db import models
from django.db.models import F, Q

from yunju.catalog.models.shelf import Offer
from yunju.members.models import Cluster, Member

ROLES = ("maker", "designer", "provider")
"""Service roles an offer may pay. Not a chain: each is a fee of the offer, contracted with that member."""


class CommissionRule(models.Model):
    """What an offer pays its shop; the newest version holds, each order line freezes the one it was placed under."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField()
    shop_bp = models.PositiveIntegerField(default=0)
    shop_floor_minor = models.BigIntegerField(default=0)
    shop_cap_minor = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "version"], name="rule_version"),
            models.CheckConstraint(condition=Q(shop_bp__lte=9_000), name="rule_shop_bp"),
            models.CheckConstraint(
                condition=Q(shop_floor_minor__gte=0)
                & (Q(shop_cap_minor__isnull=True) | Q(shop_cap_minor__gte=F("shop_floor_minor"))),
                name="rule_floor_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} v{self.version}"


class ServiceRole(models.Model):
    """A further payee of an offer under a rule: its designer, maker or provider. Never a tree."""

    rule = models.ForeignKey(CommissionRule, on_delete=models.PROTECT, related_name="service_roles")
    role = models.CharField(max_length=12, choices=[(role, role) for role in ROLES])
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    bp = models.PositiveIntegerField()
    floor_minor = models.BigIntegerField(default=0)
    cap_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "role", "member"], name="service_role_once"),
            models.CheckConstraint(condition=Q(bp__gte=1, bp__lte=9_000), name="service_role_bp"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.member_id}"


class FeeRule(models.Model):
    """The platform's and the park's part in a cluster, versioned; all versions are kept."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="fee_rules")
    version = models.PositiveIntegerField()
    platform_bp = models.PositiveIntegerField(default=0)
    platform_floor_minor = models.BigIntegerField(default=0)
    platform_cap_minor = models.BigIntegerField(null=True, blank=True)
    park_bp = models.PositiveIntegerField(default=0)
    park_floor_minor = models.BigIntegerField(default=0)
    park_cap_minor = models.BigIntegerField(null=True, blank=True)
    effective_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "version"], name="fee_rule_version"),
            models.CheckConstraint(
                condition=Q(platform_bp__lte=5_000, park_bp__lte=5_000), name="fee_rule_bp"
            ),
        ]

    def __str__(self) -> str:
        return f"fees v{self.version}"


class FreightRule(models.Model):
    """What sending costs with one supplier, until carrier tables come: free, flat per order, or by weight."""

    supplier = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="freight_rule")
    kind = models.CharField(
        max_length=8, choices=[("free", "free"), ("flat", "flat"), ("weight", "weight")], default="free"
    )
    flat_minor = models.BigIntegerField(default=0)
    first_g = models.PositiveIntegerField(default=1_000)
    first_minor = models.BigIntegerField(default=0)
    next_g = models.PositiveIntegerField(default=1_000)
    next_minor = models.BigIntegerField(default=0)
    free_over_minor = models.BigIntegerField(null=True, blank=True)
    surcharges = models.JSONField(default=dict, blank=True, help_text="Province -> minor units on top")
    not_served = models.JSONField(default=list, blank=True, help_text="Provinces nothing is sent to")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    flat_minor__gte=0, first_minor__gte=0, next_minor__gte=0, first_g__gte=1, next_g__gte=1
                ),
                name="freight_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.kind}"
