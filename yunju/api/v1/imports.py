"""Product files for programs: send one, watch its run, read what is wrong row by row, take it for real, undo it."""

from datetime import datetime
from typing import BinaryIO, Literal, cast

from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Code, Page, Paging, cursor, read_cursor
from yunju.api.v1.offers import own_member
from yunju.catalog import queries as catalog
from yunju.catalog.actions import import_runs, import_undo
from yunju.catalog.actions.imports import ImportOptions
from yunju.catalog.csvfile import MOST_BYTES
from yunju.catalog.importing.layout import Said
from yunju.catalog.models import ImportRun
from yunju.kernel.errors import Invalid, NotFound
from yunju.members.words import Permission

router = Router(tags=["imports"])
FormatWord = Literal["", "shopify", "taobao", "youzan", "weidian", "1688", "table", "jd"]


class RemarkShape(Schema):
    """Something to know of a row; with `fault` its product was not taken."""

    code: str
    row: int
    column: str
    fault: bool
    params: dict[str, str | int | bool | None]


class RunShape(Schema):
    """One import. `state`: asking, waiting, running, done, refused or stopped; `asking` is answered on its page."""

    number: int
    state: str
    format: str
    file_name: str
    dry_run: bool
    rows: int
    rows_done: int
    started_at: datetime
    ended_at: datetime | None
    undone_at: datetime | None
    may_be_undone: bool


class ReportShape(RunShape):
    """A run with all that it says of itself."""

    counts: dict[str, int]
    columns_unused: dict[str, int]
    remarks: list[RemarkShape]
    remarks_left_out: int
    refusal: str


class RunOptions(Schema):
    """How a file is taken; a dry run changes nothing."""

    dry_run: bool = True
    sets_stock: bool = False
    shop_bp: int = 0
    lists: bool = True
    format: FormatWord = ""


def shape(run: ImportRun) -> dict[str, object]:
    names = (
        "state",
        "format",
        "file_name",
        "dry_run",
        "rows",
        "rows_done",
        "started_at",
        "ended_at",
        "undone_at",
    )
    return {name: getattr(run, name) for name in names} | {
        "number": run.pk,
        "may_be_undone": import_undo.may_be_undone(run),
    }


def _own(request: ApiRequest, number: int) -> ImportRun:
    """A run of a supplier whose offers the caller may edit."""
    run = catalog.runs_visible_to(request.auth).filter(pk=number).first()
    if run is None or not request.auth.holds(Permission.OFFER_EDIT, run.supplier_id):
        raise NotFound("import.unknown")
    return run


@router.get("/members/{code}/imports", response=Page[RunShape], auth=needs(Scope.OFFER))
def list_imports(request: ApiRequest, code: Code, filters: Query[Paging]) -> dict[str, object]:
    """The imports of a supplier, the newest first."""
    supplier = own_member(request.auth, code, Permission.OFFER_EDIT)
    runs = ImportRun.objects.filter(supplier=supplier).order_by("-pk")
    after = read_cursor(filters.cursor, 1)
    if after is not None:
        runs = runs.filter(pk__lt=after[0])
    rows = list(runs[: filters.limit + 1])
    shown = rows[: filters.limit]
    following = cursor([shown[-1].pk]) if len(rows) > filters.limit else None
    return {"items": [shape(run) for run in shown], "next_cursor": following}


@router.post("/members/{code}/imports", response={202: RunShape}, auth=needs(Scope.OFFER))
def start_import(
    request: ApiRequest,
    code: Code,
    options: Form[RunOptions],
    file: UploadedFile | None = File(None),  # type: ignore[type-arg]  # noqa: B008 - ninja has it so
    pictures: UploadedFile | None = File(None),  # type: ignore[type-arg]  # noqa: B008
) -> Status[dict[str, object]]:
    """Send a product file as multipart/form-data, with a ZIP of pictures if there is one; the worker does the rest."""
    supplier = own_member(request.auth, code, Permission.OFFER_EDIT)
    if file is None:
        raise Invalid("import.empty", field="file")
    for name, sent in (("file", file), ("pictures", pictures)):
        if sent is not None and (sent.size or 0) > MOST_BYTES:
            raise Invalid("import.too_large", field=name, most=MOST_BYTES // 1_000_000)
    given = ImportOptions(
        file_name=file.name or "",
        dry_run=options.dry_run,
        sets_stock=options.sets_stock,
        shop_bp=options.shop_bp,
        lists=options.lists,
        said=Said(format=options.format),
    )
    archive = cast("BinaryIO", pictures.file) if pictures is not None else None
    upload = import_runs.Upload(cast("BinaryIO", file.file), archive)
    run = import_runs.ask_import(by=request.auth, supplier_id=supplier.pk, upload=upload, options=given)
    return Status(202, shape(run))


@router.get("/imports/{number}", response=ReportShape, auth=needs(Scope.OFFER))
def show_import(request: ApiRequest, number: int) -> dict[str, object]:
    """One import with its report; poll it while it waits or runs."""
    run = _own(request, number)
    report = run.report
    return shape(run) | {
        "counts": report.get("counts", {}),
        "columns_unused": report.get("columns_unused", {}),
        "remarks": report.get("remarks", []),
        "remarks_left_out": report.get("remarks_left_out", 0),
        "refusal": report.get("refusal", {}).get("code", ""),
    }


@router.post("/imports/{number}/again", response={202: RunShape}, auth=needs(Scope.OFFER))
def continue_import(request: ApiRequest, number: int) -> Status[dict[str, object]]:
    """For real after a dry run, once more after one that broke off, with the file that was kept."""
    run = _own(request, number)
    return Status(202, shape(import_runs.go_on(run_id=run.pk, by=request.auth)))


@router.post("/imports/{number}/undo", response={202: RunShape}, auth=needs(Scope.OFFER))
def undo_import(request: ApiRequest, number: int) -> Status[dict[str, object]]:
    """Take an import back within 7 days; `undone_at` tells when it is done."""
    run = _own(request, number)
    import_undo.undo_import(run_id=run.pk, by=request.auth)
    run.refresh_from_db()
    return Status(202, shape(run))
