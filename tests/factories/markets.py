"""A small market for tests of orders: an operator, a park, two suppliers with offers, a shop that lists them, buyers.

Money arrives here as the verified events that a gateway's adapter would hand over; the gateway itself has its own tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.factories.catalog import make_fees, make_freight, make_offer
from tests.factories.members import (
    buyer,
    make_cluster,
    make_member,
    make_park,
    make_seat,
    make_user,
    operator,
)
from tests.factories.shops import make_listing, make_shop
from yunju.catalog.models import Offer, Variant
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.ids import public_code
from yunju.ledger import queries as ledger
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster, Member, User
from yunju.members.queries import operator_of
from yunju.orders.actions import intake, pay
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.models import Purchase
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt
from yunju.shops.models import Shop

HOME = ContactDraft(name="李四", phone="13800138000", province="浙江", city="杭州", street="文三路 1 号")


@dataclass
class Market:
    """What one test works with."""

    cluster: Cluster
    operator: Member
    park: Member
    suppliers: list[Member]
    offers: list[Offer]
    shop: Shop
    shopkeeper: User
    roles: Mapping[str, Member] = field(default_factory=dict)

    @property
    def variants(self) -> list[Variant]:
        return [offer.variants.get() for offer in self.offers]

    def balance(self, member: Member, kind: Kind) -> int:
        return ledger.balance(self.cluster.pk, subjects.member(member.pk), kind, self.cluster.currency)

    def gateway(self, kind: Kind) -> int:
        return ledger.balance(self.cluster.pk, subjects.gateway("simulated"), kind, self.cluster.currency)

    def book(self) -> int:
        """The sum over all accounts: zero, always."""
        return sum(ledger.total(self.cluster.pk, kind, self.cluster.currency) for kind in Kind)


def make_market(
    *,
    prices: Sequence[int] = (9_999, 5_000),
    stock: int = 10,
    shop_bp: int = 1_700,
    fees: tuple[int, int] = (300, 200),
    designer_bp: int = 0,
    **cluster_fields: object,
) -> Market:
    """One supplier per price, each with one offer of one variant. `fees`: platform and park, basis points."""
    cluster = make_cluster(**cluster_fields)
    make_fees(cluster, platform_bp=fees[0], park_bp=fees[1])
    park = make_park(cluster)
    roles = {"designer": make_member(cluster, capacities=("designer",))} if designer_bp else {}
    terms = [("designer", roles["designer"], designer_bp)] if designer_bp else []
    suppliers, offers = [], []
    for price in prices:
        supplier = make_member(cluster, capacities=("supplier",))
        make_seat(supplier, park)
        suppliers.append(supplier)
        offers.append(make_offer(supplier, price_minor=price, stock=stock, shop_bp=shop_bp, roles=terms))
    shopkeeper = make_user()
    owner = make_member(cluster, capacities=("shopkeeper",), roles={shopkeeper: "owner"})
    shop = make_shop(owner)
    for offer in offers:
        make_listing(shop, offer)
    return Market(
        cluster,
        Member.objects.get(pk=operator_of(cluster.pk)),
        park.member,
        suppliers,
        offers,
        shop,
        shopkeeper,
        roles,
    )


def request(
    market: Market, wanted: Mapping[int, int] | None = None, *, by: Actor | None = None, **fields: object
) -> PlaceRequest:
    """A request for `wanted` (offer position -> pieces) through the market's shop, at today's prices, by a new buyer."""
    variants = market.variants
    shop_id = fields.pop("shop_id", market.shop.pk)
    lines = tuple(
        WantedLine(
            variants[n].pk,
            count,
            variants[n].price_minor,
            shop_id=shop_id,
            source="link" if shop_id else "none",
        )
        for n, count in (wanted or {0: 1}).items()
    )
    values = {"key": f"test-{public_code(16)}", "lines": lines, "contact": HOME} | fields
    return PlaceRequest(by=by or stranger(market), **values)


def stranger(market: Market) -> Actor:
    """Somebody with nothing but a browser."""
    return Actor(cluster_id=market.cluster.pk, holder=public_code(32))


def place(market: Market, wanted: Mapping[int, int] | None = None, **fields: object) -> Placed:
    return intake.place_one(request(market, wanted, **fields))


def arrive(placed: Placed, amount: int | None = None, at: datetime | None = None) -> VerifiedEvent:
    """The verified event of a payment of `amount` (what is owed, when None), with its attempt."""
    purchase = Purchase.objects.get(pk=placed.purchase_id)
    started = Attempt.objects.filter(purchase_id=purchase.pk, state="started").count()
    attempt = Attempt.objects.create(
        cluster_id=purchase.cluster_id,
        purchase_id=purchase.pk,
        gateway="simulated",
        out_no=f"T{public_code(20)}",
        currency=purchase.currency,
        amount_minor=purchase.total_minor,
        kind=("qr", "form", "redirect", "jsapi")[started],
        started_at=clock.now(),
    )
    return VerifiedEvent(
        gateway="simulated",
        event_id=public_code(20),
        kind="paid",
        out_no=attempt.out_no,
        provider_no=public_code(20),
        amount_minor=purchase.total_minor if amount is None else amount,
        currency=purchase.currency,
        at=at or clock.now(),
    )


def buy(market: Market, wanted: Mapping[int, int] | None = None, **fields: object) -> Placed:
    """Placed and paid."""
    placed = place(market, wanted, **fields)
    assert pay.pay([arrive(placed)]) == ["paid"]
    return placed


__all__ = [
    "HOME",
    "Market",
    "arrive",
    "buy",
    "buyer",
    "make_freight",
    "make_market",
    "operator",
    "place",
    "request",
    "stranger",
]
