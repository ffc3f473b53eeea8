"""Attempts, received notifications, payout runs and items, provider bills."""

from django.db import models
from django.db.models import Q

from yunju.members.models import Cluster, Member


class Attempt(models.Model):
    """One try to pay one purchase at one gateway. `out_no` is our number at the provider."""

    cluster_id = models.BigIntegerField()
    purchase_id = models.BigIntegerField()
    gateway = models.CharField(max_length=20)
    out_no = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    parts = models.JSONField(default=list)
    kind = models.CharField(max_length=10, help_text="jsapi | redirect | form | qr")
    state = models.CharField(max_length=10, default="started")
    answer = models.JSONField(
        null=True, help_text="What the gateway said how to pay; empty until it has answered"
    )
    provider_no = models.CharField(max_length=60, blank=True)
    paid_minor = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, help_text="When a silent gateway was last asked about it")
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="When it was closed or refused")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("started", "paid", "closed", "failed")), name="attempt_state"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="attempt_positive"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False, paid_minor__isnull=False)
                | (~Q(state="paid") & Q(paid_at__isnull=True, paid_minor__isnull=True)),
                name="attempt_paid_paired",
            ),
            models.UniqueConstraint(fields=["out_no"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["cluster_id", "purchase_id", "gateway", "kind"],
                condition=Q(state="started"),
                name="attempt_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["cluster_id", "purchase_id"], name="attempt_by_purchase"),
            models.Index(fields=["started_at"], condition=Q(state="started"), name="attempt_silent"),
        ]

    def __str__(self) -> str:
        return self.out_no


class Notification(models.Model):
    """A message of a gateway, kept once by its event id: the inbox that makes a duplicate nothing."""

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=30)
    verdict = models.CharField(max_length=40)
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="notification_once")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class PaymentEvent(models.Model):
    """What happened to an attempt, a payout run or a bill: code and parameters, by whom, when. No account numbers."""

    cluster_id = models.BigIntegerField()
    noun = models.CharField(max_length=10, help_text="attempt | run | ask | bill")
    noun_id = models.BigIntegerField()
    what = models.CharField(max_length=30)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "noun", "noun_id", "id"], name="payment_event_by_noun")]

    def __str__(self) -> str:
        return f"{self.noun} {self.noun_id} {self.what}"


class PayoutAsk(models.Model):
    """A member's wish to be paid out. It is answered by the run that takes the member in."""

    cluster_id = models.BigIntegerField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "member"], condition=Q(answered_at__isnull=True), name="payout_ask_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} asks"


class PayoutRun(models.Model):
    """One approval for many payees: made -> approved -> done, or cancelled. Its items are sent once the bank file is out."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    number = models.CharField(max_length=20, unique=True)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default="made")
    channel = models.CharField(max_length=8, default="bank")
    gateway = models.CharField(max_length=20)
    total_minor = models.BigIntegerField()
    count = models.IntegerField()
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("made", "approved", "done", "cancelled")), name="payout_run_state"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutItem(models.Model):
    """One payee's money in a run: gross, tax withheld, net; the bank's words when it failed."""

    cluster_id = models.BigIntegerField()
    run = models.ForeignKey(PayoutRun, on_delete=models.PROTECT, related_name="items")
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    account_id = models.BigIntegerField()
    holder = models.CharField(max_length=120)
    number_last4 = models.CharField(max_length=4)
    gross_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    net_minor = models.BigIntegerField()
    state = models.CharField(max_length=10, default="waiting")
    code = models.CharField(max_length=40, blank=True, help_text="Why it was taken out of the run")
    bank_no = models.CharField(max_length=60, blank=True)
    bank_words = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member"], name="payout_item_once"),
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, tax_minor__gte=0, net_minor__gt=0), name="payout_positive"
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("tax_minor") + models.F("net_minor")), name="payout_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "sent", "paid", "failed", "cancelled")),
                name="payout_item_state",
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "member"],
                condition=Q(state__in=("waiting", "sent")),
                name="payout_item_open_once",
            ),
        ]
        indexes = [models.Index(fields=["cluster_id", "member", "-id"], name="payout_item_by_member")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.member_id}"


class BillDay(models.Model):
    """That a provider's bill of a day was compared with a cluster's clearing: the sums of the bill's lines of that cluster."""

    cluster_id = models.BigIntegerField()
    gateway = models.CharField(max_length=20)
    day = models.DateField()
    paid_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    ours_minor = models.BigIntegerField(help_text="Net sum of our bookings under the same references")
    clearing_minor = models.BigIntegerField(
        help_text="Sum of the day's clearing entries when it was compared"
    )
    lines = models.IntegerField()
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster_id", "gateway", "day"], name="bill_day_once")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.day}"


class BillDifference(models.Model):
    """A line where a provider's bill and our clearing disagree: an open exception until somebody explains it (I14)."""

    cluster_id = models.BigIntegerField()
    gateway = models.CharField(max_length=20)
    day = models.DateField()
    kind = models.CharField(max_length=30)
    reference = models.CharField(max_length=60)
    ours_minor = models.BigIntegerField(null=True)
    theirs_minor = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)
    explained_by = models.BigIntegerField(null=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "day", "kind", "reference"], name="bill_difference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.reference}"
