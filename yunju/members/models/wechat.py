"""What WeChat asks of an installation: a file at the root of a host, and a host of their own for share links."""

from django.db import models
from django.db.models import F, Q

from yunju.members.models.clusters import Cluster


class WechatSettings(models.Model):
    """Per cluster: the host under which share links go out (empty: the cluster's own)."""

    cluster = models.OneToOneField(Cluster, on_delete=models.PROTECT, related_name="wechat")
    share_host = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["share_host"], condition=~Q(share_host=""), name="wechat_share_host"
            )
        ]

    def __str__(self) -> str:
        return self.share_host


class VerifyFile(models.Model):
    """A verification file (`MP_verify_*.txt`) that proves to WeChat that a host is the cluster's."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="verify_files")
    name = models.CharField(max_length=60)
    content = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(F("cluster"), F("name"), name="verify_file_once")]

    def __str__(self) -> str:
        return self.name
