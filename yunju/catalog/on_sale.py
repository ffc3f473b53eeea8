"""What buyers find on the page of flash sales: those that run, the next to end first, then those to come."""

from typing import Any

from django.db.models import Case, DateTimeField, F, IntegerField, QuerySet, Value, When

from yunju.catalog.models import Sale
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock


def listed(cluster_id: int) -> QuerySet[Sale, Any]:
    """Sales of what is on the shelf that run or come, with pieces left. `is_later`: 1 for those to come; `turns_at`: when
    such a one starts or a running one ends."""
    now = clock.now()
    is_later = When(starts_at__gt=now, then=Value(1))
    turns_at = When(starts_at__gt=now, then=F("starts_at"))
    found = Sale.objects.filter(
        cluster_id=cluster_id,
        ended_at=None,
        ends_at__gt=now,
        taken__lt=F("quota"),
        price_minor__lt=F("variant__price_minor"),
        variant__cluster_id=cluster_id,
        variant__closed_at=None,
        variant__offer__in=on_shelf(cluster_id),
    )
    return (
        found.annotate(
            is_later=Case(is_later, default=Value(0), output_field=IntegerField()),
            turns_at=Case(turns_at, default=F("ends_at"), output_field=DateTimeField()),
        )
        .select_related("variant__offer__supplier", "variant__picture")
        .defer("variant__offer__body_html")
        .order_by("is_later", "turns_at", "pk")
    )
