"""A small market to walk through: two suppliers, a shop that picks, orders placed and paid."""

import secrets
from dataclasses import dataclass

from django.test import Client

from tests.factories import catalog, shops
from tests.factories.members import make_member, make_user, owner_of
from yunju.catalog.models import Offer, Variant
from yunju.kernel import clock
from yunju.members.models import Cluster, Member, User
from yunju.members.words import CapacityKind, RoleKind
from yunju.orders.actions.pay import pay
from yunju.orders.models import Order, Purchase
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt
from yunju.shops.models import Shop

CONTACT = {
    "name": "Chen",
    "phone": "13800138000",
    "province": "北京",
    "city": "北京市",
    "district": "",
    "street": "Road 1",
    "note": "",
}


@dataclass
class Market:
    cluster: Cluster
    suppliers: list[Member]
    offers: list[Offer]
    keeper: User
    shop: Shop

    def owner(self, place: int = 0) -> User:
        return owner_of(self.suppliers[place])


def make_market(cluster: Cluster, *, offers: int = 2, stock: int = 10) -> Market:
    suppliers = [make_member(cluster, capacities=(CapacityKind.SUPPLIER,)) for _ in range(2)]
    for member in suppliers:
        owner_of(member)
    made = [
        catalog.make_offer(suppliers[n % 2], price_minor=1_000 + n, stock=stock, shop_bp=1_500)
        for n in range(offers)
    ]
    keeper = make_user()
    member = make_member(
        cluster, capacities=(CapacityKind.SHOPKEEPER,), roles={keeper: RoleKind.OWNER}, kind="person"
    )
    shop = shops.make_shop(member)
    for offer in made:
        shops.make_listing(shop, offer)
    return Market(cluster, suppliers, made, keeper, shop)


def variant_of(offer: Offer) -> Variant:
    return offer.variants.get()


def put_in_cart(client: Client, offer: Offer, quantity: int | str = 1, **query: str):
    variant = variant_of(offer)
    data = {"variant": f"{variant.code}:{variant.price_minor}", "quantity": quantity}
    return client.post("/cart/add", data, query_params=query)


def place(client: Client, **contact: str) -> Purchase:
    """Look at the freight, then place: what the two buttons of the checkout do."""
    form = CONTACT | contact | {"key": secrets.token_urlsafe(24), "step": "look"}
    looked = client.post("/checkout", form)
    total = looked.context["form"].data["shown_total"]
    answer = client.post("/checkout", form | {"step": "place", "shown_total": total})
    assert answer.status_code == 302, answer.context["form"].errors
    return Purchase.objects.get(code=answer["Location"].split("/purchases/")[1].split("?")[0])


def make_paid(purchase: Purchase) -> list[Order]:
    """The gateway said that the money has arrived."""
    attempt = Attempt.objects.create(
        cluster_id=purchase.cluster_id,
        purchase_id=purchase.pk,
        gateway="simulated",
        out_no=secrets.token_hex(12),
        currency=purchase.currency,
        amount_minor=purchase.total_minor,
        parts=[],
        kind="qr",
        started_at=clock.now(),
    )
    event = VerifiedEvent(
        gateway="simulated",
        event_id=secrets.token_hex(12),
        kind="paid",
        out_no=attempt.out_no,
        provider_no=secrets.token_hex(8),
        amount_minor=purchase.total_minor,
        currency=purchase.currency,
        at=clock.now(),
    )
    pay([event])
    purchase.refresh_from_db()
    assert purchase.payment_state == "paid"
    return list(Order.objects.filter(purchase=purchase).order_by("id"))
