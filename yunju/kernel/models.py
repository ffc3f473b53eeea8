"""Tables that know no domain: the outbox (partitioned by day), heartbeats of the worker, installed SQL.

The idempotency table has no model: its key is composite and only `idempotency` reads it.
"""

from django.db import models


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
