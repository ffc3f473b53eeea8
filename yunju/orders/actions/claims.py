"""What a buyer does who wants money back: proves the phone where there is no account, sends photos, opens the case."""

from collections.abc import Sequence
from typing import BinaryIO

from yunju.fulfilment.contract import Who
from yunju.kernel import pictures
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members.actions import codes
from yunju.orders import policy
from yunju.orders.actions import cases, doors
from yunju.orders.after_sale import Claim
from yunju.orders.models import Case, Order
from yunju.orders.queries.doors import needs_phone, phone_of

MOST_PHOTOS = 6


def ask(*, order_id: int, claim: Claim, photos: Sequence[BinaryIO] = (), by: Actor) -> Case:
    """Open a case with up to six photos.

    Raises what `cases.open_case` raises, Invalid at `photos`, Refused (`case.phone_first`) where the order was placed
    without account and nobody has proved its phone yet.
    """
    order = _own(order_id, by)  # before any work on files
    if needs_phone(order.purchase):
        raise Refused("case.phone_first")
    with pictures.kept(photos, folder=f"cases/{order.code}", most=MOST_PHOTOS, field="photos") as stored:
        return cases.open_case(order_id=order_id, claim=claim, photos=stored, by=by)


def send_code(*, order_id: int, by: Actor, language: str = "zh-hans", address: str = "") -> None:
    """A code to the phone of the order. Raises NotFound, Forbidden, TooMany, Refused (`case.no_phone`)."""
    order = _own(order_id, by)
    if not needs_phone(order.purchase):
        raise Refused("case.no_phone")
    codes.ask_code(
        phone=phone_of(order.purchase),
        purpose=codes.Purpose.AFTER_SALE,
        by=by,
        language=language,
        address=address,
    )


def prove_phone(*, order_id: int, digits: str, by: Actor) -> None:
    """The digits came to the phone: from now on this purchase needs no code. Raises NotFound, Invalid at `code`."""
    order = _own(order_id, by)
    if not needs_phone(order.purchase):
        return
    if not digits.strip():
        raise Invalid("input.required", field="code")
    codes.check_code(phone=phone_of(order.purchase), purpose=codes.Purpose.AFTER_SALE, digits=digits, by=by)
    doors.phone_proved(purchase_id=order.purchase_id, by=by)


def _own(order_id: int, by: Actor) -> Order:
    order = Order.objects.select_related("purchase").filter(cluster_id=by.cluster_id, pk=order_id).first()
    if order is None:
        raise NotFound("order.unknown")
    policy.require(by, order, Who.BUYER, "open_case")
    return order
