"""Cases, pieces and release as a hostile reader tried them: timers fired twice, locks held, money before goods."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.catalog import make_variant
from tests.factories.markets import HOME, arrive, make_market, place, stranger
from tests.factories.members import acts_for
from tests.orders.proofs import held, proved
from tests.orders.test_cases import Scene
from tests.orders.test_money_path import received, release_all
from yunju.catalog.models import Stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, ids, locks
from yunju.kernel.errors import Busy, Invalid, NotFound, Refused
from yunju.ledger.kinds import Kind
from yunju.orders.actions import cases, expire, intake, pay
from yunju.orders.actions.cases import Answer
from yunju.orders.draft import WantedLine
from yunju.orders.flow import actions as flow
from yunju.orders.flow.timers import TimersBroken
from yunju.orders.models import FlowTimer, Line

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)


def test_two_workers_with_one_list_let_silence_decide_once(monkeypatch):
    scene = Scene(1)
    scene.ship()
    case = scene.open(kind="return", reason="damaged")
    mine = (scene.market.cluster.pk, case.pk)
    monkeypatch.setattr(cases.case_timers, "due", lambda limit: [mine, mine])
    with clock.at(START + timedelta(hours=48)):
        cases.fire_due()
    case.refresh_from_db()
    assert case.state == "agreed"
    timer = FlowTimer.objects.get(noun="case", noun_id=case.pk)
    assert timer.due_at == START + timedelta(hours=48, days=7)
    proved(scene.market)


def test_an_answer_between_the_look_and_the_lock_starts_its_own_wait(monkeypatch):
    scene = Scene(1)
    scene.ship()
    case = scene.open()
    scene.say(case, "refuse", Who.SUPPLIER, scene.supplier, at=START + timedelta(hours=47))
    monkeypatch.setattr(cases.case_timers, "due", lambda limit: [(scene.market.cluster.pk, case.pk)])
    with clock.at(START + timedelta(hours=48)):
        cases.fire_due()
    case.refresh_from_db()
    assert case.state == "refused_by"  # the buyer still has seven days to escalate
    assert FlowTimer.objects.filter(noun="case", noun_id=case.pk).count() == 1


def test_a_case_that_cannot_be_moved_holds_up_no_other(monkeypatch):
    first, second = Scene(1), Scene(1)
    for scene in (first, second):
        scene.ship()
    one, other = first.open(), second.open()
    due = [(first.market.cluster.pk, one.pk), (second.market.cluster.pk, other.pk)]
    monkeypatch.setattr(cases.case_timers, "due", lambda limit: due)
    monkeypatch.setattr(locks, "ALONE_MS", 200)
    query = "SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE"
    with held(query, [first.order_id]), clock.at(START + timedelta(hours=49)), pytest.raises(TimersBroken):
        cases.fire_due()
    other.refresh_from_db()
    assert other.state == "settled"
    assert FlowTimer.objects.filter(noun="case", noun_id=one.pk).exists()


def give(scene, cents, at=START):
    with clock.at(at):
        cases.refund_by_supplier(
            order_id=scene.order_id, amounts={scene.line.pk: cents}, words="", by=scene.supplier
        )


def test_all_money_given_back_before_dispatch_frees_the_pieces_and_ends_the_order():
    scene = Scene(3)
    give(scene, 3_000)
    assert scene.stock == (10, 0, 0)
    assert scene.order.fulfilment_state == "cancelled"
    proved(scene.market)


def test_a_case_over_the_last_money_of_a_line_frees_all_its_pieces():
    scene = Scene(3)
    give(scene, 2_000)
    assert scene.stock == (7, 3, 0)
    case = scene.open(pieces=1)
    scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    assert scene.stock == (10, 0, 0)
    proved(scene.market)


def test_goodwill_during_a_case_moves_no_piece_twice():
    market = make_market(prices=(1_000,), stock=10)
    make_variant(market.offers[0], price_minor=700)
    by = stranger(market)
    lines = tuple(WantedLine(v.pk, 2, v.price_minor) for v in market.offers[0].variants.order_by("pk"))
    asked = intake.PlaceRequest(by=by, key=f"test-{ids.public_code(16)}", lines=lines, contact=HOME)
    placed = intake.place_one(asked)
    pay.pay([arrive(placed)])
    seller = acts_for(market.suppliers[0])
    one, two = Line.objects.filter(order_id=placed.orders[0].id).order_by("seq")
    claim = cases.Claim("refund", {one.pk: 2, two.pk: 2}, "damaged")
    case = cases.open_case(order_id=placed.orders[0].id, claim=claim, by=by)
    cases.refund_by_supplier(order_id=one.order_id, amounts={one.pk: 2_000}, words="", by=seller)
    cases.answer_case(case_id=case.pk, answer=Answer("agree"), who=Who.SUPPLIER, by=seller)
    assert [row.reserved for row in Stock.objects.filter(cluster_id=market.cluster.pk)] == [0, 0]
    proved(market)


def test_a_return_is_put_on_the_shelf_although_its_money_went_back_before():
    scene = Scene(1)
    scene.ship()
    case = scene.open(kind="return")
    scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    scene.say(case, "send_back", Who.BUYER, scene.buyer, tracking="SF1234567890")
    give(scene, 1_000)
    scene.say(case, "accept", Who.SUPPLIER, scene.supplier)
    assert scene.stock == (10, 0, 0)
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000
    proved(scene.market)


def test_a_case_opened_while_release_waits_holds_it():
    """Release has chosen the order; before it gets the lock the buyer asks for the money back."""
    scene = Scene(2)
    received(scene.market, scene.placed, START)
    due = scene.line.release_due_at
    scene.open(at=due - timedelta(seconds=1))
    release_all(due)
    assert scene.line.released_at is None
    proved(scene.market)


def test_the_last_instant_of_the_window():
    scene = Scene(2)
    received(scene.market, scene.placed, START)
    due = scene.line.release_due_at
    with pytest.raises(Refused, match=r"case\.window_over"):
        scene.open(at=due)
    scene.open(at=due - timedelta(microseconds=1))


@pytest.mark.parametrize("taken", [1, 333, 999])
def test_parts_given_back_then_the_parcel_lost(taken):
    scene = Scene(1)
    scene.ship()
    give(scene, taken)
    flow.move(
        cluster_id=scene.market.cluster.pk,
        order_ids=[scene.order_id],
        event="declare_lost",
        who=Who.OPERATOR,
        by=scene.operator,
    )
    assert scene.market.gateway(Kind.REFUND_DUE) == 1_000
    assert scene.market.balance(scene.market.suppliers[0], Kind.PENDING) == 0
    proved(scene.market)


def test_cancelled_after_a_part_was_refunded_gives_the_rest_and_all_pieces():
    scene = Scene(3)
    case = scene.open(pieces=1)
    scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    flow.move(
        cluster_id=scene.market.cluster.pk,
        order_ids=[scene.order_id],
        event="cancel",
        who=Who.SUPPLIER,
        by=scene.supplier,
    )
    assert scene.stock == (10, 0, 0)
    assert scene.market.gateway(Kind.REFUND_DUE) == 3_000
    proved(scene.market)


def test_cancelled_while_a_case_is_open_settles_nothing_twice():
    scene = Scene(2)
    case = scene.open(pieces=2)
    flow.move(
        cluster_id=scene.market.cluster.pk,
        order_ids=[scene.order_id],
        event="cancel",
        who=Who.SUPPLIER,
        by=scene.supplier,
    )
    scene.say(case, "agree", Who.SUPPLIER, scene.supplier)
    assert scene.stock == (10, 0, 0)
    assert scene.market.gateway(Kind.REFUND_DUE) == 2_000
    proved(scene.market)


def test_who_waits_too_long_for_an_order_is_told_so(monkeypatch):
    monkeypatch.setattr(locks, "ALONE_MS", 200)
    scene = Scene(1)
    with held("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [scene.order_id]):
        with pytest.raises(Busy):
            scene.open()
        with pytest.raises(Busy):
            give(scene, 100)
    case = scene.open()
    with held("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [scene.order_id]), pytest.raises(Busy):
        scene.say(case, "agree", Who.SUPPLIER, scene.supplier)


def test_who_gives_up_while_the_payment_is_booked_is_told_to_wait(monkeypatch):
    monkeypatch.setattr(locks, "ALONE_MS", 200)
    market = make_market()
    by = stranger(market)
    placed = place(market, by=by)
    with (
        held("SELECT 1 FROM orders_purchase WHERE id = %s FOR UPDATE", [placed.purchase_id]),
        pytest.raises(Busy),
    ):
        expire.cancel_purchase(code=placed.code, by=by)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"kind": "gift"}, Invalid), ({"reason": "mood"}, Invalid), ({"words": "x" * 501}, Invalid),
        ({"pieces": 2}, Invalid), ({"kind": "return"}, Invalid),
    ],
)  # fmt: skip
def test_a_claim_that_is_none_opens_no_case(fields, error):
    scene = Scene(1)
    with pytest.raises(error):
        scene.open(**fields)
    with pytest.raises(Invalid):
        cases.open_case(order_id=scene.order_id, claim=cases.Claim("refund", {}, "damaged"), by=scene.buyer)
    assert scene.order.after_sale_state == "none"


def test_what_is_not_taken_back_is_still_cancelled_before_it_is_sent():
    scene = Scene(2)
    Line.objects.filter(pk=scene.line.pk).update(returnable=False)
    scene.open(reason="no_reason")
    sent = Scene(1)
    Line.objects.filter(pk=sent.line.pk).update(returnable=False)
    sent.ship()
    with pytest.raises(Refused, match=r"case\.not_returnable"):
        sent.open(reason="no_reason", kind="return")


def test_cases_and_orders_that_are_not_there():
    scene = Scene(1)
    with pytest.raises(NotFound):
        cases.answer_case(case_id=2**40, answer=Answer("agree"), who=Who.SUPPLIER, by=scene.supplier)
    with pytest.raises(NotFound):
        cases.open_case(order_id=2**40, claim=scene.claim(), by=scene.buyer)
    with pytest.raises(Invalid):
        give(scene, -1)
    unpaid = place(scene.market, by=scene.buyer)
    with pytest.raises(Refused, match=r"flow\.not_open"):
        cases.open_case(order_id=unpaid.orders[0].id, claim=scene.claim(), by=scene.buyer)
