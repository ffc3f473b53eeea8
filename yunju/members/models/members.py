"""Members, what they are, who acts for them, and what changed."""

from django.db import models
from django.db.models import Q

from yunju.kernel.ids import public_code
from yunju.members.models.choices import choices
from yunju.members.models.clusters import Cluster
from yunju.members.models.users import User
from yunju.members.words import CapacityKind, RoleKind


class Member(models.Model):
    """A person or an organisation in a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    code = models.CharField(max_length=16, unique=True, default=public_code)
    kind = models.CharField(max_length=12, choices=[("person", "person"), ("organisation", "organisation")])
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    story = models.TextField(blank=True)
    gateway_merchant = models.CharField(
        max_length=60, blank=True, help_text="Sub-merchant id at the payment provider"
    )
    reserve_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="Overrides the cluster's reserve rate"
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["cluster", "name"], name="member_by_name")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["person", "organisation"]), name="member_kind"),
            models.CheckConstraint(
                condition=Q(reserve_bp=None) | Q(reserve_bp__lte=10_000), name="member_reserve"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Capacity(models.Model):
    """That a member is a supplier, a shopkeeper, ... Asked for, then admitted by the operator (or at once)."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="capacities")
    kind = models.CharField(max_length=12, choices=choices(CapacityKind))
    asked_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True, blank=True)
    admitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "capacities"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=Q(ended_at__isnull=True), name="capacity_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[word.value for word in CapacityKind]), name="capacity_kind"
            ),
            models.CheckConstraint(
                condition=Q(admitted_by=None) | Q(admitted_at__isnull=False), name="capacity_admitted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"


class Role(models.Model):
    """What a user is to a member, from when to when. Taking it away raises the user's session epoch."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=10, choices=choices(RoleKind))
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "member"], condition=Q(ended_at__isnull=True), name="role_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=[word.value for word in RoleKind]), name="role_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} of {self.member_id}"


class MemberEvent(models.Model):
    """What changed about a member, by whom, when and why. Ids and codes only, no personal data."""

    cluster_id = models.BigIntegerField()
    member_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "member_id", "id"], name="member_event_by_member")]

    def __str__(self) -> str:
        return f"{self.what} {self.member_id}"
