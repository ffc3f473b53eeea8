"""What becomes of the demonstration's purchases: one life each, from never paid to disputed, as steps in hours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yunju.cli.demo.trade import Step, Trade, Wish, require
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.modes.ship.actions import Report, pack
from yunju.orders.actions import cases
from yunju.orders.actions.expire import cancel_purchase
from yunju.orders.after_sale import Claim
from yunju.orders.draft import Placed
from yunju.orders.flow.actions import move
from yunju.orders.models import Case, Line, Order

PAY_AFTER = timedelta(minutes=3)
CARRIERS = ("sf", "zto", "yto", "jd")
SCANS = (
    (22, "in_transit.collected", "发件网点"),
    (34, "in_transit", "转运中心"),
    (60, "out_for_delivery", "收件网点"),
    (64, "delivered.signed", "收件地址"),
)
"""Hours after the payment, the carrier's word, where."""

PACKED, RECEIVED = 18, 80


@dataclass(slots=True)
class Life:
    """One order after its payment at `paid_at`: the steps that are still to come, by hours."""

    trade: Trade
    order: Order
    buyer: Actor
    paid_at: datetime

    def at(self, hours: float, step: Step) -> None:
        self.trade.later(self.paid_at + timedelta(hours=hours), step)

    # --- parcels ----------------------------------------------------------------------------------------------------

    def packed(self) -> None:
        self.at(PACKED, self._pack)

    def in_transit(self) -> None:
        self.packed()
        self._scans(2)

    def delivered(self) -> None:
        self.packed()
        self._scans(len(SCANS))

    def received(self) -> None:
        self.delivered()
        self.at(RECEIVED, lambda: self._move("confirm", Who.BUYER, self.buyer))

    def cancelled(self) -> None:
        """The supplier has none left."""
        self.at(20, lambda: self._move("cancel", Who.SUPPLIER, self.trade.supplier(self.order)))

    def cancelled_late(self) -> None:
        """Not packed in time: the buyer gives up."""
        self.at(80, lambda: self._move("buyer_cancel", Who.BUYER, self.buyer))

    def lost(self) -> None:
        self.in_transit()
        self.at(220, lambda: self._move("declare_lost", Who.OPERATOR, self.trade.operator()))

    def returned(self) -> None:
        """Refused at the door."""
        self.in_transit()
        self.at(64, lambda: self._scan("exception.refused", "收件地址"))
        self.at(130, lambda: self._scan("returned", "发件网点"))

    # --- money back -------------------------------------------------------------------------------------------------

    def goodwill(self) -> None:
        """A scratch: the supplier gives a fifth back."""
        self.received()
        self.at(96, lambda: self._refund_part(5))

    def refunded_after_release(self) -> None:
        self.received()
        self.at(24 * 18, lambda: self._refund_part(1))

    def refunded_unsent(self) -> None:
        self.at(5, lambda: self._claim("refund", "not_needed", "拍错了颜色，重新下单。"))
        self.at(9, lambda: self._answer("agree", Who.SUPPLIER))

    def sent_back(self) -> None:
        """A return to its end."""
        self._returning()
        self.at(176, lambda: self._answer("accept", Who.SUPPLIER))

    def returning(self) -> None:
        self._returning()

    def asked(self) -> None:
        self.received()
        self.at(86, lambda: self._claim("refund", "damaged", "到货时有一道裂纹，已拍照。"))

    def refused(self) -> None:
        self.received()
        self.at(90, lambda: self._claim("refund", "not_as_described", "颜色和图片不一样。"))
        self.at(100, lambda: self._answer("refuse", Who.SUPPLIER))

    def disputed(self) -> None:
        self.refused()
        self.at(110, lambda: self._answer("escalate", Who.BUYER))

    def _returning(self) -> None:
        self.received()
        self.at(90, lambda: self._claim("return", "no_reason", "送人不合适，想退。"))
        self.at(100, lambda: self._answer("agree", Who.SUPPLIER))
        self.at(112, lambda: self._answer("send_back", Who.BUYER, tracking=self._number()))

    # --- single steps -----------------------------------------------------------------------------------------------

    def _number(self) -> str:
        return f"DEMO{self.order.pk:010}"

    def _carrier(self) -> str:
        return CARRIERS[self.order.pk % len(CARRIERS)]

    def _pack(self) -> None:
        order, by = self.order, self.trade.supplier(self.order)
        pack(
            cluster_id=order.cluster_id,
            order_id=order.pk,
            carrier=self._carrier(),
            tracking_no=self._number(),
            by=by,
        )

    def _scans(self, count: int) -> None:
        for hours, code, place in SCANS[:count]:
            self.at(hours, lambda code=code, place=place: self._scan(code, place))  # type: ignore[misc]

    def _scan(self, code: str, place: str) -> None:
        report = Report(code, clock.now(), carrier=self._carrier(), tracking_no=self._number(), place=place)
        self.trade.reports.append(report)

    def _move(self, event: str, who: Who, by: Actor) -> None:
        self.trade.fire_timers()  # what the worker would have marked by now, whatever the hour of the demonstration
        require(
            move(cluster_id=self.order.cluster_id, order_ids=[self.order.pk], event=event, who=who, by=by)[0]
        )

    def _goods(self) -> Line:
        found: Line = Line.objects.filter(order_id=self.order.pk, kind="goods").order_by("seq")[0]
        return found

    def _refund_part(self, part: int) -> None:
        line = self._goods()
        by = self.trade.supplier(self.order)
        cases.refund_by_supplier(
            order_id=self.order.pk, amounts={line.pk: line.amount_minor // part}, words="", by=by
        )

    def _claim(self, kind: str, reason: str, words: str) -> None:
        line = self._goods()
        claim = Claim(kind, {line.pk: line.quantity}, reason, words)
        cases.open_case(order_id=self.order.pk, claim=claim, by=self.buyer)

    def _answer(self, event: str, who: Who, *, tracking: str = "") -> None:
        case = Case.objects.get(order_id=self.order.pk)
        by = self.buyer if who is Who.BUYER else self.trade.supplier(self.order)
        cases.answer_case(case_id=case.pk, answer=cases.Answer(event, tracking=tracking), who=who, by=by)


LIVES: Mapping[str, Callable[[Life], None]] = {
    "to_pack": lambda _: None,
    "packed": Life.packed,
    "in_transit": Life.in_transit,
    "delivered": Life.delivered,
    "received": Life.received,
    "cancelled": Life.cancelled,
    "cancelled_late": Life.cancelled_late,
    "lost": Life.lost,
    "returned": Life.returned,
    "goodwill": Life.goodwill,
    "refunded_after_release": Life.refunded_after_release,
    "refunded_unsent": Life.refunded_unsent,
    "sent_back": Life.sent_back,
    "returning": Life.returning,
    "asked": Life.asked,
    "refused": Life.refused,
    "disputed": Life.disputed,
}
UNPAID = ("waiting", "expired", "given_up")


@dataclass(frozen=True, slots=True)
class Story:
    """A purchase placed `hours_ago`, and what becomes of it: a word of LIVES, or of UNPAID."""

    hours_ago: float
    life: str
    wish: Wish


def tell(trade: Trade, story: Story) -> None:
    """Put a story's beginning into the queue; the rest follows from it."""
    trade.later(trade.now - timedelta(hours=story.hours_ago), lambda: _begin(trade, story))


def _begin(trade: Trade, story: Story) -> None:
    buyer, at = trade.buyer(story.wish), clock.now()
    placed = trade.place(story.wish, buyer)
    if story.life in LIVES:
        trade.later(at + PAY_AFTER, lambda: _paid(trade, story, placed, buyer))
    elif story.life == "given_up":
        trade.later(at + PAY_AFTER, lambda: cancel_purchase(code=placed.code, by=buyer))


def _paid(trade: Trade, story: Story, placed: Placed, buyer: Actor) -> None:
    for order in trade.pay(placed, buyer):
        LIVES[story.life](Life(trade, order, buyer, clock.now()))
