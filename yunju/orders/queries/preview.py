"""What a sale pays to whom, to the cent, before a rule is kept: by the very functions of the intake."""

from yunju.catalog import queries as catalog
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.terms import Selling
from yunju.kernel import clock
from yunju.members import queries as members
from yunju.members.models import Cluster, Member
from yunju.orders.pricing import Book, claimants_of
from yunju.orders.shares import ShareDraft, fix
from yunju.shops.queries import ShopTerms

SOME_SHOP = 0
"""Stands for the member of whichever shop sells."""


def sale(*, supplier: Member, terms: RuleTerms, price_minor: int, with_shop: bool) -> list[ShareDraft]:
    """The parts of one piece at that price, the supplier first. Raises Refused where the rule leaves it less than nothing."""
    cluster = Cluster.objects.get(pk=supplier.cluster_id)
    book = Book(
        cluster_id=cluster.pk,
        currency=cluster.currency,
        country=cluster.country,
        after_sale_days=cluster.after_sale_days,
        self_purchase=cluster.self_purchase,
        operator_id=members.operator_of(cluster.pk),
        selling={},
        fees=catalog.fees(cluster.pk, clock.now()),
        shops={},
        listed=frozenset(),
        parks=members.parks_of(cluster.pk, [supplier.pk]),
    )
    sold = Selling(
        variant_id=0,
        offer_id=0,
        supplier_id=supplier.pk,
        supplier_name=supplier.name,
        merchant=supplier.gateway_merchant,
        mode="ship",
        title="",
        variant_title="",
        price_minor=price_minor,
        weight_g=0,
        on_shelf=True,
        returnable=True,
        after_sale_days=None,
        rule_version=0,
        shop=terms.shop,
        roles=terms.roles,
    )
    shop = ShopTerms(shop_id=0, member_id=SOME_SHOP, user_ids=frozenset(), is_open=True, name="")
    return fix(price_minor, supplier.pk, claimants_of(book, sold, shop if with_shop else None))
