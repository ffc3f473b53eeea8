"""The timers of cases: one row per waiting case, replaced with its state."""

from datetime import datetime

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
    FlowTimer.objects.filter(cluster_id=cluster_id, noun="case", noun_id=case_id).delete()


def due(limit: int) -> list[tuple[int, int]]:
    """(cluster, case) whose silence is over, the oldest first."""
    rows = FlowTimer.objects.filter(noun="case", due_at__lte=clock.now()).order_by("due_at", "id")
    return list(rows.values_list("cluster_id", "noun_id")[:limit])
