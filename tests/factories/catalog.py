"""Things on the shelf for tests: made at once, with random names, so that nothing needs flushing."""

from collections.abc import Sequence

from yunju.catalog.actions import indexing
from yunju.catalog.models import (
    CommissionRule,
    FeeRule,
    FreightRule,
    Offer,
    Place,
    ServiceRole,
    Stock,
    Variant,
)
from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster, Member


def make_place(supplier: Member, **fields) -> Place:
    return Place.objects.create(
        cluster_id=supplier.cluster_id, supplier=supplier, **{"name": f"place {public_code(6)}"} | fields
    )


def make_variant(
    offer: Offer, *, price_minor=1_000, stock=10, place: Place | None = None, **fields
) -> Variant:
    """One more variant; `stock` None makes no stock row."""
    names = {"title": public_code(6), "options": [public_code(6)], "weight_g": 500}
    variant = Variant.objects.create(
        cluster_id=offer.cluster_id, offer=offer, price_minor=price_minor, **names | fields
    )
    if stock is not None:
        add_stock(variant, place or first_place(offer.supplier), stock)
    return variant


def first_place(supplier: Member) -> Place:
    return Place.objects.filter(supplier=supplier, closed_at=None).order_by(
        "position", "id"
    ).first() or make_place(supplier)


def add_stock(variant: Variant, place: Place, count: int) -> Stock:
    return Stock.objects.create(
        cluster_id=variant.cluster_id, variant=variant, place=place, received=count, remaining=count
    )


def make_offer(
    supplier: Member,
    *,
    price_minor=1_000,
    stock: int | None = 10,
    shop_bp=0,
    roles: Sequence[tuple[str, Member, int]] = (),
    listed=True,
    weight_g=500,
    **fields,
) -> Offer:
    """An offer on the shelf with one variant, stock at one place and rule version 1. `roles`: (role, member, bp)."""
    title = fields.pop("title", f"thing {public_code(6)}")
    moment = clock.now()
    offer = Offer.objects.create(
        cluster_id=supplier.cluster_id,
        supplier=supplier,
        title=title,
        created_at=moment,
        listed_at=moment if listed else None,
        **fields,
    )
    indexing.index([offer])
    make_variant(offer, price_minor=price_minor, stock=stock, title="", options=[], weight_g=weight_g)
    rule = CommissionRule.objects.create(offer=offer, version=1, shop_bp=shop_bp, made_at=moment)
    for role, member, bp in roles:
        ServiceRole.objects.create(rule=rule, role=role, member=member, bp=bp)
    return offer


def only_variant(offer: Offer) -> Variant:
    return offer.variants.get()


def make_fees(cluster: Cluster, *, platform_bp=0, park_bp=0, **fields) -> FeeRule:
    version = FeeRule.objects.filter(cluster=cluster).count() + 1
    return FeeRule.objects.create(
        cluster=cluster,
        version=version,
        platform_bp=platform_bp,
        park_bp=park_bp,
        **{"effective_at": clock.now()} | fields,
    )


def make_freight(supplier: Member, **fields) -> FreightRule:
    """`kind` is free unless given; see FreightRule for the rest."""
    return FreightRule.objects.create(supplier=supplier, **fields)
