"""What somebody wants to find again."""

from django.db import models
from django.db.models import Q

from yunju.catalog.models.shelf import Offer


class Favourite(models.Model):
    """One offer that a user, or a browser without account (hash of its secret), has put a heart on."""

    cluster_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="favourites")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "offer"], condition=Q(user_id__isnull=False), name="favourite_of_user"
            ),
            models.UniqueConstraint(
                fields=["holder", "offer"], condition=Q(user_id__isnull=True), name="favourite_of_holder"
            ),
            models.CheckConstraint(
                condition=Q(user_id__isnull=False, holder="") | (Q(user_id__isnull=True) & ~Q(holder="")),
                name="favourite_has_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"heart on {self.offer_id}"
