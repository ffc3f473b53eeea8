"""Placed and paid orders for tests: through the real intake and the real payment, without a gateway in between."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tests.factories.catalog import make_fees, make_offer, only_variant
from tests.factories.members import acts_for, buyer, make_cluster, make_member
from yunju.catalog.models import Offer, Stock
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import YunjuError
from yunju.members.models import Cluster, Member
from yunju.members.words import CapacityKind
from yunju.orders.actions.intake import place
from yunju.orders.actions.pay import pay
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.models import Order, Purchase
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt

CONTACT = ContactDraft(
    name="李梅",
    phone="13800000000",
    province="北京市",
    city="北京市",
    district="朝阳区",
    street="高碑店路 1 号",
)


@dataclass(frozen=True)
class Market:
    """A cluster in which one supplier sells one thing."""

    cluster: Cluster
    supplier: Member
    seller: Actor
    offer: Offer

    @property
    def stock(self) -> Stock:
        return Stock.objects.get(variant=only_variant(self.offer))


def make_market(
    *, country: str = "CN", stock: int = 1_000, price_minor: int = 1_000, **offer_fields
) -> Market:
    cluster = make_cluster(country=country)
    make_fees(cluster, platform_bp=500)
    supplier = make_member(cluster, capacities=(CapacityKind.SUPPLIER,))
    offer = make_offer(supplier, price_minor=price_minor, stock=stock, **offer_fields)
    return Market(cluster, supplier, acts_for(supplier), offer)


def request_for(
    market: Market, by: Actor, *, quantity: int = 1, contact: ContactDraft = CONTACT
) -> PlaceRequest:
    variant = only_variant(market.offer)
    line = WantedLine(variant_id=variant.pk, quantity=quantity, shown_minor=variant.price_minor)
    return PlaceRequest(by=by, key=secrets.token_hex(16), lines=(line,), contact=contact)


def place_all(requests: Sequence[PlaceRequest]) -> list[Placed]:
    """Place them in one batch; a refusal fails the test."""
    answers = place(requests)
    refused = [answer for answer in answers if isinstance(answer, YunjuError)]
    assert not refused, refused
    return [answer for answer in answers if isinstance(answer, Placed)]


def paid_event(purchase: Purchase) -> VerifiedEvent:
    """A started attempt for the whole purchase, and the provider's word that it was paid."""
    out_no = f"t{secrets.token_hex(12)}"
    Attempt.objects.create(
        cluster_id=purchase.cluster_id,
        purchase_id=purchase.pk,
        gateway="simulated",
        out_no=out_no,
        currency=purchase.currency,
        amount_minor=purchase.total_minor,
        kind="redirect",
        started_at=clock.now(),
    )
    return VerifiedEvent(
        gateway="simulated",
        event_id=f"e{out_no}",
        kind="paid",
        out_no=out_no,
        provider_no=f"p{out_no}",
        amount_minor=purchase.total_minor,
        currency=purchase.currency,
        at=clock.now(),
    )


def pay_all(purchases: Sequence[Purchase]) -> None:
    verdicts = pay([paid_event(purchase) for purchase in purchases])
    assert set(verdicts) <= {"paid"}, verdicts


@dataclass(frozen=True)
class Bought:
    """A paid order and who bought it."""

    market: Market
    order: Order
    buyer: Actor

    @property
    def now(self) -> Order:
        """The order as it stands."""
        return Order.objects.get(pk=self.order.pk)


def make_paid_orders(
    market: Market, count: int, *, quantity: int = 1, contact: ContactDraft = CONTACT
) -> list[Bought]:
    """`count` orders of as many buyers, placed and paid in two batches."""
    buyers = [buyer(market.cluster) for _ in range(count)]
    placed = place_all([request_for(market, by, quantity=quantity, contact=contact) for by in buyers])
    purchases = list(Purchase.objects.filter(pk__in=[one.purchase_id for one in placed]))
    pay_all(purchases)
    orders = {order.purchase_id: order for order in Order.objects.filter(purchase__in=purchases)}
    return [Bought(market, orders[one.purchase_id], by) for one, by in zip(placed, buyers, strict=True)]


def make_paid_order(market: Market | None = None, **how) -> Bought:
    return make_paid_orders(market or make_market(), 1, **how)[0]
