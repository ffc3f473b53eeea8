"""The story told again, day by day: each step through the action that a page, a carrier or a worker would call.

A batch has one time, that of its last step; batches never cross a local day, so every date that money hangs on is
exact. What was done before is found by the source's own codes and not done again.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from yunju.catalog.actions import offers
from yunju.cli.replay_course import Agenda, Stage, agenda
from yunju.cli.replay_doors import DraftKey, ReplayGateway, ReplayShip
from yunju.cli.replay_market import Good, Market, by_seller
from yunju.cli.replay_source import COUNTRY, CURRENCY, ZONE, Source, SourceOrder
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import InvalidMany, YunjuError
from yunju.modes.ship import actions as ship
from yunju.orders.actions import expire, intake, pay, release, sending, start_payment
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.flow import actions as flow
from yunju.orders.flow import timers
from yunju.orders.models import Order, Purchase
from yunju.payments import actions as payments
from yunju.payments.contract import AnswerKind, Part, Payable, VerifiedEvent
from yunju.payments.models import Attempt
from yunju.ui import messages

AFTERWARDS = timedelta(days=30)
"""How long time goes on after the source's last word: the longest wait of a parcel's flow, then the release."""

WAY = AnswerKind.REDIRECT.value


class Stuck(Exception):
    """A step of the source that an action refused. What was done before it stays; the sentence names the order."""


class Story:
    """One replay into one market."""

    def __init__(self, market: Market, doors: ReplayShip, *, batch: int, quirks: Counter[str]) -> None:
        self.market, self.doors, self.batch, self.quirks = market, doors, batch, quirks
        self.cluster_id, self.by = market.cluster.pk, market.actor
        self.acts: dict[Stage, Callable[[list[SourceOrder], datetime], None]] = {
            Stage.PLACE: self._place,
            Stage.PAY: self._pay,
            Stage.STRAY: self._stray,
            Stage.CANCEL: self._cancel,
            Stage.PACK: self._pack,
            Stage.DELIVER: self._deliver,
            Stage.TAKE_BACK: self._take_back,
        }

    def play(self, source: Source, told: Callable[[date], None], until: date | None = None) -> None:
        """From the day of the first step until 30 days after the last one; `until` ends it earlier."""
        days = agenda(source.orders, self.quirks)
        if not days:
            return
        day, last = min(days), max(days)
        end = until or last + AFTERWARDS
        while day <= end:
            told(day)
            self._live(day, days)
            self._evening(day, source_is_silent=day > last)
            day += timedelta(days=1)

    def _live(self, day: date, days: Agenda) -> None:
        now = clock.at_local(day, 0, ZONE)
        for stage in Stage:
            for planned in _cut(days.get(day, {}).get(stage, ()), self.batch):
                now = max(now, planned[-1][0])
                with clock.at(now):
                    self.acts[stage]([order for _, order in planned], now)

    def _evening(self, day: date, *, source_is_silent: bool) -> None:
        """What the worker's loops would have done by midnight. Timers and expiry wait until the source has ended."""
        with clock.at(clock.at_local(day + timedelta(days=1), 0, ZONE)):
            if source_is_silent:
                _until_nothing(expire.expire_due)
                _until_nothing(lambda: timers.fire_due(only_cluster=self.cluster_id))
            _until_nothing(release.release_due)
            _until_nothing(sending.send_due)
            _until_nothing(outbox.drain)

    # --- purchases ----------------------------------------------------------------------------------------------

    def _place(self, orders: list[SourceOrder], now: datetime) -> None:  # noqa: ARG002 - the form of an act
        present = self._purchases(orders)
        waiting: list[SourceOrder] = []
        for order in orders:
            if order.id in present:
                continue
            if self._clashes(order, waiting):
                self._send(waiting)
                waiting = []
            self._set_prices(order)
            self.doors.freights |= self._freights(order)
            waiting.append(order)
        self._send(waiting)
        self._start(orders)

    def _clashes(self, order: SourceOrder, waiting: Sequence[SourceOrder]) -> bool:
        """True when the order's prices or freights would falsify what waits in the same batch."""
        freights = self._freights(order)
        if any(self.doors.freights.get(key, cost) != cost for key, cost in freights.items()):
            return True
        held = {(item.product, item.seller) for other in waiting for item in other.items}
        return any(
            (item.product, item.seller) in held
            and self._good(item.product, item.seller).price_minor != item.price_minor
            for item in order.items
        )

    def _freights(self, order: SourceOrder) -> dict[DraftKey, int]:
        """What the source's carrier took for each seller's part of the order: the sum of its rows."""
        costs: Counter[str] = Counter()
        for item in order.items:
            costs[item.seller] += item.freight_minor
        return {
            (
                self.market.suppliers[seller],
                tuple(sorted((self._good(product, seller).variant_id, n) for product, n in wanted.items())),
                order.address.state,
                order.address.city,
            ): costs[seller]
            for seller, wanted in by_seller(order).items()
        }

    def _set_prices(self, order: SourceOrder) -> None:
        """The supplier changes its price before the first order that has another one."""
        for item in order.items:
            good = self._good(item.product, item.seller)
            if good.price_minor != item.price_minor:
                offers.set_price(variant_id=good.variant_id, price_minor=item.price_minor, by=self.by)
                good.price_minor = item.price_minor
                self.quirks[
                    "changes of a product's price, made by its supplier before the first order at it"
                ] += 1

    def _good(self, product: str, seller: str) -> Good:
        return self.market.goods[product, seller]

    def _send(self, waiting: Sequence[SourceOrder]) -> None:
        """Place what waits in one batch, and forget its freights."""
        answers = intake.place([self._request(order) for order in waiting]) if waiting else []
        self.doors.freights.clear()
        for order, answer in zip(waiting, answers, strict=True):
            if not isinstance(answer, Placed):
                raise Stuck(f"The purchase of order {order.id} was refused: {words(answer)}")

    def _request(self, order: SourceOrder) -> PlaceRequest:
        lines = []
        for seller, wanted in by_seller(order).items():
            for product, count in wanted.items():
                good = self._good(product, seller)
                lines.append(
                    WantedLine(good.variant_id, count, good.price_minor, shop_id=good.shop_id, source="link")
                )
        address = order.address
        contact = ContactDraft(
            name="Olist",
            phone="+550000000000",
            province=address.state,
            city=address.city,
            street=f"CEP {address.zip_code}",
            country=COUNTRY,
        )
        key = f"olist:{order.id}".ljust(16, ".")
        return PlaceRequest(self._buyer(order), key, tuple(lines), contact, ReplayGateway.code)

    def _buyer(self, order: SourceOrder) -> Actor:
        return Actor(cluster_id=self.cluster_id, holder=holder(order))

    def _purchases(self, orders: Sequence[SourceOrder]) -> dict[str, Purchase]:
        """Source order -> its purchase, where it has one."""
        codes = {holder(order): order.id for order in orders}
        rows = Purchase.objects.filter(cluster_id=self.cluster_id, holder__in=list(codes))
        return {codes[purchase.holder]: purchase for purchase in rows}

    # --- money --------------------------------------------------------------------------------------------------

    def _start(self, orders: Sequence[SourceOrder]) -> None:
        """The buyers go to the cashier: an attempt for each purchase that the source says was paid."""
        paid = {order.id: order for order in orders if order.paid_minor}
        unpaid = {
            code: purchase
            for code, purchase in self._purchases(orders).items()
            if code in paid and purchase.payment_state == "unpaid"
        }
        started = self._attempts(list(unpaid.values()))
        for code, purchase in unpaid.items():
            if purchase.pk not in started:
                start_payment.start_payment(code=purchase.code, kind=WAY, by=self._buyer(paid[code]))

    def _attempts(self, purchases: Sequence[Purchase]) -> dict[int, Attempt]:
        rows = Attempt.objects.filter(
            cluster_id=self.cluster_id, purchase_id__in=[purchase.pk for purchase in purchases]
        )
        return {attempt.purchase_id: attempt for attempt in rows}

    def _pay(self, orders: list[SourceOrder], now: datetime) -> None:
        unpaid = {
            code: purchase
            for code, purchase in self._purchases(orders).items()
            if purchase.payment_state == "unpaid"
        }
        attempts = self._attempts(list(unpaid.values()))
        known = {order.id: order for order in orders}
        events = [
            self._event(known[code], attempts[purchase.pk].out_no, now) for code, purchase in unpaid.items()
        ]
        for event, verdict in zip(events, pay.pay(events), strict=True):
            if verdict not in ("paid", "short", "duplicate"):
                raise Stuck(f"The payment of order {event.provider_no} was answered {verdict!r}.")

    def _event(self, order: SourceOrder, out_no: str, at: datetime) -> VerifiedEvent:
        """All parts of the source's payment arrive as one sum."""
        return VerifiedEvent(
            gateway=ReplayGateway.code,
            event_id=hashlib.sha256(f"{self.cluster_id} {order.id}".encode()).hexdigest(),
            kind="paid",
            out_no=out_no,
            provider_no=order.id[:60],
            amount_minor=order.paid_minor,
            currency=CURRENCY,
            at=at,
        )

    def _stray(self, orders: list[SourceOrder], now: datetime) -> None:
        """Money for an order without items. One attempt may be open for no purchase, so one after the other."""
        strays = Attempt.objects.filter(cluster_id=self.cluster_id, purchase_id=0, state="paid")
        done = set(
            strays.filter(provider_no__in=[order.id[:60] for order in orders]).values_list(
                "provider_no", flat=True
            )
        )
        for order in orders:
            if order.id[:60] in done:
                continue
            parts = (Part(supplier_id=0, merchant="", amount_minor=order.paid_minor, description=""),)
            payable = Payable(self.cluster_id, 0, order.id, order.paid_minor, CURRENCY, parts)
            attempt, _ = payments.start_attempt(
                payable=payable, gateway=ReplayGateway.code, kind=WAY, by=self._buyer(order)
            )
            (verdict,) = pay.pay([self._event(order, attempt.out_no, now)])
            if verdict not in ("no_purchase", "duplicate"):
                raise Stuck(f"The payment of order {order.id}, which has no items, was answered {verdict!r}.")

    # --- parcels ------------------------------------------------------------------------------------------------

    def _orders(self, orders: Sequence[SourceOrder], *states: str) -> dict[int, tuple[SourceOrder, Order]]:
        """The supplier orders of these source orders that stand in one of `states`."""
        codes = {holder(order): order for order in orders}
        rows = Order.objects.select_related("purchase").filter(
            cluster_id=self.cluster_id,
            purchase__cluster_id=self.cluster_id,
            purchase__holder__in=list(codes),
            fulfilment_state__in=states,
        )
        return {row.pk: (codes[row.purchase.holder], row) for row in rows.order_by("pk")}

    def _cancel(self, orders: list[SourceOrder], now: datetime) -> None:  # noqa: ARG002 - the form of an act
        self._move(list(self._orders(orders, "to_pack")), "cancel", Who.SUPPLIER)

    def _take_back(self, orders: list[SourceOrder], now: datetime) -> None:  # noqa: ARG002 - the form of an act
        self._move(list(self._orders(orders, "packed")), "take_back", Who.SUPPLIER)

    def _pack(self, orders: list[SourceOrder], now: datetime) -> None:  # noqa: ARG002 - the form of an act
        """The source names no carrier and no number: ours says which order it is."""
        found = self._orders(orders, "to_pack")
        items = [ship.Packing(order_id, "other", f"OL-{row.number}") for order_id, (_, row) in found.items()]
        _check(found, ship.pack_many(cluster_id=self.cluster_id, items=items, by=self.by) if items else [])

    def _deliver(self, orders: list[SourceOrder], now: datetime) -> None:
        """The carrier says delivered, and the buyer confirms it."""
        found = self._orders(orders, "packed", "delivered")
        on_the_way = {
            order_id: both for order_id, both in found.items() if both[1].fulfilment_state == "packed"
        }
        reports = [
            ship.Report("delivered", source.delivered_at or now, order_id=order_id)
            for order_id, (source, _) in on_the_way.items()
        ]
        if reports:
            _check(on_the_way, ship.record_scans(cluster_id=self.cluster_id, reports=reports, by=self.by))
        self._move(list(found), "confirm", Who.BUYER)

    def _move(self, order_ids: list[int], event: str, who: Who) -> None:
        if order_ids:
            moved = flow.move(
                cluster_id=self.cluster_id, order_ids=order_ids, event=event, who=who, by=self.by
            )
            _check(order_ids, moved)


def holder(order: SourceOrder) -> str:
    """The buyer of an order: in the source, too, every order has a customer of its own."""
    return hashlib.sha256(f"olist:{order.id}".encode()).hexdigest()


def words(refusal: YunjuError) -> str:
    """What a refusal says, every fault of a form, with its code."""
    faults = refusal.faults if isinstance(refusal, InvalidMany) else [refusal]
    return " ".join(f"{messages.of(fault, currency=CURRENCY)} [{fault}]" for fault in faults)


def _check(
    order_ids: Sequence[int] | dict[int, tuple[SourceOrder, Order]], answers: Sequence[object]
) -> None:
    for order_id, answer in zip(order_ids, answers, strict=True):
        if isinstance(answer, YunjuError):
            raise Stuck(f"A step of the order with id {order_id} was refused: {words(answer)}")


def _cut(
    planned: Sequence[tuple[datetime, SourceOrder]], size: int
) -> Iterator[Sequence[tuple[datetime, SourceOrder]]]:
    for first in range(0, len(planned), size):
        yield planned[first : first + size]


def _until_nothing(work: Callable[[], int]) -> None:
    while work():
        pass
