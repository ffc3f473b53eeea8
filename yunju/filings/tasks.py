"""Due work of filings: reminders some days after a round opened. `config` registers the loop."""

from collections.abc import Callable
from datetime import timedelta

from yunju.filings import actions
from yunju.filings.models import Round
from yunju.filings.words import OPEN_STATES, REMINDER_DAYS
from yunju.kernel import clock
from yunju.kernel.actor import system


def remind(limit: int = 20) -> int:
    """Send the latest reminder that is due to whoever has not had it; rounds whose reminders are sent cost nothing."""
    sent = 0
    for days in sorted(REMINDER_DAYS, reverse=True):
        begun = clock.now() - timedelta(days=days)
        due = Round.objects.filter(
            closed_at=None,
            opened_at__lte=begun,
            returns__state__in=OPEN_STATES,
            returns__reminded__lt=days,
            returns__member__closed_at=None,
        )
        for round_id, cluster_id in due.distinct().order_by("pk").values_list("pk", "cluster_id")[:limit]:
            sent += actions.remind_due(days=days, round_id=round_id, by=system(cluster_id, "filings"))
    return sent


LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (("filings.reminders", 3_600, remind),)
"""Code, seconds between rounds, one bounded batch."""
