"""Reads of filings. The operator sees the cluster's, a member's people theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Count, F, Q, QuerySet, When

from yunju.filings.models import FilingForm, Return, Round
from yunju.filings.words import OPEN_STATES, ReturnState
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.models import Member
from yunju.members.words import Permission


def runs_forms(actor: Actor) -> bool:
    """True for the operator's people who ask for figures, and the software."""
    return actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_ADMIT))


def forms_visible_to(actor: Actor) -> QuerySet[FilingForm]:
    """All forms for the operator, none for others."""
    forms = FilingForm.objects.filter(cluster_id=actor.cluster_id, closed_at=None).order_by("name")
    return forms if runs_forms(actor) else forms.none()


def returns_visible_to(actor: Actor) -> QuerySet[Return]:
    """All of the cluster for the operator; their own members' for everybody else."""
    rows = Return.objects.filter(cluster_id=actor.cluster_id).select_related("round__form", "member")
    return (
        rows if runs_forms(actor) else rows.filter(member_id__in=actor.members_with(Permission.MEMBER_EDIT))
    )


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with how many were asked, have handed in, and are late."""

    round: Round
    asked: int
    handed_in: int
    is_late: bool

    @property
    def missing(self) -> int:
        return self.asked - self.handed_in


def rounds(actor: Actor, form_id: int | None = None) -> list[RoundRow]:
    """The operator's rounds, newest first, in one query."""
    if not runs_forms(actor):
        return []
    found = Round.objects.filter(cluster_id=actor.cluster_id).select_related("form")
    if form_id is not None:
        found = found.filter(form_id=form_id)
    counted = found.annotate(
        asked=Count("returns"),
        handed_in=Count("returns", filter=Q(returns__state=ReturnState.HANDED_IN)),
    ).order_by("-period_from", "-pk")
    now = clock.now()
    return [
        RoundRow(row, row.asked, row.handed_in, row.closed_at is None and row.due_at < now) for row in counted
    ]


def round_by_code(actor: Actor, code: str) -> Round:
    """A round for the operator, or NotFound."""
    found = Round.objects.filter(cluster_id=actor.cluster_id, code=code).select_related("form").first()
    if found is None or not runs_forms(actor):
        raise NotFound("filing.unknown")
    return found


def waiting_count(actor: Actor) -> int:
    """How many returns of open rounds have not come in: the operator's to-do."""
    rows = Return.objects.filter(
        cluster_id=actor.cluster_id, round__closed_at=None, state__in=OPEN_STATES, member__closed_at=None
    )
    return rows.count() if runs_forms(actor) else 0


def own_waiting(actor: Actor, member_id: int) -> QuerySet[Return]:
    """What a member still has to hand in, the nearest deadline first."""
    rows = returns_visible_to(actor).filter(member_id=member_id, round__closed_at=None)
    return rows.filter(state__in=OPEN_STATES).order_by("round__due_at", "pk")


def own_returns(actor: Actor, member_id: int) -> QuerySet[Return]:
    """All returns of a member: what can still be handed in, the nearest deadline first; then the rest, newest first."""
    waits = Q(round__closed_at=None, state__in=OPEN_STATES)
    rows = returns_visible_to(actor).filter(member_id=member_id)
    return rows.annotate(waits_until=Case(When(waits, then=F("round__due_at")))).order_by(
        F("waits_until").asc(nulls_last=True), "-round__period_from", "-pk"
    )


def own_return(actor: Actor, member: Member, round_code: str) -> Return:
    """A member's own return of a round, or NotFound."""
    rows = returns_visible_to(actor).filter(member=member, round__code=round_code)
    found = rows.first()
    if found is None:
        raise NotFound("filing.unknown")
    return found


def before(row: Return) -> Mapping[str, int | str]:
    """What the member handed in for the quarter before, by column; empty when it did not."""
    previous = Return.objects.filter(
        round__form_id=row.round.form_id,
        member_id=row.member_id,
        round__period_to=row.round.period_from - timedelta(days=1),
        state=ReturnState.HANDED_IN,
    ).first()
    found: Mapping[str, int | str] = previous.values if previous else {}
    return found


def sums(found: Round) -> dict[str, int]:
    """The sum of every figure that came in, by the code of its column."""
    totals = {column["code"]: 0 for column in found.columns if column["kind"] != "note"}
    for values in found.returns.filter(state=ReturnState.HANDED_IN).values_list("values", flat=True):
        for code in totals:
            totals[code] += values.get(code, 0)
    return totals
