"""Bringing goods in from a file: choose it, try it, watch it, read the report row by row, take it for real, undo it."""

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.actions import import_runs, import_undo
from yunju.catalog.actions.imports import ImportOptions
from yunju.catalog.csvfile import MOST_BYTES
from yunju.catalog.importing.formats import FORMATS
from yunju.catalog.importing.handback import handback
from yunju.catalog.importing.layout import Said
from yunju.catalog.models import ImportRun
from yunju.kernel.errors import Invalid, Refused, TooMany
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.exports import attachment
from yunju.web.forms import Form, PercentField
from yunju.web.import_template import template_book
from yunju.web.request import Request, acting_for, go, missing

PAGE = 20
REMARKS_SHOWN = 200
ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,text/csv"


def formats() -> list[tuple[str, str]]:
    """Every format with its word."""
    return [(code, messages.word("import.format", code)) for code in FORMATS]


class ImportForm(Form):
    """A product file, the pictures that come along, and what to do with them."""

    file = forms.FileField(
        label=gettext_lazy("Product file (Excel or CSV)"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    pictures = forms.FileField(
        label=gettext_lazy("Pictures (ZIP)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=gettext_lazy("Named by the product code: A001.jpg, A001_2.jpg, or in a folder A001."),
    )
    format = forms.ChoiceField(label=gettext_lazy("Where the file comes from"), required=False)
    shop_bp = PercentField(
        label=gettext_lazy("Commission for shops, in per cent"),
        required=False,
        help_text=gettext_lazy("For offers that are new."),
    )
    lists = forms.BooleanField(
        label=gettext_lazy("Put new offers on the shelf where the file does not say"),
        required=False,
        initial=True,
    )
    sets_stock = forms.BooleanField(label=gettext_lazy("The counts of the file replace ours"), required=False)
    what = forms.ChoiceField(choices=[("try", "try"), ("import", "import")], widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [("", _("Find out")), *formats()]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_file(self) -> object:
        """Before anything reads it."""
        return self._small_enough("file")

    def clean_pictures(self) -> object:
        return self._small_enough("pictures")

    def _small_enough(self, name: str) -> object:
        file = self.cleaned_data[name]
        if file is not None and file.size > MOST_BYTES:
            words = {"most": MOST_BYTES // 1_000_000}
            raise forms.ValidationError(_("The file is too large: at most %(most)s MB.") % words)
        return file

    def options(self) -> ImportOptions:
        given = self.cleaned_data
        return ImportOptions(
            file_name=given["file"].name,
            dry_run=given["what"] == "try",
            sets_stock=given["sets_stock"],
            shop_bp=given.get("shop_bp") or 0,
            lists=given["lists"],
            said=Said(format=given["format"]),
        )

    def upload(self) -> import_runs.Upload:
        pictures = self.cleaned_data["pictures"]
        return import_runs.Upload(self.cleaned_data["file"].file, pictures.file if pictures else None)


@require_http_methods(["GET", "POST"])
def imports(request: Request, code: str) -> HttpResponse:
    """Upload, to be tried or taken; the runs so far. The work itself is the worker's."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    form = ImportForm(request.POST or None, request.FILES or None, initial={"what": "try"})
    if not request.actor.holds(Permission.RULE_EDIT, member.pk):
        del form.fields["shop_bp"]  # who earns is not for a helper to say
    if request.method == "POST" and form.is_valid():
        made: list[ImportRun] = []
        upload, options = form.upload(), form.options()
        if form.carried_out(
            lambda: made.append(
                import_runs.ask_import(
                    by=request.actor, supplier_id=member.pk, upload=upload, options=options
                )
            )
        ):
            name = "import_columns" if made[0].state == "asking" else "import_run"
            return go(request, name, member.code, made[0].pk)
    runs = ImportRun.objects.filter(supplier=member).order_by("-id")
    told = {
        "here": "work",
        "member": member,
        "form": form,
        "page": Paginator(runs, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "web/supplier/imports.html", told, status=422 if form.errors else 200)


@require_GET
def import_template(request: Request, code: str) -> HttpResponse:
    """An empty table to fill in, with examples, in the reader's language."""
    acting_for(request, code, Permission.OFFER_EDIT)
    name = _("Products to fill in") + ".xlsx"
    return attachment(template_book(), name)


def own_run(request: Request, code: str, run_id: int) -> tuple[Member, ImportRun]:
    """One of the supplier's own runs, for who may import."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    run = ImportRun.objects.filter(supplier=member, pk=run_id).first()
    if run is None:
        missing()
    return member, run


@require_GET
def import_run(request: Request, code: str, run_id: int) -> HttpResponse:
    """One run: how far it is while it is under way, then its report and what can follow."""
    member, run = own_run(request, code, run_id)
    report = run.report
    # Faults first: what was not taken is what somebody has to mend.
    remarks = sorted(report.get("remarks", []), key=lambda one: not one["fault"])[:REMARKS_SHOWN]
    told = {
        "here": "work",
        "member": member,
        "run": run,
        "is_open": run.state in import_runs.UNDER_WAY,
        "may_go_on": import_runs.may_go_on(run),
        "may_be_read_again": import_runs.may_be_read_again(run),
        "may_be_mended": import_runs.may_be_mended(run),
        "may_be_undone": import_undo.may_be_undone(run),
        "undone": [
            (f"import.undone.{outcome}", {"count": count})
            for outcome, count in (import_undo.outcomes(run) if run.undo_job else {}).items()
        ],
        "formats": formats(),
        "counts": report.get("counts"),
        "refusal": report.get("refusal"),
        "unused": [(name, cells) for name, cells in report.get("columns_unused", {}).items() if cells],
        "faults": [one for one in remarks if one["fault"]],
        "notes": [one for one in remarks if not one["fault"]],
        "left": sum(report.get("remarks_by_code", {}).values()) - len(remarks),
    }
    response = render(request, "web/supplier/import_run.html", told)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def import_state(request: Request, code: str, run_id: int) -> HttpResponse:
    """For the page's own polling: how far, and where to go when it is over."""
    member, run = own_run(request, code, run_id)
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
    member, run = own_run(request, code, run_id)
    try:
        following = import_runs.go_on(run_id=run.pk, by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "import_run", member.code, run.pk)
    return go(request, "import_run", member.code, following.pk)


@require_POST
def import_format(request: Request, code: str, run_id: int) -> HttpResponse:
    """Read the kept file as another format says."""
    member, run = own_run(request, code, run_id)
    try:
        said = Said(format=request.POST.get("format", "")[:20])
        following = import_runs.read_again(run_id=run.pk, said=said, by=request.actor)
    except (Refused, Invalid) as refusal:
        flash.error(request, messages.of(refusal))
        name = "import_columns" if run.state == "asking" else "import_run"
        return go(request, name, member.code, run.pk)
    return go(request, "import_run", member.code, following.pk)


@require_GET
def import_mend(request: Request, code: str, run_id: int) -> HttpResponse:
    """The file itself, with what is wrong beside each row, to be mended and sent again."""
    member, run = own_run(request, code, run_id)
    try:
        rows = import_runs.to_mend(run_id=run.pk, by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "import_run", member.code, run.pk)
    made = handback(rows, faults_of(run), heads=run.report.get("heads", 1), word=_("Errors"))
    stem = run.file_name.rsplit(".", 1)[0][:80]
    name = _("%(file)s to mend") % {"file": stem}
    return attachment(made.content, f"{name}.{made.suffix}", mime=made.mime)


def faults_of(run: ImportRun) -> dict[int, str]:
    """Row -> what is wrong with it, in the reader's words."""
    report = run.report
    told: dict[int, list[str]] = {}
    for remark in report.get("remarks", []):
        if remark["fault"]:
            sentence = messages.sentence(remark["code"], remark["params"], currency=report["currency"])
            column = f"{remark['column']}: " if remark["column"] else ""
            told.setdefault(remark["row"], []).append(column + sentence)
    for row in report.get("more_fault_rows", []):
        told.setdefault(row, [messages.sentence("import.more_faults", {})])
    return {row: " ".join(dict.fromkeys(sentences)) for row, sentences in told.items()}


@require_POST
def import_undo_it(request: Request, code: str, run_id: int) -> HttpResponse:
    """Take back what an import did; the page of the job tells how far it is."""
    member, run = own_run(request, code, run_id)
    try:
        job = import_undo.undo_import(run_id=run.pk, by=request.actor)
    except (Refused, TooMany) as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "import_run", member.code, run.pk)
    return go(request, "job", job.code)
