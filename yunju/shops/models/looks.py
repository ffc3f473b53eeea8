"""How often a shop was looked at: counts by day, and for two days the hashes that tell one browser from another.

Plain ids instead of keys: these rows are written in bulk behind the pages, and nothing depends on them.
"""

from django.db import models
from django.db.models import Q

PAGE_OF_SHOP = 0
"""`offer_id` of a look at the shop's own page."""


class ViewCount(models.Model):
    """Looks at a shop's page or at one offer by its links, on one day of the cluster, by the way they came."""

    cluster_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    day = models.DateField()
    offer_id = models.BigIntegerField(default=PAGE_OF_SHOP)
    source = models.CharField(max_length=12)
    views = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "shop_id", "day", "offer_id", "source"], name="view_count_once"
            ),
            models.CheckConstraint(condition=Q(views__gte=1), name="view_count_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day} {self.views}"


class ShopVisitor(models.Model):
    """That one browser looked at a shop on one day. The hash is salted with shop and day: it follows nobody."""

    cluster_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    day = models.DateField()
    visitor = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "shop_id", "day", "visitor"], name="shop_visitor_once"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="shop_visitor_by_day")]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day}"


class ShopDay(models.Model):
    """How many browsers looked at a shop on a day that is over: what stays when the hashes go."""

    cluster_id = models.BigIntegerField()
    shop_id = models.BigIntegerField()
    day = models.DateField()
    visitors = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "shop_id", "day"], name="shop_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day} {self.visitors}"
