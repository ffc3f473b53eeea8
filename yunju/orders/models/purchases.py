"""Purchases, orders, lines and contacts, frozen at placement.

Hot foreign keys are order -> purchase and line -> order only; the rest carry plain ids and `verify` finds orphans.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

PAYMENT_STATES = ("unpaid", "paid", "expired", "cancelled")
AFTER_SALE_STATES = ("none", "open", "settled")
STOCK_STATES = ("none", "reserved", "taken", "returned")


class Purchase(models.Model):
    """What a buyer pays at once. `holder` is the hash of the browser's secret when the buyer has no account."""

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16)
    user_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    payment_state = models.CharField(max_length=10, default="unpaid")
    version = models.IntegerField(default=0)
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    gateway = models.CharField(max_length=20, blank=True)
    attempt_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "code"], name="purchase_code"),
            models.CheckConstraint(
                condition=Q(payment_state__in=PAYMENT_STATES), name="purchase_payment_state"
            ),
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="purchase_total"),
            models.CheckConstraint(
                condition=Q(payment_state="paid", paid_at__isnull=False)
                | (~Q(payment_state="paid") & Q(paid_at__isnull=True)),
                name="purchase_paid_at",
            ),
            models.CheckConstraint(
                condition=Q(user_id__isnull=False) | ~Q(holder=""), name="purchase_has_buyer"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(payment_state="unpaid"), name="purchase_to_expire"
            ),
            models.Index(
                fields=["cluster_id", "user_id", "id"],
                condition=Q(user_id__isnull=False),
                name="purchase_by_user",
            ),
            models.Index(fields=["cluster_id", "holder"], condition=~Q(holder=""), name="purchase_by_holder"),
            # Rows come in the order of time: a few kilobytes find a day among millions, and placing hardly pays for it.
            BrinIndex(fields=["placed_at"], pages_per_range=32, autosummarize=True, name="purchase_by_time"),
        ]

    def __str__(self) -> str:
        return self.code


class Order(models.Model):
    """What one supplier owes of a purchase by one mode. `supplier_id` is empty until an award names it."""

    cluster_id = models.BigIntegerField()
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    number = models.CharField(max_length=16)
    code = models.CharField(max_length=16)
    supplier_id = models.BigIntegerField(null=True)
    supplier_name = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    goods_minor = models.BigIntegerField()
    freight_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    escrowed = models.BooleanField(default=False)
    fulfilment_state = models.CharField(
        max_length=20, blank=True, help_text="Empty until paid, then a state of the mode's flow"
    )
    after_sale_state = models.CharField(max_length=10, default="none")
    version = models.IntegerField(default=0)
    disputed_at = models.DateTimeField(null=True)
    after_sale_days = models.PositiveSmallIntegerField()
    placed_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "code"], name="order_code"),
            models.UniqueConstraint(fields=["cluster_id", "number"], name="order_number"),
            models.CheckConstraint(
                condition=Q(total_minor=F("goods_minor") + F("freight_minor")), name="order_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(after_sale_state__in=AFTER_SALE_STATES), name="order_after_sale_state"
            ),
            models.CheckConstraint(
                condition=Q(supplier_id__isnull=False) | Q(escrowed=True), name="order_supplier_or_escrow"
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "supplier_id", "fulfilment_state", "id"], name="order_by_supplier"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Line(models.Model):
    """One item of an order, frozen at placement. Freight is a line of its own (no variant, no commission)."""

    cluster_id = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    seq = models.SmallIntegerField()
    kind = models.CharField(max_length=8, default="goods")
    offer_id = models.BigIntegerField(null=True)
    variant_id = models.BigIntegerField(null=True)
    place_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200)
    variant_title = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField(default=1)
    unit_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    shop_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=12, default="none")
    share_code = models.CharField(max_length=8, blank=True)
    context = models.CharField(max_length=60, blank=True)
    rule_version = models.IntegerField(default=0)
    fee_version = models.IntegerField(default=0)
    returnable = models.BooleanField(default=True)
    ship_from = models.DateField(null=True, help_text="Presale: not sent before this day")
    stock_state = models.CharField(max_length=8, default="none")
    refunded_quantity = models.IntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    release_due_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "order", "seq"], name="line_seq"),
            models.CheckConstraint(condition=Q(kind__in=("goods", "freight")), name="line_kind"),
            models.CheckConstraint(
                condition=Q(amount_minor=F("unit_minor") * F("quantity")), name="line_adds_up"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1, unit_minor__gte=0), name="line_positive"),
            models.CheckConstraint(condition=Q(stock_state__in=STOCK_STATES), name="line_stock_state"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor"))
                & Q(refunded_quantity__gte=0, refunded_quantity__lte=F("quantity")),
                name="line_refund_bounded",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "ship_from"], condition=Q(ship_from__isnull=False), name="line_presold"
            ),
            models.Index(
                fields=["release_due_at"],
                condition=Q(release_due_at__isnull=False, released_at__isnull=True),
                name="line_to_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.seq} {self.title}"


class Contact(models.Model):
    """Name, phone and address of an order, in one row that is erased after the after-sale window."""

    cluster_id = models.BigIntegerField()
    order_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    province = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    district = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="CN")
    note = models.CharField(max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"contact of {self.order_id}"
