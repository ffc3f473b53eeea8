"""API tokens: the only table of this room (docs/adr/0008-api-tokens.md says why it is here)."""

from django.db import models

from yunju.members.models import Cluster, User


class ApiToken(models.Model):
    """A key of one user for programs, in one cluster. The secret is shown once; only its hash is kept.

    It dies with `ended_at`, at `expires_at`, and when the user's sessions are ended (`session_epoch` moved on).
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    code = models.CharField(max_length=16, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    session_epoch = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "api_token"
        indexes = [models.Index(fields=["cluster", "user", "id"], name="api_token_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.name}"
