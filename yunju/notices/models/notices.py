"""What is told to a person in the site."""

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """One thing told to one reader, as a code with parameters: it is rendered in the language of whoever reads it.

    `fold` joins what is alike while it is unread (`count` says how many); `once` is told a single time, ever.
    """

    cluster_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    member_id = models.BigIntegerField(null=True, help_text="For which member the person is told it")
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, help_text="Ids, codes, counts and amounts; no personal data")
    count = models.IntegerField(default=1)
    link = models.CharField(max_length=300, blank=True)
    fold = models.CharField(max_length=80, blank=True)
    once = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_notice"
        indexes = [
            models.Index(fields=["cluster_id", "user_id", "-at"], name="notice_by_reader"),
            models.Index(
                fields=["cluster_id", "user_id"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(fields=["at"], name="notice_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "user_id", "fold"],
                condition=Q(read_at__isnull=True) & ~Q(fold=""),
                name="notice_folds",
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "user_id", "once"], condition=~Q(once=""), name="notice_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="notice_count"),
        ]

    def __str__(self) -> str:
        return f"{self.code} to {self.user_id}"
