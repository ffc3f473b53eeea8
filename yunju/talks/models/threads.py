"""The thread of an order: what buyer and supplier say to each other."""

from django.db import models
from django.db.models import Q

SIDES = ("buyer", "supplier", "operator")


class Thread(models.Model):
    """One per order. `waiting_since` is set from the buyer's first unanswered message until the supplier answers."""

    cluster_id = models.BigIntegerField()
    order_id = models.BigIntegerField(unique=True)
    supplier_id = models.BigIntegerField()
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    operator_joined_at = models.DateTimeField(null=True)
    read_by_buyer_id = models.BigIntegerField(default=0, help_text="Newest message that the buyer has seen")
    read_by_supplier_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(waiting_since__isnull=True, answer_due_at__isnull=True)
                | Q(waiting_since__isnull=False, answer_due_at__isnull=False),
                name="thread_waits_until",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "supplier_id", "answer_due_at"],
                condition=Q(answer_due_at__isnull=False),
                name="thread_waiting",
            ),
            models.Index(fields=["cluster_id", "supplier_id", "-last_at"], name="thread_by_supplier"),
        ]

    def __str__(self) -> str:
        return f"thread of {self.order_id}"


class Message(models.Model):
    """Something said, once: neither changed nor removed. `answered_seconds`: how long the buyer had waited for it."""

    cluster_id = models.BigIntegerField()
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    supplier_id = models.BigIntegerField()
    side = models.CharField(max_length=10)
    kind = models.CharField(max_length=8, default="said")  # said | joined
    by_user_id = models.BigIntegerField(null=True)
    words = models.CharField(max_length=1000, blank=True)
    answered_seconds = models.IntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=SIDES), name="message_side"),
            models.CheckConstraint(condition=Q(kind__in=("said", "joined")), name="message_kind"),
            models.CheckConstraint(
                condition=Q(answered_seconds=None) | Q(answered_seconds__gte=0), name="message_answered"
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "supplier_id", "at"],
                condition=Q(answered_seconds__isnull=False),
                name="message_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} in {self.thread_id}"


class MessagePicture(models.Model):
    """A picture of a message, in the private store."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    small = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="message_picture_once")]

    def __str__(self) -> str:
        return self.name
