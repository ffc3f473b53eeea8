"""Many buyers at once, on real connections: nothing oversold, one key one purchase, one payment one effect."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.markets import arrive, buy, make_market, place, request, stranger
from tests.orders.test_money_path import START
from yunju.catalog.models import Stock
from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.ledger.kinds import Kind
from yunju.orders.actions import intake, pay, release
from yunju.orders.draft import Placed
from yunju.orders.models import Order, Purchase, Share

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


def at_once(work, things, workers=16):
    """Run `work` over all things on many connections; errors of the domain are answers."""

    def alone(thing):
        try:
            return work(thing)
        except YunjuError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(alone, things))


def test_200_buyers_for_50_pieces_buy_exactly_50():
    market = make_market(stock=50)
    answers = at_once(intake.place_one, [request(market) for _ in range(200)])
    placed = [answer for answer in answers if isinstance(answer, Placed)]
    refused = [answer.code for answer in answers if isinstance(answer, YunjuError)]
    assert len(placed) == 50
    assert refused == ["stock.sold_out"] * 150
    stock = Stock.objects.get(variant=market.variants[0])
    assert (stock.remaining, stock.reserved, stock.sold) == (0, 50, 0)


def test_one_key_50_times_at_once_is_one_purchase():
    market = make_market(stock=100)
    one = request(market)
    answers = at_once(intake.place_one, [one] * 50)
    assert len({answer.code for answer in answers}) == 1
    assert sorted(answer.is_replay for answer in answers) == [False] + [True] * 49
    assert Stock.objects.get(variant=market.variants[0]).reserved == 1


def test_a_swarm_of_one_buyer_stays_under_its_limit():
    market = make_market(stock=100, unpaid_limit=5)
    by = stranger(market)
    answers = at_once(intake.place_one, [request(market, by=by) for _ in range(40)])
    assert sum(isinstance(answer, Placed) for answer in answers) == 5
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 5


def test_one_notification_20_times_at_once_pays_once():
    market = make_market()
    event = arrive(place(market))
    words = at_once(lambda one: pay.pay([one])[0], [event] * 20)
    assert sorted(words) == ["duplicate"] * 19 + ["paid"]
    assert market.gateway(Kind.CLEARING) == -9_999
    assert market.book() == 0


def test_batches_with_crossing_suppliers_do_not_deadlock():
    market = make_market(prices=(1_000, 2_000, 3_000), stock=2_000)
    wanted = [{0: 1, 1: 1, 2: 1}, {2: 1, 1: 1}, {1: 1, 0: 1}]
    batches = [[request(market, wanted[n % 3]) for n in range(16)] for _ in range(12)]
    answers = [answer for batch in at_once(intake.place, batches, 6) for answer in batch]
    assert all(isinstance(answer, Placed) for answer in answers)
    assert sum(stock.reserved for stock in Stock.objects.filter(cluster_id=market.cluster.pk)) == 12 * (
        16 * 2 + 6
    )


def test_releases_side_by_side_release_each_share_once():
    market = make_market(prices=(9_999,), stock=100)
    for _ in range(20):
        buy(market)
    market_shares = Share.objects.filter(cluster_id=market.cluster.pk)
    orders = list(Order.objects.filter(cluster_id=market.cluster.pk).values_list("pk", flat=True))
    release.date_release(cluster_id=market.cluster.pk, order_ids=orders, at=START)

    def run(_):
        with clock.at(START + timedelta(days=30)):
            while release.release_due(limit=5):
                pass

    at_once(run, range(6), 6)
    assert all(share.released_minor == share.amount_minor for share in market_shares)
    assert market.balance(market.shop.member, Kind.AVAILABLE) == 20 * 1_700
    assert market.balance(market.shop.member, Kind.PENDING) == 0
    assert market.book() == 0
