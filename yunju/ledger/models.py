"""Accounts, transfers, entries, snapshots. Constraints here; triggers and rights in sql/0001_guard.sql."""

from django.db import models
from django.db.models import F, Q

from yunju.kernel.money import MAX_MINOR
from yunju.ledger.kinds import CACHED, FLOORED, Kind

KINDS = sorted(kind.value for kind in Kind)
FLOORED_KINDS = sorted(kind.value for kind in FLOORED)
CACHED_KINDS = sorted(kind.value for kind in CACHED)


class Account(models.Model):
    """One pot of one subject. `balance` and `version` (number of its entries) are kept for cached kinds only."""

    cluster_id = models.BigIntegerField()
    subject = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(default=0, db_default=0)
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "subject", "kind", "currency"], name="account_unique"
            ),
            # The guard looks accounts up by both: with it no plan walks a whole cluster when statistics are young.
            models.UniqueConstraint(fields=["cluster_id", "id"], name="account_in_cluster"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="account_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=FLOORED_KINDS) | Q(balance__gte=0), name="account_floor"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.DEBT.value) | Q(balance__lte=0), name="account_debt"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CACHED_KINDS) | Q(balance=0, version=0),
                name="account_uncached_stays_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.kind} {self.currency}"


class Transfer(models.Model):
    """The header of a posting: what happened (`kind`) to what (`source_type`, `source_id`, `step`) and when."""

    cluster_id = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    source_type = models.CharField(max_length=30)
    source_id = models.BigIntegerField()
    step = models.IntegerField(default=0)
    legs = models.SmallIntegerField()
    reverses_id = models.BigIntegerField(null=True)
    effective_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "kind", "source_type", "source_id", "step"],
                name="transfer_once_per_event",
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "reverses_id"],
                condition=Q(reverses_id__isnull=False),
                name="transfer_reversed_once",
            ),
            models.CheckConstraint(condition=Q(legs__gte=2), name="transfer_two_legs"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_type}:{self.source_id}/{self.step}"


class Entry(models.Model):
    """One leg: `amount` minor units added to an account. Plain ids; the guard checks that header and account exist.

    Ids come from the INSERT itself, never from a reservation: a snapshot relies on it (see sql/0001_guard.sql).
    """

    cluster_id = models.BigIntegerField()
    transfer_id = models.BigIntegerField()
    seq = models.SmallIntegerField()
    account_id = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "transfer_id", "seq"], name="entry_seq_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="entry_not_zero"),
            models.CheckConstraint(
                condition=Q(amount__gte=-MAX_MINOR, amount__lte=MAX_MINOR), name="entry_in_range"
            ),
        ]
        indexes = [models.Index(fields=["cluster_id", "account_id", "id"], name="entry_by_account")]

    def __str__(self) -> str:
        return f"{self.transfer_id}/{self.seq}: {self.amount}"


class Snapshot(models.Model):
    """The settled balance of an account over all its entries with id <= `upto_entry_id`. Reads add the tail."""

    cluster_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    upto_entry_id = models.BigIntegerField()
    balance = models.BigIntegerField()
    entries = models.BigIntegerField()
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "account_id", "upto_entry_id"], name="snapshot_once"
            ),
            models.CheckConstraint(
                condition=Q(entries__gte=0) & Q(upto_entry_id__gte=F("entries")), name="snapshot_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} up to {self.upto_entry_id}: {self.balance}"
