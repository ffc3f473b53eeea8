"""The market in which a replay happens: a cluster, the sellers as suppliers, their offers, shops that list them all.

Everything is made by the actions of its room. What stands already is found again by the source's own codes (a seller's
is its merchant id at the gateway, a product's the SKU of its variant), so that a replay broken off goes on.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from yunju.catalog.actions import offers, rules, stock
from yunju.catalog.models import FeeRule, Stock, Variant
from yunju.catalog.terms import NOTHING, Terms
from yunju.cli.replay_source import COUNTRY, CURRENCY, ZONE, Product, Source, SourceOrder, pieces
from yunju.cli.say import Stop
from yunju.kernel import clock, ids
from yunju.kernel.actor import Actor, system
from yunju.members import actions as members
from yunju.members import queries
from yunju.members.models import Cluster, Member, User
from yunju.members.words import CapacityKind
from yunju.orders.models import Purchase
from yunju.shops import actions as shops
from yunju.shops.models import Listing, Shop

SHOP_BP, PLATFORM_BP = 1_000, 300
"""Of every line a tenth goes to the shop that brought the buyer, and 3 % to the operator: the source knows neither."""

TOLERANCE_MINOR = 2
"""The largest shortage of the source that its platform let pass."""

ADDRESS_IN = "replay.invalid"
MERCHANT = "olist:"
PICKS = 2_500
"""Offers of one shop; a shop may hold 3,000."""


@dataclass(slots=True)
class Good:
    """A product of one seller as we sell it, with the price it has now and the shop that lists it."""

    supplier_id: int
    offer_id: int
    variant_id: int
    price_minor: int
    shop_id: int = 0


@dataclass(slots=True)
class Market:
    """What the story works with. `goods` by the source's (product, seller)."""

    cluster: Cluster
    goods: dict[tuple[str, str], Good]
    suppliers: dict[str, int]

    @property
    def actor(self) -> Actor:
        return system(self.cluster.pk, "replay")


def find_or_make_cluster(code: str) -> Cluster:
    """The cluster to replay into: a new one, or one that is empty or holds a replay. Raises Stop for any other."""
    cluster = Cluster.objects.filter(code=code).first() if code else None
    if cluster is None:
        return _make_cluster(code or f"olist-{ids.public_code(6).lower()}")
    has, wants = (cluster.currency, cluster.timezone, cluster.country), (CURRENCY, ZONE, COUNTRY)
    if has != wants:
        raise Stop(
            f"The cluster {code} is kept in {' in '.join(has)}, the orders are in {' in '.join(wants)}."
        )
    if cluster.closed_at is not None:
        raise Stop(f"The cluster {code} is closed.")
    if not _is_ours(cluster):
        raise Stop(f"The cluster {code} is in use: name an empty one or a new one.")
    _set_rules(cluster)
    return cluster


def _is_ours(cluster: Cluster) -> bool:
    """Empty, or filled by a replay and nobody else."""
    orders = Purchase.objects.filter(cluster_id=cluster.pk).exclude(gateway__in=("replay",))
    strangers = (
        Member.objects.filter(cluster=cluster)
        .exclude(pk=queries.operator_of(cluster.pk))
        .exclude(gateway_merchant__startswith=MERCHANT)
        .exclude(roles__user__email__endswith=f"@{ADDRESS_IN}")
    )
    return not orders.exists() and not strangers.exists()


def _make_cluster(code: str) -> Cluster:
    by = system(0, "replay")
    owner = _make_user(f"operator-{code}", by)
    draft = members.ClusterDraft(
        code=code,
        name_zh="巴西订单重放",
        name_en="Replay of Brazilian orders",
        host=f"{code}.{ADDRESS_IN}",  # never the face of this site
        timezone=ZONE,
        currency=CURRENCY,
        country=COUNTRY,
    )
    cluster = members.make_cluster(draft=draft, owner_id=owner.pk, by=by)
    _set_rules(cluster)
    return cluster


def _make_user(name: str, by: Actor) -> User:
    """A login nobody knows the password of: the operator sets one when somebody shall look."""
    draft = members.UserDraft(
        email=f"{name}-{ids.public_code(6).lower()}@{ADDRESS_IN}",
        password=secrets.token_urlsafe(24),
        name=name,
    )
    return members.make_user(draft=draft, by=by)


def _set_rules(cluster: Cluster) -> None:
    by = system(cluster.pk, "replay")
    wanted = members.ClusterRules(shortage_tolerance_minor=TOLERANCE_MINOR, unpaid_minutes=24 * 60)
    members.edit_cluster_rules(rules=wanted, by=by)
    if not FeeRule.objects.filter(cluster=cluster).exists():
        rules.set_fees(platform=Terms(PLATFORM_BP), park=NOTHING, effective_at=clock.now(), by=by)


def build(cluster: Cluster, source: Source, told: Callable[[str], None]) -> Market:
    """Sellers, offers, stock and shops for all that the source sells; what is there already stays."""
    market = Market(cluster, {}, {})
    told(f"{len(source.sellers)} suppliers")
    _admit_sellers(market, source)
    told(f"{len(pieces(source))} offers")
    _make_offers(market, source)
    _list_all(market)
    return market


def _admit_sellers(market: Market, source: Source) -> None:
    found = Member.objects.filter(cluster=market.cluster, gateway_merchant__startswith=MERCHANT)
    market.suppliers = {m.removeprefix(MERCHANT): pk for m, pk in found.values_list("gateway_merchant", "pk")}
    for seller in sorted(source.sellers.keys() - market.suppliers.keys()):
        address = source.sellers[seller]
        draft = members.MemberDraft(name=f"Seller {seller[:8]}", province=address.state, city=address.city)
        supplier = CapacityKind.SUPPLIER
        member = members.open_member(kind="organisation", draft=draft, capacity=supplier, by=market.actor)
        members.admit_capacity(
            member_id=member.pk, kind=supplier, gateway_merchant=MERCHANT + seller, by=market.actor
        )
        market.suppliers[seller] = member.pk


def _make_offers(market: Market, source: Source) -> None:
    """One offer of one variant for each product of each seller, at its first price, with all pieces it will sell."""
    wanted, prices = pieces(source), _first_prices(source.orders)
    present = _goods(market)
    _receive_what_lacks(market, present, wanted)
    for product, seller in sorted(wanted.keys() - present.keys()):
        new = offers.NewOffer(
            fields=_fields(product, source.products[product]),
            variants=(_variant(product, source.products[product], prices[product, seller]),),
            rule=rules.RuleTerms(shop=Terms(SHOP_BP)),
            counts=(wanted[product, seller],),
            listed=True,
        )
        offers.make_offer(supplier_id=market.suppliers[seller], new=new, by=market.actor)
    market.goods = _goods(market)


def _first_prices(orders: list[SourceOrder]) -> dict[tuple[str, str], int]:
    prices: dict[tuple[str, str], int] = {}
    for order in orders:
        for item in order.items:
            prices.setdefault((item.product, item.seller), item.price_minor)
    return prices


def _fields(code: str, product: Product) -> offers.OfferFields:
    name = product.category.replace("_", " ") or "product"
    return offers.OfferFields(
        title=f"{name} {code[:8]}", tags=(product.category,) if product.category else ()
    )


def _variant(code: str, product: Product, price_minor: int) -> offers.VariantFields:
    length, width, height = product.sides_mm
    return offers.VariantFields(
        price_minor=price_minor,
        sku=code,
        weight_g=product.weight_g,
        length_mm=length,
        width_mm=width,
        height_mm=height,
    )


def _goods(market: Market) -> dict[tuple[str, str], Good]:
    sellers = {member_id: seller for seller, member_id in market.suppliers.items()}
    rows = Variant.objects.filter(cluster=market.cluster).values_list(
        "sku", "offer__supplier_id", "offer_id", "pk", "price_minor"
    )
    return {(sku, sellers[row[0]]): Good(*row) for sku, *row in rows}


def _receive_what_lacks(
    market: Market, present: dict[tuple[str, str], Good], wanted: dict[tuple[str, str], int]
) -> None:
    """A replay that goes on with more orders than before needs more pieces."""
    known = {good.variant_id: key for key, good in present.items()}
    rows = Stock.objects.filter(cluster_id=market.cluster.pk, variant_id__in=list(known))
    for variant_id, place_id, received in rows.values_list("variant_id", "place_id", "received"):
        lacking = wanted.get(known[variant_id], 0) - received
        if lacking > 0:
            stock.receive(variant_id=variant_id, place_id=place_id, quantity=lacking, by=market.actor)


def _list_all(market: Market) -> None:
    """Every offer in one shop, and as many shops as that takes."""
    listed = Listing.objects.filter(cluster_id=market.cluster.pk, ended_at=None).order_by("pk")
    shop_of = dict(listed.values_list("offer_id", "shop_id"))
    counts = Counter(shop_of.values())
    open_shops = list(Shop.objects.filter(cluster_id=market.cluster.pk, closed_at=None).order_by("pk"))
    missing = sorted(good.offer_id for good in market.goods.values() if good.offer_id not in shop_of)
    while missing:
        shop = next((shop for shop in open_shops if counts[shop.pk] < PICKS), None)
        if shop is None:
            shop = _open_shop(market, len(open_shops) + 1)
            open_shops.append(shop)
        room = PICKS - counts[shop.pk]
        taken, missing = missing[:room], missing[room:]
        keeper = queries.actor_for(_keeper(shop), market.cluster)
        shops.pick_many(shop_id=shop.pk, offer_ids=taken, by=keeper)
        counts[shop.pk] += len(taken)
        shop_of |= dict.fromkeys(taken, shop.pk)
    for good in market.goods.values():
        good.shop_id = shop_of[good.offer_id]


def _open_shop(market: Market, number: int) -> Shop:
    user = _make_user(f"shop-{number}", market.actor)
    keeper = queries.actor_for(user, market.cluster)
    return shops.open_shop(name=f"Loja {number}", phone="+550000000000", by=keeper)


def _keeper(shop: Shop) -> User:
    return User.objects.filter(roles__member_id=shop.member_id, roles__ended_at=None).order_by("pk")[0]


def by_seller(order: SourceOrder) -> dict[str, Counter[str]]:
    """What the order buys of each seller: product -> pieces."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for item in order.items:
        found[item.seller][item.product] += 1
    return found
