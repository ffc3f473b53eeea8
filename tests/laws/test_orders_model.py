"""Any sequence of placing, paying, refunding, disputing, releasing, expiring and withdrawing keeps the books.

The model is plain Python with its own arithmetic (fractions, not the code under test). After every step it is held
against the database: each payee's pending, available and debt, the gateway, the stock; at the end every invariant.
`YUNJU_LAW_STEPS` sets how many steps (an eighth of it is walked here); a failure prints the steps that led to it, with `YUNJU_LAW_SHRINK=1` the fewest.
"""

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories.markets import arrive, make_market, place, request
from yunju.catalog.models import Stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import YunjuError
from yunju.ledger import queries as ledger
from yunju.ledger import subjects, verify
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.orders.actions import expire, intake, pay, refunds, release
from yunju.orders.flow import actions as flow
from yunju.orders.models import Line, Order

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)
STEPS = (
    int(os.environ.get("YUNJU_LAW_STEPS", "10000")) // 8
)  # a step here is several transactions of the ledger
STEPS_EACH = 60
PRICES = (9_999, 1_001, 37)
RATES = {"supplier": 7_800, "shop": 1_700, "park": 200, "platform": 300}


def divided(amount, weights):
    """Largest remainder over exact fractions; ties to the earlier name. The model's own splitting."""
    whole = sum(weights.values())
    exact = {
        name: Fraction(amount * weight, whole) if whole else Fraction(0) for name, weight in weights.items()
    }
    parts = {name: int(value) for name, value in exact.items()}
    rest = sorted(weights, key=lambda name: (parts[name] - exact[name], list(weights).index(name)))
    for name in rest[: amount - sum(parts.values())]:
        parts[name] += 1
    return parts


class Sale:
    """One purchase of one line as the model knows it."""

    def __init__(self, placed, offer, pieces, at):
        self.placed, self.offer, self.pieces = placed, offer, pieces
        self.order_id = placed.orders[0].id
        self.state, self.expires = "unpaid", at + timedelta(minutes=15)
        self.total = PRICES[offer] * pieces
        self.left = divided(self.total, RATES)
        self.refunded = 0
        self.release_at = None
        self.is_released = False
        self.is_disputed = False


class Books(RuleBasedStateMachine):
    """The market and its model, step by step."""

    @initialize()
    def open_market(self):
        self.market = make_market(prices=PRICES, stock=40, unpaid_limit=1_000)
        self.now = START
        self.sales = []
        self.pending, self.available, self.debt = defaultdict(int), defaultdict(int), defaultdict(int)
        self.clearing = self.refund_due = self.withdrawals = 0
        self.remaining = [40, 40, 40]
        for offer in (0, 1, 2, 0):  # so that the short sequences that are tried first have money to move
            self.buy_and_receive(offer, 2)

    def buy_and_receive(self, offer, pieces):
        with clock.at(self.now):
            sale = Sale(place(self.market, {offer: pieces}), offer, pieces, self.now)
        self.remaining[offer] -= pieces
        self.sales.append(sale)
        self.paid(sale, 0)
        for step in (self.pack, self.receive):
            step(sale)

    def payee(self, sale, role):
        return {
            "supplier": self.market.suppliers[sale.offer],
            "shop": self.market.shop.member,
            "park": self.market.park,
            "platform": self.market.operator,
        }[role].pk

    def pick(self, data, wanted):
        found = [sale for sale in self.sales if wanted(sale)]
        return data.draw(st.sampled_from(found), label="sale") if found else None

    @rule(offer=st.integers(0, 2), pieces=st.integers(1, 12))
    def buy(self, offer, pieces):
        with clock.at(self.now):
            placed = intake.place([request(self.market, {offer: pieces})])[0]
        if pieces > self.remaining[offer]:
            assert placed.code == "stock.sold_out"
            return
        self.remaining[offer] -= pieces
        self.sales.append(Sale(placed, offer, pieces, self.now))

    @rule(data=st.data(), error=st.sampled_from([0, 0, 0, -1, 5]))
    def arrive(self, data, error):
        sale = self.pick(data, lambda sale: True)
        if sale is not None:
            self.paid(sale, error)

    def paid(self, sale, error):
        with clock.at(self.now):
            event = arrive(sale.placed, sale.total + error)
            words = pay.pay([event, event])
        assert words[1] == "duplicate"
        self.clearing -= sale.total + error
        if sale.state != "unpaid" or error < 0:
            assert words[0] != "paid"
            self.refund_due += sale.total + error
            return
        assert words[0] == "paid"
        self.refund_due += error
        sale.state = "to_pack"
        for role, cents in sale.left.items():
            self.pending[self.payee(sale, role)] += cents

    @rule(data=st.data())
    def deliver(self, data):
        sale = self.pick(data, lambda sale: sale.state == "to_pack" and not sale.is_disputed)
        if sale is not None:
            self.pack(sale)

    def pack(self, sale):
        self.move(sale, "pack", Who.SUPPLIER)
        sale.state = "packed"

    @rule(data=st.data())
    def confirm(self, data):
        sale = self.pick(data, lambda sale: sale.state == "packed" and not sale.is_disputed)
        if sale is not None:
            self.receive(sale)

    def receive(self, sale):
        self.move(sale, "confirm", Who.BUYER)
        sale.state = "received"
        day = (self.now + timedelta(hours=8)).date() + timedelta(days=8)
        sale.release_at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    @rule(data=st.data())
    def supplier_cancels(self, data):
        sale = self.pick(data, lambda sale: sale.state == "to_pack" and not sale.is_disputed)
        if sale is None:
            return
        self.move(sale, "cancel", Who.SUPPLIER)
        self.give_back(sale, sum(sale.left.values()))
        sale.state = "cancelled"
        self.remaining[sale.offer] += sale.pieces

    def move(self, sale, event, who):
        with clock.at(self.now):
            answer = flow.move(
                cluster_id=self.market.cluster.pk,
                order_ids=[sale.order_id],
                event=event,
                who=who,
                by=system(self.market.cluster.pk),
            )[0]
        assert not isinstance(answer, YunjuError), answer

    @rule(data=st.data())
    def dispute_or_settle(self, data):
        sale = self.pick(data, lambda sale: sale.state in ("to_pack", "packed", "received"))
        if sale is None:
            return
        action = flow.settle_dispute if sale.is_disputed else flow.dispute
        with clock.at(self.now):
            by = system(self.market.cluster.pk)
            action(cluster_id=self.market.cluster.pk, order_id=sale.order_id, by=by, who=Who.OPERATOR)
        sale.is_disputed = not sale.is_disputed

    @rule(data=st.data())
    def refund(self, data):
        sale = self.pick(
            data, lambda sale: sale.state in ("packed", "received") and sum(sale.left.values()) > 0
        )
        if sale is None:
            return
        cents = data.draw(st.integers(1, sum(sale.left.values())), label="cents")
        line = Line.objects.get(order_id=sale.order_id, kind="goods")
        with clock.at(self.now), transaction.atomic():
            Order.objects.select_for_update().get(pk=sale.order_id)
            too_much = refunds.Want(sale.order_id, "other", {line.pk: sum(sale.left.values()) + 1})
            assert refunds.decide(self.market.cluster.pk, [too_much])[0].code == "refund.too_much"
            done = refunds.decide(
                self.market.cluster.pk, [refunds.Want(sale.order_id, "other", {line.pk: cents})]
            )[0]
        assert done.amount_minor == cents
        self.give_back(sale, cents)

    def give_back(self, sale, cents):
        self.refund_due += cents
        for role, part in divided(cents, sale.left).items():
            sale.left[role] -= part
            payee = self.payee(sale, role)
            if not sale.is_released:
                self.pending[payee] -= part
                continue
            taken = min(part, self.available[payee])
            self.available[payee] -= taken
            self.debt[payee] += part - taken

    @rule(hours=st.sampled_from([1, 30, 200]))
    def time_goes_on(self, hours):
        self.now += timedelta(hours=hours)
        with clock.at(self.now):
            while expire.expire_due():
                pass
            while release.release_due():
                pass
        for sale in self.sales:
            if sale.state == "unpaid" and sale.expires <= self.now:
                sale.state = "expired"
                self.remaining[sale.offer] += sale.pieces
            if (
                sale.release_at
                and sale.release_at <= self.now
                and not sale.is_released
                and not sale.is_disputed
            ):
                sale.is_released = True
                for role, cents in sale.left.items():
                    payee = self.payee(sale, role)
                    self.pending[payee] -= cents
                    netted = min(cents, self.debt[payee])
                    self.debt[payee] -= netted
                    self.available[payee] += cents - netted

    @precondition(lambda self: any(self.available.values()))
    @rule(data=st.data())
    def withdraw(self, data):
        payee = data.draw(
            st.sampled_from(sorted(p for p, cents in self.available.items() if cents)), label="payee"
        )
        cents = data.draw(
            st.just(self.available[payee]) | st.integers(1, self.available[payee]), label="cents"
        )
        self.withdrawals += 1
        legs = (
            Leg(subjects.member(payee), Kind.AVAILABLE, -cents),
            Leg(subjects.gateway("simulated"), Kind.CLEARING, cents),
        )
        with transaction.atomic():
            post(
                [
                    Posting(
                        self.market.cluster.pk, "payout_paid", "law", self.withdrawals, "CNY", legs, self.now
                    )
                ]
            )
        self.available[payee] -= cents
        self.clearing += cents

    @invariant()
    def the_book_is_the_model(self):
        if not hasattr(self, "market"):
            return
        payees = [member.pk for member in (*self.market.suppliers, self.market.shop.member, self.market.park)]
        payees.append(self.market.operator.pk)
        names = [subjects.member(payee) for payee in payees] + [subjects.gateway("simulated")]
        found = ledger.balances(self.market.cluster.pk, names, "CNY")
        for payee in payees:
            name = subjects.member(payee)
            assert found.get((name, Kind.PENDING), 0) == self.pending[payee]
            assert found.get((name, Kind.AVAILABLE), 0) == self.available[payee]
            assert found.get((name, Kind.DEBT), 0) == -self.debt[payee]
        gateway = subjects.gateway("simulated")
        assert found.get((gateway, Kind.CLEARING), 0) == self.clearing
        assert found.get((gateway, Kind.REFUND_DUE), 0) == self.refund_due
        assert sum(found.values()) == 0
        rows = Stock.objects.filter(cluster_id=self.market.cluster.pk).order_by("pk")
        assert [row.remaining for row in rows] == self.remaining

    def teardown(self):
        if hasattr(self, "market"):
            report = verify.verify(self.market.cluster.pk, whole=True)
            assert report.broken == 0, [str(b) for _, result in report.results for b in result.breaches]
        connection.close()


def walk(steps):
    """Run about `steps` steps, each market anew after STEPS_EACH of them."""
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=max(steps // STEPS_EACH, 1),
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=True,
            database=None,
            # A step is a few commits: shrinking takes minutes, and the steps of the failure are printed without it.
            phases=[Phase.generate] if not os.environ.get("YUNJU_LAW_SHRINK") else list(Phase),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(3_600)
def test_any_sequence_keeps_the_books():
    walk(STEPS)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_any_long_sequence_keeps_the_books():
    walk(STEPS * 10)
