"""How long parcels really took, from a supplier to a province."""

from datetime import timedelta

from django.db.models import Min

from yunju.catalog.provinces import normalised
from yunju.kernel import clock
from yunju.modes.ship.models import Scan
from yunju.orders.models import Contact, Order

LOOKED_BACK = timedelta(days=180)
MOST = 500
"""The newest orders of a supplier that are looked at."""

_DAY = timedelta(days=1)


def transit_days(cluster_id: int, supplier_id: int, province: str) -> list[float]:
    """Days from dispatch to delivery of the supplier's newest parcels to that province (its key), three statements.

    Only what a carrier or the supplier said was delivered: that time counted it as received says nothing of the way.
    """
    sent = dict(
        Order.objects.filter(
            cluster_id=cluster_id,
            supplier_id=supplier_id,
            mode="ship",
            dispatched_at__gte=clock.now() - LOOKED_BACK,
        )
        .order_by("-pk")
        .values_list("pk", "dispatched_at")[:MOST]
    )
    homes = Contact.objects.filter(cluster_id=cluster_id, order_id__in=list(sent)).values_list(
        "order_id", "province"
    )
    there = [order_id for order_id, home in homes if normalised(home) == province]
    arrived = (
        Scan.objects.filter(cluster_id=cluster_id, parcel__order_id__in=there, code__startswith="delivered")
        .order_by()
        .values_list("parcel__order_id")
        .annotate(at=Min("happened_at"))
    )
    spans = [(at, sent[order_id]) for order_id, at in arrived]
    return [(at - left) / _DAY for at, left in spans if left is not None and at >= left]
