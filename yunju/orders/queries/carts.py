"""The cart as its page shows it: lines with today's price, stock and shop, grouped by supplier; and what it would cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from yunju.catalog.models import Stock
from yunju.catalog.selling import selling
from yunju.catalog.terms import Selling
from yunju.kernel.actor import Actor
from yunju.kernel.errors import YunjuError
from yunju.orders import book as books
from yunju.orders.draft import ContactDraft, PlaceRequest, PricedPurchase, WantedLine
from yunju.orders.models import CartLine
from yunju.shops import queries as shops
from yunju.shops.queries import ShopTerms


@dataclass(frozen=True, slots=True)
class CartRow:
    """A line of a cart. `sold` is None when the variant is gone; `left` is what remains in stock."""

    line: CartLine
    sold: Selling | None
    left: int
    shop: ShopTerms | None

    @property
    def is_changed(self) -> bool:
        """The price is not the one that was shown."""
        return self.sold is not None and self.sold.price_minor != self.line.shown_minor

    @property
    def can_be_bought(self) -> bool:
        return self.sold is not None and self.sold.on_shelf and self.left >= self.line.quantity

    @property
    def amount_minor(self) -> int:
        return self.line.quantity * (self.sold.price_minor if self.sold else self.line.shown_minor)


def lines_of(by: Actor) -> list[CartLine]:
    """The actor's cart lines, the oldest first. Nobody's cart is empty."""
    lines = CartLine.objects.filter(cart__cluster_id=by.cluster_id).order_by("added_at", "pk")
    if by.user_id is not None:
        return list(lines.filter(cart__user_id=by.user_id))
    return list(lines.filter(cart__user_id=None, cart__holder=by.holder)) if by.holder else []


def rows_of(by: Actor) -> list[CartRow]:
    """The cart with what its page needs, in a constant number of queries."""
    lines = lines_of(by)
    variants = [line.variant_id for line in lines]
    sold = selling(by.cluster_id, variants)
    stock = Stock.objects.filter(cluster_id=by.cluster_id, variant_id__in=variants, place__closed_at=None)
    left = dict(stock.values_list("variant_id").annotate(Sum("remaining")))
    found = shops.terms(by.cluster_id, [line.shop_id for line in lines if line.shop_id is not None])
    return [
        CartRow(line, sold.get(line.variant_id), left.get(line.variant_id, 0), found.get(line.shop_id or 0))
        for line in lines
    ]


def wanted(lines: Sequence[CartLine]) -> tuple[WantedLine, ...]:
    """Cart lines as the intake takes them."""
    return tuple(
        WantedLine(
            line.variant_id,
            line.quantity,
            line.shown_minor,
            line.shop_id,
            line.source,
            line.share_code,
            line.context,
        )
        for line in lines
    )


def preview(
    by: Actor, lines: Sequence[WantedLine], contact: ContactDraft, gateway: str = "simulated"
) -> PricedPurchase | YunjuError:
    """What the lines would cost sent to `contact`, by the very functions of the intake; or why they cannot be sent."""
    request = PlaceRequest(by=by, key="preview", lines=tuple(lines), contact=contact, gateway=gateway)
    book = books.read(by.cluster_id, [request])
    return books.price_all(book, [request])[0]
