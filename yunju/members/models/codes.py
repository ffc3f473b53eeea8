"""Codes sent to phones, where a person is signed in, and links that carry a sign-in from one browser to another."""

from django.db import models
from django.db.models import Q

from yunju.members.models.users import User


class PhoneCode(models.Model):
    """One code for one number, one purpose and one browser. The digits are made when it is sent and kept only as a hash.

    `phone_index` finds the number, `phone_cipher` is readable until the code was sent.
    """

    cluster_id = models.BigIntegerField()
    purpose = models.CharField(max_length=20)
    browser = models.CharField(max_length=64, help_text="Hash of the browser's secret that asked")
    phone_index = models.BinaryField()
    phone_cipher = models.BinaryField(default=bytes)
    near = models.CharField(
        max_length=64, blank=True, help_text="The neighbourhood of the address that asked"
    )
    language = models.CharField(max_length=10)
    digits_hash = models.CharField(max_length=64, blank=True)
    tries = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_index", "-asked_at"], name="code_by_phone"),
            models.Index(fields=["near", "-asked_at"], name="code_by_near", condition=~Q(near="")),
            models.Index(fields=["cluster_id", "-asked_at"], name="code_by_cluster"),
            models.Index(fields=["browser", "purpose", "-id"], name="code_by_browser"),
        ]
        constraints = [models.CheckConstraint(condition=Q(tries__gte=0, tries__lte=5), name="code_tries")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class SignIn(models.Model):
    """A session of a person: where they are signed in, so that they can end it elsewhere."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    way = models.CharField(max_length=10)  # password | code | link | invited
    device = models.CharField(max_length=60, blank=True)  # words, apart by spaces: "android chrome"
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"], name="sign_in_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.way}"

    @property
    def words(self) -> list[str]:
        """The kind of device and the browser on it, as words that `ui` knows."""
        return self.device.split() or ["other"]


class CarryLink(models.Model):
    """A link for 10 minutes that opens a page in another browser as the same person. Used once; only a hash is kept."""

    cluster_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=500)
    epoch = models.PositiveIntegerField(help_text="The person's epoch then: a raised one ends the link too")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-made_at"], name="carry_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.path}"
