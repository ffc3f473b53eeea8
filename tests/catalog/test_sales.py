"""Making, changing and ending flash sales; what the database itself refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.catalog import make_offer, make_variant, only_variant
from tests.factories.members import acts_for, make_cluster, make_member, operator
from tests.factories.sales import make_sale
from tests.orders.test_parallel import at_once
from yunju.catalog import on_sale
from yunju.catalog import sales as reading
from yunju.catalog.actions import offers, rules, sales
from yunju.catalog.models import OfferEvent, Sale
from yunju.catalog.selling import selling
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.members.words import CapacityKind, RoleKind

pytestmark = pytest.mark.database


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def terms(**fields) -> sales.Terms:
    now = clock.now()
    held = {"price_minor": 600, "starts_at": now, "ends_at": now + timedelta(hours=2), "quota": 5}
    return sales.Terms(**held | fields)


def test_a_sale_is_made_changed_before_its_start_and_ended(supplier):
    variant, by = only_variant(make_offer(supplier)), acts_for(supplier)
    later = clock.now() + timedelta(hours=1)
    made = sales.make(variant_id=variant.pk, terms=terms(starts_at=later), by=by)
    assert selling(supplier.cluster_id, [variant.pk])[variant.pk].sale is None
    sales.change(sale_id=made.pk, terms=terms(price_minor=500, per_buyer=2), by=by)
    sold = selling(supplier.cluster_id, [variant.pk])[variant.pk]
    assert (sold.price_minor, sold.list_minor, sold.sale.left) == (500, 1_000, 5)
    with pytest.raises(Refused, match=r"sale\.begun"):
        sales.change(sale_id=made.pk, terms=terms(), by=by)
    sales.end(sale_id=made.pk, by=operator(supplier.cluster))
    sales.end(sale_id=made.pk, by=by)
    assert selling(supplier.cluster_id, [variant.pk])[variant.pk].price_minor == 1_000
    noted = OfferEvent.objects.filter(cluster_id=supplier.cluster_id, what__startswith="sale.").order_by("pk")
    assert [one.what for one in noted] == ["sale.made", "sale.changed", "sale.ended"]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("sale.price", {"price_minor": 1_000}),
        ("sale.price", {"price_minor": 0}),
        ("sale.times", {"ends_at": clock.now() - timedelta(days=1)}),
        ("sale.times", {"ends_at": clock.now() + timedelta(days=200)}),
        (
            "sale.past",
            {"starts_at": clock.now() - timedelta(days=2), "ends_at": clock.now() - timedelta(days=1)},
        ),
        ("sale.quota", {"quota": 0}),
        ("sale.each", {"per_buyer": 0}),
        ("sale.each", {"per_buyer": 6}),
    ],
)
def test_terms_that_cannot_be_are_refused(supplier, code, fields):
    variant = only_variant(make_offer(supplier))
    with pytest.raises(Invalid) as refusal:
        sales.make(variant_id=variant.pk, terms=terms(**fields), by=acts_for(supplier))
    assert refusal.value.code == code
    assert not Sale.objects.filter(cluster_id=supplier.cluster_id).exists()


def test_two_sales_of_a_variant_never_overlap(supplier):
    variant, by = only_variant(make_offer(supplier)), acts_for(supplier)
    wanted = terms()
    made = at_once(lambda _: sales.make(variant_id=variant.pk, terms=wanted, by=by), range(8), 8)
    assert (
        sorted(getattr(one, "code", "") for one in made if isinstance(one, Invalid)) == ["sale.overlap"] * 7
    )
    after = replace(wanted, starts_at=wanted.ends_at, ends_at=wanted.ends_at + timedelta(hours=1))
    sales.make(variant_id=variant.pk, terms=after, by=by)
    with pytest.raises(IntegrityError, match="sale_one_at_a_time"), transaction.atomic():
        make_sale(variant)


@pytest.mark.parametrize(
    "fields", [{"taken": 11}, {"price_minor": 0}, {"lasts": 0}, {"per_buyer": 0}, {"taken": -1}]
)
def test_the_database_refuses_what_no_sale_is(supplier, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_sale(only_variant(make_offer(supplier)), **fields)


def test_only_those_who_may_price_make_a_sale(supplier):
    variant = only_variant(make_offer(supplier))
    sale = make_sale(variant, starts_in=600)
    other = acts_for(make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER]))
    for work in (
        lambda by: sales.make(variant_id=variant.pk, terms=terms(), by=by),
        lambda by: sales.change(sale_id=sale.pk, terms=terms(), by=by),
        lambda by: sales.end(sale_id=sale.pk, by=by),
    ):
        with pytest.raises(NotFound):
            work(other)
        with pytest.raises(Forbidden):
            work(acts_for(supplier, RoleKind.CASHIER))
    with pytest.raises(NotFound, match=r"sale\.unknown"):
        sales.end(sale_id=0, by=acts_for(supplier))
    with clock.at(sale.ends_at), pytest.raises(Refused, match=r"sale\.over"):
        sales.end(sale_id=sale.pk, by=acts_for(supplier))


def test_a_rule_must_leave_the_supplier_whole_at_the_sale_price_as_well(supplier):
    offer = make_offer(supplier)
    make_sale(only_variant(offer), price_minor=300)
    make_sale(only_variant(make_offer(supplier)), price_minor=100)
    assert sorted(rules.open_prices(offer)) == [300, 1_000]


def test_an_offer_costs_what_its_variants_cost_now(supplier, django_assert_num_queries):
    offer = make_offer(supplier, price_minor=1_000)
    small = only_variant(offer)
    large = make_variant(offer, title="large", price_minor=1_500, position=1, options=["large"])
    plain = make_offer(supplier)
    make_sale(large, price_minor=1_200, quota=9, taken=2, per_buyer=3)
    with django_assert_num_queries(1):
        found = reading.reduced(supplier.cluster_id, [offer.pk, plain.pk])
    assert set(found) == {offer.pk}
    held = found[offer.pk]
    assert (held.least_minor, held.most_minor, held.list_minor) == (1_000, 1_200, None)
    assert held.sale[:3] == (large.code, 1_200, 1_500)
    assert (held.sale.left, held.sale.per_buyer) == (7, 3)
    make_sale(small, price_minor=700)
    held = reading.reduced(supplier.cluster_id, [offer.pk])[offer.pk]
    assert (held.least_minor, held.most_minor, held.list_minor) == (700, 1_200, 1_000)
    assert held.sale.variant == small.code
    assert set(reading.of_offer(supplier.cluster_id, offer.pk)) == {small.code, large.code}
    assert reading.reduced(supplier.cluster_id + 1, [offer.pk]) == {}
    with django_assert_num_queries(0):
        assert reading.reduced(supplier.cluster_id, []) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_in": 600},
        {"starts_in": -600, "lasts": 60},
        {"taken": 10},
        {"ended_at": clock.now()},
        {"price_minor": 1_000},
    ],
)
def test_what_does_not_run_reduces_nothing(supplier, fields):
    offer = make_offer(supplier, price_minor=1_000)
    make_sale(only_variant(offer), **fields)
    assert reading.reduced(supplier.cluster_id, [offer.pk]) == {}
    assert reading.of_offer(supplier.cluster_id, offer.pk) == {}


def test_the_list_begins_with_what_ends_next_then_comes_what_starts_next(supplier):
    wanted = [{"lasts": 100}, {"lasts": 9_000}, {"starts_in": 50, "lasts": 10}, {"starts_in": 500}]
    made = [make_sale(only_variant(make_offer(supplier)), **fields) for fields in reversed(wanted)]
    for fields in (
        {"taken": 10},
        {"ended_at": clock.now()},
        {"price_minor": 1_000},
        {"starts_in": -60, "lasts": 30},
    ):
        make_sale(only_variant(make_offer(supplier)), **fields)
    withdrawn = make_offer(supplier)
    make_sale(only_variant(withdrawn))
    offers.withdraw_offer(offer_id=withdrawn.pk, by=acts_for(supplier))
    found = list(on_sale.listed(supplier.cluster_id))
    assert [one.pk for one in found] == [one.pk for one in reversed(made)]
    assert [one.is_later for one in found] == [0, 0, 1, 1]
    stranger = make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])
    assert not on_sale.listed(stranger.cluster_id).exists()
