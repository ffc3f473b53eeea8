"""A month of a payee adds up, every line has a reason, and it is the book's own figures."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests.factories.markets import buy, make_market, operator, stranger
from tests.orders.test_money_path import received, release_all
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import NotFound
from yunju.ledger.kinds import Kind
from yunju.orders.actions import refunds
from yunju.orders.models import Line, Order
from yunju.orders.queries.statement import balances, earnings, expected_and_waiting, statement

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
MARCH = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


def give_back(market, placed, cents, at):
    line = Line.objects.get(order_id=placed.orders[0].id, kind="goods")
    with clock.at(at), transaction.atomic():
        Order.objects.select_for_update().get(pk=line.order_id)
        refunds.decide(market.cluster.pk, [refunds.Want(line.order_id, "damaged", {line.pk: cents})])


def test_a_month_with_income_a_return_and_a_release():
    market = make_market(prices=(9_999,), designer_bp=800)
    with clock.at(MARCH):
        one, other = buy(market), buy(market)
    received(market, one, MARCH)
    give_back(market, other, 3_333, MARCH + timedelta(days=1))
    release_all(MARCH + timedelta(days=9))
    by = operator(market.cluster)
    found = statement(member_id=market.shop.member_id, year=2027, month=3, by=by)
    assert (found.opening_minor, found.closing_minor) == (0, 1_700 + 1_133)
    assert [line.reason for line in found.lines] == [
        "earned.shop",
        "earned.shop",
        "given_back.shop",
        "released",
    ]
    assert (found.total("gross_minor"), found.total("returns_minor")) == (3_400, 567)
    assert (found.total("net_minor"), found.total("tax_minor"), found.total("paid_out_minor")) == (
        2_833,
        0,
        0,
    )
    assert {line.income_kind for line in found.lines} == {"commission", ""}
    assert found.lines[2].params["why"] == "damaged"
    assert found.lines[3].moved_minor == 1_700


def test_the_next_month_opens_where_the_last_one_closed():
    market = make_market()
    with clock.at(MARCH):
        buy(market)
    with clock.at(MARCH + timedelta(days=31)):
        buy(market)
    by = system(market.cluster.pk)
    march, april = (statement(member_id=market.suppliers[0].pk, year=2027, month=m, by=by) for m in (3, 4))
    assert (march.closing_minor, april.opening_minor, april.closing_minor) == (7_799, 7_799, 15_598)


def test_a_month_is_cut_in_the_time_zone_of_the_cluster():
    market = make_market()
    with clock.at(datetime(2027, 3, 31, 16, 30, tzinfo=UTC)):  # half past midnight of 1 April in Shanghai
        buy(market)
    by = system(market.cluster.pk)
    assert statement(member_id=market.suppliers[0].pk, year=2027, month=3, by=by).lines == ()
    assert len(statement(member_id=market.suppliers[0].pk, year=2027, month=4, by=by).lines) == 1


def test_each_earning_says_when_it_can_be_taken():
    market = make_market()
    with clock.at(MARCH):
        placed, _waiting = buy(market), buy(market)
    received(market, placed, MARCH)
    by = system(market.cluster.pk)
    rows = earnings(member_id=market.shop.member_id, by=by)
    assert [row.state for row in rows] == ["expected", "waiting"]
    assert rows[1].due_at == datetime(2027, 3, 10, 2, 0, tzinfo=UTC)
    assert expected_and_waiting(member_id=market.shop.member_id, by=by) == (1_700, 1_700)
    found = balances(member_id=market.shop.member_id, by=by)
    assert (found.pending_minor, found.available_minor) == (3_400, 0)
    assert found.pending_minor == market.balance(market.shop.member, Kind.PENDING)


@pytest.mark.parametrize("read", [balances, earnings, expected_and_waiting])
def test_a_strangers_money_does_not_exist(read):
    market = make_market()
    with pytest.raises(NotFound):
        read(member_id=market.shop.member_id, by=stranger(market))
