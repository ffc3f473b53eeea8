"""A second mode, for tests alone: work on commission, whose order has no supplier until it is awarded.

It proves what ship cannot: money in escrow, a flow that needs the award, a mode that keeps things elsewhere.
"""

from collections.abc import Sequence
from datetime import timedelta

from tests.factories.members import buyer, make_cluster, make_member
from tests.factories.orders import Bought, Market, pay_all
from yunju.fulfilment import registry
from yunju.fulfilment.contract import (
    AWARD,
    STAYS,
    Ask,
    Effect,
    Flow,
    Label,
    Move,
    OrderDraft,
    OrderRef,
    Quote,
    Releases,
    State,
    Timer,
    Who,
)
from yunju.kernel import clock, ids
from yunju.kernel.actor import system
from yunju.members.words import CapacityKind
from yunju.orders.actions.award import Award, award
from yunju.orders.models import Line, Order, Purchase

DAY = timedelta(days=1)
BUYER, SUPPLIER, TIMER = frozenset({Who.BUYER}), frozenset({Who.SUPPLIER}), frozenset({Who.TIMER})
BUYER_OR_OPERATOR = frozenset({Who.BUYER, Who.OPERATOR})

FLOW = Flow(
    code="commission",
    initial="choosing",
    states={
        "choosing": State(
            Label("选择中", "Choosing"),
            {
                "begin": Move("working", BUYER, Label("开始", "Begun"), needs=AWARD),
                "cancel": Move("cancelled", BUYER_OR_OPERATOR, Label("取消", "Cancelled")),
                "nobody_chosen": Move("cancelled", TIMER, Label("逾期未选", "Nobody was chosen")),
            },
            (Timer("choose", "nobody_chosen", 14 * DAY),),
        ),
        "working": State(
            Label("进行中", "Working"),
            {
                "deliver": Move("delivered", SUPPLIER, Label("交付", "Delivered")),
                "give_up": Move("cancelled", SUPPLIER, Label("放弃", "Given up"), in_dispute=True),
                "too_late": Move("cancelled", TIMER, Label("逾期未交", "Too late")),
            },
            (Timer("work", "too_late", 30 * DAY),),
        ),
        "delivered": State(
            Label("待验收", "Delivered"),
            {
                "accept": Move("accepted", BUYER_OR_OPERATOR, Label("验收", "Accepted")),
                "count": Move("accepted", TIMER, Label("视为验收", "Counted as accepted")),
                "revise": Move("working", BUYER, Label("修改", "To be revised"), once=True),
                "ask": Move(
                    STAYS, BUYER, Label("延期", "More time"), once=True, extends="judge", extends_by=3 * DAY
                ),
            },
            (Timer("judge", "count", 7 * DAY),),
        ),
        "accepted": State(Label("已验收", "Accepted"), effects=frozenset({Effect.RECEIVED}), is_end=True),
        "cancelled": State(Label("已取消", "Cancelled"), effects=frozenset({Effect.REFUND}), is_end=True),
    },
)


class CommissionMode:
    """Keeps its briefs in memory: open ones and closed ones."""

    code = "commission"
    label = Label("委托", "Commission")
    flow = FLOW
    releases = Releases(state="accepted", wait="after_sale")

    def __init__(self) -> None:
        self.briefs: dict[int, str] = {}

    def asks(self) -> tuple[Ask, ...]:
        return (Ask("brief", Label("要求", "Brief")),)

    def quote(self, drafts: Sequence[OrderDraft]) -> list[Quote]:
        return [Quote() for _ in drafts]

    def open(self, orders: Sequence[OrderRef]) -> None:
        for order in orders:
            self.briefs.setdefault(order.id, "open")

    def release(self, orders: Sequence[OrderRef]) -> None:
        self.briefs |= {order.id: "closed" for order in orders}

    def cancel(self, orders: Sequence[OrderRef]) -> None:
        self.briefs |= {order.id: "closed" for order in orders}

    def fire(self, orders: Sequence[OrderRef], timer: str) -> None:
        assert timer in {timer.key for state in FLOW.states.values() for timer in state.timers}


MODE = CommissionMode()
registry.register({"commission": MODE})


def make_paid_commission() -> Bought:
    """A paid order of 100.00 in escrow, and a supplier who may get it."""
    cluster = make_cluster()
    supplier = make_member(cluster, capacities=(CapacityKind.SUPPLIER,))
    person, at = buyer(cluster), clock.now()
    purchase = Purchase.objects.create(
        cluster_id=cluster.pk,
        code=ids.public_code(),
        user_id=person.user_id,
        currency="CNY",
        total_minor=10_000,
        placed_at=at,
        expires_at=at + timedelta(minutes=15),
    )
    order = Order.objects.create(
        cluster_id=cluster.pk,
        purchase=purchase,
        number=ids.order_number(at.date(), 2**34 + purchase.pk),
        code=ids.public_code(),
        mode="commission",
        currency="CNY",
        goods_minor=10_000,
        total_minor=10_000,
        escrowed=True,
        after_sale_days=7,
        placed_at=at,
    )
    Line.objects.create(
        cluster_id=cluster.pk, order=order, seq=1, title="A drawing", unit_minor=10_000, amount_minor=10_000
    )
    pay_all([purchase])
    return Bought(Market(cluster, supplier, system(cluster.pk), None), order, person)


def give_to_supplier(bought: Bought) -> None:
    """Award 80.00 of it; the rest goes back to the buyer."""
    line = Line.objects.get(order=bought.order)
    award(
        award=Award(
            order_id=bought.order.pk, supplier_id=bought.market.supplier.pk, amounts={line.pk: 8_000}
        ),
        by=system(bought.order.cluster_id),
    )
