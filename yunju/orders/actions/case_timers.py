"""The timers of cases: one row per waiting case, replaced with its state."""

from datetime import datetime

from django.db.models import QuerySet

from yunju.kernel import clock
from yunju.orders.after_sale import WAITS
from yunju.orders.models import Case, FlowTimer


def set_for(case: Case, at: datetime) -> None:
    """Replace the case's timer by that of its state; an end has none."""
    drop(case.cluster_id, case.pk)
    if case.state in WAITS:
        FlowTimer.objects.create(
            cluster_id=case.cluster_id,
            noun="case",
            noun_id=case.pk,
            key="silence",
            event="silence",
            due_at=at + WAITS[case.state],
        )


def drop(cluster_id: int, case_id: int) -> None:
    _of(cluster_id, case_id).delete()


def drop_due(cluster_id: int, case_id: int) -> None:
    """Drop the case's timer if it is over; one that was set meanwhile stays."""
    _of(cluster_id, case_id).filter(due_at__lte=clock.now()).delete()


def put_off(cluster_id: int, case_id: int, until: datetime) -> None:
    _of(cluster_id, case_id).filter(due_at__lte=clock.now()).update(due_at=until)


def is_due(case: Case) -> bool:
    """Asked again under the case's lock: between the look and the lock somebody may have moved it."""
    return _of(case.cluster_id, case.pk).filter(due_at__lte=clock.now()).exists()


def _of(cluster_id: int, case_id: int) -> QuerySet[FlowTimer]:
    return FlowTimer.objects.filter(cluster_id=cluster_id, noun="case", noun_id=case_id)


def due(limit: int) -> list[tuple[int, int]]:
    """(cluster, case) whose silence is over, the oldest first."""
    rows = FlowTimer.objects.filter(noun="case", due_at__lte=clock.now()).order_by("due_at", "id")
    return list(rows.values_list("cluster_id", "noun_id")[:limit])
