"""Escrow and award: the money waits, one action fixes whose it is, and every cent that is left goes back."""

import pytest

from tests.factories.markets import Market, arrive, make_market, operator, stranger
from tests.factories.members import make_member
from tests.orders.proofs import proved
from yunju.kernel import clock, ids
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.ledger import queries as ledger
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.orders.actions import cases, pay
from yunju.orders.actions.award import Award, award
from yunju.orders.actions.start_payment import parts_of
from yunju.orders.draft import Placed
from yunju.orders.models import Line, Order, Purchase, Refund, Share
from yunju.orders.shares import Claimant

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


class Escrow:
    """A paid order of two lines, 60.00 and 40.00, that nobody has been given yet."""

    def __init__(self, *, is_paid: bool = True) -> None:
        self.market: Market = make_market()
        self.cluster_id = self.market.cluster.pk
        self.winner = self.market.suppliers[0]
        self.buyer = stranger(self.market)
        at = clock.now()
        purchase = Purchase.objects.create(
            cluster_id=self.cluster_id, code=ids.public_code(), holder=self.buyer.holder, currency="CNY",
            total_minor=10_000, placed_at=at, expires_at=at, gateway="simulated",
        )  # fmt: skip
        order = Order.objects.create(
            cluster_id=self.cluster_id, purchase=purchase, number=ids.order_number(at.date(), 2**34 + purchase.pk), code=ids.public_code(),
            mode="ship", currency="CNY", goods_minor=10_000, total_minor=10_000, escrowed=True, after_sale_days=7,
            placed_at=at,
        )  # fmt: skip
        lines = [
            Line(
                cluster_id=self.cluster_id,
                order=order,
                seq=n,
                title=f"part {n}",
                unit_minor=c,
                amount_minor=c,
            )
            for n, c in ((1, 6_000), (2, 4_000))
        ]
        self.one, self.two = Line.objects.bulk_create(lines)
        self.purchase, self.order = purchase, order
        self.placed = Placed(purchase.pk, purchase.code, "CNY", 10_000, ())
        if is_paid:
            assert pay.pay([arrive(self.placed)]) == ["paid"]

    @property
    def left(self) -> int:
        return ledger.balance(self.cluster_id, subjects.order(self.order.pk), Kind.ESCROW, "CNY")

    def award(self, amounts: dict[int, object], *, by: Actor | None = None, **fields: object) -> Order:
        values = {"order_id": self.order.pk, "supplier_id": self.winner.pk, "amounts": amounts} | fields
        return award(award=Award(**values), by=by or system(self.cluster_id))

    def give(self, line: Line, cents: int) -> None:
        by = operator(self.market.cluster)
        cases.refund_by_supplier(order_id=self.order.pk, amounts={line.pk: cents}, words="", by=by)


def test_money_waits_in_escrow_and_is_the_operators_part_at_the_provider():
    scene = Escrow()
    assert scene.left == 10_000
    assert scene.market.gateway(Kind.CLEARING) == -10_000
    assert not Share.objects.filter(order_id=scene.order.pk).exists()
    assert [part.supplier_id for part in parts_of(scene.purchase)] == [scene.market.operator.pk]
    proved(scene.market)


def test_all_of_it_awarded_is_pending_with_each_payee():
    scene = Escrow()
    market = scene.market
    claimants = (Claimant("platform", market.operator.pk, 500), Claimant("park", market.park.pk, 100))
    order = scene.award({scene.one.pk: 6_000, scene.two.pk: 4_000}, claimants=claimants)
    assert (order.supplier_id, order.supplier_name) == (scene.winner.pk, scene.winner.name)
    assert [market.balance(m, Kind.PENDING) for m in (scene.winner, market.operator, market.park)] == [
        9_400,
        500,
        100,
    ]
    assert scene.left == 0
    proved(market)


def test_what_the_award_leaves_goes_back():
    scene = Escrow()
    scene.award({scene.one.pk: 4_000})
    assert (scene.left, scene.market.gateway(Kind.REFUND_DUE)) == (0, 6_000)
    assert Refund.objects.get(order_id=scene.order.pk).reason == "awarded_less"
    scene.give(scene.one, 1_000)
    assert scene.market.balance(scene.winner, Kind.PENDING) == 3_000
    proved(scene.market)


def test_refunded_in_part_before_the_award_the_escrow_gives_first():
    scene = Escrow()
    scene.give(scene.two, 1_000)
    assert scene.left == 9_000
    with pytest.raises(Invalid, match=r"award\.amount"):
        scene.award({scene.one.pk: 6_000, scene.two.pk: 4_000})
    assert Order.objects.get(pk=scene.order.pk).supplier_id is None
    scene.award({scene.one.pk: 6_000})
    assert scene.market.gateway(Kind.REFUND_DUE) == 4_000
    proved(scene.market)


def test_nothing_is_awarded_once_all_went_back():
    scene = Escrow()
    scene.give(scene.one, 6_000)
    scene.give(scene.two, 4_000)
    with pytest.raises(Invalid, match=r"award\.amount"):
        scene.award({scene.one.pk: 6_000, scene.two.pk: 4_000})
    proved(scene.market)


@pytest.mark.parametrize("cents", [-1, 6_001, 10**13, True, 1.0, "6000", None])
def test_an_amount_that_is_none_or_too_much(cents):
    scene = Escrow()
    with pytest.raises(Invalid):
        scene.award({scene.one.pk: cents})
    assert scene.left == 10_000


def test_what_cannot_be_awarded():
    scene, unpaid, elsewhere = Escrow(), Escrow(is_paid=False), Escrow()
    for amounts in ({}, {scene.one.pk: 0}, {elsewhere.one.pk: 1}):
        with pytest.raises(Invalid):
            scene.award(amounts)
    foreign, closed = elsewhere.winner, make_member(scene.market.cluster, closed_at=clock.now())
    for supplier in (foreign, closed):
        with pytest.raises(Invalid):
            scene.award({scene.one.pk: 1}, supplier_id=supplier.pk)
    with pytest.raises(NotFound):
        scene.award({scene.one.pk: 1}, by=system(elsewhere.cluster_id))
    with pytest.raises(Refused, match=r"award\.not_in_escrow"):
        unpaid.award({unpaid.one.pk: 1})
    scene.award({scene.one.pk: 1})
    with pytest.raises(Refused, match=r"award\.done"):
        scene.award({scene.one.pk: 1})
    proved(scene.market)
