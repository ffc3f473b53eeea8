"""Timers and disputes: silence has a meaning, and a dispute stops the clock."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.members import buyer, operator
from tests.factories.orders import make_market, make_paid_order, make_paid_orders
from tests.orders.moving import do, done, fire_at, other_connection, snapshot, timers_of
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, NotFound, Refused
from yunju.orders.flow import effects, timers
from yunju.orders.flow.actions import dispute, settle_dispute
from yunju.orders.models import Event, FlowTimer, Refund

pytestmark = pytest.mark.usefixtures("db_app")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


# --- timers ------------------------------------------------------------------------------------------------------
def test_timers_fire_once_and_the_buyer_may_cancel_when_late():
    bought = make_paid_order()
    paid = bought.order.purchase.__class__.objects.get(pk=bought.order.purchase_id).paid_at
    assert fire_at(bought, paid + 71 * HOUR) == 1
    assert bought.now.fulfilment_state == "to_pack"
    assert isinstance(do(bought, "buyer_cancel", Who.BUYER), Refused)
    fire_at(bought, paid + 72 * HOUR)
    assert set(timers_of(bought)) == {"give_up"}
    marks = Event.objects.filter(noun="order", noun_id=bought.order.pk, who="timer").order_by("version")
    assert [mark.event for mark in marks] == ["remind_pack", "mark_late"]
    fire_at(bought, paid + 72 * HOUR)
    assert marks.count() == 2
    done(bought, "buyer_cancel", Who.BUYER)
    assert bought.now.fulfilment_state == "cancelled"
    assert timers_of(bought) == {}
    assert Refund.objects.get(order_id=bought.order.pk).amount_minor == bought.order.total_minor
    assert (bought.market.stock.reserved, bought.market.stock.remaining) == (0, 1_000)


def test_many_due_timers_fire_in_a_number_of_statements_that_does_not_grow():
    counts = []
    for size in (2, 30):
        market = make_market()
        make_paid_orders(market, size)
        with clock.at(clock.now() + 49 * HOUR), CaptureQueriesContext(connection) as captured:
            assert timers.fire_due(100, only_cluster=market.cluster.pk) == size
        assert Event.objects.filter(cluster_id=market.cluster.pk, event="remind_pack").count() == size
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


def test_a_timer_whose_state_moved_on_is_dropped():
    bought = make_paid_order()
    stale = FlowTimer.objects.create(
        cluster_id=bought.order.cluster_id,
        noun="order",
        noun_id=bought.order.pk,
        key="stale",
        event="auto_receive",
        due_at=clock.now(),
    )
    before = snapshot(bought)[0]
    assert fire_at(bought, clock.now()) == 1
    assert not FlowTimer.objects.filter(pk=stale.pk).exists()
    assert snapshot(bought)[0] == before


def test_a_timer_that_was_moved_between_claim_and_lock_is_not_fired(monkeypatch):
    """The claim reads a snapshot: it may name an order whose buyer has extended meanwhile."""
    market = make_market()
    due, extended = make_paid_orders(market, 2)
    for one in (due, extended):
        done(one, "pack", Who.SUPPLIER)
    done(extended, "extend", Who.BUYER)
    stale = "SELECT id FROM orders_order WHERE cluster_id = %(cluster_id)s ORDER BY id"
    fire_at(due, clock.now() + 2 * DAY)
    monkeypatch.setitem(timers.SQL, "claim_due", stale)
    with clock.at(clock.now() + 11 * DAY):
        timers.fire_due(only_cluster=market.cluster.pk)
    assert (due.now.fulfilment_state, extended.now.fulfilment_state) == ("received", "packed")


def test_an_order_that_somebody_holds_is_left_to_them(db_app):
    """SKIP LOCKED: a second worker goes round, it does not wait."""
    bought = make_paid_order()
    moment = clock.now() + 49 * HOUR
    fire_at(bought, clock.now() + 47 * HOUR)
    with other_connection(db_app) as other, other.transaction():
        other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [bought.order.pk])
        fire_at(bought, moment)
        assert "remind" in timers_of(bought)
    fire_at(bought, moment)
    assert "remind" not in timers_of(bought)


def test_a_broken_effect_puts_the_timer_off_and_raises_the_alarm(monkeypatch):
    market = make_market()
    good, bad = make_paid_orders(market, 2)
    bought = good
    handed = effects._money[0]

    def refund(*, cluster_id, order_ids, reason, by):
        if bad.order.pk in order_ids:
            raise RuntimeError("broken on purpose")
        return handed.refund_rest(cluster_id=cluster_id, order_ids=order_ids, reason=reason, by=by)

    fire_at(bought, clock.now() + 29 * DAY)
    monkeypatch.setattr(effects, "_money", [effects.Money(handed.date_release, refund)])
    moment = clock.now() + 30 * DAY + HOUR
    with pytest.raises(timers.TimersBroken, match=str(bad.order.pk)):
        fire_at(bought, moment)
    assert (good.now.fulfilment_state, bad.now.fulfilment_state) == ("cancelled", "to_pack")
    monkeypatch.undo()
    fire_at(bought, moment)
    assert bad.now.fulfilment_state == "to_pack"
    fire_at(bought, moment + timers.POSTPONED)
    assert bad.now.fulfilment_state == "cancelled"


# --- disputes ----------------------------------------------------------------------------------------------------
def test_a_dispute_freezes_the_clock_and_stops_the_parties():
    bought = make_paid_order()
    done(bought, "pack", Who.SUPPLIER)
    due = timers_of(bought)["auto_receive"].due_at
    opened = clock.now() + 2 * DAY
    fire_at(bought, opened - HOUR)
    key = {"cluster_id": bought.order.cluster_id, "order_id": bought.order.pk}
    with clock.at(opened):
        dispute(**key, by=bought.buyer, reason="not_as_described")
    assert bought.now.disputed_at == opened
    frozen = timers_of(bought)["auto_receive"]
    assert frozen.due_at is None
    assert abs(frozen.left_seconds - (due - opened).total_seconds()) <= 1
    before = snapshot(bought)
    fire_at(bought, opened + 100 * DAY)
    for event, who in (
        ("auto_receive", Who.TIMER),
        ("confirm", Who.BUYER),
        ("extend", Who.BUYER),
        ("correct", Who.SUPPLIER),
    ):
        assert do(bought, event, who) == Refused("flow.disputed", event=event)
    assert snapshot(bought) == before
    with pytest.raises(Refused, match=r"flow\.disputed"):
        dispute(**key, by=bought.buyer)
    assert snapshot(bought) == before


def test_settling_goes_on_with_what_was_left():
    bought = make_paid_order()
    done(bought, "pack", Who.SUPPLIER)
    left = timers_of(bought)["auto_receive"].due_at - clock.now()
    key = {"cluster_id": bought.order.cluster_id, "order_id": bought.order.pk}
    dispute(**key, by=bought.buyer)
    settled = clock.now() + 50 * DAY
    with clock.at(settled):
        settle_dispute(**key, by=operator(bought.market.cluster))
    thawed = timers_of(bought)["auto_receive"]
    assert thawed.left_seconds is None
    assert abs(thawed.due_at - settled - left) < timedelta(seconds=5)
    assert bought.now.disputed_at is None
    axis = Event.objects.filter(noun="order", noun_id=bought.order.pk, axis="dispute").order_by("version")
    assert [event.event for event in axis] == ["dispute", "settle"]
    with pytest.raises(Refused, match=r"flow\.not_disputed"):
        settle_dispute(**key, by=operator(bought.market.cluster))


def test_facts_of_the_carrier_go_on_in_a_dispute_with_frozen_timers():
    bought = make_paid_order()
    done(bought, "pack", Who.SUPPLIER)
    dispute(cluster_id=bought.order.cluster_id, order_id=bought.order.pk, by=bought.buyer)
    done(bought, "scan_delivered", Who.CARRIER)
    timer = timers_of(bought)["auto_receive"]
    assert (timer.due_at, timer.left_seconds) == (None, 7 * 86_400)


def test_in_a_dispute_the_supplier_may_still_give_everything_back():
    bought = make_paid_order()
    dispute(cluster_id=bought.order.cluster_id, order_id=bought.order.pk, by=bought.buyer)
    done(bought, "cancel", Who.SUPPLIER)
    assert bought.now.fulfilment_state == "cancelled"
    assert timers_of(bought) == {}


def test_only_the_operator_settles_and_strangers_see_nothing():
    bought = make_paid_order()
    key = {"cluster_id": bought.order.cluster_id, "order_id": bought.order.pk}
    before = snapshot(bought)
    with pytest.raises(NotFound):
        dispute(**key, by=buyer(bought.market.cluster))
    assert snapshot(bought) == before
    dispute(**key, by=bought.buyer)
    before = snapshot(bought)
    with pytest.raises(Forbidden):
        settle_dispute(**key, by=bought.buyer)
    assert snapshot(bought) == before
