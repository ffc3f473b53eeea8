"""Two at once: movers and workers race for the same orders, and what was done is done once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from tests.factories.orders import make_market, make_paid_order, make_paid_orders
from tests.orders.moving import do, fire_at, snapshot
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, outbox
from yunju.kernel.errors import Refused
from yunju.modes.ship.actions import Report, pack, record_scans
from yunju.modes.ship.models import Scan
from yunju.orders.flow import timers
from yunju.orders.flow.actions import Moved
from yunju.orders.models import Event, FlowTimer, Refund

pytestmark = pytest.mark.usefixtures("db_app")
DAY = timedelta(days=1)


def at_once(*works: Callable[[], object]) -> list:
    """Run all from one starting shot, each in a thread and on a connection of its own."""
    shot = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            shot.wait(10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(30) for future in [pool.submit(run, work) for work in works]]


def test_of_two_movers_one_wins():
    for _ in range(5):
        bought = make_paid_order()
        answers = at_once(
            lambda bought=bought: do(bought, "pack", Who.SUPPLIER),
            lambda bought=bought: do(bought, "cancel", Who.SUPPLIER),
        )
        won = [answer for answer in answers if isinstance(answer, Moved)]
        lost = [answer for answer in answers if isinstance(answer, Refused)]
        assert (len(won), len(lost)) == (1, 1)
        assert bought.now.fulfilment_state == won[0].after
        stock = bought.market.stock
        assert (stock.reserved, stock.sold) == ((0, 1) if won[0].after == "packed" else (0, 0))


def test_workers_fire_each_timer_once():
    market = make_market()
    orders = make_paid_orders(market, 30)
    moment = clock.now() + 31 * DAY

    def worker() -> int:
        with clock.at(moment):
            return sum(iter(lambda: timers.fire_due(4, only_cluster=market.cluster.pk), 0))

    at_once(worker, worker, worker)
    fire_at(orders[0], moment)
    fired = Event.objects.filter(cluster_id=market.cluster.pk, event="give_up")
    assert sorted(fired.values_list("noun_id", flat=True)) == sorted(one.order.pk for one in orders)
    assert Refund.objects.filter(cluster_id=market.cluster.pk).count() == 30
    assert not FlowTimer.objects.filter(cluster_id=market.cluster.pk).exists()
    assert market.stock.remaining == 1_000


def test_a_worker_that_dies_in_the_middle_has_done_whole_batches_or_nothing(monkeypatch):
    market = make_market()
    first, second = make_paid_orders(market, 2)
    before = [snapshot(one) for one in (first, second)]
    moment = clock.now() + 49 * timedelta(hours=1)

    def killed(_events: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(outbox, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        fire_at(first, moment)
    assert [snapshot(one) for one in (first, second)] == before
    monkeypatch.undo()
    with clock.at(moment):
        assert timers.fire_due(1, only_cluster=market.cluster.pk) == 1
    fire_at(first, moment)
    assert Event.objects.filter(cluster_id=market.cluster.pk, event="remind_pack").count() == 2


def test_two_batches_of_scans_fold_one_after_the_other():
    """Each alone would end in its own state; together the newest scan decides, whoever came first."""
    for _ in range(5):
        bought = make_paid_order()
        cluster_id, now = bought.order.cluster_id, clock.now()
        pack(
            cluster_id=cluster_id,
            order_id=bought.order.pk,
            carrier="sf",
            tracking_no="SF00000001",
            by=bought.market.seller,
        )

        def say(code: str, minutes: int, bought=bought, now=now) -> Callable[[], object]:
            report = Report(code, now - timedelta(minutes=minutes), order_id=bought.order.pk)
            actor = bought.market.seller.__class__(bought.order.cluster_id, kind="system")
            return lambda: record_scans(
                cluster_id=bought.order.cluster_id, reports=[report, report], by=actor
            )

        at_once(say("out_for_delivery", 1), say("in_transit", 60), say("out_for_delivery", 1))
        assert bought.now.fulfilment_state == "out_for_delivery"
        assert Scan.objects.filter(parcel__order=bought.order).count() == 2
