"""The cart: what somebody is about to buy. It reserves nothing."""

from typing import Annotated

from ninja import Router, Schema, Status
from pydantic import Field, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Text
from yunju.catalog.models import Variant
from yunju.catalog.queries import variants_by_code
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.orders.actions import carts as actions
from yunju.orders.draft import WantedLine
from yunju.orders.pricing import MAX_QUANTITY
from yunju.orders.queries import carts as queries
from yunju.shops.attribution import Attribution
from yunju.shops.queries import attribution_of

router = Router(tags=["cart"])
Quantity = Annotated[StrictInt, Field(ge=1, le=MAX_QUANTITY)]


class CartRowShape(Schema):
    """A line of the cart: the price that was shown, and today's."""

    variant: str | None
    title: str
    variant_title: str
    quantity: int
    shown_minor: int
    price_minor: int | None
    is_changed: bool
    can_be_bought: bool
    shop: str | None


class CartShape(Schema):
    """The cart of the caller."""

    currency: str
    lines: list[CartRowShape]


class AddBody(Body):
    """Pieces of a variant. `share`: the signed token of the link that led here; "" for none; left out, the account's."""

    variant: Code
    quantity: Quantity = 1
    share: Text | None = None


class ChangeBody(Body):
    """The pieces there shall be; 0 takes the line out."""

    quantity: Annotated[StrictInt, Field(ge=0, le=MAX_QUANTITY)]


@router.get("/cart", response=CartShape, auth=needs(Scope.PURCHASE_READ))
def show_cart(request: ApiRequest) -> dict[str, object]:
    """The lines with today's prices, the oldest first."""
    return _cart(request)


@router.post("/cart/lines", response={201: CartShape}, auth=needs(Scope.PURCHASE))
def add_to_cart(request: ApiRequest, payload: AddBody) -> Status[dict[str, object]]:
    """Put pieces in, on top of what is there."""
    found = share_of(request.auth, payload.share)
    wanted = WantedLine(
        variant_id=variant_ids(request.auth, [payload.variant])[0],
        quantity=payload.quantity,
        shown_minor=0,
        shop_id=found.shop_id if found else None,
        source=found.source if found else "none",
        share_code=found.share_code if found else "",
    )
    actions.add(wanted=wanted, by=request.auth)
    return Status(201, _cart(request))


@router.put("/cart/lines/{variant}", response=CartShape, auth=needs(Scope.PURCHASE))
def change_cart_line(request: ApiRequest, variant: Code, payload: ChangeBody) -> dict[str, object]:
    """Set the pieces of a line."""
    (variant_id,) = variant_ids(request.auth, [variant])
    actions.change(variant_id=variant_id, quantity=payload.quantity, by=request.auth)
    return _cart(request)


@router.delete("/cart/lines/{variant}/shop", response=CartShape, auth=needs(Scope.PURCHASE))
def remove_shop_of_line(request: ApiRequest, variant: Code) -> dict[str, object]:
    """The buyer does not want the shop named on this line."""
    (variant_id,) = variant_ids(request.auth, [variant])
    actions.remove_shop(variant_id=variant_id, by=request.auth)
    return _cart(request)


def variant_ids(actor: Actor, codes: list[str], field: str = "variant") -> list[int]:
    """The ids of variants by their codes, in the order given. Raises Invalid at the line of an unknown one."""
    found = variants_by_code(actor.cluster_id, set(codes))
    for position, code in enumerate(codes):
        if code not in found:
            raise Invalid("offer.unknown", field=field.format(position))
    return [found[code] for code in codes]


def share_of(actor: Actor, token: str | None) -> Attribution | None:
    """Who brought the buyer: None asks the account, "" is nobody, a token speaks for itself while it counts."""
    return None if token == "" else attribution_of(actor, address=token or "")


def _cart(request: ApiRequest) -> dict[str, object]:
    rows = queries.rows_of(request.auth)
    ids = [row.line.variant_id for row in rows]
    codes = dict(Variant.objects.filter(pk__in=ids).values_list("id", "code"))
    return {
        "currency": request.cluster.currency,
        "lines": [
            {
                "variant": codes.get(row.line.variant_id),
                "title": row.sold.title if row.sold else "",
                "variant_title": row.sold.variant_title if row.sold else "",
                "quantity": row.line.quantity,
                "shown_minor": row.line.shown_minor,
                "price_minor": row.sold.price_minor if row.sold else None,
                "is_changed": row.is_changed,
                "can_be_bought": row.can_be_bought,
                "shop": row.shop.name if row.shop else None,
            }
            for row in rows
        ],
    }
