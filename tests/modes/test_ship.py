"""Parcels end to end: packing, scans, silence, and what the buyer sees of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import make_freight
from tests.factories.members import buyer
from tests.factories.orders import Bought, make_market, make_paid_order, make_paid_orders
from tests.orders.moving import do, done, fire_at, snapshot, timers_of
from yunju.fulfilment.contract import DraftLine, OrderDraft, OrderRef, Quote, Who
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, YunjuError
from yunju.kernel.models import OutboxEvent
from yunju.modes.ship.actions import (
    Packing,
    Recorded,
    Report,
    close_parcels,
    correct_tracking,
    open_parcels,
    pack,
    pack_many,
    record_scans,
)
from yunju.modes.ship.mode import ShipMode
from yunju.modes.ship.models import Parcel, Scan
from yunju.modes.ship.queries import parcel_of, timeline
from yunju.orders.flow.actions import Moved, dispute
from yunju.orders.models import Event, Line, Refund

pytestmark = pytest.mark.usefixtures("db_app")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def packed(bought: Bought | None = None, number: str = "") -> Bought:
    bought = bought or make_paid_order()
    pack(
        cluster_id=bought.order.cluster_id,
        order_id=bought.order.pk,
        carrier="sf",
        tracking_no=number or f"SF{bought.order.pk:010d}",
        by=bought.market.seller,
    )
    return bought


def scan(
    bought: Bought, code: str, at=None, *, who: Who = Who.CARRIER, by=None, **words
) -> Recorded | YunjuError:
    cluster_id = bought.order.cluster_id
    report = Report(
        code=code,
        happened_at=at or clock.now(),
        carrier="sf",
        tracking_no=f"sf{bought.order.pk:010d}",
        **words,
    )
    actor = by or (bought.market.seller if who is Who.SUPPLIER else system(cluster_id, "carrier"))
    return record_scans(cluster_id=cluster_id, reports=[report], by=actor, who=who)[0]


def state(bought: Bought) -> str:
    return bought.now.fulfilment_state


# --- packing -----------------------------------------------------------------------------------------------------
def test_packing_is_dispatch():
    bought = packed(number=" sf 12-34 ab 56 ")
    parcel = Parcel.objects.get(order=bought.order)
    assert (parcel.carrier, parcel.tracking_no) == ("sf", "SF12-34AB56")
    assert parcel.packed_at == bought.now.dispatched_at
    assert state(bought) == "packed"


def test_many_are_packed_at_once_each_for_itself():
    market = make_market()
    first, second, third = make_paid_orders(market, 3)
    other = make_paid_order()
    items = [
        Packing(first.order.pk, "sf", "SF00000001"),
        Packing(second.order.pk, "pigeon", "SF00000002"),
        Packing(third.order.pk, "zto", "'; DROP"),
        Packing(first.order.pk, "sf", "SF00000003"),
        Packing(other.order.pk, "sf", "SF00000004"),
        Packing(third.order.pk, "zto", "ZT00000005"),
    ]
    answers = pack_many(cluster_id=market.cluster.pk, items=items, by=market.seller)
    assert [answer.code if isinstance(answer, YunjuError) else answer.after for answer in answers] == [
        "packed", "ship.carrier", "ship.tracking_no", "ship.packed_twice", "order.unknown", "packed",
    ]  # fmt: skip
    assert list(Parcel.objects.filter(cluster_id=market.cluster.pk).values_list("tracking_no", flat=True).order_by("id")) == [
        "SF00000001", "ZT00000005",
    ]  # fmt: skip
    assert [state(one) for one in (first, second, third, other)] == ["packed", "to_pack", "packed", "to_pack"]


def test_a_list_read_twice_is_read_once():
    bought = packed()
    before = snapshot(bought)
    parcel = Parcel.objects.get(order=bought.order)
    again = [Packing(bought.order.pk, "sf", parcel.tracking_no), Packing(bought.order.pk, "sf", "SF99999999")]
    same = pack_many(cluster_id=bought.order.cluster_id, items=again[:1], by=bought.market.seller)[0]
    different = pack_many(cluster_id=bought.order.cluster_id, items=again[1:], by=bought.market.seller)[0]
    assert isinstance(same, Moved)
    assert different == Refused("flow.forbidden", event="pack", state="packed")
    assert snapshot(bought) == before
    assert Parcel.objects.get(order=bought.order).tracking_no == parcel.tracking_no


def test_packing_takes_a_number_of_statements_that_does_not_grow():
    counts = []
    for size in (2, 40):
        market = make_market()
        items = [
            Packing(one.order.pk, "sf", f"SF{one.order.pk:08d}") for one in make_paid_orders(market, size)
        ]
        with CaptureQueriesContext(connection) as captured:
            answers = pack_many(cluster_id=market.cluster.pk, items=items, by=market.seller)
        assert all(isinstance(answer, Moved) for answer in answers)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_opening_after_packing_keeps_the_number():
    """The outbox may be slower than the supplier."""
    bought = packed()
    ref = OrderRef(bought.order.pk, bought.order.cluster_id, bought.order.supplier_id, "to_pack")
    open_parcels([ref, ref])
    open_parcels([ref])
    assert Parcel.objects.get(order=bought.order).tracking_no
    close_parcels([ref])
    closed = Parcel.objects.get(order=bought.order).closed_at
    close_parcels([ref])
    assert Parcel.objects.get(order=bought.order).closed_at == closed


def test_a_number_is_corrected_until_a_carrier_speaks():
    bought = packed()
    key = {"cluster_id": bought.order.cluster_id, "order_id": bought.order.pk}
    correct_tracking(**key, carrier="zto", tracking_no="ZT12345678", by=bought.market.seller)
    assert Parcel.objects.get(order=bought.order).carrier == "zto"
    correct_tracking(**key, carrier="sf", tracking_no=f"SF{bought.order.pk:010d}", by=bought.market.seller)
    with pytest.raises(Forbidden):
        correct_tracking(**key, carrier="zto", tracking_no="ZT12345678", by=bought.buyer)
    with pytest.raises(NotFound):
        correct_tracking(**key, carrier="zto", tracking_no="ZT12345678", by=buyer(bought.market.cluster))
    with pytest.raises(Invalid):
        correct_tracking(**key, carrier="zto", tracking_no="", by=bought.market.seller)
    scan(bought, "pending")
    before = snapshot(bought)
    with pytest.raises(Refused, match=r"ship\.carrier_spoke"):
        correct_tracking(**key, carrier="zto", tracking_no="ZT12345678", by=bought.market.seller)
    assert snapshot(bought) == before


# --- scans -------------------------------------------------------------------------------------------------------
def test_scans_move_the_order_by_the_time_they_happened():
    bought = packed()
    now = clock.now()
    assert scan(bought, "out_for_delivery", now - HOUR) == Recorded((bought.order.pk,), is_new=True)
    assert state(bought) == "out_for_delivery"
    before = snapshot(bought)
    assert scan(bought, "in_transit", now - 5 * HOUR) == Recorded((bought.order.pk,), is_new=True)
    assert scan(bought, "out_for_delivery", now - HOUR) == Recorded((bought.order.pk,), is_new=False)
    assert snapshot(bought) == before
    scan(bought, "delivered.signed", now)
    assert state(bought) == "delivered"
    assert Scan.objects.filter(parcel__order=bought.order).count() == 3


def test_a_batch_of_scans_is_one_fold():
    market = make_market()
    first, second = make_paid_orders(market, 2)
    now = clock.now()
    for one in (first, second):
        packed(one)
    numbers = [f"SF{one.order.pk:010d}" for one in (first, second)]
    reports = [
        Report("delivered", now, "sf", numbers[0]),
        Report("in_transit", now - HOUR, "sf", numbers[0]),
        Report("in_transit", now - HOUR, "sf", numbers[1]),
        Report("in_transit", now - HOUR, "sf", numbers[1]),
        Report("in_transit", now, "sf", "SF0000000000"),
        Report("teleported", now, "sf", numbers[1]),
        Report("in_transit", now + DAY, "sf", numbers[1]),
        Report("in_transit", now - 400 * DAY, "sf", numbers[1]),
        Report("in_transit", now, "sf", ""),
        Report("in_transit", now, "sf", "SF\x0012345"),
        Report("in_transit", now, order_id=2**70),
    ]
    answers = record_scans(cluster_id=market.cluster.pk, reports=reports, by=system(market.cluster.pk))
    words = [answer.code if isinstance(answer, YunjuError) else answer.is_new for answer in answers]
    assert words == [True, True, True, False, "ship.parcel_unknown", "ship.scan_code", "ship.scan_time", "ship.scan_time",
                     "ship.parcel_unknown", "ship.parcel_unknown", "ship.parcel_unknown"]  # fmt: skip
    assert (state(first), state(second)) == ("delivered", "in_transit")
    assert Event.objects.filter(noun="order", noun_id=first.order.pk, event__startswith="scan_").count() == 1


def test_recording_takes_a_number_of_statements_that_does_not_grow():
    counts = []
    for size in (2, 40):
        market = make_market()
        orders = [packed(one) for one in make_paid_orders(market, size)]
        reports = [Report("in_transit", clock.now(), order_id=one.order.pk) for one in orders]
        with CaptureQueriesContext(connection) as captured:
            answers = record_scans(
                cluster_id=market.cluster.pk, reports=reports, by=system(market.cluster.pk)
            )
        assert all(isinstance(answer, Recorded) for answer in answers)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", [Who.BUYER, Who.OPERATOR, Who.TIMER])
def test_others_report_nothing(who):
    bought = packed()
    with pytest.raises(Forbidden):
        scan(bought, "delivered", who=who, by=bought.buyer)
    assert isinstance(scan(bought, "delivered", by=bought.market.seller), Forbidden)
    assert isinstance(scan(bought, "delivered", by=buyer(bought.market.cluster)), NotFound)
    assert not Scan.objects.filter(parcel__order=bought.order).exists()
    assert state(bought) == "packed"


def test_the_suppliers_word_moves_the_picture_not_the_clock():
    bought = packed()
    due = timers_of(bought)["auto_receive"].due_at
    assert isinstance(scan(bought, "delivered", who=Who.SUPPLIER), Recorded)
    assert state(bought) == "delivered"
    assert timers_of(bought)["auto_receive"].due_at == due
    assert "first_scan" in timers_of(bought)
    scan(bought, "in_transit", clock.now() - 2 * HOUR)
    assert state(bought) == "in_transit"
    assert scan(bought, "delivered", clock.now(), who=Who.SUPPLIER) == Refused("ship.carrier_spoke")
    assert set(timers_of(bought)) == {"no_scan"}


@pytest.mark.parametrize("code", ["exception.lost", "returned", "returning", "pending"])
def test_words_with_money_are_not_the_suppliers_to_type(code):
    bought = packed()
    assert scan(bought, code, who=Who.SUPPLIER) == Invalid("ship.scan_code", field="code", code=code)
    wordy = scan(bought, "in_transit", who=Who.SUPPLIER, words="x" * 301)
    assert wordy == Invalid("ship.scan_words", field="words", most=300)


def test_nothing_is_said_of_what_was_not_packed_or_is_disputed():
    bought = make_paid_order()
    ShipMode().open([OrderRef(bought.order.pk, bought.order.cluster_id, bought.order.supplier_id, "to_pack")])
    report = Report("in_transit", clock.now(), order_id=bought.order.pk)
    asked = {
        "cluster_id": bought.order.cluster_id,
        "reports": [report],
        "by": bought.market.seller,
        "who": Who.SUPPLIER,
    }
    assert record_scans(**asked) == [Refused("ship.not_packed")]
    packed(bought)
    dispute(cluster_id=bought.order.cluster_id, order_id=bought.order.pk, by=bought.buyer)
    assert record_scans(**asked) == [Refused("flow.disputed", event="scan")]
    assert state(bought) == "packed"


# --- silence -----------------------------------------------------------------------------------------------------
def test_without_a_carriers_word_it_counts_as_received_after_ten_days():
    bought = packed()
    sent = bought.now.dispatched_at
    fire_at(bought, sent + 25 * HOUR)
    assert Event.objects.filter(noun="order", noun_id=bought.order.pk, event="flag_no_scan").count() == 1
    fire_at(bought, sent + 10 * DAY - HOUR)
    assert state(bought) == "packed"
    fire_at(bought, sent + 10 * DAY)
    assert state(bought) == "received"
    assert bought.now.received_at == sent + 10 * DAY
    assert all(line.release_due_at for line in Line.objects.filter(order=bought.order))


def test_after_a_delivered_scan_it_counts_as_received_after_seven_and_the_buyer_extends_once():
    bought = packed()
    done(bought, "extend", Who.BUYER)
    assert timers_of(bought)["auto_receive"].due_at == bought.now.dispatched_at + 13 * DAY
    assert do(bought, "extend", Who.BUYER) == Refused("flow.done_already", event="extend")
    moment = clock.now() + DAY
    with clock.at(moment):
        scan(bought, "delivered", moment)
    assert timers_of(bought)["auto_receive"].due_at == moment + 10 * DAY
    assert do(bought, "extend", Who.BUYER) == Refused("flow.done_already", event="extend")
    before = snapshot(bought)
    with clock.at(moment + DAY):
        scan(bought, "delivered.signed", moment + DAY)
    assert snapshot(bought) == before, "a second delivered scan does not begin the seven days anew"
    fire_at(bought, moment + 10 * DAY)
    assert state(bought) == "received"


def test_thirty_days_without_a_scan_are_lost_only_when_there_had_been_scans():
    bought = packed()
    moment = clock.now() + DAY
    for day in (0, 20):
        with clock.at(moment + day * DAY):
            scan(bought, "in_transit", moment + day * DAY)
    assert do(bought, "extend", Who.BUYER) == Refused("flow.nothing_to_extend", event="extend")
    fire_at(bought, moment + 49 * DAY)
    assert state(bought) == "in_transit"
    fire_at(bought, moment + 50 * DAY)
    assert state(bought) == "lost"
    assert Refund.objects.get(order_id=bought.order.pk).amount_minor == bought.order.total_minor
    assert bought.market.stock.sold == 1, "what is lost does not lie in the warehouse"


def test_what_is_not_fetched_goes_back_and_the_money_too():
    bought = packed()
    moment = clock.now()
    scan(bought, "available_for_pickup", moment)
    fire_at(bought, moment + 72 * HOUR + HOUR)
    assert state(bought) == "returning"
    scan(bought, "returned", moment + timedelta(minutes=5))
    assert state(bought) == "returned"
    assert (bought.market.stock.sold, bought.market.stock.remaining) == (0, 1_000)
    assert Refund.objects.get(order_id=bought.order.pk).amount_minor == bought.order.total_minor


def test_a_parcel_that_turns_up_after_all_moves_no_money():
    bought = packed()
    scan(bought, "exception.lost", clock.now() - HOUR)
    assert state(bought) == "lost"
    before = snapshot(bought)
    assert isinstance(scan(bought, "delivered"), Recorded)
    assert snapshot(bought)[:-1] == before[:-1]
    (told,) = OutboxEvent.objects.filter(
        topic="ship.late_scan", noun_id=bought.order.pk, cluster_id=bought.order.cluster_id
    )
    assert told.payload == {"state": "lost", "said": "delivered"}


# --- reading and quoting -----------------------------------------------------------------------------------------
def test_the_timeline_has_events_and_scans_in_both_languages():
    bought = packed()
    scan(bought, "in_transit.collected", clock.now(), place="北京\x00朝阳", words="已揽收\n")
    rows = timeline(bought.buyer, bought.order.pk)
    assert [row.code for row in rows] == ["start", "pack", "in_transit.collected"]
    assert all(row.label.zh and row.label.en for row in rows)
    assert (rows[2].place, rows[2].words, rows[2].who) == ("北京朝阳", "已揽收", "carrier")
    assert timeline(bought.market.seller, bought.order.pk) == rows
    for reader in (timeline, parcel_of):
        with pytest.raises(NotFound):
            reader(buyer(bought.market.cluster), bought.order.pk)


def test_quotes_follow_each_suppliers_rule_in_one_query():
    cheap, dear = make_market(), make_market()
    make_freight(dear.supplier, kind="flat", flat_minor=800, not_served=["西藏"])
    line = DraftLine(offer_id=1, variant_id=1, quantity=2, unit_minor=500, weight_g=300)
    drafts = [
        OrderDraft(cheap.cluster.pk, cheap.supplier.pk, (line,), {"province": "北京市"}),
        OrderDraft(dear.cluster.pk, dear.supplier.pk, (line,), {"province": "北京市"}),
        OrderDraft(dear.cluster.pk, dear.supplier.pk, (line,), {"province": "西藏自治区"}),
    ]
    with CaptureQueriesContext(connection) as captured:
        free, flat, refused = ShipMode().quote(drafts)
    assert (free, flat) == (Quote(0), Quote(800))
    assert refused.refusal is not None
    assert refused.refusal.code == "freight.not_served"
    assert len(captured) == 1
