"""Whose money it is: shares of lines, refunds, and what each share gave to them."""

from django.db import models
from django.db.models import F, Q

SHARE_ROLES = ("supplier", "shop", "maker", "designer", "provider", "park", "platform")


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
            # The order before the line: the same index finds the shares of an order.
            models.UniqueConstraint(
                fields=["cluster_id", "order_id", "line_id", "role", "payee_id"], name="share_once"
            ),
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
            # Read backwards for the newest: a new row goes to the end of its payee's, where there is always room.
            models.Index(fields=["cluster_id", "payee_id", "id"], name="share_by_payee"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.payee_id}: {self.amount_minor}"


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
    kept_minor = models.BigIntegerField(
        default=0,
        help_text="Given up by payees but never paid by the buyer: the operator had borne it, and takes it back",
    )
    reason = models.CharField(max_length=30)
    state = models.CharField(max_length=10, default="decided")  # decided | sent | confirmed | failed
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, kept_minor__gte=0), name="refund_positive"
            ),
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

    def __str__(self) -> str:
        return self.out_no


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

    def __str__(self) -> str:
        return f"{self.refund_id}/{self.share_id}"
