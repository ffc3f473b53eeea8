"""A day of a market, every hot path once: placed, paid, expired, cancelled, packed, scanned, received, released, refunded."""

import secrets
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings

from tests.factories.markets import Market, arrive, make_market, place, request, stranger
from tests.factories.members import acts_for
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, idempotency, outbox
from yunju.kernel.actor import Actor, system
from yunju.kernel.ids import public_code
from yunju.ledger import actions as ledger
from yunju.modes.ship import waves
from yunju.modes.ship.actions import Packing, Report, make_wave, pack_many, record_scans
from yunju.modes.ship.queries import timeline
from yunju.orders import tasks
from yunju.orders.actions import cases, expire, intake, pay, refunds, release, sending
from yunju.orders.actions.cases import Answer
from yunju.orders.actions.start_payment import start_payment
from yunju.orders.after_sale import Claim
from yunju.orders.draft import Placed
from yunju.orders.flow import actions as flow
from yunju.orders.flow import timers
from yunju.orders.models import Line, Order, Refund
from yunju.orders.queries import order_visible_to, purchase_visible_to, statement
from yunju.payments.contract import VerifiedEvent
from yunju.payments.errors import GatewaySilent

START = datetime.fromisoformat("2027-03-02T04:00:00+00:00")
DAY = timedelta(days=1)


def all_of(work) -> None:
    """As a loop of the worker does: again while it finds some."""
    while work():
        pass


def told() -> None:
    """What happened is told to whoever listens."""
    with clock.at(clock.now() + timedelta(seconds=1)):
        all_of(outbox.drain)


class Day:
    """The market, and what was bought in it."""

    def __init__(self) -> None:
        self.market: Market = make_market(prices=(9_999, 5_000), designer_bp=800, stock=1_000)
        self.cluster_id = self.market.cluster.pk
        self.machine = system(self.cluster_id)
        self.buyers: dict[int, Actor] = {}

    def run(self) -> None:
        with clock.at(START):
            paid = self.bought()
            self.given_up()
        with clock.at(START + timedelta(hours=1)):
            all_of(expire.expire_due)
            told()
            self.sent(paid)
        with clock.at(START + 2 * DAY):
            self.received(paid)
            self.back(paid)
        self.silence()
        self.kept()
        self.looked_at(paid)

    def bought(self) -> list[Placed]:
        """A batch, one of which is repeated; its payments, one told twice; one through the gateway's page."""
        wanted = [request(self.market, {0: 1, 1: 2}) for _ in range(6)]
        placed = intake.place(wanted)
        assert all(isinstance(one, Placed) for one in placed), placed
        assert [one.purchase_id for one in intake.place(wanted[:1])] == [placed[0].purchase_id]
        self.buyers = {one.purchase_id: asked.by for one, asked in zip(placed, wanted, strict=True)}
        events = [arrive(one) for one in placed]
        assert set(pay.pay([*events, arrive(placed[0], 100)])) == {"paid", "paid_twice"}
        told()
        return placed

    def given_up(self) -> None:
        left, cancelled = place(self.market), request(self.market)
        placed = intake.place_one(cancelled)
        expire.cancel_purchase(code=placed.code, by=cancelled.by)
        sold_out = request(self.market, {0: 900}, by=stranger(self.market))
        intake.place([sold_out, request(self.market, {0: 900})])
        assert left.purchase_id

    def sent(self, paid: list[Placed]) -> None:
        orders = [order.id for one in paid for order in one.orders]
        seller = acts_for(self.market.suppliers[0])
        make_wave(supplier_id=self.market.suppliers[0].pk, by=seller)
        own = Order.objects.filter(pk__in=orders, supplier_id=self.market.suppliers[0].pk)
        items = [Packing(pk, "sf", f"SF{pk:010d}") for pk in own.values_list("pk", flat=True)]
        pack_many(cluster_id=self.cluster_id, items=items, by=seller)
        others = sorted(set(orders) - {item.order_id for item in items})
        self.moved(others, "pack", Who.SUPPLIER)
        reports = [Report("in_transit", clock.now(), order_id=item.order_id) for item in items]
        record_scans(cluster_id=self.cluster_id, reports=reports, by=self.machine, who=Who.CARRIER)
        told()

    def moved(self, orders: list[int], event: str, who: Who) -> None:
        answers = flow.move(
            cluster_id=self.cluster_id, order_ids=orders, event=event, who=who, by=self.machine
        )
        assert not [one for one in answers if isinstance(one, Exception)], answers

    def received(self, paid: list[Placed]) -> None:
        self.moved([order.id for one in paid[:4] for order in one.orders], "confirm", Who.BUYER)
        told()

    def back(self, paid: list[Placed]) -> None:
        """A case that is agreed, one that nobody answers, a refund by the machine; the gateway confirms one."""
        for n, one in enumerate(paid[:2]):
            line = Line.objects.get(order_id=one.orders[0].id, kind="goods")
            claim = Claim("refund", {line.pk: 1}, "damaged")
            case = cases.open_case(order_id=one.orders[0].id, claim=claim, by=self.buyers[one.purchase_id])
            if not n:
                cases.answer_case(
                    case_id=case.pk,
                    answer=Answer("agree"),
                    who=Who.SUPPLIER,
                    by=acts_for(self.market.suppliers[0]),
                )
        with transaction.atomic():
            refunds.refund_rest(
                cluster_id=self.cluster_id, order_ids=[paid[2].orders[0].id], reason="cancel", by=self.machine
            )
        refund = Refund.objects.filter(cluster_id=self.cluster_id, state="decided").order_by("pk")[0]
        assert sending.confirm([_confirmed(refund)]) == ["confirmed"]
        told()

    def silence(self) -> None:
        """Timers, release, and the gateways that are asked or told: with none behind them."""
        for days in (9, 20, 40):
            with clock.at(START + days * DAY):
                all_of(timers.fire_due)
                all_of(cases.fire_due)
                told()
                all_of(release.release_due)
                told()
        with clock.at(START + 41 * DAY), override_settings(YUNJU_GATEWAY_URL="http://127.0.0.1:9"):
            placed = request(self.market)
            code = intake.place_one(placed).code
            with pytest.raises(GatewaySilent):
                start_payment(code=code, kind="qr", by=placed.by)
            sending.send_due()
            expire.cancel_purchase(code=code, by=placed.by)
            tasks.ask_silent_gateways()
            tasks.close_dead_attempts()

    def looked_at(self, paid: list[Placed]) -> None:
        """What people look at most: an order, a purchase, orders to pack, money and the month it came in."""
        supplier, one = self.market.suppliers[0], paid[0]
        by, buyer = acts_for(supplier), self.buyers[one.purchase_id]
        assert order_visible_to(buyer, one.orders[0].code)
        assert purchase_visible_to(buyer, one.code)
        waves.groups(self.cluster_id, supplier.pk)
        waves.deadlines(self.cluster_id, [order.id for order in one.orders])
        timeline(by, one.orders[0].id)
        assert statement.balances(member_id=supplier.pk, by=by)
        assert statement.statement(member_id=supplier.pk, year=START.year, month=START.month, by=by)
        assert statement.earnings(member_id=supplier.pk, by=by)
        statement.expected_and_waiting(member_id=supplier.pk, by=by)
        statement.next_due(member_id=supplier.pk, by=by)

    def kept(self) -> None:
        """The book is settled and old keys go."""
        ledger.take_snapshot(self.cluster_id)
        with clock.at(START + 400 * DAY):
            idempotency.purge()
        outbox.dead()


def _confirmed(refund: Refund) -> VerifiedEvent:
    return VerifiedEvent(
        gateway=refund.gateway,
        event_id=public_code(20),
        kind="refunded",
        out_no="x",
        refund_no=refund.out_no,
        provider_no=secrets.token_hex(8),
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        at=clock.now(),
    )
