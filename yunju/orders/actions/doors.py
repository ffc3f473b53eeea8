"""Back to an order without an account: a signed link and the last four digits of the phone, remembered for the browser.

The link alone opens nothing, the digits alone open nothing. Wrong digits are counted on the purchase, whoever types
them, and every refusal says the same: how many tries are left, or whether the phone is right, is for nobody to learn.
Asking for money back needs more, once: a code sent to the phone itself.
"""

import hmac
import re
from datetime import timedelta

from yunju.kernel import clock, locks
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, SignInNeeded
from yunju.orders.models import Contact, Purchase, PurchaseDoor, PurchaseKey

MOST_WRONG, WINDOW = 5, timedelta(hours=1)
KEYS_PER_BROWSER = 200


def open_door(*, purchase_id: int, digits: str, by: Actor) -> None:
    """Remember the purchase for the browser of `by`, whose link was proved by the caller.

    Raises SignInNeeded (no cookie, or the purchase belongs to an account), Refused (`order.door`) for all else.
    """
    if not by.holder:
        raise SignInNeeded("buyer.unknown")
    if not locks.with_retries(lambda: _try(purchase_id, digits, by)):
        raise Refused("order.door")


def _try(purchase_id: int, digits: str, by: Actor) -> bool:
    """True when it opened. A wrong try is counted, hence committed: the refusal is raised outside."""
    now = clock.now()
    with locks.transaction_with_timeout(locks.ALONE_MS):
        purchase = Purchase.objects.filter(cluster_id=by.cluster_id, pk=purchase_id).first()
        if purchase is None:
            return False
        if purchase.user_id is not None:
            raise SignInNeeded("order.of_account")
        door = locked_door(purchase)
        if door.wrong >= MOST_WRONG and now < door.since + WINDOW:
            return False
        if not _are_right(purchase, digits):
            over = now >= door.since + WINDOW
            door.wrong, door.since = (1, now) if over or not door.wrong else (door.wrong + 1, door.since)
            door.save(update_fields=["wrong", "since"])
            return False
        if PurchaseKey.objects.filter(cluster_id=by.cluster_id, holder=by.holder).count() >= KEYS_PER_BROWSER:
            return False
        PurchaseKey.objects.get_or_create(
            cluster_id=by.cluster_id,
            purchase_id=purchase_id,
            holder=by.holder,
            defaults={"opened_at": now},
        )
        return True


def _are_right(purchase: Purchase, digits: str) -> bool:
    """Compared with every phone of the purchase, in constant time; a contact that was erased has none."""
    phones = Contact.objects.filter(
        cluster_id=purchase.cluster_id, order_id__in=purchase.orders.values("pk"), erased_at=None
    ).values_list("phone", flat=True)
    endings = [re.sub(r"\D", "", phone)[-4:] for phone in phones]
    given = digits.strip()
    fits = [hmac.compare_digest(ending.encode(), given.encode()) for ending in endings]
    return any(fits) and re.fullmatch(r"[0-9]{4}", given) is not None


def locked_door(purchase: Purchase) -> PurchaseDoor:
    """The door of a purchase, made at its first use, locked."""
    PurchaseDoor.objects.get_or_create(
        purchase_id=purchase.pk, defaults={"cluster_id": purchase.cluster_id, "since": clock.now()}
    )
    return PurchaseDoor.objects.select_for_update().get(purchase_id=purchase.pk)


def phone_proved(*, purchase_id: int, by: Actor) -> None:
    """The code sent to the phone of a purchase came back right: `claims` checked it."""
    purchase = Purchase.objects.get(cluster_id=by.cluster_id, pk=purchase_id)
    with locks.transaction_with_timeout(locks.ALONE_MS):
        door = locked_door(purchase)
        if door.phone_proved_at is None:
            door.phone_proved_at = clock.now()
            door.save(update_fields=["phone_proved_at"])
