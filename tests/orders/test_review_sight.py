"""Who sees what, and months that go on: as a hostile reader asked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests.factories.markets import buy, make_market, operator, place, stranger
from tests.factories.members import acts_for, buyer
from tests.orders.proofs import proved
from tests.orders.test_money_path import received, release_all
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.orders.actions import cases, expire
from yunju.orders.after_sale import Claim
from yunju.orders.flow.policy import may_see
from yunju.orders.models import Line, Order
from yunju.orders.policy import parties_of
from yunju.orders.queries import (
    cases_visible_to,
    order_visible_to,
    orders_visible_to,
    purchase_visible_to,
    purchases_visible_to,
)
from yunju.orders.queries.statement import statement

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
MARCH = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


def seen(by):
    return set(orders_visible_to(by).values_list("pk", flat=True))


def test_of_one_purchase_each_supplier_sees_its_own_order_alone():
    market = make_market()
    placed = buy(market, {0: 1, 1: 1})
    first, second = (order.id for order in placed.orders)
    one, other = (acts_for(supplier) for supplier in market.suppliers)
    assert (seen(one), seen(other)) == ({first}, {second})
    assert not purchases_visible_to(one).exists()
    with pytest.raises(NotFound):
        order_visible_to(one, Order.objects.get(pk=second).code)
    with pytest.raises(NotFound):
        purchase_visible_to(one, placed.code)


def test_a_shop_sees_that_it_sold_and_is_no_party_to_it():
    market = make_market()
    keeper = acts_for(market.shop.member)
    placed = buy(market)
    order = Order.objects.select_related("purchase").get(pk=placed.orders[0].id)
    assert seen(keeper) == {order.pk}
    assert not may_see(keeper, parties_of(order))  # what pages and the API ask before they show an address
    assert not purchases_visible_to(keeper).exists()
    buy(market, shop_id=None)
    assert seen(keeper) == {order.pk}


def test_an_unpaid_order_is_the_buyers_and_the_operators():
    market = make_market()
    by = stranger(market)
    placed = place(market, by=by)
    found = {placed.orders[0].id}
    assert seen(by) == seen(operator(market.cluster)) == found
    assert seen(acts_for(market.suppliers[0])) == seen(acts_for(market.shop.member)) == set()


def test_a_browser_without_a_secret_and_another_cluster_see_nothing():
    market, elsewhere = make_market(), make_market()
    by = stranger(market)
    placed = buy(market, by=by)
    nobody = Actor(cluster_id=market.cluster.pk)
    same_secret_elsewhere = Actor(cluster_id=elsewhere.cluster.pk, holder=by.holder)
    for actor in (
        nobody,
        stranger(market),
        same_secret_elsewhere,
        buyer(market.cluster),
        operator(elsewhere.cluster),
    ):
        assert seen(actor) == set()
        assert not purchases_visible_to(actor).exists()
        with pytest.raises(NotFound):
            expire.cancel_purchase(code=placed.code, by=actor)


def test_an_account_purchase_is_not_open_to_empty_holders():
    market = make_market()
    owner = buyer(market.cluster)
    placed = buy(market, by=owner)
    assert purchase_visible_to(owner, placed.code).pk == placed.purchase_id
    assert seen(Actor(cluster_id=market.cluster.pk, holder="")) == set()


def test_who_sees_a_case():
    market = make_market()
    by = stranger(market)
    placed = buy(market, {0: 1, 1: 1}, by=by)
    line = Line.objects.get(order_id=placed.orders[0].id)
    case = cases.open_case(order_id=line.order_id, claim=Claim("refund", {line.pk: 1}, "damaged"), by=by)
    one, other = (acts_for(supplier) for supplier in market.suppliers)
    for actor, sees in (
        (by, True), (one, True), (operator(market.cluster), True),
        (other, False), (acts_for(market.shop.member), False), (stranger(market), False), (buyer(market.cluster), False),
    ):  # fmt: skip
        assert cases_visible_to(actor).filter(pk=case.pk).exists() is sees


def test_the_operator_looks_at_a_purchase_and_does_not_give_it_up():
    market = make_market()
    placed = place(market)
    with pytest.raises(Forbidden):
        expire.cancel_purchase(code=placed.code, by=operator(market.cluster))


def move(market, kind, legs, at, number):
    """What the payouts room books, as it books it."""
    with transaction.atomic():
        post(
            [
                Posting(
                    market.cluster.pk, kind, "payout_item", number, market.cluster.currency,
                    tuple(Leg(*leg) for leg in legs), at,
                )
            ]
        )  # fmt: skip


def test_months_with_a_payout_that_fails_one_that_is_taxed_and_debt_go_on_where_the_last_ended():
    market = make_market(prices=(10_000,))
    member = market.shop.member
    payee = subjects.member(member.pk)
    with clock.at(MARCH):
        placed = buy(market)
    received(market, placed, MARCH)
    release_all(MARCH + timedelta(days=9))
    out = [(payee, Kind.AVAILABLE, -1_700), (payee, Kind.PAYING_OUT, 1_700)]
    back = [(payee, Kind.PAYING_OUT, -1_700), (payee, Kind.AVAILABLE, 1_700)]
    paid = [
        (payee, Kind.PAYING_OUT, -1_700), (payee, Kind.TAX_WITHHELD, 200),
        (subjects.gateway("simulated"), Kind.CLEARING, 1_500),
    ]  # fmt: skip
    move(market, "payout_started", out, MARCH + timedelta(days=29), -market.cluster.pk * 10)
    move(market, "payout_failed", back, MARCH + timedelta(days=31), -market.cluster.pk * 10)
    move(market, "payout_started", out, MARCH + timedelta(days=32), -market.cluster.pk * 10 - 1)
    move(market, "payout_paid", paid, MARCH + timedelta(days=33), -market.cluster.pk * 10 - 1)
    line = Line.objects.get(order_id=placed.orders[0].id)
    with clock.at(MARCH + timedelta(days=70)):
        cases.refund_by_supplier(
            order_id=line.order_id, amounts={line.pk: 10_000}, words="", by=acts_for(market.suppliers[0])
        )
    assert market.balance(member, Kind.DEBT) == -1_700
    by = operator(market.cluster)
    months = [statement(member_id=member.pk, year=2027, month=m, by=by) for m in (2, 3, 4, 5, 6)]
    assert [found.opening_minor for found in months] == [0, 0, 1_700, 0, -1_700]
    assert [found.closing_minor for found in months] == [0, 1_700, 0, -1_700, -1_700]
    april = months[2]
    assert (april.total("tax_minor"), april.total("paid_out_minor")) == (200, 1_500)
    proved(market)
