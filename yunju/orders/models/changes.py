"""What changed, and what silence will do: event rows and timer rows of purchases, orders and cases."""

from django.db import models
from django.db.models import Q


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

    def __str__(self) -> str:
        return f"{self.noun} {self.noun_id} {self.event}"


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

    def __str__(self) -> str:
        return f"{self.noun} {self.noun_id} {self.key}"
