"""Imports as jobs of the worker: the file is kept privately, its run goes through the queue and survives a killed worker.

A supplier has one run on its way at a time, and one file kept: of the run on its way, or of its last run that asks, was
dry or stopped, which another run may take over for a day, or that had faults, which a person may mend for a week. A run that lost its worker is tried again, then stopped: the same file again
does what is missing, because what is the same is left alone.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

from asgiref.sync import async_to_sync
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from yunju.catalog import policy
from yunju.catalog.actions import imports
from yunju.catalog.actions.imports import ImportOptions, Interrupted, Plan, ReadFile
from yunju.catalog.csvfile import Record, Spooled, spooled
from yunju.catalog.importing import pictures
from yunju.catalog.importing.layout import Said, signature
from yunju.catalog.models import ImportColumns, ImportRun, private_files
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, YunjuError
from yunju.kernel.ids import public_code
from yunju.members.models import Member, User
from yunju.members.queries import actor_for

log = logging.getLogger(__name__)
JOB = "catalog.import"
FOLDER = "imports"
UNDER_WAY = ("waiting", "running")
TRIES = 3
"""How often the queue begins a run whose worker vanished; then a person decides."""

FILE_KEPT = timedelta(days=1)
MENDED_WITHIN = timedelta(days=7)
ASKS = ("import.columns_unknown", "import.column_missing")
"""What a person can answer by saying which column is what."""

SLOW_START = timedelta(minutes=1)
"""Between fetching a job and beginning its run a worker may take so long; it is not lost yet."""

LOOK_SECONDS = 3.0
"""`recover` holds a run's lock for a moment to look at it: a job waits longer than that before it takes the run as taken."""

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""For the queue, whose time is the database's and not our clock's: due since long."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a person sends: a product file, and an archive of pictures if there is one."""

    file: BinaryIO
    pictures: BinaryIO | None = None


def ask_import(*, by: Actor, supplier_id: int, upload: Upload, options: ImportOptions) -> ImportRun:
    """Keep the file and put its import into the queue. What is wrong with the file as a whole is refused at once.

    A file whose columns nobody knows is kept all the same: its run is `asking`, and a person says what they are.
    """
    plan = imports.planned(by, supplier_id, options)
    if upload.pictures is not None:
        pictures.check(upload.pictures)
    with spooled(upload.file) as copy:
        plan, found = _understood(plan, copy)
        with copy.whole() as content:
            name = private_files().save(f"{FOLDER}/{public_code()}.{copy.suffix}", File(content))
        sha256 = copy.sha256
    archive = _kept_archive(upload.pictures)
    try:
        with transaction.atomic():
            _require_idle(supplier_id)
            files = {"file": name, "pictures": archive}
            if found is None:
                run = _asking(plan, sha256, files)
            else:
                run = imports.begun(plan, found, state="waiting", **files)
                _queue(run)
    except BaseException:
        for kept in filter(None, (name, archive)):
            private_files().delete(kept)
        raise
    _forget_files_before(run)
    return run


def _understood(plan: Plan, copy: Spooled) -> tuple[Plan, ReadFile | None]:
    """How the file is read: as the person said, as it says itself, or as such a file was read the last time."""
    said = plan.options.said
    if not said.format and not said.columns:
        said = remembered(plan.supplier.pk, imports.first_rows(copy)) or said
        plan = replace(plan, options=replace(plan.options, said=said))
    try:
        return plan, imports.read_through(copy, said)
    except Invalid as refusal:
        if refusal.code not in ASKS:
            raise
        return plan, None


def _asking(plan: Plan, sha256: str, files: dict[str, str]) -> ImportRun:
    return ImportRun.objects.create(
        cluster_id=plan.by.cluster_id,
        supplier=plan.supplier,
        file_name=plan.options.file_name[-200:],
        sha256=sha256,
        dry_run=plan.options.dry_run,
        options=plan.options.stored(),
        format="",
        state="asking",
        by_user_id=plan.by.user_id,
        started_at=clock.now(),
        ended_at=clock.now(),
        **files,
    )


def _kept_archive(archive: BinaryIO | None) -> str:
    if archive is None:
        return ""
    archive.seek(0)
    return private_files().save(f"{FOLDER}/{public_code()}.zip", File(archive))


def go_on(*, run_id: int, by: Actor) -> ImportRun:
    """A new run with the file of one that has ended: for real after a dry run, the same once more after one that stopped."""
    with transaction.atomic():
        old = _own(run_id, by)
        if not may_go_on(old):
            raise Refused("import.file_gone")
        return _following(old, by, dry_run=old.dry_run and old.state == "stopped")


def read_again(*, run_id: int, said: Said, by: Actor) -> ImportRun:
    """Read the kept file another way: another format, or columns as a person says. Columns are remembered for the supplier.

    Raises Invalid where the file cannot be read that way.
    """
    with transaction.atomic():
        old = _own(run_id, by)
        if not may_be_read_again(old):
            raise Refused("import.file_gone")
    with _file_of(old) as copy:
        found = imports.read_through(copy, said)
        first = imports.first_rows(copy)
    with transaction.atomic():
        old = _own(run_id, by)
        if not may_be_read_again(old):
            raise Refused("import.file_gone")
        if said.columns:
            _remember(old, said, signature(first))
        kept = replace(ImportOptions.of_run(old), said=said)
        old.options, old.format, old.rows = kept.stored(), found.layout.format.code, found.rows
        return _following(old, by, dry_run=old.dry_run)


def _own(run_id: int, by: Actor) -> ImportRun:
    old = ImportRun.objects.select_for_update().filter(pk=run_id, cluster_id=by.cluster_id).first()
    if old is None:
        raise NotFound("import.unknown")
    policy.own_or_unknown(by, old.supplier_id, "import.unknown")
    policy.may_edit_offers(by, old.supplier_id)
    return old


def _following(old: ImportRun, by: Actor, *, dry_run: bool) -> ImportRun:
    """A run that takes over the files of another; the other is done with, if it still asked."""
    _require_idle(old.supplier_id)
    run = ImportRun.objects.create(
        cluster_id=old.cluster_id,
        supplier_id=old.supplier_id,
        format=old.format,
        file_name=old.file_name,
        sha256=old.sha256,
        dry_run=dry_run,
        state="waiting",
        file=old.file.name,
        pictures=old.pictures.name,
        options=old.options,
        rows=old.rows,
        by_user_id=by.user_id,
        started_at=clock.now(),
    )
    asked = ImportRun.objects.filter(pk=old.pk)
    asked.update(file="", pictures="")
    asked.filter(state="asking").delete()
    _queue(run)
    return run


def _remember(run: ImportRun, said: Said, mark: str) -> None:
    values = {"columns": list(said.columns), "head": said.head, "said_at": clock.now()}
    ImportColumns.objects.update_or_create(
        supplier_id=run.supplier_id,
        signature=mark,
        defaults=values,
        create_defaults=values | {"cluster_id": run.cluster_id},
    )


def remembered(supplier_id: int, first: Sequence[Record]) -> Said | None:
    """What this supplier's people said of such a file before."""
    row = ImportColumns.objects.filter(supplier_id=supplier_id, signature=signature(first)).first()
    return Said(columns=tuple(row.columns), head=row.head) if row else None


@contextmanager
def _file_of(run: ImportRun) -> Iterator[Spooled]:
    try:
        kept = run.file.open("rb")
    except (OSError, ValueError) as error:
        log.exception("the file of import run %s cannot be read", run.pk)
        raise Refused("import.file_gone") from error
    with kept, spooled(cast("BinaryIO", kept)) as copy:
        if copy.sha256 != run.sha256:
            log.error("the file of import run %s is not the one that was uploaded", run.pk)
            raise Refused("import.file_gone")
        yield copy


def preview(*, run_id: int, by: Actor) -> list[Record]:
    """The first rows of a kept file, for a person who says what its columns are."""
    with transaction.atomic():
        run = _own(run_id, by)
    if not run.file:
        raise Refused("import.file_gone")
    with _file_of(run) as copy:
        return imports.first_rows(copy)


def to_mend(*, run_id: int, by: Actor) -> list[Record]:
    """All rows of the kept file of a run with faults: they are handed back with what is wrong beside them."""
    with transaction.atomic():
        run = _own(run_id, by)
    if not may_be_mended(run):
        raise Refused("import.file_gone")
    with _file_of(run) as copy:
        return list(copy.records(heads=imports.FIRST_ROWS))


def may_be_read_again(run: ImportRun) -> bool:
    """True while the kept file may be read another way: nothing was taken from it yet."""
    return bool(run.file) and (run.state == "asking" or (run.dry_run and run.state == "done"))


def may_be_mended(run: ImportRun) -> bool:
    """True while the file of a run with faults is kept."""
    return bool(run.file) and run.state in ("done", "refused") and bool(run.report.get("faults"))


def may_go_on(run: ImportRun) -> bool:
    """True while another run may take the file over."""
    return bool(run.file) and (run.state == "stopped" or (run.state == "done" and run.dry_run))


def work_off(*, run_id: int, is_ending: Callable[[], bool]) -> None:
    """What the job does. Raises Interrupted when the worker is to end: the run waits again then."""
    with imports.worked_on(run_id, wait_seconds=LOOK_SECONDS) as is_ours:
        run = ImportRun.objects.filter(pk=run_id, state__in=UNDER_WAY).first() if is_ours else None
        if run is None:
            return
        try:
            _worked_off(run, is_ending)
        except Interrupted:
            ImportRun.objects.filter(pk=run.pk).update(state="waiting", started_at=clock.now())
            raise
        except YunjuError as refusal:
            _refuse(run, refusal)
        run.refresh_from_db()
        if not (may_go_on(run) or may_be_mended(run) or may_be_read_again(run)):
            _forget_file(run)


def recover() -> int:
    """Find the runs whose worker vanished, and let the queue begin them again, or stop them."""
    for run_id in ImportRun.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True):
        with imports.worked_on(run_id) as is_free:
            run = ImportRun.objects.filter(pk=run_id, state__in=UNDER_WAY).first() if is_free else None
            if run is not None:
                _recover(run)
    return 0


def drop_files() -> int:
    """Delete files that nobody took over in time, and what an upload left that never became a run."""
    now = clock.now()
    for run in ImportRun.objects.filter(ended_at__lt=now - FILE_KEPT).exclude(file=""):
        if not (may_be_mended(run) and run.ended_at and run.ended_at > now - MENDED_WITHIN):
            _forget_file(run)
    store = private_files()
    names = [f"{FOLDER}/{name}" for name in store.listdir(FOLDER)[1]] if store.exists(FOLDER) else []
    rows = ImportRun.objects.filter(Q(file__in=names) | Q(pictures__in=names))
    known = {name for pair in rows.values_list("file", "pictures") for name in pair}
    for name in names:
        if name not in known and store.get_modified_time(name) < now - FILE_KEPT:
            store.delete(name)
    return 0


def _require_idle(supplier_id: int) -> None:
    """One run of a supplier at a time; the lock on the member lets two askers follow each other."""
    Member.objects.select_for_update(no_key=True).get(pk=supplier_id)
    if ImportRun.objects.filter(supplier_id=supplier_id, state__in=UNDER_WAY).exists():
        raise Refused("import.under_way")


def _queue(run: ImportRun) -> None:
    """In the caller's transaction: the job exists when the run does."""
    run.job_id = app.configure_task(JOB).defer(run_id=run.pk)
    run.save(update_fields=["job_id"])


def _worked_off(run: ImportRun, is_ending: Callable[[], bool]) -> None:
    options = ImportOptions.of_run(run)
    user = User.objects.filter(pk=run.by_user_id or 0).first()
    plan = imports.planned(actor_for(user, run.cluster_id), run.supplier_id, options)
    with _file_of(run) as copy, ExitStack() as stack:
        archive = stack.enter_context(_archive_of(run)) if run.pictures else None
        found = imports.read_through(copy, options.said)
        imports.carry_out(run, replace(plan, is_ending=is_ending, pictures=archive), found)


def _archive_of(run: ImportRun) -> "File[bytes]":
    try:
        return run.pictures.open("rb")
    except OSError as error:
        log.exception("the pictures of import run %s cannot be read", run.pk)
        raise Refused("import.file_gone") from error


def _refuse(run: ImportRun, refusal: YunjuError) -> None:
    """What the file as a whole, or the person who asked, may no longer do: kept for the page."""
    log.info("import run %s is refused: %s", run.pk, refusal)
    told = {"refusal": {"code": refusal.code, "params": refusal.params}}
    ImportRun.objects.filter(pk=run.pk).update(state="refused", ended_at=clock.now(), report=told)


def _recover(run: ImportRun) -> None:
    job = ProcrastinateJob.objects.filter(pk=run.job_id).first() if run.job_id else None
    status = job.status if job else ""
    if status == "todo" or (run.state == "waiting" and clock.now() - run.started_at < SLOW_START):
        return
    log.warning("import run %s has lost its worker (job %s: %s)", run.pk, run.job_id, status or "none")
    with transaction.atomic():
        if job is not None and status in ("doing", "failed") and job.attempts + 1 < TRIES:
            ImportRun.objects.filter(pk=run.pk).update(state="waiting", rows_done=0, started_at=clock.now())
            app.job_manager.retry_job_by_id(job.pk, retry_at=AT_ONCE)
        else:
            ImportRun.objects.filter(pk=run.pk).update(state="stopped", ended_at=clock.now())
            if job is not None and status == "doing":
                async_to_sync(app.job_manager.finish_job_by_id_async)(
                    job_id=job.pk, status=Status.FAILED, delete_job=False
                )


def _forget_files_before(run: ImportRun) -> None:
    for old in ImportRun.objects.filter(supplier_id=run.supplier_id, pk__lt=run.pk).exclude(file=""):
        _forget_file(old)


def _forget_file(run: ImportRun) -> None:
    """The row first: a file without a row is found later, a row without its file would promise too much."""
    names = [name for name in (run.file.name, run.pictures.name) if name]
    ImportRun.objects.filter(pk=run.pk).update(file="", pictures="")
    for name in names:
        private_files().delete(name)
