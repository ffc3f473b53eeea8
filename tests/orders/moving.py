"""Moving orders in tests: one event by one person, everything a move may write, and time that passes."""

from contextlib import contextmanager

import psycopg

from tests.factories.orders import Bought
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import YunjuError
from yunju.kernel.models import OutboxEvent
from yunju.orders.flow import timers
from yunju.orders.flow.actions import Moved, move
from yunju.orders.models import Event, FlowTimer, Line, Order, Refund

OWN = {"pack", "correct"}
"""Moves that people cause through an action of the mode only; here the machine stands in for them."""


def do(bought: Bought, event: str, who: Who, by=None) -> Moved | YunjuError:
    actors = {Who.BUYER: bought.buyer, Who.SUPPLIER: bought.market.seller}
    machine = system(bought.order.cluster_id)
    actor = by or (machine if event in OWN else actors.get(who, machine))
    return move(
        cluster_id=bought.order.cluster_id, order_ids=[bought.order.pk], event=event, who=who, by=actor
    )[0]


def done(bought: Bought, event: str, who: Who) -> Moved:
    answer = do(bought, event, who)
    assert isinstance(answer, Moved), answer
    return answer


def snapshot(bought: Bought) -> tuple:
    """Every row that a move may write."""
    key = {"cluster_id": bought.order.cluster_id, "noun": "order", "noun_id": bought.order.pk}
    return (
        Order.objects.filter(pk=bought.order.pk).values().get(),
        list(Line.objects.filter(order=bought.order).order_by("seq").values()),
        list(Event.objects.filter(**key).order_by("version").values()),
        list(FlowTimer.objects.filter(**key).order_by("key").values()),
        list(Refund.objects.filter(order_id=bought.order.pk).values()),
        OutboxEvent.objects.filter(cluster_id=bought.order.cluster_id, noun_id=bought.order.pk).count(),
    )


def timers_of(bought: Bought) -> dict[str, FlowTimer]:
    rows = FlowTimer.objects.filter(cluster_id=bought.order.cluster_id, noun="order", noun_id=bought.order.pk)
    return {row.key: row for row in rows}


def fire_at(bought: Bought, moment) -> int:
    """Fire all that is due then in the cluster of that order."""
    with clock.at(moment):
        fired = 0
        while step := timers.fire_due(100, only_cluster=bought.order.cluster_id):
            fired += step
        return fired


@contextmanager
def other_connection(database):
    """Another worker, as the application role."""
    with psycopg.connect(database.app_url) as other:
        yield other
