"""Forms that the operator asks members to fill in: its desk, and the member's page on a phone."""

from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.filings import actions, queries, reading
from yunju.filings.models import FilingForm, Return, Round
from yunju.filings.words import OPEN_STATES, Quarter, ReturnState
from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import formats, messages
from yunju.web.exports import attachment
from yunju.web.filing_forms import AskForm, OpenForm, ReturnForm
from yunju.web.filing_sheet import workbook
from yunju.web.request import Request, acting_for, go, missing, operating

PAGE = 50
MISSING = "missing"
"""Of the filter: whoever has not handed in, with or without a draft."""


@require_GET
def filings(request: Request) -> HttpResponse:
    """Forms, and rounds with how many have handed in."""
    operating(request, Permission.CLUSTER_ADMIT)
    told = {
        "here": "operator",
        "forms": list(queries.forms_visible_to(request.actor)),
        "rounds": [(row, Quarter.of(row.round.period_from)) for row in queries.rounds(request.actor)],
    }
    return render(request, "web/operator/filings.html", told)


@require_http_methods(["GET", "POST"])
def filing_new(request: Request) -> HttpResponse:
    """A new form; it begins with what nearly every authority asks for."""
    operating(request, Permission.CLUSTER_ADMIT)
    form = AskForm(request.POST or None)
    made: list[FilingForm] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: made.append(actions.make_form(draft=form.draft(), by=request.actor)))
    ):
        flash.success(request, _("The form is kept. Open a round when members shall fill it in."))
        return go(request, "filing_form", made[0].code)
    return render(request, "web/operator/filing_form.html", {"here": "operator", "form": form})


@require_http_methods(["GET", "POST"])
def filing_form(request: Request, code: str) -> HttpResponse:
    """A form with its columns and its sheet, and the door to a round of it."""
    operating(request, Permission.CLUSTER_ADMIT)
    kept = _form(request, code)
    form = AskForm(request.POST or None, kept=kept)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: actions.change_form(form_id=kept.pk, draft=form.draft(), by=request.actor)
        )
    ):
        flash.success(request, _("Saved. Open rounds keep the columns they were opened with."))
        return go(request, "filing_form", code)
    told = {
        "here": "operator",
        "form": form,
        "kept": kept,
        "opening": OpenForm(kept=kept),
        "rounds": _rounds_of(request, kept),
    }
    return render(request, "web/operator/filing_form.html", told)


def _rounds_of(request: Request, kept: FilingForm) -> list[tuple[queries.RoundRow, Quarter]]:
    return [(row, Quarter.of(row.round.period_from)) for row in queries.rounds(request.actor, kept.pk)]


def _form(request: Request, code: str) -> FilingForm:
    kept = queries.forms_visible_to(request.actor).filter(code=code).first()
    if kept is None:
        missing()
    return kept


@require_POST
def filing_open(request: Request, code: str) -> HttpResponse:
    """Ask for a quarter."""
    operating(request, Permission.CLUSTER_ADMIT)
    kept = _form(request, code)
    form = OpenForm(request.POST, kept=kept)
    made: list[Round] = []

    def open_it() -> None:
        given = form.cleaned_data
        quarter = Quarter.read(given["quarter"])
        made.append(
            actions.open_round(
                form_id=kept.pk,
                quarter=quarter,
                due_at=form.due_at(),
                kinds=given["kinds"],
                by=request.actor,
            )
        )

    if form.is_valid() and form.carried_out(open_it):
        flash.success(request, _("The round is open; members find it in their work."))
        return go(request, "filing_round", made[0].code)
    told = {
        "here": "operator",
        "form": AskForm(kept=kept),
        "kept": kept,
        "opening": form,
        "rounds": _rounds_of(request, kept),
    }
    return render(request, "web/operator/filing_form.html", told)


@require_POST
def filing_close(request: Request, code: str) -> HttpResponse:
    """No further round of a form."""
    operating(request, Permission.CLUSTER_ADMIT)
    kept = _form(request, code)
    try:
        actions.close_form(form_id=kept.pk, by=request.actor)
        flash.success(request, _("The form is closed; what came in stays."))
    except YunjuError as error:
        flash.error(request, messages.of(error))
        return go(request, "filing_form", code)
    return go(request, "filings")


@require_GET
def filing_round(request: Request, code: str) -> HttpResponse:
    """Who has handed in and who has not, with the sums of what came in."""
    operating(request, Permission.CLUSTER_ADMIT)
    found = queries.round_by_code(request.actor, code)
    wanted = request.GET.get("state", "")
    rows: QuerySet[Return] = found.returns.select_related("member").order_by("member__name", "pk")
    if wanted == MISSING:
        rows = rows.filter(state__in=OPEN_STATES)
    elif wanted in set(ReturnState):
        rows = rows.filter(state=wanted)
    words = request.GET.get("q", "").strip()[:60]
    if words:
        rows = rows.filter(member__name__icontains=words)
    page, currency = Paginator(rows, PAGE).get_page(request.GET.get("page")), request.cluster.currency
    told = {
        "here": "operator",
        "page": page,
        "round": found,
        "quarter": Quarter.of(found.period_from),
        "wanted": wanted,
        "words": words,
        "states": [(state, f"filing_{state}") for state in (MISSING, *ReturnState)],
        "rows": [(row, f"filing_{row.state}", _cells(found, row, currency)) for row in page],
        "sums": [(column, _shown(column, total, currency)) for column, total in _summed(found)],
        "asked": found.returns.count(),
        "handed_in": found.returns.filter(state=ReturnState.HANDED_IN).count(),
        "others": Member.objects.filter(cluster_id=request.cluster.pk, closed_at=None)
        .exclude(pk__in=found.returns.values("member_id"))
        .order_by("name")[:500],
    }
    return render(request, "web/operator/filing_round.html", told)


def _summed(found: Round) -> list[tuple[dict[str, Any], int]]:
    totals = queries.sums(found)
    return [(column, totals[column["code"]]) for column in found.columns if column["code"] in totals]


def _cells(found: Round, row: Return, currency: str) -> list[tuple[str, str]]:
    """Heading and value of each column as people read it; a draft's figures are nobody's but the member's."""
    if row.state != ReturnState.HANDED_IN:
        return [(column["name"], "") for column in found.columns]
    return [
        (column["name"], _shown(column, row.values.get(column["code"]), currency)) for column in found.columns
    ]


def _shown(column: dict[str, Any], value: int | str | None, currency: str) -> str:
    if value is None or column["kind"] == "note":
        return str(value or "")
    if column["kind"] == "money":
        return formats.money(int(value), currency)
    return f"{int(value):,} {column['unit']}".strip()


@require_POST
def filing_step(request: Request, code: str) -> HttpResponse:
    """Remind, close, open again, or ask one member more."""
    operating(request, Permission.CLUSTER_ADMIT)
    found = queries.round_by_code(request.actor, code)
    what = request.POST.get("what", "")
    if what not in {"remind", "close", "reopen", "ask"}:
        missing()
    try:
        if what == "remind":
            sent = actions.remind(round_id=found.pk, by=request.actor)
            flash.success(
                request, _("Members reminded: %(sent)s. Nobody is reminded twice a day.") % {"sent": sent}
            )
        elif what == "close":
            actions.close_round(round_id=found.pk, by=request.actor)
            flash.success(request, _("The round is closed."))
        elif what == "reopen":
            actions.reopen_round(round_id=found.pk, by=request.actor)
            flash.success(request, _("The round is open again."))
        else:
            member = Member.objects.filter(cluster_id=request.cluster.pk, code=request.POST.get("member", ""))
            chosen = member.first()
            if chosen is None:
                missing()
            actions.ask_member(round_id=found.pk, member_id=chosen.pk, by=request.actor)
            flash.success(request, _("%(name)s is asked too.") % {"name": chosen.name})
    except YunjuError as error:
        flash.error(request, messages.of(error))
    return go(request, "filing_round", code)


@require_GET
def filing_sheet(request: Request, code: str) -> HttpResponse:
    """The round in the authority's layout."""
    operating(request, Permission.CLUSTER_ADMIT)
    found = queries.round_by_code(request.actor, code)
    made = workbook(found, currency=request.cluster.currency)
    return attachment(made, f"{Quarter.of(found.period_from)}-{found.code}.xlsx")


@require_GET
def own_filings(request: Request, code: str) -> HttpResponse:
    """What a member has to hand in, the overdue and then the nearest first; and what it has."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    rows, now = queries.own_returns(request.actor, member.pk), clock.now()
    told = {
        "here": "work",
        "member": member,
        "rows": [
            (row, f"filing_{row.state}", Quarter.of(row.round.period_from), _is_late(row, now))
            for row in rows[:60]
        ],
    }
    return render(request, "web/account/filings.html", told)


def _is_late(row: Return, now: datetime) -> bool:
    return row.state in OPEN_STATES and row.round.closed_at is None and row.round.due_at < now


@require_http_methods(["GET", "POST"])
def own_filing(request: Request, code: str, round_code: str) -> HttpResponse:
    """One quarter on the phone: fields with the figures of the quarter before; kept as a draft or handed in."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    row = queries.own_return(request.actor, member, round_code)
    before = queries.before(row)
    given = request.POST.copy()
    step = given.pop("step", ["draft"])[-1] if request.method == "POST" else ""
    form = ReturnForm(given if step else None, row=row, before=before, currency=request.cluster.currency)
    kept: list[Return] = []

    def keep() -> None:
        typed = {name: str(value) for name, value in form.cleaned_data.items()}
        kept.append(
            actions.keep_return(
                round_id=row.round_id,
                member_id=member.pk,
                typed=typed,
                hand_in=step == "hand_in",
                by=request.actor,
            )
        )

    if step and form.is_valid() and form.carried_out(keep):
        return _kept(request, member, kept[0], before)
    told = {
        "here": "work",
        "member": member,
        "row": row,
        "state": f"filing_{row.state}",
        "quarter": Quarter.of(row.round.period_from),
        "form": form,
        "is_open": row.round.closed_at is None,
    }
    return render(request, "web/account/filing.html", told)


def _kept(request: Request, member: Member, row: Return, before: Any) -> HttpResponse:
    """Says what is kept, and asks about figures that jumped."""
    names = {column["code"]: column["name"] for column in row.round.columns}
    jumped = [names[code] for code in reading.jumps(row.round.columns, row.values, before)]
    if row.state == ReturnState.HANDED_IN:
        flash.success(request, _("Handed in. You may correct it until the round is closed."))
    else:
        flash.success(request, _("The draft is kept. It is not handed in yet."))
    if jumped:
        words = {"names": "、".join(jumped)}
        flash.warning(
            request,
            _("Very different from the quarter before: %(names)s. Is the unit right (元, not 万元)?") % words,
        )
    if row.state == ReturnState.HANDED_IN:
        return go(request, "own_filings", member.code)
    return go(request, "own_filing", member.code, row.round.code)
