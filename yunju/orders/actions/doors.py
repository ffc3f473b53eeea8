"""Back to an order without an account: a signed link and the last four digits of the phone, remembered for the browser.

The link alone opens nothing, the digits alone open nothing. Wrong digits are counted on the purchase, whoever types
them, and every refusal says the same: how many tries are left, or whether the phone is right, is for nobody to learn.
Whoever guesses has 30 tries of 10,000 as long as the order lives, so three in a thousand. While digits open nothing, a code
sent to the phone of the order does. Asking for money back needs that code once in any case.
"""

import hmac
import re
from datetime import timedelta

from yunju.kernel import clock, locks
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, SignInNeeded
from yunju.members.actions import codes
from yunju.orders.models import Contact, Purchase, PurchaseDoor, PurchaseKey
from yunju.orders.queries.doors import phone_of

MOST_WRONG, WINDOW = 5, timedelta(hours=1)
MOST_OF_DAY, DAY = 10, timedelta(days=1)
MOST_IN_ALL = 30
"""Never counted anew: who has the link could else go on for years."""

KEYS_PER_BROWSER = 200


def open_door(*, purchase_id: int, digits: str, by: Actor) -> None:
    """Remember the purchase for the browser of `by`, whose link was proved by the caller.

    Raises SignInNeeded (no cookie, or the purchase belongs to an account), Refused (`order.door`) for all else.
    """
    if not by.holder:
        raise SignInNeeded("buyer.unknown")
    if not locks.with_retries(lambda: _try(purchase_id, digits, by)):
        raise Refused("order.door")


def takes_digits(purchase: Purchase) -> bool:
    """False while the door has seen too many wrong ones: then a code to the phone opens it."""
    door = PurchaseDoor.objects.filter(purchase_id=purchase.pk).first()
    return door is None or not _is_closed(door)


def send_code(*, purchase_id: int, by: Actor, language: str = "zh-hans", address: str = "") -> None:
    """A code to the phone of a closed door. Raises Refused (`order.door`) where digits still open it, or no phone takes one."""
    purchase = _waiting(purchase_id, by)
    codes.ask_code(
        phone=phone_of(purchase), purpose=codes.Purpose.ORDER_DOOR, by=by, language=language, address=address
    )


def open_by_code(*, purchase_id: int, digits: str, by: Actor) -> None:
    """The code came to the phone: this browser remembers the purchase, and the phone is proved. Raises Invalid at `code`."""
    purchase = _waiting(purchase_id, by)
    codes.check_code(phone=phone_of(purchase), purpose=codes.Purpose.ORDER_DOOR, digits=digits, by=by)
    phone_proved(purchase_id=purchase_id, by=by)
    if not locks.with_retries(lambda: _keep_key(purchase_id, by)):
        raise Refused("order.door")


def _waiting(purchase_id: int, by: Actor) -> Purchase:
    """A purchase without account whose door takes no digits now, and whose phone takes a code."""
    purchase = Purchase.objects.filter(cluster_id=by.cluster_id, pk=purchase_id).first()
    if not by.holder or purchase is None:
        raise SignInNeeded("buyer.unknown")
    if purchase.user_id is not None:
        raise SignInNeeded("order.of_account")
    if takes_digits(purchase) or not phone_of(purchase):
        raise Refused("order.door")
    return purchase


def _try(purchase_id: int, digits: str, by: Actor) -> bool:
    """True when it opened. A wrong try is counted, hence committed: the refusal is raised outside."""
    with locks.transaction_with_timeout(locks.ALONE_MS):
        purchase = Purchase.objects.filter(cluster_id=by.cluster_id, pk=purchase_id).first()
        if purchase is None:
            return False
        if purchase.user_id is not None:
            raise SignInNeeded("order.of_account")
        door = locked_door(purchase)
        if _is_closed(door):
            return False
        if not _are_right(purchase, digits):
            _count_wrong(door)
            return False
        return _keep_key(purchase_id, by)


def _is_closed(door: PurchaseDoor) -> bool:
    now = clock.now()
    of_hour = door.wrong >= MOST_WRONG and now < door.since + WINDOW
    of_day = door.day_since is not None and door.wrong_of_day >= MOST_OF_DAY and now < door.day_since + DAY
    return of_hour or of_day or door.wrong_in_all >= MOST_IN_ALL


def _count_wrong(door: PurchaseDoor) -> None:
    now = clock.now()
    if not door.wrong or now >= door.since + WINDOW:
        door.wrong, door.since = 0, now
    if door.day_since is None or now >= door.day_since + DAY:
        door.wrong_of_day, door.day_since = 0, now
    door.wrong += 1
    door.wrong_of_day += 1
    door.wrong_in_all += 1
    door.save(update_fields=["wrong", "since", "wrong_of_day", "day_since", "wrong_in_all"])


def _keep_key(purchase_id: int, by: Actor) -> bool:
    held = PurchaseKey.objects.filter(cluster_id=by.cluster_id, holder=by.holder)
    if held.count() >= KEYS_PER_BROWSER:
        return False
    held.get_or_create(
        cluster_id=by.cluster_id,
        purchase_id=purchase_id,
        holder=by.holder,
        defaults={"opened_at": clock.now()},
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
