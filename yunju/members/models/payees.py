"""Who is paid, and where to."""

from django.db import models
from django.db.models import Q

from yunju.members.models.choices import choices
from yunju.members.models.members import Member
from yunju.members.models.users import User
from yunju.members.words import Channel, Exemption, IdKind


class Payee(models.Model):
    """What the law asks before a first payout: real name or firm, identity (encrypted), licence or ground, consent."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="payee")
    real_name = models.CharField(max_length=120)
    id_kind = models.CharField(max_length=12, choices=choices(IdKind))
    id_cipher = models.BinaryField()
    id_index = models.BinaryField(
        help_text="Keyed hash, so that the same number can be found without reading it"
    )
    id_last4 = models.CharField(max_length=4)
    licence_no = models.CharField(max_length=40, blank=True)
    exemption = models.CharField(max_length=20, blank=True, choices=choices(Exemption))
    consent_version = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    consented_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(licence_no="") | ~Q(exemption=""), name="payee_licence_or_ground"
            ),
        ]
        indexes = [models.Index(fields=["id_index"], name="payee_by_id")]

    def __str__(self) -> str:
        return f"payee {self.member_id}"


class PayoutAccount(models.Model):
    """Where a member's money goes. A change ends the old row and makes a new one."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="payout_accounts")
    channel = models.CharField(max_length=8, choices=choices(Channel))
    holder = models.CharField(max_length=120)
    bank = models.CharField(max_length=80, blank=True)
    number_cipher = models.BinaryField()
    number_last4 = models.CharField(max_length=4)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at__isnull=True), name="payout_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} …{self.number_last4}"
