"""Imports as jobs of the worker: the file is kept privately, its run goes through the queue and survives a killed worker.

A supplier has one run on its way at a time, and one file kept: of the run on its way, or of its last dry or stopped run,
which another run may take over for a day. A run that lost its worker is tried again, then stopped: the same file again
does what is missing, because what is the same is left alone.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

from asgiref.sync import async_to_sync
from django.core.files import File
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from yunju.catalog import policy
from yunju.catalog.actions import imports
from yunju.catalog.actions.imports import ImportOptions, Interrupted
from yunju.catalog.csvfile import spooled
from yunju.catalog.models import ImportRun, private_files
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, YunjuError
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
SLOW_START = timedelta(minutes=1)
"""Between fetching a job and beginning its run a worker may take so long; it is not lost yet."""

LOOK_SECONDS = 3.0
"""`recover` holds a run's lock for a moment to look at it: a job waits longer than that before it takes the run as taken."""

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""For the queue, whose time is the database's and not our clock's: due since long."""


def ask_import(*, by: Actor, supplier_id: int, file: BinaryIO, options: ImportOptions) -> ImportRun:
    """Keep the file and put its import into the queue. What is wrong with the file as a whole is refused at once."""
    plan = imports.planned(by, supplier_id, options)
    with spooled(file) as copy:
        found = imports.read_through(copy)
        with copy.whole() as content:
            name = private_files().save(f"{FOLDER}/{public_code()}.csv", File(content))
    try:
        with transaction.atomic():
            _require_idle(supplier_id)
            run = imports.begun(plan, found, state="waiting", file=name)
            _queue(run)
    except BaseException:
        private_files().delete(name)
        raise
    _forget_files_before(run)
    return run


def go_on(*, run_id: int, by: Actor) -> ImportRun:
    """A new run with the file of one that has ended: for real after a dry run, the same once more after one that stopped."""
    with transaction.atomic():
        old = ImportRun.objects.select_for_update().filter(pk=run_id, cluster_id=by.cluster_id).first()
        if old is None:
            raise NotFound("import.unknown")
        policy.own_or_unknown(by, old.supplier_id, "import.unknown")
        policy.may_edit_offers(by, old.supplier_id)
        if not may_go_on(old):
            raise Refused("import.file_gone")
        _require_idle(old.supplier_id)
        run = ImportRun.objects.create(
            cluster_id=old.cluster_id,
            supplier_id=old.supplier_id,
            format=old.format,
            file_name=old.file_name,
            sha256=old.sha256,
            dry_run=old.dry_run and old.state == "stopped",
            state="waiting",
            file=old.file.name,
            options=old.options,
            rows=old.rows,
            by_user_id=by.user_id,
            started_at=clock.now(),
        )
        ImportRun.objects.filter(pk=old.pk).update(file="")
        _queue(run)
        return run


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
        if not may_go_on(run):
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
    long_ago = clock.now() - FILE_KEPT
    for run in ImportRun.objects.filter(ended_at__lt=long_ago).exclude(file=""):
        _forget_file(run)
    store = private_files()
    names = [f"{FOLDER}/{name}" for name in store.listdir(FOLDER)[1]] if store.exists(FOLDER) else []
    known = set(ImportRun.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names:
        if name not in known and store.get_modified_time(name) < long_ago:
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
    options = ImportOptions(file_name=run.file_name, dry_run=run.dry_run, **run.options)
    user = User.objects.filter(pk=run.by_user_id or 0).first()
    plan = imports.planned(actor_for(user, run.cluster_id), run.supplier_id, options)
    try:
        kept = run.file.open("rb")
    except OSError as error:
        log.exception("the file of import run %s cannot be read", run.pk)
        raise Refused("import.file_gone") from error
    with kept, spooled(cast("BinaryIO", kept)) as copy:
        if copy.sha256 != run.sha256:
            log.error("the file of import run %s is not the one that was uploaded", run.pk)
            raise Refused("import.file_gone")
        found = imports.read_through(copy)
        imports.carry_out(run, replace(plan, is_ending=is_ending), found)


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
    name = run.file.name
    ImportRun.objects.filter(pk=run.pk).update(file="")
    if name:
        private_files().delete(name)
