"""How to reach whoever sells: a phone and the picture that opens a chat with their service."""

from django.db import models
from django.db.models import Q


class ServiceCard(models.Model):
    """Of a member (a supplier) or of one shop. The picture is public: a WeChat QR code."""

    cluster_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    shop_id = models.BigIntegerField(null=True)
    phone = models.CharField(max_length=20, blank=True)
    hours = models.CharField(max_length=60, blank=True)
    picture = models.FileField(max_length=120, blank=True)
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "member_id"], condition=Q(shop_id__isnull=True), name="card_of_member"
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "shop_id"], condition=Q(shop_id__isnull=False), name="card_of_shop"
            ),
        ]

    def __str__(self) -> str:
        return f"card of {self.member_id}/{self.shop_id or ''}"
