"""The one action that moves orders: set-based, each order for itself, guarded, with its rows and effects."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from tests.factories.members import acts_for, buyer, make_cluster, operator
from tests.factories.orders import CONTACT, Bought, make_market, make_paid_order, make_paid_orders
from tests.orders.moving import do, done, other_connection, snapshot, timers_of
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, YunjuError
from yunju.kernel.models import OutboxEvent
from yunju.members.words import RoleKind
from yunju.orders.flow import queries
from yunju.orders.flow.actions import Moved, move, start
from yunju.orders.models import Contact, Event, Line, Order

pytestmark = pytest.mark.usefixtures("db_app")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


# --- start -------------------------------------------------------------------------------------------------------
def test_paying_starts_the_flow():
    bought = make_paid_order()
    assert bought.now.fulfilment_state == "to_pack"
    (event,) = Event.objects.filter(noun="order", noun_id=bought.order.pk, axis="fulfilment")
    assert (event.event, event.before, event.after, event.version) == (
        "start",
        "",
        "to_pack",
        bought.now.version,
    )
    assert set(timers_of(bought)) == {"remind", "late", "give_up"}


def test_starting_twice_is_once():
    bought = make_paid_order()
    before = snapshot(bought)
    with transaction.atomic():
        start(bought.order.cluster_id, [bought.order.pk], clock.now(), system(bought.order.cluster_id))
    assert snapshot(bought) == before


# --- move --------------------------------------------------------------------------------------------------------
def test_a_move_writes_state_event_timers_stock_and_outbox():
    bought = make_paid_order(quantity=3)
    reserved, sold = bought.market.stock.reserved, bought.market.stock.sold
    moved = done(bought, "pack", Who.SUPPLIER)
    order = bought.now
    assert (moved.before, moved.after, moved.version) == ("to_pack", "packed", order.version)
    assert order.fulfilment_state == "packed"
    assert order.dispatched_at is not None
    event = Event.objects.get(noun="order", noun_id=order.pk, version=order.version)
    assert (event.event, event.who, event.by_user_id, event.by_name) == ("pack", "supplier", None, "system")
    assert set(timers_of(bought)) == {"first_scan", "auto_receive"}
    assert [line.stock_state for line in Line.objects.filter(order=order, kind="goods")] == ["taken"]
    assert (bought.market.stock.reserved, bought.market.stock.sold) == (reserved - 3, sold + 3)
    told = OutboxEvent.objects.get(cluster_id=order.cluster_id, topic="order.moved", noun_id=order.pk)
    assert told.payload["after"] == "packed"


def test_each_order_succeeds_or_fails_on_its_own():
    market = make_market()
    first, second, third = make_paid_orders(market, 3)
    done(second, "pack", Who.SUPPLIER)
    stranger = make_paid_order()
    ids = [third.order.pk, second.order.pk, stranger.order.pk, first.order.pk, 0]
    answers = move(
        cluster_id=market.cluster.pk,
        order_ids=ids,
        event="pack",
        who=Who.SUPPLIER,
        by=system(market.cluster.pk),
    )
    assert [type(answer) for answer in answers] == [Moved, Refused, NotFound, Moved, NotFound]
    assert [one.now.fulfilment_state for one in (first, second, third, stranger)] == ["packed"] * 3 + [
        "to_pack"
    ]


@pytest.mark.parametrize("event", ["pack", "cancel", "confirm"])
def test_the_number_of_statements_does_not_grow(event):
    """Stock, release dates and refunds included."""
    counts = []
    for size in (1, 2, 25):
        market = make_market()
        bought = make_paid_orders(market, size)
        who, by = (
            (Who.SUPPLIER, system(market.cluster.pk))
            if event != "confirm"
            else (Who.OPERATOR, operator(market.cluster))
        )
        ids = [one.order.pk for one in bought]
        if event == "confirm":
            move(
                cluster_id=market.cluster.pk,
                order_ids=ids,
                event="pack",
                who=Who.SUPPLIER,
                by=system(market.cluster.pk),
            )
        with CaptureQueriesContext(connection) as captured:
            answers = move(cluster_id=market.cluster.pk, order_ids=ids, event=event, who=who, by=by)
        assert all(isinstance(answer, Moved) for answer in answers), answers
        counts.append(len(captured))
    assert counts[1] == counts[2], counts
    assert counts[2] <= 40


def test_an_order_named_twice_moves_once():
    bought = make_paid_order()
    answers = move(
        cluster_id=bought.order.cluster_id,
        order_ids=[bought.order.pk] * 2,
        event="pack",
        who=Who.SUPPLIER,
        by=system(bought.market.cluster.pk),
    )
    assert answers[0] == answers[1]
    assert Event.objects.filter(noun="order", noun_id=bought.order.pk, event="pack").count() == 1


def test_an_effect_that_fails_for_one_order_leaves_the_others_alone():
    """Stock that is not there (a bug elsewhere) must not hold back the whole list."""
    good = make_market()
    bought = make_paid_orders(good, 3)
    bad = bought[1]
    Line.objects.filter(order=bad.order, kind="goods").update(place_id=0)
    before = snapshot(bad)
    ids = [one.order.pk for one in bought]
    answers = move(
        cluster_id=good.cluster.pk, order_ids=ids, event="pack", who=Who.SUPPLIER, by=system(good.cluster.pk)
    )
    assert [type(answer) for answer in answers] == [Moved, Refused, Moved]
    assert [one.now.fulfilment_state for one in bought] == ["packed", "to_pack", "packed"]
    assert snapshot(bad) == before


def test_a_forbidden_move_changes_nothing():
    bought = make_paid_order()
    before = snapshot(bought)
    assert do(bought, "confirm", Who.BUYER) == Refused("flow.forbidden", event="confirm", state="to_pack")
    assert do(bought, "nonsense", Who.BUYER) == Refused("flow.forbidden", event="nonsense", state="to_pack")
    assert do(bought, "buyer_cancel", Who.BUYER) == Refused("flow.too_early", event="buyer_cancel")
    assert snapshot(bought) == before


def test_a_reason_is_a_code_that_the_move_knows():
    bought = make_paid_order()
    before = snapshot(bought)
    cancel = {
        "cluster_id": bought.order.cluster_id,
        "order_ids": [bought.order.pk],
        "event": "cancel",
        "who": Who.SUPPLIER,
        "by": bought.market.seller,
    }
    for reason in ("because", "Lives in 朝阳区", "x" * 61, "a\x00b"):
        assert move(**cancel, params={"reason": reason}) == [Invalid("flow.reason", field="reason")]
    assert snapshot(bought) == before
    assert isinstance(move(**cancel, params={"reason": "out_of_stock"})[0], Moved)
    event = Event.objects.get(noun="order", noun_id=bought.order.pk, event="cancel")
    assert (event.params, event.by_user_id) == ({"reason": "out_of_stock"}, bought.market.seller.user_id)


def test_what_needs_more_than_its_name_is_not_done_by_its_name():
    bought = make_paid_order()
    before = snapshot(bought)
    answer = do(bought, "pack", Who.SUPPLIER, by=bought.market.seller)
    assert answer == Refused("flow.needs_more", event="pack")
    assert snapshot(bought) == before
    done(bought, "pack", Who.SUPPLIER)
    before = snapshot(bought)
    for event in ("correct", "say_delivered"):
        answer = do(bought, event, Who.SUPPLIER, by=bought.market.seller)
        assert answer == Refused("flow.needs_more", event=event)
    assert snapshot(bought) == before


@pytest.mark.parametrize("order_id", [0, -1, 2**63, 10**30])
def test_ids_out_of_range_are_unknown_orders(order_id):
    market = make_market()
    answers = move(
        cluster_id=market.cluster.pk, order_ids=[order_id], event="cancel", who=Who.SUPPLIER, by=market.seller
    )
    assert answers == [NotFound("order.unknown")]


def test_an_unpaid_order_has_no_moves():
    market = make_market()
    bought = make_paid_order(market)
    Order.objects.filter(pk=bought.order.pk).update(fulfilment_state="")
    assert do(bought, "pack", Who.SUPPLIER) == Refused("flow.forbidden", event="pack", state="")


# --- who may -----------------------------------------------------------------------------------------------------
def strangers(bought: Bought):
    return {
        "another buyer": (buyer(bought.market.cluster), Who.BUYER, NotFound),
        "the buyer as supplier": (bought.buyer, Who.SUPPLIER, Forbidden),
        "the supplier as buyer": (bought.market.seller, Who.BUYER, Forbidden),
        "the supplier as carrier": (bought.market.seller, Who.CARRIER, Forbidden),
        "the supplier as timer": (bought.market.seller, Who.TIMER, Forbidden),
        "a cashier": (acts_for(bought.market.supplier, RoleKind.CASHIER), Who.SUPPLIER, Forbidden),
        "the supplier's auditor": (
            acts_for(bought.market.supplier, RoleKind.AUDITOR),
            Who.SUPPLIER,
            Forbidden,
        ),
        "another supplier": (make_market().seller, Who.SUPPLIER, NotFound),
        "the operator as supplier": (operator(bought.market.cluster), Who.SUPPLIER, Forbidden),
        "the operator's auditor": (
            operator(bought.market.cluster, RoleKind.AUDITOR),
            Who.OPERATOR,
            Forbidden,
        ),
        "another cluster's operator": (operator(make_cluster()), Who.OPERATOR, NotFound),
        "another cluster's machine": (system(make_cluster().pk), Who.SYSTEM, NotFound),
    }


def test_nobody_else_moves_an_order():
    bought = make_paid_order()
    before = snapshot(bought)
    for name, (actor, who, refusal) in strangers(bought).items():
        for event in ("pack", "cancel", "ask_cancel", "mark_late"):
            answer = do(bought, event, who, by=actor)
            assert isinstance(answer, refusal), (name, event, answer)
    assert snapshot(bought) == before


def test_a_buyer_without_an_account_moves_by_the_browser_that_bought():
    bought = make_paid_order()
    holder = "h" * 64
    bought.order.purchase.__class__.objects.filter(pk=bought.order.purchase_id).update(holder=holder)
    nobody = bought.buyer.__class__(cluster_id=bought.order.cluster_id, holder=holder)
    assert isinstance(do(bought, "ask_cancel", Who.BUYER, by=nobody), Moved)
    empty = bought.buyer.__class__(cluster_id=bought.order.cluster_id)
    assert isinstance(do(bought, "ask_cancel", Who.BUYER, by=empty), NotFound)


# --- reading -----------------------------------------------------------------------------------------------------
def test_a_view_shows_the_buttons_that_work():
    bought = make_paid_order()
    buttons = {
        button.event
        for button in queries.view(bought.buyer, queries.visible_order(bought.buyer, bought.order.pk)).buttons
    }
    assert buttons == {"ask_cancel"}
    order = queries.visible_order(bought.market.seller, bought.order.pk)
    assert {button.event for button in queries.view(bought.market.seller, order).buttons} == {
        "pack",
        "cancel",
    }
    with pytest.raises(NotFound):
        queries.visible_order(buyer(bought.market.cluster), bought.order.pk)


def test_abroad_waits_longer():
    bought = make_paid_order(contact=replace(CONTACT, country="FR"))
    done(bought, "pack", Who.SUPPLIER)
    assert timers_of(bought)["auto_receive"].due_at - bought.now.dispatched_at == 30 * DAY


@pytest.mark.parametrize(
    ("home", "to", "days"),
    [("BR", "", 10), ("BR", "BR", 10), ("BR", "br", 10), ("BR", "CN", 30), ("CN", "", 10)],
)
def test_home_is_the_country_of_the_cluster(home, to, days):
    bought = make_paid_order(make_market(country=home), contact=replace(CONTACT, country=to))
    assert Contact.objects.get(order_id=bought.order.pk).country == (to or home).upper()
    done(bought, "pack", Who.SUPPLIER)
    assert timers_of(bought)["auto_receive"].due_at - bought.now.dispatched_at == days * DAY


def test_what_comes_next_is_told_in_the_words_of_the_timer():
    bought = make_paid_order()
    labels = [one.label.en for one in queries.view(bought.market.seller, bought.now).awaited]
    assert labels == ["The supplier is reminded", "The buyer may cancel freely", "Cancelled and refunded"]
    done(bought, "pack", Who.SUPPLIER)
    done(bought, "scan_delivered", Who.CARRIER)
    (left,) = queries.view(bought.market.seller, bought.now).awaited
    assert (left.event, left.label.zh) == ("auto_receive", "视为已收货")


def test_a_timer_that_went_on_keeps_the_words_of_the_state_that_set_it():
    bought = make_paid_order()
    done(bought, "pack", Who.SUPPLIER)
    said = do(bought, "say_in_transit", Who.SUPPLIER, by=system(bought.order.cluster_id))
    assert isinstance(said, Moved), said
    awaited = queries.view(bought.market.seller, bought.now).awaited
    assert [one.label.en for one in awaited] == [
        "Flagged: no first scan",
        "Counted as received without a carrier's word",
    ]


def test_a_mover_that_waits_too_long_is_told_so(db_app):
    bought = make_paid_order()
    with other_connection(db_app) as other, other.transaction():
        other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [bought.order.pk])
        with pytest.raises(YunjuError, match=r"busy\.locked"):
            do(bought, "pack", Who.SUPPLIER)
    assert bought.now.fulfilment_state == "to_pack"
