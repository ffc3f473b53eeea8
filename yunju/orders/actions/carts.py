"""Carts: what somebody is about to buy. They reserve nothing and remember the price that was shown."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from yunju.catalog.selling import selling
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, SignInNeeded
from yunju.orders.draft import WantedLine
from yunju.orders.models import SOURCES, Cart, CartLine
from yunju.orders.pricing import MAX_LINES, MAX_QUANTITY


def add(*, wanted: WantedLine, by: Actor) -> CartLine:
    """Put pieces of a variant in, on top of what is there; the newest share link names the shop.

    Raises Invalid (`quantity.range`, `offer.unknown`, `offer.off_shelf`), Refused (`cart.too_many_lines`).
    """
    _quantity(wanted.quantity)
    sold = selling(by.cluster_id, [wanted.variant_id]).get(wanted.variant_id)
    if sold is None:
        raise Invalid("offer.unknown", field="variant")
    if not sold.on_shelf:
        raise Invalid("offer.off_shelf", field="variant", title=sold.title)
    with transaction.atomic():
        cart = _cart(by)
        line = CartLine.objects.filter(cart=cart, variant_id=wanted.variant_id).first()
        quantity = _quantity(wanted.quantity + (line.quantity if line else 0))
        if line is None and cart.lines.count() >= MAX_LINES:
            raise Refused("cart.too_many_lines", limit=MAX_LINES)
        values: dict[str, Any] = {"quantity": quantity, "shown_minor": sold.price_minor}
        if wanted.shop_id is not None or line is None:
            values |= {
                "shop_id": wanted.shop_id,
                "source": _source(wanted.source),
                "share_code": wanted.share_code[:8],
            }
            values |= {"context": wanted.context}
        if line is None:
            return CartLine.objects.create(
                cart=cart, variant_id=wanted.variant_id, added_at=clock.now(), **values
            )
        for name, value in values.items():
            setattr(line, name, value)
        line.save()
        return line


def change(*, variant_id: int, quantity: int, by: Actor) -> None:
    """Set the pieces of a line; 0 takes it out. Raises NotFound, Invalid (`quantity.range`)."""
    with transaction.atomic():
        line = _line(variant_id, by)
        if quantity == 0:
            line.delete()
            return
        line.quantity = _quantity(quantity)
        line.save(update_fields=["quantity"])


def remove_shop(*, variant_id: int, by: Actor) -> None:
    """The buyer does not want the shop named on this line. Raises NotFound."""
    with transaction.atomic():
        line = _line(variant_id, by)
        line.shop_id, line.source, line.share_code = None, "none", ""
        line.save(update_fields=["shop_id", "source", "share_code"])


def accept_prices(*, by: Actor) -> None:
    """The buyer has seen today's prices of the whole cart and goes on with them."""
    with transaction.atomic():
        lines = list(CartLine.objects.filter(cart=_cart(by)))
        sold = selling(by.cluster_id, [line.variant_id for line in lines])
        for line in lines:
            if line.variant_id in sold:
                line.shown_minor = sold[line.variant_id].price_minor
        CartLine.objects.bulk_update(lines, ["shown_minor"])


def empty(*, variant_ids: Sequence[int], by: Actor) -> None:
    """Take out what was just placed."""
    with transaction.atomic():
        CartLine.objects.filter(cart=_cart(by), variant_id__in=list(variant_ids)).delete()


def take_over(*, holder: str, by: Actor) -> None:
    """Somebody signed in: the lines of the browser's cart join the account's, which keeps its own where both have one.

    A cart that is full takes the newest: one with more lines than a purchase may have could not be bought.
    """
    if by.user_id is None or not holder:
        return
    with transaction.atomic():
        old = (
            Cart.objects.select_for_update()
            .filter(cluster_id=by.cluster_id, user_id=None, holder=holder)
            .first()
        )
        if old is None:
            return
        cart = _cart(by)
        kept = set(cart.lines.values_list("variant_id", flat=True))
        joining = (
            old.lines.exclude(variant_id__in=kept).order_by("-added_at", "-pk").values_list("pk", flat=True)
        )
        old.lines.filter(pk__in=list(joining[: max(0, MAX_LINES - len(kept))])).update(cart=cart)
        old.delete()


def _cart(by: Actor) -> Cart:
    """The actor's cart, made when there is none, locked."""
    if by.user_id is not None:
        owner = {"user_id": by.user_id, "holder": ""}
    elif by.holder:
        owner = {"user_id": None, "holder": by.holder}
    else:
        raise SignInNeeded("buyer.unknown")
    cart, _ = Cart.objects.get_or_create(
        cluster_id=by.cluster_id, **owner, defaults={"updated_at": clock.now()}
    )
    locked = Cart.objects.select_for_update().get(pk=cart.pk)
    locked.updated_at = clock.now()
    locked.save(update_fields=["updated_at"])
    return locked


def _line(variant_id: int, by: Actor) -> CartLine:
    line = CartLine.objects.filter(cart=_cart(by), variant_id=variant_id).first()
    if line is None:
        raise NotFound("cart.no_line")
    return line


def _quantity(quantity: int) -> int:
    if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid("quantity.range", field="quantity", limit=MAX_QUANTITY)
    return quantity


def _source(source: str) -> str:
    return source if source in SOURCES else "none"
