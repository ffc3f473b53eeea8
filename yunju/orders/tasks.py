"""Due work of orders: the loops of the worker. `config` registers them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from yunju.kernel.actor import system
from yunju.orders.actions import cases, expire, pay, release, sending, sold
from yunju.orders.flow import timers
from yunju.orders.models import Purchase
from yunju.payments import actions as payments
from yunju.payments.models import Attempt

SILENT_AFTER = timedelta(seconds=60)


def ask_silent_gateways() -> int:
    """Ask about payments of which nothing was heard, and book what comes back."""
    found = payments.query_silent(older_than=SILENT_AFTER)
    if found:
        pay.pay(found)
    return len(found)


def close_dead_attempts(limit: int = 50) -> int:
    """Tell gateways that purchases ended; a payment that was faster is booked, which sends it back.

    Answers 0: what a silent gateway left open is for the next round, not for the next moment.
    """
    started = Attempt.objects.filter(state="started").values("purchase_id")
    ended = Purchase.objects.filter(pk__in=started).exclude(payment_state="unpaid").order_by("pk")
    by_cluster: dict[int, list[int]] = defaultdict(list)
    for purchase_id, cluster_id in ended.values_list("pk", "cluster_id")[:limit]:
        by_cluster[cluster_id].append(purchase_id)
    for cluster_id, purchase_ids in by_cluster.items():
        events = payments.close_attempts(purchase_ids=purchase_ids, by=system(cluster_id, "expiry"))
        if events:
            pay.pay(events)
    return 0


LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("orders.expiry", 5, expire.expire_due),
    ("orders.flow_timers", 5, timers.fire_due),
    ("orders.case_timers", 30, cases.fire_due),
    ("orders.release", 30, release.release_due),
    ("orders.refunds", 2, sending.send_due),
    ("orders.silent_gateways", 30, ask_silent_gateways),
    ("orders.dead_attempts", 60, close_dead_attempts),
    ("orders.sold", 900, sold.count_sold),
    ("orders.fronts", 20, sold.fill_fronts),
)
"""Code, seconds between rounds, one bounded batch. Each leaves a heartbeat; a late one is an alarm."""
