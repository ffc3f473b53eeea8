"""Looking at the site as somebody else, and seeing what is covered: never without a reason that stays."""

from django.db import models
from django.db.models import F, Q

from yunju.members.models.users import User


class Visit(models.Model):
    """Somebody of the operator looks at the site as a member's person does: for a reason, half an hour, reading only."""

    cluster_id = models.BigIntegerField()
    by_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    as_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits")
    member_id = models.BigIntegerField(help_text="The member for whose sake")
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    pages = models.PositiveIntegerField(default=0, help_text="How many pages were looked at")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by_user=F("as_user")), name="visit_to_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="visit_has_reason"),
        ]
        indexes = [models.Index(fields=["as_user", "-id"], name="visit_by_visited")]

    def __str__(self) -> str:
        return f"{self.by_user_id} as {self.as_user_id}"


class Unmasking(models.Model):
    """That somebody of the operator saw personal data, or searched by it: what, of whom, why. Append-only."""

    cluster_id = models.BigIntegerField()
    by_user_id = models.BigIntegerField(null=True)
    what = models.CharField(
        max_length=30, help_text="order.contact, order.search, member.phone, licence.picture"
    )
    noun_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "what", "noun_id", "-id"], name="unmasking_by_noun")]

    def __str__(self) -> str:
        return f"{self.what} {self.noun_id}"
