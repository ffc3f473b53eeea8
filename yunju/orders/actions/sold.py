"""How well offers sell: pieces of the last 30 days, for the order of the shelf. A loop counts; nothing waits for it."""

from datetime import timedelta

from django.db import transaction

from yunju.catalog.actions import indexing
from yunju.kernel import clock, sql
from yunju.members.models import Cluster

WINDOW = timedelta(days=30)
_COUNT = (
    "SELECT l.offer_id, sum(l.quantity - l.refunded_quantity)::bigint FROM orders_purchase AS p"
    " JOIN orders_order AS o ON o.purchase_id = p.id JOIN orders_line AS l ON l.order_id = o.id"
    " WHERE p.cluster_id = %(c)s AND o.cluster_id = %(c)s AND l.cluster_id = %(c)s AND p.payment_state = 'paid'"
    " AND p.paid_at >= %(since)s AND l.kind = 'goods' AND l.offer_id IS NOT NULL GROUP BY l.offer_id"
)


def count_sold() -> int:
    """Count anew for every open cluster. Answers 0: a later round is soon enough for the next look."""
    for cluster_id in Cluster.objects.filter(closed_at=None).order_by("pk").values_list("pk", flat=True):
        count_in(cluster_id)
    return 0


def count_in(cluster_id: int) -> int:
    """One cluster; returns how many offers have another figure than before."""
    with transaction.atomic():
        sql.execute("SET LOCAL statement_timeout = '60s'")  # a month of a big cluster is millions of lines
        rows = sql.fetch(_COUNT, {"c": cluster_id, "since": clock.now() - WINDOW})
        sold = {offer: pieces for offer, pieces in rows if pieces > 0}
        changed = indexing.set_sold(sold, cluster_id=cluster_id)
    _front(cluster_id)
    return changed


_unfinished: set[int] = set()
"""Clusters of which more entries wait to move to the front; a restart begins anew with the next count."""


def fill_fronts() -> int:
    """Go on where the last step moved as many as it may: a big shelf that is new is in order after minutes. Answers 0."""
    for cluster_id in sorted(_unfinished):
        _front(cluster_id)
    return 0


def _front(cluster_id: int) -> None:
    with transaction.atomic():
        sql.execute("SET LOCAL statement_timeout = '60s'")
        moved = indexing.set_fronts(cluster_id=cluster_id, most=indexing.MOVED)
    if moved < indexing.MOVED:
        _unfinished.discard(cluster_id)
    else:
        _unfinished.add(cluster_id)
