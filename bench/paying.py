"""Payments booked a second in batches, and due lines released a second."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import transaction

from bench import bare, writers
from bench.figures import Figure, Watch, median
from bench.intake import place_batch
from bench.market import Market, requests
from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.orders.actions import pay, release
from yunju.orders.models import Line, Order, Purchase
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt

BATCH = 64


def measure(market: Market, count: int, *, rounds: int = 3) -> tuple[Figure, Figure]:
    """`count` payments a round through `pay`, and the same rows bare. Purchases that lack are placed."""
    place(market, 2 * (rounds + 1) * _whole(count))
    through = writers.measure(writers.Plan(partial(_prepare, market, count), 1, rounds))
    return through, writers.measure(writers.Plan(partial(_prepare_bare, market, count), 1, rounds))


def place(market: Market, wanted: int) -> None:
    """Have at least so many unpaid purchases."""
    missing = wanted - Purchase.objects.filter(cluster_id=market.cluster.pk, payment_state="unpaid").count()
    while missing > 0:
        place_batch(requests(market, BATCH))
        missing -= BATCH


def _whole(count: int) -> int:
    return max(count // BATCH, 1) * BATCH


def _batches(market: Market, count: int) -> list[list[VerifiedEvent]]:
    """Events of the oldest unpaid purchases that nobody has tried to pay."""
    unpaid = Purchase.objects.filter(cluster_id=market.cluster.pk, payment_state="unpaid", attempt_id=None)
    tried = Attempt.objects.filter(cluster_id=market.cluster.pk).values("purchase_id")
    found = list(unpaid.exclude(pk__in=tried).order_by("pk")[: _whole(count)])
    events = arrive(found)
    return [events[start : start + BATCH] for start in range(0, len(events), BATCH)]


def arrive(purchases: Sequence[Purchase]) -> list[VerifiedEvent]:
    """What an adapter hands over for them, with their attempts on record."""
    now = clock.now()
    attempts = Attempt.objects.bulk_create(
        [
            Attempt(
                cluster_id=one.cluster_id,
                purchase_id=one.pk,
                gateway="simulated",
                out_no=f"B{public_code(20)}",
                currency=one.currency,
                amount_minor=one.total_minor,
                kind="qr",
                started_at=now,
            )
            for one in purchases
        ]
    )
    return [
        VerifiedEvent(
            gateway="simulated",
            event_id=public_code(20),
            kind="paid",
            out_no=one.out_no,
            provider_no=public_code(20),
            amount_minor=one.amount_minor,
            currency=one.currency,
            at=now,
        )
        for one in attempts
    ]


def pay_batch(events: Sequence[VerifiedEvent]) -> None:
    verdicts = pay.pay(events)
    assert set(verdicts) == {"paid"}, verdicts


def _prepare(market: Market, count: int) -> writers.Work:
    batches = _batches(market, count)

    def work() -> int:
        for batch in batches:
            pay_batch(batch)
        return sum(map(len, batches))

    return work


def _prepare_bare(market: Market, count: int) -> writers.Work:
    batches = _batches(market, count)
    recorded = [bare.record(partial(pay_batch, batch)) for batch in batches]

    def work() -> int:
        bare.send(recorded)
        return sum(map(len, batches))

    return work


def measure_release(market: Market, lines: int, *, rounds: int = 3) -> Figure:
    """`lines` due lines released in equal rounds, after one call to warm up. The backlog is there from the start."""
    due = _make_due(market, lines + release.LINES)
    with clock.at(clock.now() + timedelta(seconds=1)):
        left = due - release.release_due()
        return median([_release(left // rounds) for _ in range(rounds)])


def _release(wanted: int) -> Figure:
    watch, done = Watch(), 0
    while done < wanted and (found := release.release_due()):
        done += found  # a call releases all due lines of the orders it claimed: more than its limit
    assert done, "nothing was due"
    return watch.stop(done)


def _make_due(market: Market, lines: int) -> int:
    """Paid orders of at least so many lines, received long ago. Returns how many lines are due."""
    cluster_id = market.cluster.pk
    waiting = Line.objects.filter(
        cluster_id=cluster_id, released_at=None, order__purchase__payment_state="paid"
    )
    while waiting.count() < lines:
        place(market, BATCH)
        for events in _batches(market, BATCH * 20):
            pay_batch(events)
    orders = Order.objects.filter(cluster_id=cluster_id, purchase__payment_state="paid")
    with transaction.atomic():
        release.date_release(
            cluster_id=cluster_id,
            order_ids=list(orders.values_list("pk", flat=True)),
            at=clock.now() - timedelta(days=60),
        )
    return waiting.filter(release_due_at__lte=clock.now()).count()
