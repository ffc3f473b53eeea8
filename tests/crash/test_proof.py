"""What compares the buyers' list with the book finds each kind of difference: else its zeros would say nothing."""

import psycopg
import pytest
from msgspec.structs import replace

from tests.crash import proof
from tests.factories.markets import HOME, arrive, make_market, place
from yunju.orders.actions import pay
from yunju.orders.models import Order

STOCK = 5
WELL = {"lost": [], "oversold": [], "ledger": [], "duplicates": []}


@pytest.fixture
def market(db_app):
    return make_market(prices=(990,), stock=STOCK)


def told(placed):
    orders = Order.objects.filter(purchase_id=placed.purchase_id)
    return {
        "code": placed.code,
        "total_minor": placed.total_minor,
        "orders": [
            {"code": one.code, "number": one.number, "total_minor": one.total_minor} for one in orders
        ],
    }


def known(market, acknowledged, **fields):
    goods = [{"code": market.variants[0].code, "stock": STOCK}]
    whole = {"cluster": market.cluster.pk, "goods": goods, "changed": [], "payments": {}}
    return whole | {"acknowledged": {f"key {n}": one for n, one in enumerate(acknowledged)}} | fields


def differing(market, acknowledged, **fields):
    found = proof.compare(known(market, acknowledged, **fields))
    return {name: found[name] for name in WELL}


def noted(market, note, count=1):
    return place(market, {0: count}, contact=replace(HOME, note=note))


def test_what_is_as_it_was_told_differs_in_nothing(market):
    placed = noted(market, "one", 2)
    event = arrive(placed)
    assert pay.pay([event]) == ["paid"]
    paid = {event.out_no: event.amount_minor}
    assert differing(market, [told(placed), told(noted(market, "two"))], payments=paid) == WELL


@pytest.mark.parametrize(
    "change",
    [{"code": "NOSUCHPURCHASE22"}, {"total_minor": 991}, {"orders": []}],
    ids=["code", "total", "orders"],
)
def test_a_purchase_that_is_not_there_as_it_was_told_is_lost(market, change):
    found = differing(market, [told(noted(market, "one")) | change])
    assert len(found.pop("lost")) == 1
    assert not any(found.values())


def test_a_payment_without_an_effect_is_lost(market):
    event = arrive(noted(market, "one"))
    assert differing(market, [], payments={event.out_no: 990})["lost"] == [f"payment {event.out_no}"]


def test_pieces_beyond_the_stock_are_found_in_the_lines(market, db_app, postgres):
    """As the superuser alone could do it: the books of stock still add up by themselves."""
    placed = noted(market, "one")
    bend = "UPDATE orders_line SET quantity = %s, amount_minor = %s * unit_minor WHERE cluster_id = %s"
    with psycopg.connect(postgres.url("superuser", db_app.name), autocommit=True) as connection:
        connection.execute(bend, [6, 6, market.cluster.pk])
        found = differing(market, [told(placed)])
        connection.execute(bend, [1, 1, market.cluster.pk])
    assert (len(found["oversold"]), found["lost"]) == (1, [])
    assert any("I16" in one for one in found["ledger"])


def test_two_purchases_under_a_key_and_another_answer_are_duplicates(market):
    twice = [told(noted(market, "same")) for _ in range(2)]
    assert differing(market, twice)["duplicates"] == ["same: 2 purchases"]
    assert differing(market, [], changed=["same was told A, then B"])["duplicates"] == [
        "same: 2 purchases",
        "same was told A, then B",
    ]
