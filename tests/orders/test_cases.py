"""After-sale cases: who may say what, what silence does, and where the cents go. Every refusal changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.catalog import make_freight
from tests.factories.markets import buy, make_market, operator, stranger
from tests.factories.members import acts_for
from tests.orders.test_money_path import received, release_all
from yunju.catalog.models import Stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.ledger.kinds import Kind
from yunju.orders.actions import cases
from yunju.orders.actions.cases import Answer
from yunju.orders.after_sale import Claim
from yunju.orders.flow import actions as flow
from yunju.orders.models import Case, Event, FlowTimer, Line, Order

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


class Scene:
    """One order of `count` pieces at 10.00 each through a shop that earns 17 %, at START."""

    def __init__(self, count=3, freight=None):
        self.market = make_market(prices=(1_000,))
        if freight:
            make_freight(self.market.suppliers[0], kind="flat", flat_minor=freight)
        self.buyer = stranger(self.market)
        with clock.at(START):
            self.placed = buy(self.market, {0: count}, by=self.buyer)
        self.order_id = self.placed.orders[0].id
        self.supplier = acts_for(self.market.suppliers[0])
        self.operator = operator(self.market.cluster)

    @property
    def order(self):
        return Order.objects.get(pk=self.order_id)

    @property
    def line(self):
        return Line.objects.get(order_id=self.order_id, kind="goods")

    @property
    def stock(self):
        found = Stock.objects.get(variant=self.market.variants[0])
        return found.remaining, found.reserved, found.sold

    def claim(self, pieces=1, *, kind="refund", reason="damaged", **fields):
        return Claim(kind, {self.line.pk: pieces}, reason, **fields)

    def open(self, at=START, **fields):
        with clock.at(at):
            return cases.open_case(order_id=self.order_id, claim=self.claim(**fields), by=self.buyer)

    def say(self, case, event, who, by, at=START, **fields):
        with clock.at(at):
            return cases.answer_case(case_id=case.pk, answer=Answer(event, **fields), who=who, by=by)

    def ship(self, at=START):
        with clock.at(at):
            flow.move(
                cluster_id=self.market.cluster.pk,
                order_ids=[self.order_id],
                event="pack",
                who=Who.SUPPLIER,
                by=system(self.market.cluster.pk),
            )


def test_an_agreed_refund_of_one_piece_before_dispatch_frees_the_piece_and_takes_its_cents():
    scene = Scene(3)
    case = scene.open(pieces=1)
    assert (scene.order.after_sale_state, case.amount_minor) == ("open", 1_000)
    case = scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    assert case.state == "settled"
    assert scene.order.after_sale_state == "settled"
    assert scene.stock == (8, 2, 0)
    assert scene.market.balance(scene.market.shop.member, Kind.PENDING) == 340
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000
    scene.ship()
    assert scene.stock == (8, 0, 2)
    assert scene.market.book() == 0


def test_everything_refunded_before_dispatch_ends_the_order_and_returns_the_freight():
    scene = Scene(2, freight=800)
    case = scene.open(pieces=2, reason="not_needed")
    assert case.freight_minor == 800
    scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    assert scene.order.fulfilment_state == "cancelled"
    assert scene.stock == (10, 0, 0)
    assert scene.market.gateway(Kind.REFUND_DUE) == 2_800
    assert scene.market.balance(scene.market.suppliers[0], Kind.PENDING) == 0


@pytest.mark.parametrize(
    ("reason", "freight"), [("no_reason", 0), ("damaged", 800), ("not_as_described", 800)]
)
def test_after_dispatch_the_freight_comes_back_by_fault(reason, freight):
    scene = Scene(1, freight=800)
    scene.ship()
    assert scene.open(pieces=1, reason=reason, kind="return").freight_minor == freight


def test_a_silent_supplier_agrees_after_48_hours():
    scene = Scene()
    case = scene.open(pieces=1)
    with clock.at(START + timedelta(hours=48) - timedelta(seconds=1)):
        cases.fire_due()
    case.refresh_from_db()
    assert case.state == "asked"
    with clock.at(START + timedelta(hours=48)):
        while cases.fire_due():
            pass
    case.refresh_from_db()
    assert case.state == "settled"
    assert not FlowTimer.objects.filter(noun="case", noun_id=case.pk).exists()


def test_a_return_goes_back_before_the_money_does():
    scene = Scene(2)
    received(scene.market, scene.placed, START)
    case = scene.open(pieces=1, kind="return", reason="no_reason")
    case = scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    assert (case.state, scene.market.gateway(Kind.REFUND_DUE)) == ("agreed", 0)
    with pytest.raises(Invalid):
        scene.say(case, "send_back", Who.BUYER, scene.buyer)
    case = scene.say(case, "send_back", Who.BUYER, scene.buyer, tracking="SF1234567890")
    assert case.state == "returning"
    assert scene.stock == (8, 0, 2)
    scene.say(case, "accept", Who.SUPPLIER, scene.supplier)
    assert scene.stock == (9, 0, 1)
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000


def test_an_open_case_holds_the_release_and_its_end_lets_it_go():
    scene = Scene(2)
    received(scene.market, scene.placed, START)
    case = scene.open(pieces=1, at=START + timedelta(days=7))
    release_all(START + timedelta(days=8))
    assert scene.market.balance(scene.market.shop.member, Kind.AVAILABLE) == 0
    scene.say(case, "withdraw", Who.BUYER, scene.buyer, at=START + timedelta(days=8))
    assert scene.order.after_sale_state == "none"
    release_all(START + timedelta(days=8))
    assert scene.market.balance(scene.market.shop.member, Kind.AVAILABLE) == 340


def test_a_dispute_freezes_the_order_and_the_ruling_moves_the_money():
    scene = Scene(1)
    scene.ship()
    case = scene.open(pieces=1)
    scene.say(case, "refuse", Who.SUPPLIER, scene.supplier)
    scene.say(case, "escalate", Who.BUYER, scene.buyer)
    assert scene.order.disputed_at is not None
    timers = FlowTimer.objects.filter(noun="order", noun_id=scene.order_id)
    assert timers.exists()
    assert all(timer.due_at is None for timer in timers)
    scene.say(case, "rule_buyer", Who.OPERATOR, scene.operator)
    assert scene.order.disputed_at is None
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000
    assert all(timer.due_at for timer in FlowTimer.objects.filter(noun="order", noun_id=scene.order_id))
    assert scene.market.book() == 0


def test_a_ruling_for_the_supplier_leaves_every_cent_where_it_was():
    scene = Scene(1)
    scene.ship()
    case = scene.open(pieces=1)
    scene.say(case, "refuse", Who.SUPPLIER, scene.supplier)
    scene.say(case, "escalate", Who.BUYER, scene.buyer)
    case = scene.say(case, "rule_supplier", Who.OPERATOR, scene.operator)
    assert case.state == "refused"
    assert scene.market.gateway(Kind.REFUND_DUE) == 0
    assert scene.market.balance(scene.market.shop.member, Kind.PENDING) == 170


def test_only_one_open_case_and_none_after_the_window():
    scene = Scene(2)
    received(scene.market, scene.placed, START)
    case = scene.open(pieces=1)
    with pytest.raises(Refused) as refused:
        scene.open(pieces=1)
    assert refused.value.code == "case.open_already"
    scene.say(case, "withdraw", Who.BUYER, scene.buyer)
    with pytest.raises(Refused) as refused:
        scene.open(pieces=1, at=START + timedelta(days=9))
    assert refused.value.code == "case.window_over"


@pytest.mark.parametrize("pieces", [0, -1, 4, True, "1"])
def test_pieces_out_of_range_are_refused(pieces):
    scene = Scene(3)
    with pytest.raises(Invalid):
        scene.open(pieces=pieces)
    assert not Case.objects.filter(order_id=scene.order_id).exists()
    assert scene.order.after_sale_state == "none"


WHO_MAY = [
    ("agree", Who.SUPPLIER, "buyer", Forbidden),
    ("agree", Who.SUPPLIER, "stranger", NotFound),
    ("agree", Who.BUYER, "buyer", Refused),
    ("refuse", Who.SUPPLIER, "buyer", Forbidden),
    ("withdraw", Who.BUYER, "supplier", Forbidden),
    ("withdraw", Who.BUYER, "stranger", NotFound),
    ("rule_buyer", Who.OPERATOR, "supplier", Forbidden),
    ("rule_buyer", Who.OPERATOR, "buyer", Forbidden),
    ("rule_buyer", Who.OPERATOR, "operator", Refused),  # not disputed
    ("silence", Who.TIMER, "buyer", Forbidden),
]


@pytest.mark.parametrize(("event", "who", "actor", "error"), WHO_MAY)
def test_who_may_not_answer_changes_nothing(event, who, actor, error):
    scene = Scene(1)
    case = scene.open(pieces=1)
    actors = {
        "buyer": scene.buyer,
        "supplier": scene.supplier,
        "operator": scene.operator,
        "stranger": stranger(scene.market),
    }
    before = Event.objects.filter(cluster_id=scene.market.cluster.pk).count()
    with pytest.raises(error):
        scene.say(case, event, who, actors[actor])
    case.refresh_from_db()
    assert (case.state, case.version) == ("asked", 1)
    assert Event.objects.filter(cluster_id=scene.market.cluster.pk).count() == before
    assert scene.market.gateway(Kind.REFUND_DUE) == 0


def test_a_supplier_may_give_back_of_its_own_will_long_after_release():
    scene = Scene(1)
    received(scene.market, scene.placed, START)
    release_all(START + timedelta(days=9))
    with pytest.raises(Forbidden):
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: 100}, words="", by=scene.buyer
        )
    with clock.at(START + timedelta(days=40)):
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: 100}, words="", by=scene.supplier
        )
    assert scene.market.gateway(Kind.REFUND_DUE) == 100
    assert scene.market.balance(scene.market.shop.member, Kind.AVAILABLE) == 153
    with pytest.raises(Refused):
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: 901}, words="", by=scene.supplier
        )
