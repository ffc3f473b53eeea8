"""Shops, listings, share codes of staff, and the attribution a signed-in buyer carries."""

from django.db import models
from django.db.models import Q

from yunju.catalog.models import Offer, Picture
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster, Member, User
from yunju.shops.attribution import SOURCES


class Shop(models.Model):
    """A micro-shop of one member."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="shops")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    name = models.CharField(max_length=60)
    intro = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(closed_at__isnull=True), name="shop_open_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """One offer picked by one shop: own title, picture and position. Stock and price stay the offer's."""

    cluster_id = models.BigIntegerField()
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="listings")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="listings")
    title = models.CharField(max_length=200, blank=True)
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.SET_NULL)
    position = models.IntegerField(default=0)
    picked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "offer"], condition=Q(ended_at__isnull=True), name="listing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} lists {self.offer_id}"


class ShareCode(models.Model):
    """A code for one user of a firm, for its statistics only; the money goes to the firm."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="share_codes")
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    code = models.CharField(max_length=8, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "user"], condition=Q(ended_at__isnull=True), name="share_code_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CarriedAttribution(models.Model):
    """The last share link of a signed-in buyer, kept with the account so that changing browsers loses nothing."""

    cluster_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT)
    source = models.CharField(max_length=12)
    share_code = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "user"], name="attribution_last_wins"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="attribution_source"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.shop_id}"


class ShopEvent(models.Model):
    """What changed about a shop or its listings: what, who, when."""

    cluster_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    what = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "shop_id", "id"], name="shop_event_by_shop")]

    def __str__(self) -> str:
        return f"{self.what} {self.shop_id}"
