"""Bringing goods in from a file: choose it, try it, watch it, read the report row by row, take it for real."""

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.actions import import_runs
from yunju.catalog.actions.imports import ImportOptions
from yunju.catalog.csvfile import MOST_BYTES
from yunju.catalog.models import ImportRun
from yunju.kernel.errors import Refused
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.forms import Form, PercentField
from yunju.web.request import Request, acting_for, go, missing

PAGE = 20
REMARKS_SHOWN = 200


class ImportForm(Form):
    """A product file and what to do with it."""

    file = forms.FileField(
        label=gettext_lazy("Shopify product file (CSV)"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    shop_bp = PercentField(
        label=gettext_lazy("Commission for shops, in per cent"),
        required=False,
        help_text=gettext_lazy("For offers that are new."),
    )
    sets_stock = forms.BooleanField(label=gettext_lazy("The counts of the file replace ours"), required=False)
    what = forms.ChoiceField(choices=[("try", "try"), ("import", "import")], widget=forms.HiddenInput)

    def clean_file(self) -> object:
        """Before anything reads it."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            words = {"most": MOST_BYTES // 1_000_000}
            raise forms.ValidationError(_("The file is too large: at most %(most)s MB.") % words)
        return file

    def options(self) -> ImportOptions:
        given = self.cleaned_data
        return ImportOptions(
            file_name=given["file"].name,
            dry_run=given["what"] == "try",
            sets_stock=given["sets_stock"],
            shop_bp=given["shop_bp"] or 0,
        )


@require_http_methods(["GET", "POST"])
def imports(request: Request, code: str) -> HttpResponse:
    """Upload, to be tried or taken; the runs so far. The work itself is the worker's."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"what": "try"})
    if request.method == "POST" and form.is_valid():
        made: list[ImportRun] = []
        file, options = form.cleaned_data["file"].file, form.options()
        if form.carried_out(
            lambda: made.append(
                import_runs.ask_import(
                    by=request.actor, supplier_id=member.pk, upload=import_runs.Upload(file), options=options
                )
            )
        ):
            return go(request, "import_run", member.code, made[0].pk)
    runs = ImportRun.objects.filter(supplier=member).order_by("-id")
    told = {
        "here": "work",
        "member": member,
        "form": form,
        "page": Paginator(runs, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "web/supplier/imports.html", told, status=422 if form.errors else 200)


def _run(request: Request, code: str, run_id: int) -> tuple[Member, ImportRun]:
    member = acting_for(request, code, Permission.OFFER_EDIT)
    run = ImportRun.objects.filter(supplier=member, pk=run_id).first()
    if run is None:
        missing()
    return member, run


@require_GET
def import_run(request: Request, code: str, run_id: int) -> HttpResponse:
    """One run: how far it is while it is under way, then its report and what can follow."""
    member, run = _run(request, code, run_id)
    report = run.report
    # Faults first: what was not taken is what somebody has to mend.
    remarks = sorted(report.get("remarks", []), key=lambda one: not one["fault"])[:REMARKS_SHOWN]
    told = {
        "here": "work",
        "member": member,
        "run": run,
        "is_open": run.state in import_runs.UNDER_WAY,
        "may_go_on": import_runs.may_go_on(run),
        "counts": report.get("counts"),
        "refusal": report.get("refusal"),
        "unused": [(name, cells) for name, cells in report.get("columns_unused", {}).items() if cells],
        "remarks": remarks,
        "left": sum(report.get("remarks_by_code", {}).values()) - len(remarks),
    }
    response = render(request, "web/supplier/import_run.html", told)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def import_state(request: Request, code: str, run_id: int) -> HttpResponse:
    """For the page's own polling: how far, and where to go when it is over."""
    member, run = _run(request, code, run_id)
    is_open = run.state in import_runs.UNDER_WAY
    told = {
        "state": run.state,
        "rows": run.rows,
        "rows_done": run.rows_done,
        "go": "" if is_open else reverse("import_run", args=[member.code, run.pk]),
    }
    response = JsonResponse(told)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def import_again(request: Request, code: str, run_id: int) -> HttpResponse:
    """For real after a dry run; once more after a run that broke off. With the file that was kept."""
    member, run = _run(request, code, run_id)
    try:
        following = import_runs.go_on(run_id=run.pk, by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "import_run", member.code, run.pk)
    return go(request, "import_run", member.code, following.pk)
