"""Carts: they reserve nothing."""

from django.db import models
from django.db.models import Q

SOURCES = ("none", "link", "poster", "plate", "search")


class Cart(models.Model):
    """What somebody is about to buy. Reserves nothing. Belongs to a user or to a browser (hash of its secret)."""

    cluster_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster_id", "user_id"], condition=Q(user_id__isnull=False), name="cart_of_user"
            ),
            models.UniqueConstraint(
                fields=["cluster_id", "holder"], condition=~Q(holder=""), name="cart_of_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """One variant in a cart, with the shop that brought it (removable) and the price that was shown."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant_id = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    shown_minor = models.BigIntegerField()
    shop_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=12, default="none")
    share_code = models.CharField(max_length=8, blank=True)
    context = models.CharField(max_length=60, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant_id"], name="cart_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=9_999), name="cart_line_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} x {self.quantity}"
