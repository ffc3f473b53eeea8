"""Which purchases without account a browser has opened, and whether a phone was proved."""

from django.conf import settings
from msgspec.structs import replace

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.members import inputs
from yunju.members.inputs import MOBILE
from yunju.orders.models import Contact, Purchase, PurchaseDoor, PurchaseKey


def with_keys(by: Actor) -> Actor:
    """The actor with the purchases that its browser opened by link. One query, where pages of orders need it."""
    if not by.holder:
        return by
    keys = PurchaseKey.objects.filter(cluster_id=by.cluster_id, holder=by.holder)
    return replace(by, keys=frozenset(keys.values_list("purchase_id", flat=True)))


def needs_phone(purchase: Purchase) -> bool:
    """A purchase without account whose phone nobody has proved yet.

    A number to which no code can be sent proves nothing: then the link and the digits are what there is.
    """
    if purchase.user_id is not None or not phone_of(purchase):
        return False
    return not PurchaseDoor.objects.filter(purchase_id=purchase.pk, phone_proved_at__isnull=False).exists()


def phone_of(purchase: Purchase) -> str:
    """The phone of a purchase, if a code can be sent to it; else empty."""
    phones = Contact.objects.filter(
        cluster_id=purchase.cluster_id, order_id__in=purchase.orders.values("pk"), erased_at=None
    ).order_by("order_id")
    given = phones.values_list("phone", flat=True).first() or ""
    try:
        number = inputs.phone(given)
    except Invalid:
        return ""
    is_mobile = MOBILE.fullmatch(number.removeprefix("+86")) is not None
    return number if is_mobile or (settings.YUNJU_CODES_ABROAD and not number.startswith("+86")) else ""
