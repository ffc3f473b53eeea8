"""Words that a cluster does not let people write."""

from django.db import models

from yunju.members.models.clusters import Cluster


class ForbiddenWords(models.Model):
    """The list of one cluster as its operator keeps it. A cluster without a row has the list that comes with Yunju."""

    cluster = models.OneToOneField(Cluster, on_delete=models.PROTECT, related_name="forbidden_words")
    words = models.JSONField(default=list)
    edited_at = models.DateTimeField()
    edited_by = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "forbidden words"

    def __str__(self) -> str:
        return f"{self.cluster_id}: {len(self.words)} words"
