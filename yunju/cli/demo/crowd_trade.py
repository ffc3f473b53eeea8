"""Ninety days of the crowd's trade: a day's purchases are placed, paid, packed, scanned and received together.

It goes on inside the demonstration's own days (`trade`), under the same clock and through the same actions.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yunju.cli.demo.crowd import Crowd, CrowdGood
from yunju.cli.demo.trade import HOMES, SOURCES, Trade, require
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import YunjuError
from yunju.kernel.ids import public_code
from yunju.members.queries import anonymous
from yunju.modes.ship.actions import Packing, Report, pack_many
from yunju.orders.actions import intake
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.flow.actions import move
from yunju.orders.models import Order

SEED = 20_260_815
DAYS = 90
BROWSERS = 90
CARRIERS = ("sf", "zto", "yto", "jd", "sto")
PACK_HOURS, COLLECT_HOURS, TRANSIT_HOURS = 18, 23, 40
CONFIRM_DAYS = 2
IN_FASHION, OFTEN = 9, 0.45
"""Goods that many want, each of another trade, and how often a purchase is one of them."""
NAMES = (
    "王芳",
    "张磊",
    "陈晨",
    "杨洁",
    "赵敏",
    "吴昊",
    "徐丽",
    "朱琳",
    "胡军",
    "林涛",
    "郑爽儿",
    "谢安",
    "沈月",
    "韩梅",
    "曾琪",
)
STREETS = (
    "人民路 12 号",
    "解放街 8 号 2 幢",
    "学府花园 5 幢 1201",
    "滨江大道 300 号",
    "建设新村 16 号",
    "大学城北路 1 号",
)


@dataclass(slots=True)
class CrowdTrade:
    """What the crowd buys. `trade` is the queue in which its steps stand beside all others."""

    trade: Trade
    crowd: Crowd
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a story, no secret
    buyers: list[tuple[Actor, ContactDraft]] = field(default_factory=list)
    liked: list[CrowdGood] = field(default_factory=list)
    count: int = 0

    def plan(self) -> None:
        """Put every day's round into the queue; what follows from it comes later."""
        cluster_id = self.trade.market.cluster.pk
        self.liked = self._in_fashion()
        self.buyers = [(anonymous(cluster_id, public_code(32)), self._contact(n)) for n in range(BROWSERS)]
        for days in range(DAYS, 0, -1):
            at = self.trade.now - timedelta(days=days, hours=self.chance.uniform(0, 5))
            self.trade.later(at, self._buy)

    def _in_fashion(self) -> list[CrowdGood]:
        """What many want: of each trade one, so that what sells best is not all of one kind."""
        found: dict[str, CrowdGood] = {}
        for good in self.crowd.goods[1:]:  # the first has nearly no pieces
            found.setdefault(good.category, good)
        return list(found.values())[:IN_FASHION]

    def _contact(self, number: int) -> ContactDraft:
        home = HOMES[1:][number % (len(HOMES) - 1)]
        name = NAMES[number % len(NAMES)]
        street = f"{STREETS[number % len(STREETS)]}"
        return ContactDraft(
            name, f"139{number:04}{7_000 + number:04}", home.province, home.city, street, home.district
        )

    def _buy(self) -> None:
        """A day's purchases: more of them at week-ends and as the market grows."""
        now = clock.now()
        grown = 1 - (self.trade.now - now) / timedelta(days=DAYS)
        number = round(2 + 3 * grown + (2 if now.weekday() >= 5 else 0) + self.chance.random())
        chosen = self.chance.sample(self.buyers, number)
        requests = [self._request(buyer, contact) for buyer, contact in chosen]
        answers = zip(intake.place(requests), chosen, strict=True)
        placed = [(found, buyer) for answer, (buyer, _) in answers if (found := _placed(answer))]
        orders = self.trade.pay_many(placed)
        self._follow(orders, now)

    def _request(self, buyer: Actor, contact: ContactDraft) -> PlaceRequest:
        self.count += 1
        shop, picked = self.chance.choice(self.crowd.shops)
        by_shop = self.chance.random() < 0.72
        goods = self.chance.sample(picked if by_shop else self.crowd.goods, self.chance.choice((1, 1, 1, 2)))
        if self.chance.random() < OFTEN:
            goods = [self.chance.choice(self.liked)]
            by_shop = by_shop and goods[0] in picked
        lines = tuple(self._line(good, shop.pk if by_shop else None) for good in goods)
        return PlaceRequest(buyer, f"demo-crowd-{self.count:05}", lines, contact)

    def _line(self, good: CrowdGood, shop_id: int | None) -> WantedLine:
        variant = good.variants[0] if self.chance.random() < 0.7 else self.chance.choice(good.variants)
        if shop_id is None:
            return WantedLine(variant.pk, 1, variant.price_minor)
        source = self.chance.choice(SOURCES)
        return WantedLine(variant.pk, 1, variant.price_minor, shop_id=shop_id, source=source)

    # --- what becomes of a day's orders -----------------------------------------------------------------------------

    def _follow(self, orders: list[tuple[Order, Actor]], paid_at: datetime) -> None:
        later = self.trade.later
        later(paid_at + timedelta(hours=PACK_HOURS), lambda: self._pack([order for order, _ in orders]))
        for hours, code in ((COLLECT_HOURS, "in_transit.collected"), (TRANSIT_HOURS, "out_for_delivery")):
            later(paid_at + timedelta(hours=hours), lambda code=code: self._scan(orders, code))  # type: ignore[misc]
        slow = timedelta(hours=self.chance.uniform(4, 30))
        later(paid_at + timedelta(hours=TRANSIT_HOURS) + slow, lambda: self._scan(orders, "delivered.signed"))
        later(
            paid_at + timedelta(hours=TRANSIT_HOURS, days=CONFIRM_DAYS) + slow, lambda: self._confirm(orders)
        )

    def _pack(self, orders: list[Order]) -> None:
        """Each supplier its own, all at once."""
        by_supplier: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            by_supplier[order.supplier_id or 0].append(order)
        for supplier_id, own in by_supplier.items():
            items = [Packing(order.pk, self._carrier(order), self._number(order)) for order in own]
            for answer in pack_many(
                cluster_id=own[0].cluster_id, items=items, by=self.crowd.owners[supplier_id]
            ):
                require(answer)

    def _scan(self, orders: list[tuple[Order, Actor]], code: str) -> None:
        for order, _ in orders:
            self.trade.reports.append(
                Report(
                    code, clock.now(), carrier=self._carrier(order), tracking_no=self._number(order), place=""
                )
            )

    def _confirm(self, orders: list[tuple[Order, Actor]]) -> None:
        """Four of five say that it has come; the others leave it to time."""
        for order, buyer in orders:
            if order.pk % 5:
                [answer] = move(
                    cluster_id=order.cluster_id,
                    order_ids=[order.pk],
                    event="confirm",
                    who=Who.BUYER,
                    by=buyer,
                )
                require(answer)

    def _carrier(self, order: Order) -> str:
        return CARRIERS[order.pk % len(CARRIERS)]

    def _number(self, order: Order) -> str:
        return f"DEMOC{order.pk:09}"


def _placed(answer: Placed | YunjuError) -> Placed | None:
    """A thing that is sold out is a refusal as in life; anything else ends the demonstration."""
    if isinstance(answer, YunjuError) and answer.code != "stock.sold_out":
        raise answer
    return None if isinstance(answer, YunjuError) else answer
