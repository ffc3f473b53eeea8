"""What is due by time: a supplier who lets a buyer wait is reminded, once a wait."""

from django.db import transaction

from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.talks import telling
from yunju.talks.actions.steps import note, order_of
from yunju.talks.models import Thread

BATCH = 200


def remind() -> int:
    """Mark threads whose answer is overdue, and say so to the supplier; returns how many."""
    now = clock.now()
    due = list(
        Thread.objects.filter(answer_due_at__lte=now, reminded_at__isnull=True).order_by(
            "answer_due_at", "id"
        )[:BATCH]
    )
    for thread in due:
        by = system(thread.cluster_id, "talks")
        with transaction.atomic():
            fresh = Thread.objects.filter(pk=thread.pk, answer_due_at__lte=now, reminded_at__isnull=True)
            if fresh.update(reminded_at=now):
                telling.supplier(order_of(by, thread.order_id), "thread.late", by)
                note(by, "thread", thread.pk, "late")
    return len(due)


LOOPS = (("talks.late", 300, remind),)
