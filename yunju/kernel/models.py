"""Tables that know no domain: the outbox (partitioned by day), heartbeats of the worker, installed SQL, jobs.

The idempotency table has no model: its key is composite and only `idempotency` reads it.
"""

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from yunju.kernel.ids import public_code


class OutboxEvent(models.Model):
    """Something that happened, to be told after the commit. Written in the transaction of its cause.

    Unmanaged by Django because it is partitioned (see migrations/0001_initial and sql/0001_outbox.sql).
    """

    cluster_id = models.BigIntegerField()
    topic = models.CharField(max_length=60)
    noun_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        managed = False
        db_table = "kernel_outbox"


class Beat(models.Model):
    """When each loop of the worker last ran to its end, and what went wrong since. One row per loop."""

    name = models.CharField(max_length=60, unique=True)
    every_seconds = models.IntegerField()
    ran_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)
    done = models.BigIntegerField(default=0)

    class Meta:
        db_table = "kernel_beat"


class InstalledSql(models.Model):
    """A numbered SQL file that a migration installed, with the hash it had. Never edited after."""

    name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "kernel_installed_sql"


def private_files() -> Storage:
    """Where files lie that nobody downloads by path: below the home, outside everything that is served."""
    return storages["private"]


class Job(models.Model):
    """Long work that somebody asked for: how far it is, what it said, and the file it made (see `kernel.jobs`).

    waiting -> running -> done | refused (it may not be, with the reason) | stopped (by the person, or it broke off).
    A job whose worker vanished waits again. `params` and `report` hold ids and codes, no personal data: both are shown.
    """

    STATES = ("waiting", "running", "done", "refused", "stopped")

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True, default=public_code)
    kind = models.CharField(max_length=60)
    title = models.CharField(
        max_length=200, blank=True, help_text="Beside the word of the kind: a file's name"
    )
    back = models.CharField(max_length=200, blank=True, help_text="Path of the page that asked for it")
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True, help_text="Nobody where the software itself asked")
    member_id = models.BigIntegerField(null=True)
    permission = models.CharField(
        max_length=40, blank=True, help_text="Still needed for that member when the file is fetched"
    )
    state = models.CharField(max_length=10, default="waiting", choices=[(s, s) for s in STATES])
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    report = models.JSONField(default=dict)
    kept = models.JSONField(
        default=dict, help_text="What the work noted to go on from when it is begun again"
    )
    file = models.FileField(upload_to="jobs/", storage=private_files, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    queue_id = models.BigIntegerField(null=True)
    turn = models.IntegerField(default=0, help_text="Raised by each beginning: an earlier one writes no more")
    lost = models.SmallIntegerField(default=0, help_text="How many workers vanished under it")
    stop_asked_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_job"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "refused", "stopped"]), name="job_state"
            ),
            models.CheckConstraint(condition=Q(done__gte=0, total__gte=0), name="job_counts"),
        ]
        indexes = [
            models.Index(fields=["cluster_id", "by_user_id", "-id"], name="job_by_person"),
            models.Index(fields=["id"], name="job_under_way", condition=Q(state__in=["waiting", "running"])),
            models.Index(fields=["ended_at"], name="job_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
