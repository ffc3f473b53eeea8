import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import add_stock, make_offer, make_place, make_variant, only_variant
from tests.factories.members import acts_for, make_cluster, make_member
from yunju.catalog.actions import stock
from yunju.catalog.models import OfferEvent, Stock
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.members.words import CapacityKind, RoleKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def row_of(variant, place=None) -> tuple[int, int, int, int]:
    rows = Stock.objects.filter(variant=variant)
    row = rows.get(place=place) if place else rows.get()
    return row.received, row.reserved, row.sold, row.remaining


def sell(variant, quantity):
    with transaction.atomic():
        rows = stock.lock_stock(variant.cluster_id, [variant.pk])
        if rows[0].remaining < quantity:
            return False
        stock.reserve(variant.cluster_id, [(rows[0].id, quantity)])
        return True


def test_fifty_buyers_at_once_never_buy_more_than_there_is(supplier):
    variant = only_variant(make_offer(supplier, stock=20))
    gate = threading.Barrier(50)

    def buyer(_):
        gate.wait()
        try:
            return sell(variant, 1)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(buyer, range(50)))
    assert sum(won) == 20
    assert row_of(variant) == (20, 20, 0, 0)


def test_a_piece_goes_its_whole_way(supplier):
    variant = only_variant(make_offer(supplier, stock=10))
    place = variant.stock.get().place_id
    assert sell(variant, 4)
    assert row_of(variant) == (10, 4, 0, 6)
    with transaction.atomic():
        stock.take(variant.cluster_id, [(variant.pk, place, 1), (variant.pk, place, 2)])
        stock.give_back(variant.cluster_id, [(variant.pk, place, 1)])
    assert row_of(variant) == (10, 0, 3, 7)
    with transaction.atomic():
        stock.put_back_sold(variant.cluster_id, [(variant.pk, place, 2)])
    assert row_of(variant) == (10, 0, 1, 9)


@pytest.mark.parametrize("move", [stock.take, stock.give_back, stock.put_back_sold])
def test_what_is_not_there_is_not_moved(supplier, move):
    offer = make_offer(supplier, stock=10)
    variant, other = only_variant(offer), make_variant(offer, stock=10)
    place = variant.stock.get().place_id
    assert sell(other, 3)
    before = row_of(variant), row_of(other)
    with pytest.raises(Refused) as caught, transaction.atomic():
        move(variant.cluster_id, [(variant.pk, place, 1), (other.pk, place, 1)])
    assert caught.value.code == "stock.not_enough"
    assert (row_of(variant), row_of(other)) == before


def test_another_cluster_has_no_hand_in_it(supplier):
    variant = only_variant(make_offer(supplier))
    place = variant.stock.get().place_id
    assert sell(variant, 1)
    with pytest.raises(Refused), transaction.atomic():
        stock.take(variant.cluster_id + 1, [(variant.pk, place, 1)])
    with transaction.atomic():
        assert stock.lock_stock(variant.cluster_id + 1, [variant.pk]) == []


def test_a_closed_place_is_not_sold_from(supplier):
    variant = only_variant(make_offer(supplier, stock=3))
    place = make_place(supplier, position=-1)
    add_stock(variant, place, 5)
    with transaction.atomic():
        rows = stock.lock_stock(variant.cluster_id, [variant.pk])
    assert [(row.remaining, row.position) for row in rows] == [(3, 0), (5, -1)]
    place.closed_at = place.supplier.created_at
    place.save()
    with transaction.atomic():
        assert [row.remaining for row in stock.lock_stock(variant.cluster_id, [variant.pk])] == [3]
    assert stock.remaining(variant.cluster_id, [variant.pk]) == {variant.pk: 3}


def test_many_rows_are_one_statement(supplier):
    offer = make_offer(supplier, stock=5)
    variants = [only_variant(offer), *(make_variant(offer, stock=5) for _ in range(30))]
    place = variants[0].stock.get().place_id
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        rows = stock.lock_stock(offer.cluster_id, [variant.pk for variant in variants])
        stock.reserve(offer.cluster_id, [(row.id, 1) for row in rows])
        stock.take(offer.cluster_id, [(variant.pk, place, 1) for variant in variants])
    assert len(asked) == 3
    assert {row_of(variant) for variant in variants} == {(5, 0, 1, 4)}


def test_parcels_that_share_goods_do_not_lock_in_a_ring(supplier):
    offer = make_offer(supplier, stock=1_000)
    variants = [only_variant(offer), *(make_variant(offer, stock=1_000) for _ in range(4))]
    place = variants[0].stock.get().place_id
    with transaction.atomic():
        rows = stock.lock_stock(offer.cluster_id, [variant.pk for variant in variants])
        stock.reserve(offer.cluster_id, [(row.id, 200) for row in rows])

    def carrier(number):
        order = variants[number % 5 :] + variants[: number % 5]
        try:
            for _ in range(10):
                with transaction.atomic():
                    stock.take(offer.cluster_id, [(variant.pk, place, 1) for variant in order])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(carrier, range(8)))
    assert {row_of(variant) for variant in variants} == {(1_000, 120, 80, 800)}


def test_the_supplier_receives_and_counts(supplier):
    variant = only_variant(make_offer(supplier, stock=None))
    place, by = make_place(supplier), acts_for(supplier, RoleKind.STAFF)
    assert stock.receive(variant_id=variant.pk, place_id=place.pk, quantity=7, by=by) == 7
    assert sell(variant, 2)
    assert stock.set_count(variant_id=variant.pk, place_id=place.pk, count=3, by=by) == -2
    assert row_of(variant, place) == (5, 2, 0, 3)
    assert stock.set_count(variant_id=variant.pk, place_id=place.pk, count=3, by=by) == 0
    told = (
        OfferEvent.objects.filter(offer_id=variant.offer_id)
        .order_by("pk")
        .values_list("what", "params", "by_user_id")
    )
    params = {"variant": variant.pk, "place": place.pk}
    assert list(told) == [
        ("stock.received", params | {"change": 7, "left": 7}, by.user_id),
        ("stock.counted", params | {"change": -2, "left": 3, "reason": "counted"}, by.user_id),
    ]


@pytest.mark.parametrize("quantity", [0, -1, stock.MOST + 1])
def test_a_count_out_of_range_changes_nothing(supplier, quantity):
    variant = only_variant(make_offer(supplier, stock=3))
    place, by = variant.stock.get().place, acts_for(supplier)
    with pytest.raises(Invalid, match=r"stock\.quantity"):
        stock.receive(variant_id=variant.pk, place_id=place.pk, quantity=quantity, by=by)
    assert row_of(variant) == (3, 0, 0, 3)


def test_strangers_find_no_stock_and_cashiers_may_not_touch_it(supplier):
    variant = only_variant(make_offer(supplier, stock=3))
    place = variant.stock.get().place
    stranger = acts_for(make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER]))
    foreign = acts_for(make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER]))
    for by, error in (
        (stranger, NotFound),
        (foreign, NotFound),
        (acts_for(supplier, RoleKind.CASHIER), Forbidden),
    ):
        with pytest.raises(error):
            stock.set_count(variant_id=variant.pk, place_id=place.pk, count=0, by=by)
    own = acts_for(stranger_member := make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER]))
    theirs = only_variant(make_offer(stranger_member))
    with pytest.raises(NotFound, match=r"place\.unknown"):
        stock.set_count(variant_id=theirs.pk, place_id=place.pk, count=0, by=own)
    assert row_of(variant) == (3, 0, 0, 3)
