"""What happens to one order of the source, and when. Pure: dates put in order, and a word for each that was not.

The source's own facts come first. Where it is silent, the flow's timers speak after its last day (see docs/replay.md).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from yunju.cli.replay_market import TOLERANCE_MINOR
from yunju.cli.replay_source import ZONE, SourceOrder
from yunju.modes.ship.flow import GIVE_UP, RECEIPT_ABROAD

UNPAID = timedelta(days=1)
GONE = ("canceled", "unavailable")
SENT = ("delivered", "shipped")


class Stage(IntEnum):
    """The steps of a day, in the order in which they are taken."""

    PLACE = 1
    PAY = 2
    STRAY = 3  # money for an order without items
    CANCEL = 4
    PACK = 5
    DELIVER = 6
    TAKE_BACK = 7


Agenda = dict[date, dict[Stage, list[tuple[datetime, SourceOrder]]]]


@dataclass(frozen=True, slots=True)
class Step:
    """At `at`, `stage` happens."""

    stage: Stage
    at: datetime


def agenda(orders: Sequence[SourceOrder], quirks: Counter[str]) -> Agenda:
    """All steps of all orders by local day and stage, each list in the order of time."""
    found: Agenda = defaultdict(lambda: defaultdict(list))
    for order in orders:
        for step in steps(order, quirks):
            found[step.at.astimezone(ZoneInfo(ZONE)).date()][step.stage].append((step.at, order))
    for stages in found.values():
        for planned in stages.values():
            planned.sort(key=lambda entry: (entry[0], entry[1].id))
    return found


def total_minor(order: SourceOrder) -> int:
    """What the order costs: its pieces and their freight."""
    return sum(item.price_minor + item.freight_minor for item in order.items)


def steps(order: SourceOrder, quirks: Counter[str]) -> list[Step]:
    """The steps of one order, none before the one it needs."""
    if not order.items:
        return _without_items(order, quirks)
    placed = Step(Stage.PLACE, order.placed_at)
    if not order.paid_minor:
        quirks["orders without a payment: the purchase expires unpaid"] += 1
        return [placed]
    _judge_amount(order, quirks)
    paid_at = _paid_at(order, quirks)
    if paid_at - order.placed_at > UNPAID:
        quirks["approved more than a day after the purchase: no expiry came between"] += 1
    return [placed, Step(Stage.PAY, paid_at), *_after_payment(order, paid_at, quirks)]


def _without_items(order: SourceOrder, quirks: Counter[str]) -> list[Step]:
    if not order.paid_minor:
        quirks["orders with neither items nor payment: nothing to replay"] += 1
        return []
    quirks["orders without items, but paid: no purchase, the money is sent back"] += 1
    return [Step(Stage.STRAY, _paid_at(order, quirks))]


def _judge_amount(order: SourceOrder, quirks: Counter[str]) -> None:
    more = order.paid_minor - total_minor(order)
    if more > 0:
        quirks["paid too much: the excess is sent back"] += 1
    elif more < -TOLERANCE_MINOR:
        quirks["paid too little: the money is sent back, the purchase expires"] += 1
    elif more < 0:
        quirks["paid too little by 0.01 or 0.02: the operator bears it"] += 1


def _paid_at(order: SourceOrder, quirks: Counter[str]) -> datetime:
    if order.approved_at is None:
        quirks["paid without a date of approval: taken as paid when placed"] += 1
        return order.placed_at
    if order.approved_at < order.placed_at:
        quirks["approved before the purchase: taken as paid when placed"] += 1
    return max(order.approved_at, order.placed_at)


def _after_payment(order: SourceOrder, paid_at: datetime, quirks: Counter[str]) -> list[Step]:
    if order.status in GONE and order.carrier_at is None:
        quirks[f"{order.status} without a date: cancelled by the supplier when paid"] += 1
        return [Step(Stage.CANCEL, paid_at)]
    if order.status not in (*GONE, *SENT):
        quirks[f"left {order.status}: never dispatched, the flow gives up after 30 days and refunds"] += 1
        if order.carrier_at or order.delivered_at:
            quirks[f"{order.status}, yet with a date of dispatch or delivery: the date is left aside"] += 1
        return []
    packed_at = _packed_at(order, paid_at, quirks)
    return [Step(Stage.PACK, packed_at), *_after_dispatch(order, packed_at, quirks)]


def _packed_at(order: SourceOrder, paid_at: datetime, quirks: Counter[str]) -> datetime:
    if order.carrier_at is None:
        quirks[f"{order.status} without a date of dispatch: packed when paid"] += 1
        return paid_at
    if order.carrier_at < paid_at:
        quirks["dispatched before it was paid: packed when paid"] += 1
        return paid_at
    if order.carrier_at - paid_at > GIVE_UP:
        quirks[
            "dispatched more than 30 days after payment: the source's word is taken before our timer's"
        ] += 1
    return order.carrier_at


def _after_dispatch(order: SourceOrder, packed_at: datetime, quirks: Counter[str]) -> list[Step]:
    if order.status in GONE:
        quirks[f"{order.status} after dispatch: taken back by the supplier"] += 1
        return [Step(Stage.TAKE_BACK, max(packed_at, order.delivered_at or packed_at))]
    if order.status == "shipped":
        quirks["left shipped: counted as received by the flow's timer"] += 1
        if order.delivered_at:
            quirks["shipped, yet with a date of delivery: the date is left aside"] += 1
        return []
    if order.delivered_at is None:
        quirks["delivered without a date: counted as received by the flow's timer"] += 1
        return []
    if order.delivered_at < packed_at:
        quirks["delivered before it was dispatched: received when dispatched"] += 1
    if order.delivered_at - packed_at > RECEIPT_ABROAD:
        quirks[
            "delivered more than 30 days after dispatch: the source's word is taken before our timer's"
        ] += 1
    return [Step(Stage.DELIVER, max(order.delivered_at, packed_at))]
