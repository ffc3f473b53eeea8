"""What a purchase is made of before it is written: frozen dataclasses, no tables. Amounts in minor units."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from yunju.kernel.actor import Actor
from yunju.orders.shares import Claimant, ShareDraft


class WantedLine(Struct, frozen=True, gc=False):
    """What the buyer asks for: `shown_minor` is the unit price the page showed. The shop brought the buyer, or nobody did."""

    variant_id: int
    quantity: int
    shown_minor: int
    shop_id: int | None = None
    source: str = "none"
    share_code: str = ""
    context: str = ""


class ContactDraft(Struct, frozen=True, gc=False):
    """Where it goes; no country is the cluster's own. Stored in the erasable contact row and nowhere else."""

    name: str
    phone: str
    province: str
    city: str
    street: str
    district: str = ""
    country: str = ""
    note: str = ""


class PlaceRequest(Struct, frozen=True, gc=False):
    """One request to place a purchase. `key` is the idempotency key that the form carried; `by` is the buyer."""

    by: Actor
    key: str
    lines: tuple[WantedLine, ...]
    contact: ContactDraft
    gateway: str = "simulated"


class PricedLine(Struct, frozen=True, gc=False):
    """A line with its price and the claimants of its shares, still without a place of stock."""

    kind: str  # goods | freight
    offer_id: int | None
    variant_id: int | None
    title: str
    variant_title: str
    quantity: int
    unit_minor: int
    supplier_id: int
    claimants: tuple[Claimant, ...] = ()
    discounted_from: int | None = (
        None  # the list price when the buyer's own shop turns its commission into a discount
    )
    shop_id: int | None = None
    source: str = "none"
    share_code: str = ""
    context: str = ""
    rule_version: int = 0
    fee_version: int = 0
    returnable: bool = True
    ship_from: date | None = None
    sale_id: int | None = None
    list_minor: int | None = None  # the price without the sale

    @property
    def amount_minor(self) -> int:
        return self.unit_minor * self.quantity


class PricedOrder(Struct, frozen=True, gc=False):
    """The lines of one supplier and one mode, freight last."""

    supplier_id: int
    supplier_name: str
    merchant: str
    mode: str
    after_sale_days: int
    lines: tuple[PricedLine, ...]

    @property
    def goods_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines if line.kind == "goods")

    @property
    def freight_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines if line.kind == "freight")


class PricedPurchase(Struct, frozen=True, gc=False):
    """A request with every price known: what the checkout page shows and the intake writes."""

    orders: tuple[PricedOrder, ...]
    currency: str

    @property
    def total_minor(self) -> int:
        return sum(order.goods_minor + order.freight_minor for order in self.orders)


class Taken(Struct, frozen=True, gc=False):
    """Pieces of a variant taken from one stock row."""

    stock_id: int
    place_id: int
    quantity: int


class FixedLine(Struct, frozen=True, gc=False):
    """A line as it is written: one place of stock, its shares in whole cents."""

    priced: PricedLine
    quantity: int
    place_id: int | None
    stock_id: int | None
    shares: tuple[ShareDraft, ...]


class PlacedOrder(Struct, frozen=True, gc=False):
    """One order of a placed purchase, as its buyer is answered."""

    id: int
    number: str
    code: str
    supplier_id: int | None
    total_minor: int


class Placed(Struct, frozen=True, gc=False):
    """The answer to a placed purchase; `is_replay` when the key had been answered before."""

    purchase_id: int
    code: str
    currency: str
    total_minor: int
    orders: tuple[PlacedOrder, ...]
    is_replay: bool = False


Answers = Mapping[str, str]


class Grouped(Struct, frozen=True, gc=False):
    """The lines of a request that one supplier owes by one mode, before they are priced."""

    supplier_id: int
    mode: str
    lines: tuple[WantedLine, ...]
    answers: Answers = field(default_factory=dict)
