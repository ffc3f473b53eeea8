"""Members that came in from a list, and their invitations."""

from django.db import models
from django.db.models import Q

from yunju.members.models.members import Member
from yunju.members.models.users import User


class Invitation(models.Model):
    """That somebody may become the owner of a member: a link for 14 days, by SMS or on a printed card, used once.

    The link's token is derived from the row and its turn by the installation's key and stands nowhere. Who opens it
    still has to show, by a code, that the phone number of the list is theirs.
    """

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="invitation")
    turn = models.PositiveIntegerField(default=1, help_text="Raised by each new link: earlier ones are dead")
    phone_cipher = models.BinaryField()
    phone_index = models.BinaryField()
    contact = models.CharField(max_length=80, blank=True)
    credit_code = models.CharField(
        max_length=20, blank=True, help_text="Of the list; the payee's page offers it"
    )
    way = models.CharField(max_length=6, default="none")  # none | sms | card
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    joined_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "-id"], name="invitation_by_cluster")]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=["none", "sms", "card"]), name="invitation_way"),
            models.CheckConstraint(
                condition=Q(joined_at=None, joined_by=None)
                | Q(joined_at__isnull=False, joined_by__isnull=False),
                name="invitation_joined",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MemberImport(models.Model):
    """A list of members that was uploaded: tried first, then taken. Its file is deleted after a day."""

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
    file_name = models.CharField(max_length=200)
    rows = models.JSONField(default=list, help_text="Faults by row; the rows themselves are sealed")
    rows_cipher = models.BinaryField(default=bytes)
    capacity = models.CharField(max_length=12)
    count = models.IntegerField(default=0)
    faults = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    by_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "-id"], name="member_import_by_cluster")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.count}"
