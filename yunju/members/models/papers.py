"""What the law asks a site and its suppliers to show: papers of the operator, agreements, licences of members."""

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q

from yunju.kernel.ids import public_code
from yunju.members.models.clusters import Cluster
from yunju.members.models.members import Member
from yunju.members.models.users import User

AGREEMENTS = ("terms", "privacy", "shop", "supplier")
LICENCE_STATES = ("waiting", "valid", "refused", "replaced")


def private_papers() -> Storage:
    """Pictures of licences: below the home, outside everything that is served."""
    return storages["private"]


class ClusterPapers(models.Model):
    """Numbers, names and telephones that stand in the footer of every page, and whether the cluster has gone live."""

    cluster = models.OneToOneField(Cluster, on_delete=models.PROTECT, related_name="papers")
    firm = models.CharField(max_length=120, blank=True, help_text="Registered name of who runs the site")
    credit_code = models.CharField(max_length=18, blank=True)
    licence = models.FileField(upload_to="papers/", blank=True, help_text="Public picture of the licence")
    icp_no = models.CharField(max_length=60, blank=True)
    police_no = models.CharField(max_length=60, blank=True)
    telecom_no = models.CharField(max_length=60, blank=True, help_text="Telecom licence (EDI, ICP)")
    other_nos = models.TextField(blank=True, help_text="Further licences, one a line: name, colon, number")
    address = models.CharField(max_length=200, blank=True)
    complaint_phone = models.CharField(max_length=20, blank=True)
    complaint_email = models.CharField(max_length=254, blank=True)
    backup_note = models.CharField(
        max_length=500, blank=True, help_text="Where copies of the database go, and who tried to restore one"
    )
    published = models.JSONField(default=list, help_text="Kinds of agreements that have a version")
    tried_at = models.DateTimeField(
        null=True, blank=True, help_text="When an order was last placed, paid and refunded for trial"
    )
    texted_at = models.DateTimeField(
        null=True, blank=True, help_text="When a text message was last sent for trial"
    )
    live_at = models.DateTimeField(null=True, blank=True)
    live_by = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "cluster papers"

    def __str__(self) -> str:
        return f"papers of {self.cluster_id}"


class Agreement(models.Model):
    """One version of terms, privacy policy, shop or supplier agreement. Published once, never changed after."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in AGREEMENTS])
    version = models.PositiveIntegerField()
    body_zh = models.TextField()
    body_en = models.TextField(blank=True)
    summary = models.CharField(max_length=300, blank=True, help_text="What is new, for who agreed before")
    effective_at = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "kind", "version"], name="agreement_version"),
            models.CheckConstraint(condition=Q(kind__in=AGREEMENTS), name="agreement_kind"),
            models.CheckConstraint(
                condition=Q(effective_at__gte=F("published_at")), name="agreement_not_backdated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class Acceptance(models.Model):
    """That somebody agreed to a version: a user, or the browser of a buyer without an account. Append-only."""

    cluster_id = models.BigIntegerField()
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT)
    user_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    at_step = models.CharField(
        max_length=20, help_text="Where it was asked: sign_up, checkout, open_shop, ..."
    )
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "user_id"],
                condition=Q(user_id__isnull=False),
                name="acceptance_once_by_user",
            ),
            models.UniqueConstraint(
                fields=["agreement", "holder"], condition=~Q(holder=""), name="acceptance_once_by_holder"
            ),
            models.CheckConstraint(
                condition=Q(user_id__isnull=False) | ~Q(holder=""), name="acceptance_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} by {self.user_id or 'a browser'}"


class Licence(models.Model):
    """A paper of a member, such as a food licence: handed in, looked at by the operator, valid until a day.

    waiting -> valid | refused; a newer checked one of the same kind makes the older `replaced`.
    """

    cluster_id = models.BigIntegerField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="licences")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=60)
    picture = models.FileField(upload_to="licences/", storage=private_papers, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="Empty: without an end")
    state = models.CharField(max_length=10, default="waiting")
    reason = models.CharField(max_length=30, blank=True)
    handed_at = models.DateTimeField()
    handed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reminded_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The nearest end (90, 30, 7 or 0 days) of which word was sent"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LICENCE_STATES), name="licence_state"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="licence_ends_after"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(checked_at__isnull=False), name="licence_checked"
            ),
        ]
        indexes = [
            models.Index(fields=["cluster_id", "state", "valid_until"], name="licence_by_end"),
            models.Index(fields=["member", "kind"], name="licence_by_member"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.member_id} {self.state}"
