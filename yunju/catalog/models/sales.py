"""Flash sales: a lower price of one variant, for a while and for so many pieces."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value

from yunju.catalog.models.shelf import Variant
from yunju.kernel.ids import public_code


class Sale(models.Model):
    """A variant costs `price_minor` from `starts_at` until `ends_at`, for `quota` pieces; `taken` are placed or sold.

    Rows are locked in id order, after stock. Two that run at the same time of one variant do not exist: the database
    says so, by ranges that need no extension.
    """

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, default=public_code)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="sales", db_index=False)
    price_minor = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    quota = models.PositiveIntegerField()
    per_buyer = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit")
    taken = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Ended before its time")

    class Meta:
        indexes = [
            models.Index(fields=["cluster_id", "variant"], name="sale_by_variant"),
            models.Index(fields=["cluster_id", "ends_at"], name="sale_by_end", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "code"], name="sale_code"),
            models.CheckConstraint(condition=Q(price_minor__gte=1), name="sale_price"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sale_times"),
            models.CheckConstraint(condition=Q(taken__gte=0, taken__lte=F("quota")), name="sale_quota"),
            models.CheckConstraint(condition=Q(per_buyer=None) | Q(per_buyer__gte=1), name="sale_per_buyer"),
            ExclusionConstraint(
                name="sale_one_at_a_time",
                expressions=[
                    (Func("cluster_id", "cluster_id", Value("[]"), function="int8range"), "&&"),
                    (Func("variant_id", "variant_id", Value("[]"), function="int8range"), "&&"),
                    (Func("starts_at", "ends_at", function="tstzrange"), "&&"),
                ],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.price_minor}, {self.taken} of {self.quota}"


class SaleTake(models.Model):
    """What one purchase took of a sale, and for whom. It goes when the purchase is given up unpaid.

    Ids are plain: the intake writes these rows under its locks. `buyer` is who its limits belong to: `user:ID`, or
    `holder:HASH` of a browser.
    """

    cluster_id = models.BigIntegerField()
    sale_id = models.BigIntegerField()
    purchase_id = models.BigIntegerField()
    buyer = models.CharField(max_length=80)
    pieces = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "sale_id", "buyer"], name="sale_take_by_buyer")]
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "purchase_id", "sale_id"], name="sale_take_once"),
            models.CheckConstraint(condition=Q(pieces__gte=1), name="sale_take_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.purchase_id}: {self.pieces} of {self.sale_id}"
