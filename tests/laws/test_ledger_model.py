"""Any sequence of pay, award, release, refund, payout and reversal: the books are what a plain Python model says.

YUNJU_LAW_STEPS sets the number of steps (10,000 by default; 100,000 in `make test-long`; more by hand). A failure prints
the shortest sequence that shows it.
"""

import os
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.ledger.book import NOW, fresh_cluster
from yunju.kernel.errors import YunjuError
from yunju.kernel.split import by_weights, take_back, waterfall
from yunju.ledger import actions, errors, queries, subjects, verify
from yunju.ledger.actions import Leg, Posting
from yunju.ledger.kinds import FLOORED, Kind

STEPS = int(os.environ.get("YUNJU_LAW_STEPS", "10000"))
LONG_STEPS = max(STEPS, 100_000)
STEPS_EACH = 100
MEMBERS = 3
GATEWAY = subjects.gateway("x")

Key = tuple[str, Kind]
amounts = st.one_of(st.integers(1, 20), st.integers(1, 100_000), st.just(9_999))
members = st.integers(1, MEMBERS)
parts_of_ten = st.integers(1, 10)
pick = st.integers(0, 10**6)


@dataclass
class Share:
    """One payee's part: what it was, what was released, what went back from pending and from what was released."""

    payee: str
    amount: int
    released: int = 0
    refunded: int = 0
    reclaimed: int = 0

    @property
    def pending(self) -> int:
        return self.amount - self.released - self.refunded

    @property
    def left(self) -> int:
        return self.amount - self.refunded - self.reclaimed


class Model:
    """The books as a dict: what the ledger must answer after each step."""

    def __init__(self) -> None:
        self.balances: dict[Key, int] = {}
        self.posted: list[tuple[Posting, int]] = []
        self.reversed: set[int] = set()

    def get(self, subject: str, kind: Kind) -> int:
        return self.balances.get((subject, kind), 0)

    def after(self, legs: list[Leg]) -> dict[Key, int]:
        found = dict(self.balances)
        for leg in legs:
            found[leg.subject, leg.kind] = found.get((leg.subject, leg.kind), 0) + leg.amount
        return found

    @staticmethod
    def allowed(balances: dict[Key, int]) -> bool:
        return all(
            (amount >= 0 or kind not in FLOORED) and (amount <= 0 or kind != Kind.DEBT)
            for (_, kind), amount in balances.items()
        )


class Market(RuleBasedStateMachine):
    """Each run has a cluster of its own; every step is one committed transaction, or is refused whole."""

    steps = 0
    refusals = 0

    def __init__(self) -> None:
        super().__init__()
        self.cluster = fresh_cluster()
        self.model = Model()
        self.orders: list[list[Share]] = []
        self.escrows: list[tuple[str, int]] = []
        self.source = 0

    # --- helpers ---------------------------------------------------------------------------------------------------
    def posting(self, kind: str, legs: list[Leg]) -> Posting:
        self.source += 1
        return Posting(self.cluster, kind, "test", self.source, "CNY", tuple(legs), NOW)

    def post(self, *postings: Posting) -> bool:
        """Post, and demand that the database says what the model says; True when it was done."""
        Market.steps += 1
        legs = [leg for one in postings for leg in one.legs]
        wanted = self.model.after(legs)
        if not self.model.allowed(wanted):
            self.refused(errors.Overdrawn, lambda: actions.post(postings))
            return False
        with transaction.atomic():
            ids = actions.post(postings)
        self.model.balances = wanted
        self.model.posted += zip(postings, ids, strict=True)
        return True

    def refused(self, kind: type[YunjuError], work) -> None:
        Market.refusals += 1
        with pytest.raises(kind), transaction.atomic():
            work()

    def held(self, payee: str) -> dict[Kind, int]:
        """The balances a decision rests on, read under their locks as the actions do."""
        keys = [(payee, Kind.AVAILABLE), (payee, Kind.RESERVE), (payee, Kind.DEBT)]
        with transaction.atomic():
            found = actions.lock_balances(self.cluster, "CNY", keys)
        assert found == {key: self.model.get(*key) for key in keys}
        return {kind: amount for (_, kind), amount in found.items()}

    # --- money comes in --------------------------------------------------------------------------------------------
    @rule(
        amount=amounts,
        weights=st.lists(st.integers(1, 9_999), min_size=1, max_size=MEMBERS),
        copies=st.integers(1, 3),
    )
    def pay(self, amount: int, weights: list[int], copies: int) -> None:
        parts = by_weights(amount, weights)
        shares = [(subjects.member(n), part) for n, part in enumerate(parts, start=1) if part]
        legs = [Leg(GATEWAY, Kind.CLEARING, -amount), *(Leg(who, Kind.PENDING, part) for who, part in shares)]
        assert self.post(*(self.posting("pay", legs) for _ in range(copies)))
        self.orders += [[Share(who, part) for who, part in shares] for _ in range(copies)]

    @rule(amount=amounts)
    def entrust(self, amount: int) -> None:
        order = subjects.order(len(self.escrows) + 1)
        legs = [Leg(GATEWAY, Kind.CLEARING, -amount), Leg(order, Kind.ESCROW, amount)]
        assert self.post(self.posting("pay", legs))
        self.escrows.append((order, amount))

    @precondition(lambda self: self.escrows)
    @rule(n=pick, tenths=parts_of_ten, weights=st.lists(st.integers(1, 99), min_size=1, max_size=MEMBERS))
    def award(self, n: int, tenths: int, weights: list[int]) -> None:
        order, amount = self.escrows[n % len(self.escrows)]
        given = amount * tenths // 10
        parts = by_weights(given, weights)
        legs = [Leg(order, Kind.ESCROW, -amount), Leg(GATEWAY, Kind.REFUND_DUE, amount - given)]
        legs += [Leg(subjects.member(who), Kind.PENDING, part) for who, part in enumerate(parts, start=1)]
        if self.post(self.posting("award", legs)):
            self.orders.append(
                [Share(subjects.member(who), part) for who, part in enumerate(parts, start=1) if part]
            )

    # --- release, nets debt first, then fills the reserve --------------------------------------------------------------
    @precondition(lambda self: self.orders)
    @rule(n=pick, tenths=parts_of_ten, reserve_bp=st.sampled_from([0, 0, 500, 3_333]))
    def release(self, n: int, tenths: int, reserve_bp: int) -> None:
        order = self.orders[n % len(self.orders)]
        for share in order:
            amount = share.pending * tenths // 10
            if not amount:
                continue
            netted, free = waterfall(amount, [-self.held(share.payee)[Kind.DEBT]])
            kept = free * reserve_bp // 10_000
            legs = [
                Leg(share.payee, Kind.PENDING, -amount),
                Leg(share.payee, Kind.DEBT, netted),
                Leg(share.payee, Kind.RESERVE, kept),
                Leg(share.payee, Kind.AVAILABLE, free - kept),
            ]
            assert self.post(self.posting("release", legs))
            share.released += amount

    # --- refund: pending, then available, reserve, debt ----------------------------------------------------------------
    @precondition(lambda self: self.orders)
    @rule(n=pick, tenths=parts_of_ten)
    def refund(self, n: int, tenths: int) -> None:
        order = self.orders[n % len(self.orders)]
        amount = sum(share.left for share in order) * tenths // 10
        if not amount:
            return
        taken = take_back(amount, [share.left for share in order])
        legs = [Leg(GATEWAY, Kind.REFUND_DUE, amount)]
        for share, part in zip(order, taken, strict=True):
            pending, rest = waterfall(part, [share.pending])
            held = self.held(share.payee)
            available, reserve, debt = waterfall(rest, [held[Kind.AVAILABLE], held[Kind.RESERVE]])
            parts = {Kind.PENDING: pending, Kind.AVAILABLE: available, Kind.RESERVE: reserve, Kind.DEBT: debt}
            legs += [Leg(share.payee, kind, -minus) for kind, minus in parts.items()]
            share.refunded += pending
            share.reclaimed += rest
        assert self.post(self.posting("refund", legs))
        if tenths == 10:
            assert all(share.left == 0 for share in order), "the last refund clears exactly"

    @precondition(lambda self: self.model.get(GATEWAY, Kind.REFUND_DUE) > 0)
    @rule(tenths=parts_of_ten)
    def confirm_refund(self, tenths: int) -> None:
        amount = -(-self.model.get(GATEWAY, Kind.REFUND_DUE) * tenths // 10)
        legs = [Leg(GATEWAY, Kind.REFUND_DUE, -amount), Leg(GATEWAY, Kind.CLEARING, amount)]
        assert self.post(self.posting("refund_confirmed", legs))

    # --- payouts -------------------------------------------------------------------------------------------------------
    @rule(who=members, tenths=parts_of_ten, over=st.sampled_from([0, 0, 0, 1]))
    def start_payout(self, who: int, tenths: int, over: int) -> None:
        payee = subjects.member(who)
        available = self.model.get(payee, Kind.AVAILABLE)
        amount = available + 1 if over else available * tenths // 10
        if amount and not self.model.get(payee, Kind.DEBT):
            legs = [Leg(payee, Kind.AVAILABLE, -amount), Leg(payee, Kind.PAYING_OUT, amount)]
            assert self.post(self.posting("payout", legs)) is not bool(over)

    @rule(who=members, tenths=parts_of_ten, done=st.booleans())
    def end_payout(self, who: int, tenths: int, done: bool) -> None:
        payee = subjects.member(who)
        amount = self.model.get(payee, Kind.PAYING_OUT) * tenths // 10
        if amount:
            back = Leg(GATEWAY, Kind.CLEARING, amount) if done else Leg(payee, Kind.AVAILABLE, amount)
            assert self.post(self.posting("payout_end", [Leg(payee, Kind.PAYING_OUT, -amount), back]))

    # --- what must not be, and corrections -----------------------------------------------------------------------------
    @rule(who=members, kind=st.sampled_from(sorted([*FLOORED, Kind.DEBT])), by=st.integers(1, 5))
    def break_a_floor(self, who: int, kind: Kind, by: int) -> None:
        payee = subjects.member(who)
        sign = 1 if kind == Kind.DEBT else -1
        amount = sign * (abs(self.model.get(payee, kind)) + by)
        assert not self.post(
            self.posting("wrong", [Leg(payee, kind, amount), Leg(GATEWAY, Kind.CLEARING, -amount)])
        )

    @precondition(lambda self: self.model.posted)
    @rule(n=pick)
    def repeat(self, n: int) -> None:
        Market.steps += 1
        again, _ = self.model.posted[n % len(self.model.posted)]
        self.refused(errors.AlreadyPosted, lambda: actions.post([again]))

    @precondition(lambda self: self.model.posted)
    @rule(n=pick)
    def reverse(self, n: int) -> None:
        Market.steps += 1
        original, transfer = self.model.posted[n % len(self.model.posted)]
        legs = [Leg(leg.subject, leg.kind, -leg.amount) for leg in original.legs]
        wanted = self.model.after(legs)

        def work() -> None:
            actions.reverse(cluster_id=self.cluster, transfer_id=transfer, effective_at=NOW)

        if transfer in self.model.reversed:
            self.refused(errors.AlreadyReversed, work)
        elif not self.model.allowed(wanted):
            self.refused(errors.Overdrawn, work)
        else:
            with transaction.atomic():
                work()
            self.model.balances = wanted
            self.model.reversed.add(transfer)

    @rule()
    def snapshot(self) -> None:
        Market.steps += 1
        actions.take_snapshot(self.cluster)

    # --- what always holds ---------------------------------------------------------------------------------------------
    @invariant()
    def the_books_are_the_model(self) -> None:
        everyone = [
            GATEWAY,
            *map(subjects.member, range(1, MEMBERS + 1)),
            *(order for order, _ in self.escrows),
        ]
        found = queries.balances(self.cluster, everyone, "CNY")
        assert {key: amount for key, amount in found.items() if amount} == {
            key: amount for key, amount in self.model.balances.items() if amount
        }
        assert sum(found.values()) == 0
        assert Model.allowed(found)

    def teardown(self) -> None:
        for kind in Kind:
            wanted = sum(amount for (_, other), amount in self.model.balances.items() if other == kind)
            assert queries.total(self.cluster, kind, "CNY") == wanted
        report = verify.verify(self.cluster, whole=True, only=verify.OWN)
        assert [str(breach) for _, result in report.results for breach in result.breaches] == []


def walk(steps: int) -> None:
    """Enough runs for `steps` ledger steps; releasing to several payees is one step for each."""
    Market.steps = Market.refusals = 0
    limits = settings(
        max_examples=max(2, steps * 17 // 10 // STEPS_EACH),  # some rules find nothing to do yet
        derandomize=True,  # the same walk on every machine: its length is promised
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Market, settings=limits)
    assert Market.steps >= steps, "the walk is shorter than promised"
    assert Market.refusals >= steps // 20, "the floors were hardly touched"


@pytest.mark.timeout(max(300, STEPS // 20))
def test_any_sequence_keeps_the_books(db_app):
    walk(STEPS)


@pytest.mark.long
@pytest.mark.timeout(max(3_600, LONG_STEPS // 20))
def test_any_long_sequence_keeps_the_books(db_app):
    walk(LONG_STEPS)
