"""Long work as jobs: asked for on a page, done by a worker, watched by who asked, over kills and restarts.

A room registers a kind with the function that does it; `start` writes the row and queues it in the caller's transaction.
The work is told nothing but its `Progress`: it reads `params`, counts, tells, keeps, and hands over a file. It is begun
again from the start when its worker vanished or was ended, so it either changes nothing twice by itself, or goes on from
what it `keep`s. One beginning at a time does it: a lock that dies with its process, and a turn number beside each write.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, SignInNeeded, TooMany, YunjuError
from yunju.kernel.ids import public_code
from yunju.kernel.models import Job, private_files

log = logging.getLogger(__name__)
TASK = "kernel.job"
FOLDER = "jobs"
UNDER_WAY = ("waiting", "running")
LOST_MOST = 3
"""How many workers may vanish under one job; then a person decides."""

AT_ONCE_MOST = 5
"""Jobs of one person that wait or run at the same time."""

FILE_KEPT = timedelta(days=7)
ROW_KEPT = timedelta(days=90)
SLOW_START = timedelta(minutes=1)
"""Between fetching a job and beginning it a worker may take so long; it is not lost yet."""

LOOK_SECONDS = 3.0
"""`recover` holds a job's lock for a moment to look at it: a worker waits longer than that before it takes it as taken."""

WRITE_SECONDS = 0.3
BATCH = 200
QUEUE_AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""For the queue, whose time is the database's and not our clock's: due since long."""

_LOCKS = 0x796A << 40  # a range of advisory locks of its own; the id of the job is added


class Interrupted(Exception):
    """The worker is to end: the job waits for the next one."""


class Halted(Exception):
    """The person stopped the job."""


class Lost(Exception):
    """Another worker has begun this job meanwhile: this one writes nothing more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a job of this name does, and how many of them a person may ask for in an hour."""

    name: str
    run: Callable[["Progress"], None]
    per_hour: int | None = None


kinds: dict[str, Kind] = {}


def register(kind: str, run: Callable[["Progress"], None], *, per_hour: int | None = None) -> None:
    """Called at start-up, by `config` for each room. `ui` has the words of `job.kind.<kind>`."""
    kinds[kind] = Kind(kind, run, per_hour)


class Progress:
    """What the work of one job sees and says. Not to be used once the work has returned."""

    def __init__(self, job: Job, is_ending: Callable[[], bool]) -> None:
        self._job = job
        self._is_ending = is_ending
        self._counted_at = 0.0

    @property
    def params(self) -> dict[str, Any]:
        """What `start` was given."""
        return dict(self._job.params)

    @property
    def title(self) -> str:
        """What stands beside the word of its kind, such as the name of a file."""
        return self._job.title

    @property
    def kept(self) -> dict[str, Any]:
        """What the beginning before this one kept; empty at the first."""
        return dict(self._job.kept)

    @property
    def cluster_id(self) -> int:
        return self._job.cluster_id

    @property
    def by_user_id(self) -> int | None:
        """Who asked. The work asks anew what that person may: `members.queries.actor_for`."""
        return self._job.by_user_id

    @property
    def code(self) -> str:
        return self._job.code

    def total(self, count: int) -> None:
        """How many things there are to do."""
        self._job.total = count
        self._write(total=count)

    def done(self, count: int) -> None:
        """How many are done so far. Call it often, outside transactions: here a person's stop and the worker's end arrive."""
        self._job.done = count
        if self._is_ending():
            self._write(done=count)
            raise Interrupted
        if time.monotonic() - self._counted_at >= WRITE_SECONDS or count >= self._job.total:
            self._counted_at = time.monotonic()
            self._write(done=count)
            if Job.objects.filter(pk=self._job.pk, stop_asked_at__isnull=False).exists():
                raise Halted

    def tell(self, code: str, **params: str | int) -> None:
        """A sentence for the page, as a code with parameters."""
        lines = [*self._job.report.get("lines", []), {"code": code, "params": params}]
        self.report(lines=lines)

    def report(self, **facts: Any) -> None:
        """Facts for pages that know this kind: counts, codes, ids."""
        self._job.report = {**self._job.report, **facts}
        self._write(report=self._job.report)

    def keep(self, **notes: Any) -> None:
        """Notes to go on from. Inside the transaction of the piece that they speak of, they are as true as it is."""
        self._job.kept = {**self._job.kept, **notes}
        self._write(kept=self._job.kept)

    def file(self, name: str, content: bytes | Path) -> None:
        """The file for the person who asked: kept privately for 7 days. A path is read, not moved. The last one counts."""
        before = self._job.file.name
        suffix = Path(name).suffix[:10]
        if isinstance(content, bytes):
            stored = private_files().save(f"{FOLDER}/{public_code()}{suffix}", ContentFile(content))
        else:
            with content.open("rb") as source:
                stored = private_files().save(f"{FOLDER}/{public_code()}{suffix}", File(source))
        self._job.file = stored
        self._job.file_name = name
        self._write(file=stored, file_name=name[:200])
        if before:
            private_files().delete(before)

    def _write(self, **fields: Any) -> None:
        ours = Job.objects.filter(pk=self._job.pk, turn=self._job.turn, state="running")
        if not ours.update(**fields):
            raise Lost


def start(
    *,
    kind: str,
    params: Mapping[str, Any],
    by: Actor,
    title: str = "",
    back: str = "",
    needs: tuple[int, str] | None = None,
) -> Job:
    """Ask for a job; it is queued with the caller's transaction. The page of the job is `/jobs/<code>`.

    `title` stands beside the word of its kind, `back` is the path of the page that asked. `needs`: a member, and the
    permission for it that the person must still hold to fetch the file.
    """
    if by.kind == "anonymous":
        raise SignInNeeded("web.sign_in_needed")
    with transaction.atomic():
        if by.user_id is not None:
            _within_limits(kinds[kind], by.cluster_id, by.user_id)
        job = Job(
            cluster_id=by.cluster_id,
            kind=kinds[kind].name,
            title=title[:200],
            back=back,
            params=dict(params),
            by_user_id=by.user_id,
            asked_at=clock.now(),
        )
        if needs:
            job.member_id, job.permission = needs
        job.save(force_insert=True)
        _queue(job)
    return job


def visible_to(actor: Actor) -> QuerySet[Job]:
    """A person's own jobs in this cluster; nobody else's, whoever asks."""
    return Job.objects.filter(cluster_id=actor.cluster_id, by_user_id=actor.user_id or 0).order_by("-id")


def one_of(actor: Actor, code: str) -> Job:
    """One of the person's own jobs."""
    job = visible_to(actor).filter(code=code).first()
    if job is None:
        raise NotFound("job.unknown")
    return job


def file_of(actor: Actor, code: str) -> Job:
    """The job whose file the person may fetch now: still theirs, still with the right it needed, not expired."""
    job = one_of(actor, code)
    if job.member_id is not None and not actor.holds(job.permission, job.member_id):
        raise NotFound("job.unknown")
    if not job.file:
        raise NotFound("job.file_gone")
    return job


def stop(*, code: str, by: Actor) -> Job:
    """Stop one's own job: at once while it waits, at its next step while it runs. What it did stays done."""
    with transaction.atomic():
        job = visible_to(by).select_for_update().filter(code=code).first()
        if job is None:
            raise NotFound("job.unknown")
        if job.state not in UNDER_WAY:
            raise Refused("job.ended")
        job.stop_asked_at = clock.now()
        if job.state == "waiting":
            _end(job, "stopped", "job.stopped_by_person")
        job.save(update_fields=["stop_asked_at"])
    return job


def again(*, code: str, by: Actor) -> Job:
    """The same once more, as a job of its own, after one that stopped."""
    old = one_of(by, code)
    if old.state != "stopped" or old.kind not in kinds:
        raise Refused("job.not_again")
    needs = (old.member_id, old.permission) if old.member_id is not None else None
    return start(kind=old.kind, params=old.params, by=by, title=old.title, back=old.back, needs=needs)


@contextmanager
def _worked_on(job_id: int, *, wait_seconds: float = 0) -> Iterator[bool]:
    """True inside the block when no other process works on the job. A kill ends it."""
    deadline = time.monotonic() + wait_seconds
    while not (is_ours := bool(sql.fetch("SELECT pg_try_advisory_lock(%s)", [_LOCKS + job_id])[0][0])):
        if time.monotonic() >= deadline:
            break
        time.sleep(0.1)
    try:
        yield is_ours
    finally:
        if is_ours:
            sql.fetch("SELECT pg_advisory_unlock(%s)", [_LOCKS + job_id])


def work_off(*, job_id: int, is_ending: Callable[[], bool]) -> None:
    """What the queue runs. Raises Interrupted when the worker is to end: the job waits again then."""
    with _worked_on(job_id, wait_seconds=LOOK_SECONDS) as is_ours:
        job = _begun(job_id) if is_ours else None
        if job is None:
            return
        try:
            kinds[job.kind].run(Progress(job, is_ending))
        except Interrupted:
            Job.objects.filter(pk=job.pk, turn=job.turn).update(state="waiting", asked_at=clock.now())
            raise
        except Halted:
            _end(job, "stopped", "job.stopped_by_person")
        except Lost:
            log.warning("job %s was begun by another worker", job.code)
        except YunjuError as refusal:
            log.info("job %s is refused: %s", job.code, refusal)
            job.report["refusal"] = {"code": refusal.code, "params": refusal.params}
            _end(job, "refused")
        except Exception:
            # Broad on purpose: a kind is another room's code and may raise anything; a job that says nothing any more would
            # be begun again and again. Told to the person as "broke off"; what it was stands in the log under its code.
            log.exception("job %s (%s) broke off", job.code, job.kind)
            _end(job, "stopped", "job.broke_off")
        else:
            _end(job, "done")


def recover() -> int:
    """Find the jobs whose worker vanished, and let the queue begin them again, or stop them."""
    for job_id in Job.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True):
        with _worked_on(job_id) as is_free:
            job = Job.objects.filter(pk=job_id, state__in=UNDER_WAY).first() if is_free else None
            if job is not None:
                _recover(job)
    return 0


def drop_old() -> int:
    """Delete files after 7 days, what a kill left in their folder, and rows after 90 days."""
    at = clock.now()
    old = list(Job.objects.filter(ended_at__lt=at - FILE_KEPT).exclude(file="")[:BATCH])
    for job in old:
        name = str(job.file.name)
        Job.objects.filter(pk=job.pk).update(file="")  # the row first: it must not promise what is gone
        private_files().delete(name)
    store = private_files()
    names = [f"{FOLDER}/{name}" for name in store.listdir(FOLDER)[1]] if store.exists(FOLDER) else []
    known = set(Job.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names:
        if name not in known and store.get_modified_time(name) < at - timedelta(days=1):
            store.delete(name)
    Job.objects.filter(ended_at__lt=at - ROW_KEPT, file="").delete()
    return len(old)


def _within_limits(kind: Kind, cluster_id: int, user_id: int) -> None:
    """Counted one after the other for each person, so that many askers at once do not pass together."""
    sql.fetch("SELECT pg_advisory_xact_lock(%s, %s)", [0x796A, user_id % 2**31])
    mine = Job.objects.filter(cluster_id=cluster_id, by_user_id=user_id)
    if mine.filter(state__in=UNDER_WAY).count() >= AT_ONCE_MOST:
        raise TooMany("job.too_many_at_once", most=AT_ONCE_MOST)
    recent = mine.filter(kind=kind.name, asked_at__gt=clock.now() - timedelta(hours=1))
    if kind.per_hour is not None and recent.count() >= kind.per_hour:
        raise TooMany("job.too_many_an_hour", most=kind.per_hour)


def _queue(job: Job) -> None:
    """In the caller's transaction: the queue knows the job when the row exists."""
    job.queue_id = app.configure_task(TASK).defer(job_id=job.pk)
    job.save(update_fields=["queue_id"])


def _begun(job_id: int) -> Job | None:
    """The job on a new turn, from the start: counts and report as if nothing had been, `kept` as it was."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state__in=UNDER_WAY).first()
        if job is None:
            return None
        job.state, job.turn, job.done, job.total, job.report = "running", job.turn + 1, 0, 0, {}
        job.began_at = clock.now()
        job.save(update_fields=["state", "turn", "done", "total", "report", "began_at"])
        return job


def _end(job: Job, state: str, line: str = "") -> None:
    if line:
        job.report["lines"] = [*job.report.get("lines", []), {"code": line, "params": {}}]
    ended = {"state": state, "report": job.report, "done": job.done, "ended_at": clock.now()}
    Job.objects.filter(pk=job.pk, turn=job.turn).update(**ended)


def _recover(job: Job) -> None:
    entry = ProcrastinateJob.objects.filter(pk=job.queue_id).first() if job.queue_id else None
    status = entry.status if entry else ""
    if status == "todo" or (job.state == "waiting" and clock.now() - job.asked_at < SLOW_START):
        return
    log.warning("job %s has lost its worker (queue %s: %s)", job.code, job.queue_id, status or "none")
    with transaction.atomic():
        if job.stop_asked_at is None and job.lost + 1 < LOST_MOST:
            Job.objects.filter(pk=job.pk, turn=job.turn).update(
                state="waiting", lost=job.lost + 1, asked_at=clock.now()
            )
            _queue_again(job, entry)
            return
        _end(job, "stopped", "job.stopped_by_person" if job.stop_asked_at else "job.broke_off")
        if entry is not None and status == "doing":
            async_to_sync(app.job_manager.finish_job_by_id_async)(
                job_id=entry.pk, status=Status.FAILED, delete_job=False
            )


def _queue_again(job: Job, entry: ProcrastinateJob | None) -> None:
    """The same entry of the queue where it may be tried again, else a new one."""
    if entry is not None and entry.status in ("doing", "failed"):
        app.job_manager.retry_job_by_id(entry.pk, retry_at=QUEUE_AT_ONCE)
    else:
        _queue(job)
