"""What happened to threads, reviews and cards. Codes and ids; never what was said."""

from django.db import models


class TalkEvent(models.Model):
    """Written once. `noun`: thread, review, card."""

    cluster_id = models.BigIntegerField()
    noun = models.CharField(max_length=10)
    noun_id = models.BigIntegerField()
    what = models.CharField(max_length=30)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "noun", "noun_id"], name="talk_event_of")]

    def __str__(self) -> str:
        return f"{self.noun} {self.noun_id} {self.what}"
