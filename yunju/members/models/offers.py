"""A role that was offered to somebody and that they have not taken up yet."""

from django.db import models
from django.db.models import F, Q

from yunju.members.models.choices import choices
from yunju.members.models.members import Member
from yunju.members.models.users import User
from yunju.members.words import RoleKind


class RoleOffer(models.Model):
    """To an address, whether it has an account or not: who offers learns that from the person alone.

    Only an account that was there before may take it up: nobody signs up under somebody's address to find it.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="role_offers")
    email = models.EmailField()
    kind = models.CharField(max_length=12, choices=choices(RoleKind))
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "email"], condition=Q(ended_at=None), name="role_offer_once"
            ),
            models.CheckConstraint(
                condition=Q(email=models.functions.Lower("email")), name="role_offer_lower"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="role_offer_ends"),
        ]
        indexes = [models.Index(fields=["email"], name="role_offer_by_email", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} at {self.member_id}"
