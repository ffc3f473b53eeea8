"""Writes of filings: a form, a round of it, a member's return, reminders. Each one transaction with its event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from yunju.filings import policy, reading
from yunju.filings.models import FilingEvent, FilingForm, Return, Round
from yunju.filings.words import OPEN_STATES, SCALES, Quarter, ReturnState
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import inputs
from yunju.members.actions.steps import action
from yunju.members.models import Cluster, Member
from yunju.members.queries import live_capacities
from yunju.members.words import CapacityKind, Permission
from yunju.notices.actions import Draft, notify


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What a form asks and how its sheet looks. An empty layout means the usual one."""

    name: str
    columns: Sequence[Mapping[str, Any]]
    note: str = ""
    title: str = ""
    layout: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    scale: int = 1


@action
def make_form(*, draft: FormDraft, by: Actor) -> FilingForm:
    """A new form. Nobody is asked yet."""
    policy.may_ask(by)
    values = _checked(draft)
    if FilingForm.objects.filter(cluster_id=by.cluster_id, name=values["name"], closed_at=None).exists():
        raise Refused("filing.name_taken", name=values["name"])
    form = FilingForm.objects.create(cluster_id=by.cluster_id, made_at=clock.now(), **values)
    _note(by, "form.made", form_id=form.pk)
    return form


@action
def change_form(*, form_id: int, draft: FormDraft, by: Actor) -> FilingForm:
    """The next version of a form. Open rounds keep the columns they were opened with."""
    policy.may_ask(by)
    values = _checked(draft)
    form = _locked_form(form_id, by)
    taken = FilingForm.objects.filter(cluster_id=by.cluster_id, name=values["name"], closed_at=None)
    if taken.exclude(pk=form.pk).exists():
        raise Refused("filing.name_taken", name=values["name"])
    for name, value in values.items():
        setattr(form, name, value)
    form.version += 1
    form.save()
    _note(by, "form.changed", form_id=form.pk, params={"version": form.version})
    return form


@action
def close_form(*, form_id: int, by: Actor) -> None:
    """No further round of it. What came in stays."""
    policy.may_ask(by)
    form = _locked_form(form_id, by)
    if form.rounds.filter(closed_at=None).exists():
        raise Refused("filing.round_open", name=form.name)
    form.closed_at = clock.now()
    form.save(update_fields=["closed_at"])
    _note(by, "form.closed", form_id=form.pk)


@action
def open_round(
    *, form_id: int, quarter: Quarter, due_at: datetime, kinds: Sequence[str] = (), by: Actor
) -> Round:
    """Ask every open member admitted as one of `kinds` (all kinds when empty; never the operator) for a quarter."""
    policy.may_ask(by)
    form, now = _locked_form(form_id, by), clock.now()
    if due_at <= now:
        raise Invalid("filing.due_past", field="due_at")
    if form.rounds.filter(period_from=quarter.first_day).exists():
        raise Refused("filing.quarter_asked", quarter=str(quarter))
    asked = _asked(by.cluster_id, kinds)
    if not asked:
        raise Refused("filing.nobody_asked")
    made = Round.objects.create(
        cluster_id=by.cluster_id,
        form=form,
        period_from=quarter.first_day,
        period_to=quarter.last_day,
        due_at=due_at,
        columns=form.columns,
        layout=form.layout,
        title=form.title,
        scale=form.scale,
        opened_at=now,
    )
    Return.objects.bulk_create(
        [Return(cluster_id=by.cluster_id, round=made, member_id=member_id) for member_id in asked]
    )
    _note(
        by,
        "round.opened",
        form_id=form.pk,
        round_id=made.pk,
        params={"asked": len(asked), "quarter": str(quarter)},
    )
    return made


def _asked(cluster_id: int, kinds: Sequence[str]) -> list[int]:
    unknown = set(kinds) - set(CapacityKind)
    if unknown:
        raise Invalid("filing.no_kind", field="kinds")
    rows = live_capacities().filter(member__cluster_id=cluster_id, member__closed_at=None)
    operators = rows.filter(kind=CapacityKind.OPERATOR).values("member_id")
    wanted = rows.filter(Q(kind__in=kinds) if kinds else ~Q(kind=CapacityKind.OPERATOR))
    ids = wanted.exclude(member_id__in=operators).values_list("member_id", flat=True)
    return sorted(set(ids))


@action
def ask_member(*, round_id: int, member_id: int, by: Actor) -> Return:
    """One more member, such as one that joined after the round had opened."""
    policy.may_ask(by)
    found = _open_round(round_id, by)
    member = Member.objects.filter(cluster_id=by.cluster_id, pk=member_id, closed_at=None).first()
    if member is None:
        raise NotFound("members.no_member")
    row, is_new = Return.objects.get_or_create(
        round=found, member=member, defaults={"cluster_id": by.cluster_id}
    )
    if is_new:
        _note(by, "member.asked", form_id=found.form_id, round_id=found.pk, member_id=member.pk)
    return row


@action
def close_round(*, round_id: int, by: Actor) -> None:
    """Nothing is handed in or changed after this."""
    policy.may_ask(by)
    found = _open_round(round_id, by)
    found.closed_at = clock.now()
    found.save(update_fields=["closed_at"])
    missing = found.returns.exclude(state=ReturnState.HANDED_IN).count()
    _note(by, "round.closed", form_id=found.form_id, round_id=found.pk, params={"missing": missing})


@action
def reopen_round(*, round_id: int, by: Actor) -> None:
    """Undo of closing: what is still missing may come in."""
    policy.may_ask(by)
    found = Round.objects.select_for_update().filter(cluster_id=by.cluster_id, pk=round_id).first()
    if found is None:
        raise NotFound("filing.unknown")
    if found.closed_at is not None:
        found.closed_at = None
        found.save(update_fields=["closed_at"])
        _note(by, "round.reopened", form_id=found.form_id, round_id=found.pk)


@action
def keep_return(
    *, round_id: int, member_id: int, typed: Mapping[str, str], hand_in: bool, by: Actor
) -> Return:
    """Keep what a member typed: as a draft, or handed in. A later one replaces it while the round is open."""
    policy.may_hand_in(by, member_id)
    _open_round(round_id, by)  # before the return, as everybody else takes them
    rows = Return.objects.select_for_update(of=("self",)).select_related("round")
    row = rows.filter(cluster_id=by.cluster_id, round_id=round_id, member_id=member_id).first()
    if row is None:
        raise NotFound("filing.unknown")
    currency = Cluster.objects.values_list("currency", flat=True).get(pk=by.cluster_id)
    row.values = reading.values(row.round.columns, typed, currency=currency, whole=hand_in)
    now = clock.now()
    row.state = (ReturnState.HANDED_IN if hand_in else ReturnState.DRAFT).value
    row.changed_at = now
    row.handed_in_at, row.handed_in_by = (now, by.user_id) if hand_in else (None, None)
    row.save()
    _note(
        by,
        "return.handed_in" if hand_in else "return.kept",
        form_id=row.round.form_id,
        round_id=round_id,
        member_id=member_id,
    )
    return row


@action
def remind(*, round_id: int, by: Actor) -> int:
    """Remind everybody who has not handed in, now, by the operator's hand; at most once a day each."""
    policy.may_ask(by)
    found = _open_round(round_id, by)
    day_ago = clock.now() - timedelta(days=1)
    rows = found.returns.filter(state__in=OPEN_STATES, member__closed_at=None)
    rows = rows.filter(Q(reminded_at=None) | Q(reminded_at__lt=day_ago))
    return _tell(list(rows.select_for_update(of=("self",)).order_by("pk")), found, by)


@action
def remind_due(*, days: int, round_id: int, by: Actor) -> int:
    """The reminder of that many days after the opening, for those who have not had it."""
    policy.may_ask(by)
    found = _open_round(round_id, by)
    rows = found.returns.filter(state__in=OPEN_STATES, member__closed_at=None, reminded__lt=days)
    due = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for row in due:
        row.reminded = days
    return _tell(due, found, by)


def _tell(rows: list[Return], found: Round, by: Actor) -> int:
    """Notices and the marks on the returns, together."""
    now = clock.now()
    codes = dict(Member.objects.filter(pk__in=[row.member_id for row in rows]).values_list("pk", "code"))
    drafts = [
        Draft(
            cluster_id=by.cluster_id,
            code="filing.due",
            params={"name": found.form.name, "quarter": str(Quarter.of(found.period_from))},
            link=f"/m/{codes[row.member_id]}/filings/{found.code}",
            member_id=row.member_id,
            permission=Permission.MEMBER_EDIT,
        )
        for row in rows
    ]
    notify(notices=drafts, by=by)
    for row in rows:
        row.reminded_at = now
    Return.objects.bulk_update(rows, ["reminded", "reminded_at"], batch_size=500)
    if rows:
        _note(by, "reminded", form_id=found.form_id, round_id=found.pk, params={"members": len(rows)})
    return len(rows)


def _checked(draft: FormDraft) -> dict[str, Any]:
    if draft.scale not in SCALES:
        raise Invalid("filing.scale", field="scale")
    with inputs.Faults() as check:
        values: dict[str, Any] = {
            "name": check(inputs.text, draft.name, field="name", most=80),
            "note": check(inputs.text, draft.note, field="note", most=500, least=0, lines=True),
            "title": check(inputs.text, draft.title, field="title", most=120, least=0),
            "columns": check(reading.columns, draft.columns),
        }
    columns = values["columns"]
    rows = draft.layout or reading.usual_layout(columns)
    return values | {"layout": reading.layout(rows, columns), "scale": draft.scale}


def _locked_form(form_id: int, by: Actor) -> FilingForm:
    rows = FilingForm.objects.select_for_update(no_key=True)
    form = rows.filter(cluster_id=by.cluster_id, pk=form_id, closed_at=None).first()
    if form is None:
        raise NotFound("filing.unknown")
    return form


def _open_round(round_id: int, by: Actor) -> Round:
    """The round, held open until the transaction ends: whoever closes it waits for returns under way."""
    found = Round.objects.select_for_update(no_key=True).filter(cluster_id=by.cluster_id, pk=round_id).first()
    if found is None:
        raise NotFound("filing.unknown")
    if found.closed_at is not None:
        raise Refused("filing.round_closed")
    return found


def _note(
    by: Actor,
    what: str,
    *,
    form_id: int,
    round_id: int | None = None,
    member_id: int | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    FilingEvent.objects.create(
        cluster_id=by.cluster_id,
        form_id=form_id,
        round_id=round_id,
        member_id=member_id,
        what=what,
        params=dict(params or {}),
        by_user_id=by.user_id,
        by_name=by.name[:60],
        at=clock.now(),
    )
