"""A market for measurements: suppliers in a park, shops that list everything, strangers who buy.

Every goods line has four payees: supplier, shop, park, platform.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import bench.house  # noqa: F401 - before any room
from tests.factories.catalog import make_fees, make_offer, only_variant
from tests.factories.members import make_cluster, make_member, make_park, make_seat, make_user
from tests.factories.shops import make_listing, make_shop
from yunju.kernel.actor import Actor
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster
from yunju.orders.draft import ContactDraft, PlaceRequest, WantedLine

HOME = ContactDraft(name="李四", phone="13800138000", province="浙江", city="杭州", street="文三路 1 号")
DICE = random.SystemRandom()  # a seeded one would make forked writers want the same things
STOCK = 10_000_000
LINES = (1, 2, 3)
PRICES = (990, 2_500, 4_999, 9_999, 20_500)


@dataclass(frozen=True, slots=True)
class Market:
    """What there is to buy, supplier by supplier as (variant, price), and the shops that bring the buyers."""

    cluster: Cluster
    goods: tuple[tuple[tuple[int, int], ...], ...]
    shops: tuple[int, ...]


def make(*, suppliers: int = 20, offers: int = 10, shops: int = 10) -> Market:
    """`offers` of each supplier, listed by each of the shops."""
    cluster = make_cluster(unpaid_limit=5)
    make_fees(cluster, platform_bp=300, park_bp=200)
    park = make_park(cluster)
    keepers = [
        make_shop(make_member(cluster, capacities=("shopkeeper",), roles={make_user(): "owner"}))
        for _ in range(shops)
    ]
    goods = []
    for _ in range(suppliers):
        supplier = make_member(cluster, capacities=("supplier",))
        make_seat(supplier, park)
        own = []
        for n in range(offers):
            offer = make_offer(supplier, price_minor=PRICES[n % len(PRICES)], stock=STOCK, shop_bp=1_700)
            variant = only_variant(offer)
            own.append((variant.pk, variant.price_minor))
            for shop in keepers:
                make_listing(shop, offer)
        goods.append(tuple(own))
    return Market(cluster, tuple(goods), tuple(shop.pk for shop in keepers))


def requests(market: Market, count: int, *, hot: bool = False) -> list[PlaceRequest]:
    """Strangers who want one to three things of one supplier each; `hot`: all of them one piece of the same thing."""
    return [_request(market, market.goods[0][:1] if hot else some(market)) for _ in range(count)]


def some(market: Market) -> Sequence[tuple[int, int]]:
    """One to three things of one supplier."""
    shelf = DICE.choice(market.goods)
    return DICE.sample(shelf, min(DICE.choice(LINES), len(shelf)))


def _request(market: Market, wanted: Sequence[tuple[int, int]]) -> PlaceRequest:
    shop = DICE.choice(market.shops)
    return PlaceRequest(
        by=Actor(cluster_id=market.cluster.pk, holder=public_code(32)),
        key=f"bench-{public_code(16)}",
        lines=tuple(WantedLine(variant, 1, price, shop_id=shop, source="link") for variant, price in wanted),
        contact=HOME,
    )
