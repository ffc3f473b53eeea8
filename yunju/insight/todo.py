"""今日待办: what waits for the operator, as counts. Each opens a list that can be worked off.

Rooms below are counted here; a room that comes later adds its own with `register`. One entry costs one statement, so
that the page costs as many statements as it has entries. A count needs the permission of the list that it opens.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from yunju.filings import queries as filings
from yunju.kernel import clock, loops
from yunju.kernel.actor import Actor
from yunju.members import papers
from yunju.members.models import Capacity, Cluster, Licence
from yunju.members.words import Permission
from yunju.orders.models import Case, FlowTimer, Refund
from yunju.orders.transitions import CASE_ENDS
from yunju.payments import queries as payments
from yunju.payments.models import PayoutAsk, PayoutRun
from yunju.talks.models import Thread

STUCK_AFTER = timedelta(hours=24)
SOON = timedelta(hours=24)


class Urgency(StrEnum):
    """Now: somebody waits or a law is close. Soon: this week. Later: good to know."""

    NOW = "now"
    SOON = "soon"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to do. `code` has its sentence as `todo.<code>`; `page` with `query` is the list that is worked off."""

    code: str
    permission: Permission
    urgency: Urgency
    page: str
    count: Callable[[Actor], int]
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry and how many of it wait."""

    entry: Entry
    count: int


registered: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Rooms above, and those that come later, add what they want done."""
    registered[entry.code] = entry


def today(actor: Actor) -> list[Waiting]:
    """Every entry that this person may work off, the urgent first, with its count; zero too."""
    order = list(Urgency)
    mine = [one for one in registered.values() if _may(actor, one.permission)]
    return [Waiting(one, one.count(actor)) for one in sorted(mine, key=lambda one: order.index(one.urgency))]


def _may(actor: Actor, permission: Permission) -> bool:
    return actor.kind == "system" or bool(actor.members_with(permission))


def runs_to_approve(actor: Actor) -> int:
    return PayoutRun.objects.filter(cluster_id=actor.cluster_id, state="made").count()


def runs_at_bank(actor: Actor) -> int:
    return PayoutRun.objects.filter(cluster_id=actor.cluster_id, state="approved").count()


def payouts_asked(actor: Actor) -> int:
    return PayoutAsk.objects.filter(cluster_id=actor.cluster_id, answered_at=None, run_id=None).count()


def disputes(actor: Actor) -> int:
    return Case.objects.filter(cluster_id=actor.cluster_id, state="disputed").count()


def cases_soon(actor: Actor) -> int:
    """Open cases that silence decides within a day."""
    due = FlowTimer.objects.filter(cluster_id=actor.cluster_id, noun="case", due_at__lte=clock.now() + SOON)
    open_cases = Case.objects.filter(cluster_id=actor.cluster_id).exclude(state__in=CASE_ENDS)
    return open_cases.exclude(state="disputed").filter(pk__in=due.values("noun_id")).count()


def refunds_stuck(actor: Actor) -> int:
    """Refunds that failed, or that no gateway has confirmed for a day."""
    here = Refund.objects.filter(cluster_id=actor.cluster_id)
    old = here.filter(state__in=("decided", "sent"), decided_at__lte=clock.now() - STUCK_AFTER)
    return (here.filter(state="failed") | old).count()


def applications(actor: Actor) -> int:
    return Capacity.objects.filter(
        member__cluster_id=actor.cluster_id, admitted_at=None, ended_at=None, member__closed_at=None
    ).count()


def licences_to_check(actor: Actor) -> int:
    return Licence.objects.filter(
        cluster_id=actor.cluster_id, state="waiting", member__closed_at=None
    ).count()


def licences_ending(days: int) -> Callable[[Actor], int]:
    """Papers that end within so many days and are not counted in a nearer group."""
    nearer = {90: 30, 30: 7}.get(days)

    def count(actor: Actor) -> int:
        zone = Cluster.objects.values_list("timezone", flat=True).get(pk=actor.cluster_id)
        today = clock.local_day(clock.now(), zone)
        found = papers.ending(actor.cluster_id, days, today)
        if nearer is not None:
            found = found.filter(valid_until__gt=today + timedelta(days=nearer))
        return found.count()

    return count


def threads_unanswered(actor: Actor) -> int:
    """Buyers who have waited longer than a supplier may take."""
    return Thread.objects.filter(cluster_id=actor.cluster_id, answer_due_at__lte=clock.now()).count()


def loops_late(actor: Actor) -> int:  # noqa: ARG001 - the worker is everybody's
    return len(loops.late())


def differences(actor: Actor) -> int:
    return payments.differences_visible_to(actor).filter(explained_at=None).count()


_P, _U = Permission, Urgency
for _entry in (
    Entry("alarms", _P.CLUSTER_ORDERS, _U.NOW, "alarms", loops_late),
    Entry("disputes", _P.CLUSTER_CASES, _U.NOW, "disputes", disputes),
    Entry("refunds_stuck", _P.CLUSTER_MONEY, _U.NOW, "refunds", refunds_stuck, {"view": "stuck"}),
    Entry("runs_to_approve", _P.CLUSTER_PAYOUT, _U.NOW, "payouts", runs_to_approve, {"view": "made"}),
    Entry("differences", _P.CLUSTER_MONEY, _U.NOW, "alarms", differences),
    Entry("licences_7", _P.CLUSTER_ADMIT, _U.NOW, "licences", licences_ending(7), {"view": "7"}),
    Entry("threads", _P.CLUSTER_CASES, _U.NOW, "operator_threads", threads_unanswered),
    Entry("applications", _P.CLUSTER_ADMIT, _U.SOON, "admissions", applications),
    Entry("licences_to_check", _P.CLUSTER_ADMIT, _U.SOON, "licences", licences_to_check),
    Entry("payouts_asked", _P.CLUSTER_PAYOUT, _U.SOON, "payouts", payouts_asked, {"view": "asked"}),
    Entry("runs_at_bank", _P.CLUSTER_PAYOUT, _U.SOON, "payouts", runs_at_bank, {"view": "approved"}),
    Entry("cases_soon", _P.CLUSTER_CASES, _U.SOON, "disputes", cases_soon, {"view": "soon"}),
    Entry("filings", _P.CLUSTER_ADMIT, _U.SOON, "filings", filings.waiting_count),
    Entry("licences_30", _P.CLUSTER_ADMIT, _U.SOON, "licences", licences_ending(30), {"view": "30"}),
    Entry("licences_90", _P.CLUSTER_ADMIT, _U.LATER, "licences", licences_ending(90), {"view": "90"}),
):
    register(_entry)
