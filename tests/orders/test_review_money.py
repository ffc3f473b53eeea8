"""Payments and refunds as a hostile reader tried them: overtaken, killed, repeated, side by side."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from tests.factories.catalog import make_fees, make_offer
from tests.factories.markets import HOME, arrive, buy, make_market, operator, place, stranger
from tests.factories.members import make_cluster, make_member, make_user
from tests.factories.shops import make_listing, make_shop
from tests.orders.proofs import aside, held, proved
from tests.orders.test_cases import Scene
from yunju.kernel import clock, ids, locks
from yunju.kernel.actor import system
from yunju.kernel.errors import Busy, Forbidden, KeyConflict, NotFound, Refused
from yunju.ledger import verify as books
from yunju.ledger.kinds import Kind
from yunju.members.queries import actor_for
from yunju.orders import tasks
from yunju.orders.actions import cases, intake, pay, refunds, sending
from yunju.orders.draft import WantedLine
from yunju.orders.models import Order, Purchase, Refund
from yunju.payments import registry as gateways
from yunju.payments.contract import VerifiedEvent
from yunju.payments.errors import GatewaySilent
from yunju.payments.models import Attempt

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


def test_a_purchase_with_an_order_that_costs_nothing_can_be_paid():
    owner = make_user()
    cluster = make_cluster(self_purchase="discount")
    make_fees(cluster)
    given, sold = (make_member(cluster, capacities=("supplier",)) for _ in range(2))
    offers = [make_offer(given, price_minor=1, shop_bp=8_000), make_offer(sold, price_minor=900)]
    shop = make_shop(make_member(cluster, capacities=("shopkeeper",), roles={owner: "owner"}))
    for offer in offers:
        make_listing(shop, offer)
    lines = tuple(
        WantedLine(o.variants.get().pk, 1, o.variants.get().price_minor, shop_id=shop.pk) for o in offers
    )
    by = actor_for(owner, cluster.pk)
    placed = intake.place_one(
        intake.PlaceRequest(by=by, key=f"test-{ids.public_code(16)}", lines=lines, contact=HOME)
    )
    assert [order.total_minor for order in placed.orders] == [0, 900]
    assert pay.pay([arrive(placed)]) == ["paid"]
    assert books.verify(cluster.pk, whole=True).broken == 0


def test_a_payment_whose_purchase_is_locked_holds_up_no_other(monkeypatch):
    monkeypatch.setattr(locks, "ALONE_MS", 200)
    monkeypatch.setattr(locks, "BATCH_MS", 200)
    market = make_market(stock=50)
    stuck, free = place(market), place(market)
    events = [arrive(stuck), arrive(free)]
    with held("SELECT 1 FROM orders_purchase WHERE id = %s FOR UPDATE", [stuck.purchase_id]):
        with pytest.raises(Busy):
            pay.pay(events)
        assert Purchase.objects.get(pk=free.purchase_id).payment_state == "paid"
    assert pay.pay(events) == ["paid", "duplicate"]
    proved(market)


def test_a_gateway_that_was_taken_away_holds_up_no_other_closing(monkeypatch):
    market = make_market()
    gone, other = place(market), place(market)
    for placed, gateway in ((gone, "gone"), (other, "simulated")):
        event = arrive(placed)
        Attempt.objects.filter(out_no=event.out_no).update(gateway=gateway)
    Purchase.objects.filter(pk__in=[gone.purchase_id, other.purchase_id]).update(payment_state="cancelled")
    asked = []
    monkeypatch.setattr(
        type(gateways.gateway("simulated")), "close", lambda self, out_no: asked.append(out_no)
    )
    tasks.close_dead_attempts(limit=1_000)
    assert Attempt.objects.get(purchase_id=other.purchase_id).state == "closed"
    assert Attempt.objects.get(purchase_id=gone.purchase_id).state == "started"
    Attempt.objects.filter(purchase_id=gone.purchase_id).update(state="closed")


def told(refund, kind="refunded", **fields):
    values = {
        "gateway": refund.gateway, "event_id": ids.public_code(20), "kind": kind, "out_no": "x",
        "refund_no": refund.out_no, "provider_no": ids.public_code(20), "amount_minor": refund.amount_minor,
        "currency": refund.currency, "at": clock.now(),
    }  # fmt: skip
    return VerifiedEvent(**(values | fields))


def decided(market):
    placed = buy(market)
    with transaction.atomic():
        return refunds.refund_rest(
            cluster_id=market.cluster.pk,
            order_ids=[placed.orders[0].id],
            reason="cancel",
            by=system(market.cluster.pk),
        )[0]


def test_a_refund_that_failed_again_with_the_same_word_is_shown_again():
    market = make_market()
    refund = decided(market)
    failure = told(refund, "refund_failed", reason="account_closed")
    assert sending.confirm([failure]) == ["failed"]
    sending.try_again(refund_id=refund.pk, by=operator(market.cluster))
    sending.confirm([failure])
    refund.refresh_from_db()
    assert (refund.state, refund.error) == ("failed", "account_closed")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_success_stands_in_whatever_order_it_is_told(order):
    market = make_market()
    refund = decided(market)
    events = [told(refund, "refund_failed"), told(refund)]
    sending.confirm([events[n] for n in order])
    refund.refresh_from_db()
    assert refund.state == "confirmed"
    assert market.gateway(Kind.REFUND_DUE) == 0
    assert sending.confirm([events[1]]) == ["duplicate"]
    assert market.gateway(Kind.CLEARING) == 0


def test_a_success_before_the_row_is_marked_sent_is_booked_once(monkeypatch):
    """The notification overtakes the answer to our own call, as it does when the gateway is quick."""
    market = make_market()
    refund = decided(market)
    event = told(refund)

    def quick(self, order):
        if order.refund_no != refund.out_no:
            raise GatewaySilent("payments.gateway_silent", gateway="simulated")
        assert aside(lambda: sending.confirm([event])) == ["confirmed"]
        return

    monkeypatch.setattr(type(gateways.gateway("simulated")), "refund", quick)
    sending._send(Refund.objects.get(pk=refund.pk))
    refund.refresh_from_db()
    assert refund.state == "confirmed"
    assert market.gateway(Kind.CLEARING) == 0


def test_killed_between_the_gateways_answer_and_the_commit_is_one_refund(monkeypatch):
    market = make_market()
    refund = decided(market)
    Refund.objects.exclude(pk=refund.pk).filter(state__in=("decided", "sent")).update(next_try_at=None)
    event, calls = told(refund), []
    gateway = type(gateways.gateway("simulated"))
    monkeypatch.setattr(gateway, "refund", lambda self, order: calls.append(order) or event)
    monkeypatch.setattr(sending, "confirm", lambda events: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        sending.send_due()
    monkeypatch.undo()
    monkeypatch.setattr(gateway, "refund", lambda self, order: calls.append(order) or event)
    assert sending.send_due() == 0  # somebody may still be at it
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert sending.send_due() == 1
    assert len({call.refund_no for call in calls}) == 1
    assert market.gateway(Kind.REFUND_DUE) == 0
    assert market.gateway(Kind.CLEARING) == 0


def test_two_refunds_side_by_side_keep_a_shortage_once():
    market = make_market(prices=(1_000, 2_000), shortage_tolerance_minor=2)
    placed = place(market, {0: 1, 1: 1})
    assert pay.pay([arrive(placed, 2_998)]) == ["paid"]
    first, second = [order.id for order in placed.orders]
    first_done = Signal()

    def refund(order_id, after=None):
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order_id)
            answer = refunds.decide(market.cluster.pk, [refunds.Want(order_id, "goodwill")])
            if after:
                after()
        return answer

    def other():
        try:
            return refund(second)
        finally:
            connection.close()
            first_done.set()

    with ThreadPoolExecutor(1) as pool:
        running = []

        def start_the_other():
            running.append(pool.submit(other))
            first_done.wait(1)

        refund(first, after=start_the_other)
        running[0].result(30)
    found = Refund.objects.filter(cluster_id=market.cluster.pk)
    assert sum(row.kept_minor for row in found) == 2
    assert sum(row.amount_minor for row in found) == 2_998


def test_refunded_twice_in_parallel_is_refunded_once():
    scene = Scene(1)
    scene.ship()
    with ThreadPoolExecutor(2) as pool:

        def once(_):
            try:
                cases.refund_by_supplier(
                    order_id=scene.order_id, amounts={scene.line.pk: 1_000}, words="", by=scene.supplier
                )
            except Refused as refused:
                return refused.code
            finally:
                connection.close()
            return "done"

        assert sorted(pool.map(once, range(2))) == ["done", "refund.too_much"]
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000
    proved(scene.market)


def test_goodwill_under_one_key_is_given_once_and_another_sum_under_it_is_refused():
    scene = Scene(1)
    key = f"page-{ids.public_code(16)}"

    def give(cents, by):
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: cents}, words="", by=by, key=key
        )

    give(100, scene.supplier)
    give(100, scene.supplier)
    assert scene.market.gateway(Kind.REFUND_DUE) == 100
    with pytest.raises(KeyConflict):
        give(200, scene.supplier)
    give(200, scene.operator)  # another person's key of the same letters
    assert scene.market.gateway(Kind.REFUND_DUE) == 300
    with pytest.raises(Refused):  # a refusal keeps no key
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: 900}, words="", by=scene.supplier, key=key + "2"
        )
    cases.refund_by_supplier(
        order_id=scene.order_id, amounts={scene.line.pk: 700}, words="", by=scene.supplier, key=key + "2"
    )
    proved(scene.market)


@pytest.mark.parametrize(("tries", "state"), [(0, "decided"), (sending.TRIES, "failed")])
def test_a_silent_gateway_is_asked_again_and_in_the_end_a_person_is(monkeypatch, tries, state):
    market = make_market()
    refund = decided(market)
    Refund.objects.filter(pk=refund.pk).update(tries=tries)

    def silent(self, order):
        raise GatewaySilent("payments.gateway_silent", gateway="simulated")

    monkeypatch.setattr(type(gateways.gateway("simulated")), "refund", silent)
    sending._send(Refund.objects.get(pk=refund.pk))
    refund.refresh_from_db()
    assert (refund.state, refund.error) == (state, "payments.gateway_silent")
    Refund.objects.filter(pk=refund.pk).update(gateway="gone", state="sent")
    sending._send(Refund.objects.get(pk=refund.pk))
    refund.refresh_from_db()
    assert refund.state == "failed"


def test_who_may_try_a_refund_again():
    market = make_market()
    refund = decided(market)
    with pytest.raises(Forbidden):
        sending.try_again(refund_id=refund.pk, by=stranger(market))
    with pytest.raises(NotFound):  # it has not failed
        sending.try_again(refund_id=refund.pk, by=operator(market.cluster))
    assert sending.confirm([told(refund, refund_no="nobody's")]) == ["unknown"]


def test_another_sum_than_was_asked_for_confirms_nothing():
    market = make_market()
    refund = decided(market)
    assert sending.confirm([told(refund, amount_minor=refund.amount_minor - 1)]) == ["failed"]
    assert market.gateway(Kind.REFUND_DUE) == refund.amount_minor
    proved(market)
