"""Which purchases without account a browser has opened, and whether a phone was proved."""

from dataclasses import replace

from yunju.kernel.actor import Actor
from yunju.orders.models import Purchase, PurchaseDoor, PurchaseKey


def with_keys(by: Actor) -> Actor:
    """The actor with the purchases that its browser opened by link. One query, where pages of orders need it."""
    if not by.holder:
        return by
    keys = PurchaseKey.objects.filter(cluster_id=by.cluster_id, holder=by.holder)
    return replace(by, keys=frozenset(keys.values_list("purchase_id", flat=True)))


def needs_phone(purchase: Purchase) -> bool:
    """A purchase without account whose phone nobody has proved yet."""
    if purchase.user_id is not None:
        return False
    return not PurchaseDoor.objects.filter(purchase_id=purchase.pk, phone_proved_at__isnull=False).exists()
