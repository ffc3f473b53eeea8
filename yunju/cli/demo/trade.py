"""The trade of the demonstration: a queue of steps in time, each taken under the clock of its moment, through actions.

Between the steps all that is due is done as the worker does it, so that releases, expiries and refunds have their days.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yunju.cli.demo.gateway import Gateway
from yunju.cli.demo.goods import PICKS, Good
from yunju.cli.demo.people import BUYER, OPERATOR, Market
from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import YunjuError
from yunju.kernel.ids import public_code
from yunju.members.queries import anonymous
from yunju.modes.ship.actions import Report, record_scans
from yunju.orders.actions import cases, expire, intake, pay, release, sending
from yunju.orders.actions.start_payment import start_payment
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.flow import timers
from yunju.orders.models import Order, Refund
from yunju.payments import registry

SEED = 20_260_418
TURN = timedelta(hours=12)
"""How often the due work has its turn while the demonstration's days go by."""

STRANGERS = 15
SOURCES = ("link", "link", "link", "poster", "search")
OFTEN = {"ceramics": 3}
"""Categories that are bought more often: the supplier whose log-in is shown has work."""

HOMES = (
    ContactDraft("周明", "13800020001", "浙江", "杭州", "文三路 90 号 3 幢 502", "西湖区"),
    ContactDraft("李慧", "13800020002", "北京", "北京", "高碑店东区 12 号", "朝阳区"),
    ContactDraft("黄海", "13800020003", "广东", "深圳", "科苑路 6 号", "南山区"),
    ContactDraft("孙玥", "13800020004", "四川", "成都", "宽窄巷子 21 号", "青羊区"),
    ContactDraft("阿依古丽", "13800020005", "新疆", "乌鲁木齐", "友好北路 7 号", "沙依巴克区"),
    ContactDraft("郑凯", "13800020006", "湖北", "武汉", "昙华林 33 号", "武昌区"),
    ContactDraft("宋佳", "13800020007", "上海", "上海", "愚园路 1088 弄", "长宁区"),
    ContactDraft("何苗", "13800020008", "福建", "泉州", "西街 118 号", "鲤城区"),
)
Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Wish:
    """Who buys what: `shop` is the shop that brought the buyer (None: nobody did), `category` all there is to choose from."""

    is_shown_buyer: bool = False
    shop: int | None = None
    category: str = ""
    lines: int = 1


@dataclass(slots=True)
class Trade:
    """What goes on. `now` is when the demonstration was started: nothing happens after it."""

    market: Market
    goods: list[Good]
    gateway: Gateway
    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a story, no secret
    queue: list[tuple[datetime, int, Step]] = field(default_factory=list)
    browsers: list[Actor] = field(default_factory=list)
    owners: dict[int, Actor] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    count: int = 0

    def later(self, moment: datetime, step: Step) -> None:
        """Do `step` when its moment comes; what would lie in the future is left out."""
        if moment <= self.now:
            self.count += 1
            heapq.heappush(self.queue, (moment, self.count, step))

    def run(self) -> None:
        """Take every step in the order of time, and do what is due in between."""
        first = min(moment for moment, _, _ in self.queue)
        turn = clock.at_local(
            clock.local_day(first, self.market.cluster.timezone), 4, self.market.cluster.timezone
        )
        while turn < self.now:
            turn += TURN
            self.later(turn + timedelta(minutes=1), self.do_due)
        while self.queue:
            moment, _, step = heapq.heappop(self.queue)
            with clock.at(moment):
                step()
        with clock.at(self.now):
            self.do_due()

    def do_due(self) -> None:
        """One turn of the worker, after the carriers have sent what they saw since the last."""
        self._hear_carriers()
        if Refund.objects.filter(cluster_id=self.market.cluster.pk, state__in=("decided", "sent")).exists():
            self.gateway.set_clock(clock.now())
        works = (
            expire.expire_due,
            self.fire_timers,
            cases.fire_due,
            release.release_due,
            sending.send_due,
            outbox.drain,
        )
        for work in works:
            while work():
                pass

    def _hear_carriers(self) -> None:
        said, self.reports = self.reports, []
        software = self.market.software
        answers = record_scans(cluster_id=software.cluster_id, reports=said, by=software) if said else []
        for answer in answers:
            require(answer)

    def fire_timers(self) -> int:
        return timers.fire_due(only_cluster=self.market.cluster.pk)

    # --- people -----------------------------------------------------------------------------------------------------

    def buyer(self, wish: Wish) -> Actor:
        """The buyer whose log-in is shown, or one of the strangers, who have a browser and no account."""
        if wish.is_shown_buyer:
            return self.market.actor(BUYER)
        if not self.browsers:
            secrets = [public_code(32) for _ in range(STRANGERS)]
            self.browsers = [anonymous(self.market.cluster.pk, secret) for secret in secrets]
        return self.chance.choice(self.browsers)

    def supplier(self, order: Order) -> Actor:
        """Whoever acts for the order's supplier."""
        if not self.owners:
            found = self.market.suppliers.items()
            self.owners = {member.pk: self.market.owner_of(category) for category, member in found}
        return self.owners[order.supplier_id or 0]

    def operator(self) -> Actor:
        return self.market.actor(OPERATOR)

    # --- buying -----------------------------------------------------------------------------------------------------

    def place(self, wish: Wish, buyer: Actor) -> Placed:
        """Place a purchase now."""
        self.count += 1
        home = HOMES[0] if wish.is_shown_buyer else self.chance.choice(HOMES[1:])
        lines = tuple(self._line(good, wish) for good in self._choose(wish))
        return intake.place_one(PlaceRequest(buyer, f"demo-purchase-{self.count:04}", lines, home))

    def _choose(self, wish: Wish) -> list[Good]:
        categories = PICKS[wish.shop] if wish.shop is not None else tuple(self.market.suppliers)
        open_to = [good for good in self.goods if good.category in categories]
        if wish.category:
            open_to = [good for good in open_to if good.category == wish.category]
        chosen: list[Good] = []
        while len(chosen) < wish.lines:
            good = self.chance.choices(open_to, [OFTEN.get(good.category, 1) for good in open_to])[0]
            if good not in chosen:
                chosen.append(good)
        return chosen

    def _line(self, good: Good, wish: Wish) -> WantedLine:
        variant = self.chance.choice(good.variants)
        pieces = self.chance.choice((1, 1, 1, 2)) if variant.price_minor < 30_000 else 1
        if wish.shop is None:
            return WantedLine(variant.pk, pieces, variant.price_minor)
        shop = self.market.shops[wish.shop]
        source = self.chance.choice(SOURCES)
        return WantedLine(variant.pk, pieces, variant.price_minor, shop_id=shop.pk, source=source)

    def pay(self, placed: Placed, buyer: Actor) -> list[Order]:
        """Pay at the provider and book what it says; the orders that are now to be fulfilled."""
        return [order for order, _ in self.pay_many([(placed, buyer)])]

    def pay_many(self, bought: list[tuple[Placed, Actor]]) -> list[tuple[Order, Actor]]:
        """Each buyer pays at the provider; what it says of all is booked together."""
        if not bought:
            return []
        self.gateway.set_clock(clock.now())
        attempts = []
        for placed, buyer in bought:
            kind = self.chance.choice(("qr", "redirect", "jsapi"))
            attempt, _ = start_payment(code=placed.code, kind=kind, by=buyer)
            self.gateway.pay(attempt.out_no)
            attempts.append(attempt)
        events = [registry.gateway(one.gateway).query(one.out_no) for one in attempts]
        said = [event for event in events if event is not None]
        if pay.pay(said) != ["paid"] * len(bought):
            raise AssertionError(f"the provider did not confirm {[one.out_no for one in attempts]}")
        while outbox.drain():  # orders are opened at once, as by the worker: their deadlines run from here
            pass
        buyers = {placed.purchase_id: buyer for placed, buyer in bought}
        orders = Order.objects.filter(purchase_id__in=buyers).order_by("pk")
        return [(order, buyers[order.purchase_id]) for order in orders]


def require(answer: object) -> None:
    """A refusal ends the demonstration: it asks for nothing that is not allowed."""
    if isinstance(answer, YunjuError):
        raise answer
