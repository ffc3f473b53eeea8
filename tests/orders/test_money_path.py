"""A purchase's money from the gateway to the last payee, and back: exact cents, committed, as the application role."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.markets import arrive, buy, make_market, operator, place, request, stranger
from tests.factories.members import make_user
from yunju.catalog.models import Stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, idempotency
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import InvalidMany, KeyConflict, Refused
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.ledger.models import Transfer
from yunju.ledger.subjects import gateway, member
from yunju.members.queries import actor_for
from yunju.orders.actions import expire, intake, pay, refunds, release
from yunju.orders.draft import Placed
from yunju.orders.flow import actions as flow
from yunju.orders.models import Line, Order, Purchase, Refund, Share
from yunju.orders.queries import orders_visible_to

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


def order_of(placed: Placed) -> Order:
    return Order.objects.get(pk=placed.orders[0].id)


def test_nothing_is_in_the_book_before_money_arrives():
    market = make_market()
    placed = place(market, {0: 2})
    assert placed.total_minor == 19_998
    assert not Transfer.objects.filter(cluster_id=market.cluster.pk).exists()
    stock = Stock.objects.get(variant=market.variants[0])
    assert (stock.remaining, stock.reserved, stock.sold) == (8, 2, 0)


def test_a_paid_purchase_of_two_suppliers_is_pending_with_every_payee():
    market = make_market(prices=(9_999, 5_000), designer_bp=800)
    buy(market, {0: 1, 1: 1})
    assert market.balance(market.suppliers[0], Kind.PENDING) == 6_999
    assert market.balance(market.suppliers[1], Kind.PENDING) == 3_500
    assert market.balance(market.shop.member, Kind.PENDING) == 1_700 + 850
    assert market.balance(market.roles["designer"], Kind.PENDING) == 800 + 400
    assert market.balance(market.park, Kind.PENDING) == 200 + 100
    assert market.balance(market.operator, Kind.PENDING) == 300 + 150
    assert market.gateway(Kind.CLEARING) == -14_999
    assert market.book() == 0


def test_the_same_event_again_has_no_effect():
    market = make_market()
    event = arrive(place(market))
    assert pay.pay([event, event]) == ["paid", "duplicate"]
    assert pay.pay([event]) == ["duplicate"]
    assert market.gateway(Kind.CLEARING) == -9_999


def test_a_purchase_paid_twice_sends_the_second_payment_back():
    market = make_market()
    placed = place(market)
    assert pay.pay([arrive(placed), arrive(placed)]) == ["paid", "paid_twice"]
    refund = Refund.objects.get(cluster_id=market.cluster.pk)
    assert (refund.kind, refund.amount_minor, refund.state) == ("unapplied", 9_999, "decided")
    assert (market.gateway(Kind.UNAPPLIED), market.gateway(Kind.REFUND_DUE)) == (0, 9_999)
    assert market.balance(market.suppliers[0], Kind.PENDING) == 7_799


def test_a_late_payment_wakes_no_dead_purchase():
    market = make_market()
    with clock.at(START):
        placed = place(market)
        event = arrive(placed)
    with clock.at(START + timedelta(minutes=16)):
        while expire.expire_due():
            pass
        assert pay.pay([event]) == ["late"]
    assert Purchase.objects.get(pk=placed.purchase_id).payment_state == "expired"
    assert market.gateway(Kind.REFUND_DUE) == 9_999
    assert market.balance(market.suppliers[0], Kind.PENDING) == 0
    stock = Stock.objects.get(variant=market.variants[0])
    assert (stock.remaining, stock.reserved) == (10, 0)


def test_a_purchase_that_cannot_expire_stands_in_the_log_and_keeps_no_other(caplog):
    market = make_market()
    with clock.at(START):
        stuck, other = place(market), place(market)
    stock = Stock.objects.filter(variant=market.variants[0])
    stock.update(reserved=1, remaining=9)  # one piece is missing: the two give back two
    with clock.at(START + timedelta(minutes=16)):
        while expire.expire_due():
            pass
    states = Purchase.objects.filter(pk__in=[stuck.purchase_id, other.purchase_id]).order_by("pk")
    assert list(states.values_list("payment_state", flat=True)) == ["expired", "unpaid"]
    assert f"purchase {other.purchase_id} of cluster {market.cluster.pk} could not expire" in caplog.text
    stock.update(reserved=1, remaining=9)
    with clock.at(START + timedelta(minutes=16)):
        assert expire.expire_due() == 1
    assert list(states.values_list("payment_state", flat=True)) == ["expired", "expired"]
    assert stock.get().reserved == 0


def test_a_wrong_amount_pays_nothing_and_goes_back():
    market = make_market()
    placed = place(market)
    assert pay.pay([arrive(placed, 9_000)]) == ["short"]
    assert Purchase.objects.get(pk=placed.purchase_id).payment_state == "unpaid"
    assert market.gateway(Kind.REFUND_DUE) == 9_000


def test_a_cent_too_little_within_the_tolerance_is_borne_by_the_operator():
    market = make_market(shortage_tolerance_minor=2)
    placed = place(market)
    assert pay.pay([arrive(placed, 9_998)]) == ["paid"]
    assert market.balance(market.operator, Kind.LOSS) == -1
    assert market.gateway(Kind.CLEARING) == -9_998
    assert market.book() == 0


def test_too_much_pays_and_the_rest_goes_back():
    market = make_market()
    assert pay.pay([arrive(place(market), 10_099)]) == ["paid"]
    assert (market.gateway(Kind.CLEARING), market.gateway(Kind.REFUND_DUE)) == (-10_099, 100)


def received(market, placed, at):
    """Shipped by the suppliers and confirmed by the buyer at `at`."""
    by = system(market.cluster.pk)
    ids = [order.id for order in placed.orders]
    with clock.at(at):
        for event, who in (("pack", "supplier"), ("confirm", "buyer")):
            for answer in flow.move(
                cluster_id=market.cluster.pk, order_ids=ids, event=event, who=Who(who), by=by
            ):
                assert not isinstance(answer, Exception), answer


def release_all(at):
    with clock.at(at):
        while release.release_due():
            pass


def test_a_share_is_released_at_ten_o_clock_of_the_day_after_the_after_sale_days():
    market = make_market()
    with clock.at(START):
        placed = buy(market)
    received(market, placed, START + timedelta(hours=1))
    line = Line.objects.get(order_id=placed.orders[0].id)
    assert line.release_due_at == datetime(2027, 3, 10, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
    release_all(line.release_due_at - timedelta(seconds=1))
    assert market.balance(market.shop.member, Kind.AVAILABLE) == 0
    release_all(line.release_due_at)
    assert market.balance(market.shop.member, Kind.AVAILABLE) == 1_700
    assert market.balance(market.suppliers[0], Kind.AVAILABLE) == 7_799
    assert market.balance(market.suppliers[0], Kind.PENDING) == 0
    release_all(line.release_due_at + timedelta(days=1))
    assert market.balance(market.shop.member, Kind.AVAILABLE) == 1_700
    assert market.book() == 0


def refund(market, placed, amount=None):
    order = placed.orders[0].id
    line = Line.objects.filter(order_id=order, kind="goods").first()
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order)
        want = refunds.Want(order, "other", None if amount is None else {line.pk: amount})
        return refunds.decide(market.cluster.pk, [want])[0]


def test_a_refund_before_release_takes_the_golden_cents_from_pending():
    market = make_market(prices=(9_999,), designer_bp=800)
    placed = buy(market)
    refund(market, placed, 3_333)
    assert market.balance(market.suppliers[0], Kind.PENDING) == 4_666
    assert market.balance(market.shop.member, Kind.PENDING) == 1_133
    assert market.balance(market.roles["designer"], Kind.PENDING) == 533
    assert market.balance(market.park, Kind.PENDING) == 134
    assert market.balance(market.operator, Kind.PENDING) == 200
    assert market.gateway(Kind.REFUND_DUE) == 3_333
    refund(market, placed)
    assert market.gateway(Kind.REFUND_DUE) == 9_999
    assert all(
        share.refunded_minor == share.amount_minor
        for share in Share.objects.filter(order_id=placed.orders[0].id)
    )
    assert refund(market, placed).code == "refund.nothing_left"
    assert market.book() == 0


def test_a_refund_after_release_takes_available_then_leaves_a_debt_that_the_next_income_nets():
    market = make_market(prices=(9_999,), reserve_bp=0)
    with clock.at(START):
        placed, other = buy(market), buy(market)
    received(market, placed, START)
    release_all(START + timedelta(days=9))
    with transaction.atomic():  # the shopkeeper has withdrawn everything
        legs = (
            Leg(member(market.shop.member_id), Kind.AVAILABLE, -1_700),
            Leg(gateway("simulated"), Kind.CLEARING, 1_700),
        )
        post([Posting(market.cluster.pk, "payout_paid", "test", 1, "CNY", legs, START)])
    refund(market, placed)
    assert market.balance(market.shop.member, Kind.DEBT) == -1_700
    assert market.balance(market.suppliers[0], Kind.AVAILABLE) == 0
    assert market.gateway(Kind.REFUND_DUE) == 9_999
    received(market, other, START + timedelta(days=10))
    release_all(START + timedelta(days=20))
    assert market.balance(market.shop.member, Kind.DEBT) == 0
    assert market.balance(market.shop.member, Kind.AVAILABLE) == 0
    assert market.balance(market.suppliers[0], Kind.AVAILABLE) == 7_799
    assert market.book() == 0


def test_the_reserve_rate_is_kept_back_and_given_before_debt():
    market = make_market(prices=(10_000,), reserve_bp=1_000)
    with clock.at(START):
        placed = buy(market)
    received(market, placed, START)
    release_all(START + timedelta(days=9))
    assert market.balance(market.suppliers[0], Kind.RESERVE) == 780
    assert market.balance(market.suppliers[0], Kind.AVAILABLE) == 7_020
    refund(market, placed)
    assert market.balance(market.suppliers[0], Kind.RESERVE) == 0
    assert market.balance(market.suppliers[0], Kind.DEBT) == 0


def test_own_shop_earns_nothing_and_its_part_is_the_suppliers():
    market = make_market(prices=(9_999,))
    buy(market, by=actor_for(market.shopkeeper, market.cluster))
    assert market.balance(market.shop.member, Kind.PENDING) == 0
    assert market.balance(market.suppliers[0], Kind.PENDING) == 9_499


def test_own_shop_may_turn_its_commission_into_a_discount():
    market = make_market(prices=(10_000,), self_purchase="discount")
    placed = buy(market, by=actor_for(market.shopkeeper, market.cluster))
    assert placed.total_minor == 8_300
    assert market.balance(market.shop.member, Kind.PENDING) == 0
    assert market.balance(market.suppliers[0], Kind.PENDING) == 7_800
    assert market.balance(market.operator, Kind.PENDING) == 300


def test_a_key_is_one_purchase_and_another_payload_is_a_conflict():
    market = make_market()
    by = stranger(market)
    first = request(market, {0: 1}, by=by)
    again = [intake.place([first])[0] for _ in range(2)]
    assert again[0].code == again[1].code
    assert [answer.is_replay for answer in again] == [False, True]
    other = request(market, {0: 2}, by=by, key=first.key)
    assert intake.place([other]) == [KeyConflict("idempotency.conflict")]
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1


def test_a_key_twice_in_one_batch_is_placed_once():
    market = make_market()
    one = request(market)
    answers = intake.place([one, one])
    assert answers[0].code == answers[1].code
    assert (answers[0].is_replay, answers[1].is_replay) == (False, True)
    assert Stock.objects.get(variant=market.variants[0]).remaining == 9


def test_a_changed_price_refuses_that_purchase_alone_with_both_prices():
    market = make_market()
    stale, good = request(market), request(market)
    variant = market.variants[0]
    variant.price_minor = 12_000
    variant.save()
    fresh = request(market)
    refused, also, placed = intake.place([stale, good, fresh])
    assert isinstance(refused, InvalidMany)
    assert isinstance(also, InvalidMany)
    fault = refused.faults[0]
    assert (fault.code, fault.params["shown"], fault.params["now"]) == ("price.changed", 9_999, 12_000)
    assert isinstance(placed, Placed)
    assert placed.total_minor == 12_000


def test_a_replay_is_answered_even_when_the_price_has_changed():
    market = make_market()
    one = request(market)
    first = intake.place_one(one)
    variant = market.variants[0]
    variant.price_minor = 12_000
    variant.save()
    assert intake.place_one(one).code == first.code


def test_a_batch_serves_in_order_until_the_shelf_is_empty():
    market = make_market(stock=5)
    answers = intake.place([request(market, {0: 2}) for _ in range(4)])
    assert [isinstance(answer, Placed) for answer in answers] == [True, True, False, False]
    assert answers[2].code == "stock.sold_out"
    assert answers[2].params["left"] == 1
    assert Stock.objects.get(variant=market.variants[0]).remaining == 1


def test_a_buyer_holds_no_more_than_the_limit_of_unpaid_purchases():
    market = make_market(stock=50, unpaid_limit=2)
    by = stranger(market)
    answers = intake.place([request(market, by=by) for _ in range(3)])
    assert [isinstance(answer, Placed) for answer in answers] == [True, True, False]
    assert answers[2] == Refused("purchase.too_many_unpaid", limit=2)


def test_the_number_of_statements_does_not_grow_with_batch_or_lines():
    market = make_market(prices=(1_000, 2_000, 3_000), stock=1_000)

    def statements(count, wanted):
        batch = [request(market, wanted) for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert all(isinstance(answer, Placed) for answer in intake.place(batch))
        return len(seen)

    small, large = statements(1, {0: 1}), statements(64, {0: 1, 1: 2, 2: 3})
    assert small == large


def test_old_keys_are_forgotten_and_their_purchases_stay():
    market = make_market()
    with clock.at(START - timedelta(days=31)):
        placed = place(market)
    with clock.at(START):
        while idempotency.purge():
            pass
    assert Purchase.objects.filter(pk=placed.purchase_id).exists()


def test_operator_may_look_at_everything():
    market = make_market()
    placed = buy(market)
    assert list(orders_visible_to(operator(market.cluster)).values_list("pk", flat=True)) == [
        placed.orders[0].id
    ]
    assert not orders_visible_to(stranger(market)).exists()


def test_a_buyer_who_paid_a_cent_less_gets_no_cent_more_back():
    market = make_market(prices=(9_999,), shortage_tolerance_minor=2)
    placed = place(market)
    pay.pay([arrive(placed, 9_997)])
    assert market.balance(market.operator, Kind.LOSS) == -2
    first = refund(market, placed, 5_000)
    second = refund(market, placed)
    assert (first.amount_minor, first.kept_minor, second.amount_minor) == (4_998, 2, 4_999)
    assert market.gateway(Kind.REFUND_DUE) == 9_997
    assert market.balance(market.operator, Kind.LOSS) == 0
    assert market.book() == 0


def test_a_purchase_of_an_account_is_not_the_browsers():
    market = make_market()
    signed_in = actor_for(make_user(), market.cluster, holder="h" * 32)
    placed = buy(market, by=signed_in)
    signed_out = Actor(cluster_id=market.cluster.pk, holder="h" * 32)
    assert orders_visible_to(signed_in).filter(pk=placed.orders[0].id).exists()
    assert not orders_visible_to(signed_out).exists()


def test_a_designer_that_has_closed_earns_nothing_and_the_supplier_has_it():
    market = make_market(prices=(9_999,), designer_bp=800)
    designer = market.roles["designer"]
    designer.closed_at = clock.now()
    designer.save()
    buy(market)
    assert market.balance(designer, Kind.PENDING) == 0
    assert market.balance(market.suppliers[0], Kind.PENDING) == 7_799
