"""Ship as a mode: what the heart and the checkout ask of it."""

from collections.abc import Sequence

from yunju.catalog import freight
from yunju.catalog.queries import freight_rules
from yunju.fulfilment.contract import Ask, Label, OrderDraft, OrderRef, Quote, Releases
from yunju.kernel.errors import YunjuError
from yunju.modes.ship import actions
from yunju.modes.ship.flow import SHIP

ASKS = (
    Ask("name", Label("收货人", "Recipient"), max_length=60),
    Ask("phone", Label("手机号", "Phone"), max_length=20),
    Ask("province", Label("省份", "Province"), max_length=40),
    Ask("city", Label("城市", "City"), max_length=40),
    Ask("district", Label("区县", "District"), required=False, max_length=40),
    Ask("street", Label("详细地址", "Street and number"), max_length=200),
    Ask("note", Label("给商家的备注", "Note to the supplier"), required=False, max_length=200),
)


class ShipMode:
    """Parcels from the supplier to an address."""

    code = "ship"
    label = Label("快递发货", "Shipped by parcel")
    flow = SHIP
    releases = Releases(state="received", wait="after_sale")

    def asks(self) -> tuple[Ask, ...]:
        """Where the parcel goes."""
        return ASKS

    def quote(self, drafts: Sequence[OrderDraft]) -> list[Quote]:
        """Freight by the rule of each supplier; one query."""
        rules = freight_rules({draft.supplier_id for draft in drafts})
        return [_quote(draft, rules.get(draft.supplier_id)) for draft in drafts]

    def open(self, orders: Sequence[OrderRef]) -> None:
        """A parcel for each."""
        actions.open_parcels(orders)

    def release(self, orders: Sequence[OrderRef]) -> None:
        """The parcel's story is over."""
        actions.close_parcels(orders)

    def cancel(self, orders: Sequence[OrderRef]) -> None:
        """The parcel's story is over; stock and money are the flow's."""
        actions.close_parcels(orders)

    def fire(self, orders: Sequence[OrderRef], timer: str) -> None:
        """Of a parcel nothing hangs on a timer: the move it caused has said all, and its event row is the flag."""


def _quote(draft: OrderDraft, rule: freight.FreightTerms | None) -> Quote:
    goods = sum(line.unit_minor * line.quantity for line in draft.lines)
    weight = sum(line.weight_g * line.quantity for line in draft.lines)
    try:
        province = draft.answers.get("province", "")
        return Quote(freight.quote(rule, province=province, goods_minor=goods, weight_g=weight))
    except YunjuError as refused:
        return Quote(refusal=refused)
