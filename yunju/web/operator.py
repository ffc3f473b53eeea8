"""The operator's desk: who asks to join, payouts, refunds, cases, alarms, the proof of the book."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.insight import todo
from yunju.kernel import clock, loops
from yunju.kernel.errors import YunjuError
from yunju.ledger import verify as proofs
from yunju.members import actions
from yunju.members import queries as members
from yunju.members.models import Capacity
from yunju.members.words import CapacityKind, Channel, Permission, RefusalReason
from yunju.orders.models import Case, FlowTimer, Order, Refund
from yunju.orders.transitions import CASE_ENDS
from yunju.payments import queries as payments
from yunju.payments.bills import WORDS_MOST, explain_difference
from yunju.payments.models import PayoutRun
from yunju.payments.payouts import approve_run, bank_file, cancel_run, candidates, make_run, read_results
from yunju.ui import formats, messages
from yunju.web.exports import attachment
from yunju.web.forms import Form
from yunju.web.request import Request, go, missing, operating

PAGE = 30
DIFFERENCES = 50
RUNS_OPEN = ("made", "approved")
"""States of a run in which somebody has to do something."""

RESULT_BYTES = 20_000_000


def asking(cluster_id: int) -> Any:
    """Who asks to be let in, the longest wait first."""
    return (
        Capacity.objects.filter(
            member__cluster_id=cluster_id, member__closed_at=None, admitted_at=None, ended_at=None
        )
        .select_related("member")
        .order_by("asked_at", "id")
    )


def asked_with_missing(one: Capacity) -> tuple[Capacity, list[str], bool]:
    """What is asked, codes of what is missing for it, and whether some of that only the member can give: the sub-merchant is
    typed in with the admission itself."""
    lacking = members.missing_for_admission(one.member, CapacityKind(one.kind))
    return one, lacking, any(code != "members.missing_merchant" for code in lacking)


class RefuseForm(Form):
    """Why somebody is not admitted."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(one.value, messages.word("reason", one.value)) for one in RefusalReason]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]  # a ChoiceField


@require_GET
def admissions(request: Request) -> HttpResponse:
    """Who asks to join, with what is still missing."""
    operating(request, Permission.CLUSTER_ADMIT)
    page = Paginator(asking(request.cluster.pk), PAGE).get_page(request.GET.get("page"))
    rows = [asked_with_missing(one) for one in page.object_list]
    told = {"here": "operator", "page": page, "rows": rows, "form": RefuseForm()}
    return render(request, "web/operator/admissions.html", told)


@require_POST
def admit(request: Request, capacity_id: int) -> HttpResponse:
    """Let in, or not, with a reason that the member reads."""
    operating(request, Permission.CLUSTER_ADMIT)
    found = asking(request.cluster.pk).filter(pk=capacity_id).first()
    if found is None:
        missing()
    words = {"name": found.member.name}
    try:
        if request.POST.get("what") == "refuse":
            reason = request.POST.get("reason", "")
            actions.refuse_capacity(
                member_id=found.member_id, kind=found.kind, reason=reason, by=request.actor
            )
            flash.success(request, _("%(name)s was not admitted.") % words)
        else:
            merchant = request.POST.get("merchant", "").strip()[:60] or None
            actions.admit_capacity(
                member_id=found.member_id, kind=found.kind, gateway_merchant=merchant, by=request.actor
            )
            flash.success(request, _("%(name)s is admitted.") % words)
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
    return go(request, "admissions")


@require_GET
def payouts(request: Request) -> HttpResponse:
    """Runs, and who could be paid now."""
    operating(request, Permission.CLUSTER_PAYOUT)
    ready, others = candidates(request.cluster)
    page = Paginator(runs_wanted(request), PAGE).get_page(request.GET.get("page"))
    can, cannot = {one.member_id: one for one in ready}, {one.member_id: one for one in others}
    asks = payments.asks_visible_to(request.actor)
    told = {
        "here": "operator",
        "view": _view(request),
        "asks": [(ask, can.get(ask.member_id), cannot.get(ask.member_id)) for ask in asks],
        "page": page,
        "ready": len(ready),
        "ready_minor": sum(one.gross_minor for one in ready),
        "others": others[:50],
        "channels": [(one.value, messages.word("channel", one.value)) for one in Channel],
    }
    return render(request, "web/operator/payouts.html", told)


def _view(request: Request) -> str:
    view = request.GET.get("view", "")
    return view if view in {"asked", *RUNS_OPEN} else ""


def runs_wanted(request: Request) -> QuerySet[PayoutRun]:
    """All runs, or those of the state that the address asks for, the newest first."""
    found = payments.runs_visible_to(request.actor).order_by("-id")
    return found.filter(state=_view(request)) if _view(request) in RUNS_OPEN else found


@require_POST
def payout_make(request: Request) -> HttpResponse:
    """Put everybody who is ready into a run; no money moves yet."""
    operating(request, Permission.CLUSTER_PAYOUT)
    try:
        made = make_run(
            by=request.actor,
            channel=request.POST.get("channel", Channel.BANK),
            only_asked=request.POST.get("only_asked") == "yes",
        )
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
        return go(request, "payouts")
    return go(request, "payout_run", made.run.pk)


def run_of(request: Request, run_id: int) -> PayoutRun:
    operating(request, Permission.CLUSTER_PAYOUT)
    found = payments.runs_visible_to(request.actor).filter(pk=run_id).first()
    if found is None:
        missing()
    return found


@require_GET
def payout_run(request: Request, run_id: int) -> HttpResponse:
    """One run: its payees, its state, the next step."""
    run = run_of(request, run_id)
    failed = run.items.filter(state="failed")
    items = (
        run.items.select_related("member").annotate(is_failed=Q(state="failed")).order_by("-is_failed", "id")
    )
    told = {
        "here": "operator",
        "run": run,
        "page": Paginator(items, 100).get_page(request.GET.get("page")),
        "failed": failed.count(),
        "failed_minor": failed.aggregate(sum=Sum("net_minor"))["sum"] or 0,
    }
    return render(request, "web/operator/payout_run.html", told)


@require_POST
def payout_step(request: Request, run_id: int) -> HttpResponse:
    """Approve, or give up."""
    run = run_of(request, run_id)
    try:
        if request.POST.get("what") == "approve":
            approved = approve_run(run_id=run.pk, by=request.actor)
            flash.success(request, _("Approved."))
            if approved.dropped:
                words = ngettext(
                    "%(number)s payee fell out.", "%(number)s payees fell out.", len(approved.dropped)
                )
                flash.warning(request, words % {"number": len(approved.dropped)})
            if approved.alone:
                flash.warning(
                    request,
                    _("One person made and approved this run. Give a second one the right to pay out."),
                )
        else:
            cancel_run(run_id=run.pk, by=request.actor)
            flash.success(request, _("The run is given up; nothing was paid."))
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=run.currency))
    return go(request, "payout_run", run.pk)


@require_POST
def payout_file(request: Request, run_id: int) -> HttpResponse:
    """The file for the bank, with full account numbers. A download is on record, hence POST."""
    run = run_of(request, run_id)
    return attachment(bank_file(run_id=run.pk, by=request.actor), f"{run.number}.xlsx")


@require_POST
def payout_results(request: Request, run_id: int) -> HttpResponse:
    """The bank's answer: paid ones are booked, failed ones go back with the bank's words."""
    run = run_of(request, run_id)
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > RESULT_BYTES:
        flash.error(request, _("Choose the bank's file first; at most 20 MB."))
        return go(request, "payout_run", run.pk)
    try:
        outcome = read_results(run_id=run.pk, content=file.read(), by=request.actor)
        words = {"paid": outcome.paid, "failed": outcome.failed, "waiting": outcome.waiting}
        flash.success(request, _("Read: %(paid)s paid, %(failed)s failed, %(waiting)s still open.") % words)
    except YunjuError as error:
        for fault in getattr(error, "faults", [error]):
            flash.error(request, messages.of(fault, currency=run.currency))
    return go(request, "payout_run", run.pk)


@require_GET
def refunds(request: Request) -> HttpResponse:
    """Money on its way back to buyers; the unfinished first."""
    operating(request, Permission.CLUSTER_MONEY)
    page = Paginator(wanted_refunds(request), PAGE).get_page(request.GET.get("page"))
    orders = dict(
        Order.objects.filter(pk__in=[one.order_id for one in page.object_list]).values_list("pk", "code")
    )
    rows = [(one, orders.get(one.order_id or 0, "")) for one in page.object_list]
    told = {"here": "operator", "page": page, "rows": rows, "view": request.GET.get("view", "")}
    return render(request, "web/operator/refunds.html", told)


def wanted_refunds(request: Request) -> QuerySet[Refund]:
    """The refunds that the address asks for; without a wish the unfinished ones."""
    found = Refund.objects.filter(cluster_id=request.cluster.pk)
    view = request.GET.get("view", "")
    if view == "stuck":
        old = Q(state__in=("decided", "sent"), decided_at__lte=clock.now() - todo.STUCK_AFTER)
        found = found.filter(Q(state="failed") | old)
    elif view != "all":
        found = found.exclude(state="confirmed")
    return found.order_by("-id")


@require_GET
def disputes(request: Request) -> HttpResponse:
    """Cases where the operator decides, and (`view=soon`) those that silence decides within a day; deadlines first."""
    operating(request, Permission.CLUSTER_CASES)
    page = Paginator(wanted_cases(request), PAGE).get_page(request.GET.get("page"))
    orders = {
        order.pk: order for order in Order.objects.filter(pk__in=[case.order_id for case in page.object_list])
    }
    rows = [(case, orders[case.order_id]) for case in page.object_list]
    told = {"here": "operator", "page": page, "rows": rows, "view": request.GET.get("view", "")}
    return render(request, "web/operator/disputes.html", told)


def wanted_cases(request: Request) -> QuerySet[Any]:
    """The cases that the address asks for, each with the moment at which silence decides (`due_at`)."""
    view = request.GET.get("view", "")
    here = Case.objects.filter(cluster_id=request.cluster.pk)
    timers = FlowTimer.objects.filter(cluster_id=request.cluster.pk, noun="case", noun_id=OuterRef("pk"))
    due = Subquery(timers.order_by("due_at").values("due_at")[:1])
    if view not in {"soon", "open"}:
        return here.filter(state="disputed").annotate(due_at=due).order_by("id")
    found = here.exclude(state__in=[*CASE_ENDS, "disputed"]).annotate(due_at=due)
    if view == "soon":
        found = found.filter(due_at__lte=clock.now() + todo.SOON)
    return found.order_by(F("due_at").asc(nulls_last=True), "id")


class ExplainForm(Form):
    """Why a bill and the book differ."""

    words = forms.CharField(label=gettext_lazy("Why they differ"), max_length=WORDS_MOST)

    def __init__(self, *args: Any, difference_id: int, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{difference_id}_%s", **kwargs)


@require_GET
def alarms(request: Request) -> HttpResponse:
    """The heartbeats of due work, and where a provider's bill differs from our book."""
    operating(request, Permission.CLUSTER_ORDERS)
    return _alarms_page(request, {})


@require_POST
def explain(request: Request, difference_id: int) -> HttpResponse:
    """Say why a line of the bill and our book differ."""
    operating(request, Permission.CLUSTER_PAYOUT)  # an auditor sees, and changes nothing
    form = ExplainForm(request.POST, difference_id=difference_id)
    if form.is_valid() and form.carried_out(
        lambda: explain_difference(
            difference_id=difference_id, words=form.cleaned_data["words"], by=request.actor
        )
    ):
        flash.success(request, _("Saved."))
        return go(request, "alarms")
    return _alarms_page(request, {difference_id: form})


def _alarms_page(request: Request, broken: dict[int, ExplainForm]) -> HttpResponse:
    """`broken`: the form that was refused, by its difference; it stands in its row with what was typed."""
    late = {beat.name for beat in loops.late()}
    rows = [(beat, beat.name in late, formats.lasting(beat.every_seconds)) for beat in loops.beats()]
    differences = payments.differences_visible_to(request.actor).order_by("-id")
    still = list(differences.filter(explained_at=None)[:DIFFERENCES])
    if not {one.pk for one in still} >= broken.keys():  # somebody else was quicker
        for form in broken.values():
            flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    told = {
        "here": "operator",
        "troubled": [row for row in rows if row[1] or row[0].error],
        "well": [row for row in rows if not row[1] and not row[0].error],
        "hours_ahead": settings.YUNJU_CLOCK_SHIFT_HOURS,
        "differences": [(one, broken.get(one.pk) or ExplainForm(difference_id=one.pk)) for one in still],
        "explained": differences.exclude(explained_at=None).order_by("-explained_at")[:DIFFERENCES],
        "may_explain": payments.may_explain(request.actor),
    }
    return render(request, "web/operator/alarms.html", told, status=422 if broken else 200)


@require_http_methods(["GET", "POST"])
def proof(request: Request) -> HttpResponse:
    """The invariants of the book of this cluster, proved while you wait; a POST, since it leaves a verified snapshot."""
    operating(request, Permission.CLUSTER_MONEY)
    report = proofs.verify(request.cluster.pk) if request.method == "POST" else None
    rows = [(check, result) for check, result in report.results] if report else []
    last = proofs.last_at(request.cluster.pk)
    told = {"here": "operator", "report": report, "rows": rows, "last": last}
    return render(request, "web/operator/proof.html", told)
