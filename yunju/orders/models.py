"""Purchases, orders, lines, shares, contacts, events, timers, refunds, cases.

Hot foreign keys are order -> purchase and line -> order only; the rest carry plain ids and `verify` finds orphans.
What can change later is copied at placement. Nothing here is deleted but the contact row, which is erased.
"""

from django.db import models
from django.db.models import F, Q

PAYMENT_STATES = ("unpaid", "paid", "expired", "cancelled")
AFTER_SALE_STATES = ("none", "open", "settled")
SHARE_ROLES = ("supplier", "shop", "maker", "designer", "provider", "park", "platform")
STOCK_STATES = ("none", "reserved", "taken", "returned")
SOURCES = ("none", "link", "poster", "plate", "search")


class Cart(models.Model):
    """What somebody is about to buy. Reserves nothing. Belongs to a user or to a browser (hash of its secret)."""

    cluster_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "user_id"], condition=Q(user_id__isnull=False), name="cart_of_user"
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "holder"], condition=~Q(holder=""), name="cart_of_holder"
            ),
        ]


class CartLine(models.Model):
    """One variant in a cart, with the shop that brought it (removable) and the price that was shown."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant_id = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    shown_minor = models.BigIntegerField()
    shop_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=12, default="none")
    share_code = models.CharField(max_length=8, blank=True)
    context = models.CharField(max_length=60, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant_id"], name="cart_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=9_999), name="cart_line_quantity"
            ),
        ]


class Purchase(models.Model):
    """What a buyer pays at once. `holder` is the hash of the browser's secret when the buyer has no account."""

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
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
                fields=["cluster_id", "user_id", "-id"],
                condition=Q(user_id__isnull=False),
                name="purchase_by_user",
            ),
            models.Index(fields=["cluster_id", "holder"], condition=~Q(holder=""), name="purchase_by_holder"),
        ]


class Order(models.Model):
    """What one supplier owes of a purchase by one mode. `supplier_id` is empty until an award names it."""

    cluster_id = models.BigIntegerField()
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    number = models.CharField(max_length=16)
    code = models.CharField(max_length=16, unique=True)
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
                fields=["cluster_id", "supplier_id", "fulfilment_state", "-id"], name="order_by_supplier"
            )
        ]


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
                fields=["release_due_at"],
                condition=Q(release_due_at__isnull=False, released_at__isnull=True),
                name="line_to_release",
            ),
        ]


class Share(models.Model):
    """One payee's part of one line. What may leave `pending` is bounded here, and only here (invariant I8)."""

    cluster_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    role = models.CharField(max_length=10)
    payee_id = models.BigIntegerField(help_text="Member")
    amount_minor = models.BigIntegerField()
    released_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0, help_text="Taken back while pending")
    reclaimed_minor = models.BigIntegerField(default=0, help_text="Taken back after release")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "line_id", "role", "payee_id"], name="share_once"),
            models.UniqueConstraint(
                fields=["cluster_id", "line_id"], condition=Q(role="shop"), name="share_one_shop"
            ),
            models.CheckConstraint(condition=Q(role__in=SHARE_ROLES), name="share_role"),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gte=0, released_minor__gte=0, refunded_minor__gte=0, reclaimed_minor__gte=0
                ),
                name="share_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=F("released_minor") + F("refunded_minor")), name="share_bounded"
            ),
            models.CheckConstraint(
                condition=Q(released_minor__gte=F("reclaimed_minor")), name="share_reclaim_bounded"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster_id", "order_id"], name="share_by_order"),
            models.Index(fields=["cluster_id", "payee_id", "-id"], name="share_by_payee"),
        ]


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


class Event(models.Model):
    """A change of one axis of one noun: what, from, to, who, when, why. Code and parameters, no sentence, no contact data."""

    cluster_id = models.BigIntegerField()
    noun = models.CharField(max_length=10)  # purchase | order | case
    noun_id = models.BigIntegerField()
    version = models.IntegerField()
    axis = models.CharField(max_length=12)  # payment | fulfilment | after_sale | dispute | contact
    event = models.CharField(max_length=30)
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    who = models.CharField(max_length=10)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "noun", "noun_id", "version"], name="event_version"
            ),
        ]


class FlowTimer(models.Model):
    """Silence has a meaning: at `due_at`, `event` happens. Frozen by a dispute: `left_seconds` instead of a date.

    A row is deleted when its state is left; any worker may fire it; the guarded move makes a second firing nothing.
    """

    cluster_id = models.BigIntegerField()
    noun = models.CharField(max_length=10)  # order | case
    noun_id = models.BigIntegerField()
    key = models.CharField(max_length=30)
    event = models.CharField(max_length=30)
    due_at = models.DateTimeField(null=True)
    left_seconds = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "noun", "noun_id", "key"], name="timer_once"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, left_seconds__isnull=False)
                | Q(due_at__isnull=False, left_seconds__isnull=True),
                name="timer_runs_or_frozen",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="timer_due")]


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


class CaseLine(models.Model):
    """How many pieces of a line a case is about, and how much money."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lines")
    line_id = models.BigIntegerField()
    quantity = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "line_id"], name="case_line_once")]


class Refund(models.Model):
    """Money going back to a buyer: decided (payees to refund_due), then sent and confirmed (refund_due to clearing).

    `kind`: order (from shares), escrow, unapplied (money that never belonged to a live purchase).
    """

    cluster_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    purchase_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    attempt_id = models.BigIntegerField()
    gateway = models.CharField(max_length=20)
    out_no = models.CharField(max_length=40, unique=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=30)
    state = models.CharField(max_length=10, default="decided")  # decided | sent | confirmed | failed
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=Q(state__in=("decided", "sent", "confirmed", "failed")), name="refund_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state__in=("decided", "sent")), name="refund_to_send"
            ),
            models.Index(fields=["cluster_id", "order_id"], name="refund_by_order"),
        ]


class RefundPart(models.Model):
    """What one share gave for one refund, and out of which pots. Written once, read by statements."""

    cluster_id = models.BigIntegerField()
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    line_id = models.BigIntegerField()
    share_id = models.BigIntegerField()
    payee_id = models.BigIntegerField()
    from_pending_minor = models.BigIntegerField(default=0)
    from_released_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "share_id"], name="refund_part_once"),
            models.CheckConstraint(
                condition=Q(from_pending_minor__gte=0, from_released_minor__gte=0), name="refund_part_sign"
            ),
        ]
        indexes = [models.Index(fields=["cluster_id", "payee_id"], name="refund_part_by_payee")]
