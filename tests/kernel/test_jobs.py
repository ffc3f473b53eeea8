"""Long work through the queue's own worker: progress, stops, refusals, limits, kills, and what becomes of its file."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import acts_for, make_cluster, make_member, make_user
from yunju.kernel import clock, jobs
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, SignInNeeded, TooMany
from yunju.kernel.models import Job, private_files
from yunju.members.queries import actor_for
from yunju.members.words import Permission, RoleKind

LONG_AGO = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def quiet_queue(db_app):
    """No job of another test is waiting, and no kind of one is left."""
    forget_jobs()
    Job.objects.filter(state__in=jobs.UNDER_WAY).delete()
    before = dict(jobs.kinds)
    yield
    jobs.kinds.clear()
    jobs.kinds.update(before)


@pytest.fixture
def person(db_app) -> Actor:
    return actor_for(make_user(), make_cluster())


def begin(by: Actor, run, *, per_hour: int | None = None, **options) -> Job:
    jobs.register("test.work", run, per_hour=per_hour)
    return jobs.start(kind="test.work", params=options.pop("params", {}), by=by, **options)


def after(job: Job) -> Job:
    work_jobs()
    job.refresh_from_db()
    return job


def test_work_counts_tells_and_hands_over_its_file(person):
    def run(progress):
        progress.total(3)
        progress.done(3)
        progress.tell("job.state.done", most=progress.params["n"])
        progress.file("清单.txt", b"first")
        progress.file("清单.txt", b"second")

    job = after(begin(person, run, params={"n": 7}))
    assert (job.state, job.done, job.total, job.file_name) == ("done", 3, 3, "清单.txt")
    assert job.report == {"lines": [{"code": "job.state.done", "params": {"most": 7}}]}
    with job.file.open("rb") as kept:
        assert kept.read() == b"second"
    assert not ProcrastinateJob.objects.filter(pk=job.queue_id).exists()


def test_a_job_is_asked_for_with_the_transaction_or_not_at_all(person):
    jobs.register("test.work", lambda _progress: None)

    class Away(Exception):
        pass

    queued = ProcrastinateJob.objects.filter(task_name=jobs.TASK, status="todo").count()

    def asks_and_fails() -> None:
        with transaction.atomic():
            jobs.start(kind="test.work", params={}, by=person)
            raise Away

    with pytest.raises(Away):
        asks_and_fails()
    assert not jobs.visible_to(person).exists()
    assert ProcrastinateJob.objects.filter(task_name=jobs.TASK, status="todo").count() == queued


def test_nobody_without_an_account_asks_for_work(person):
    jobs.register("test.work", lambda _progress: None)
    with pytest.raises(SignInNeeded):
        jobs.start(kind="test.work", params={}, by=Actor(cluster_id=person.cluster_id))
    assert not Job.objects.filter(cluster_id=person.cluster_id).exists()


def test_a_refusal_is_kept_for_the_page_and_not_tried_again(person):
    begun = []

    def run(_progress):
        begun.append(1)
        raise Refused("job.ended", most=4)

    job = after(begin(person, run))
    assert (job.state, job.report["refusal"]) == ("refused", {"code": "job.ended", "params": {"most": 4}})
    jobs.recover()
    work_jobs()
    assert begun == [1]


def test_a_fault_of_the_work_stops_it_and_the_person_may_run_it_again(person):
    broken = [True]

    def run(progress):
        if broken:
            raise ZeroDivisionError
        progress.file("a.txt", b"a")

    job = after(begin(person, run, params={"a": 1}, title="T", back="/shelf"))
    assert (job.state, job.report["lines"][-1]["code"]) == ("stopped", "job.broke_off")
    broken.clear()
    second = after(jobs.again(code=job.code, by=person))
    assert (second.state, second.params, second.title, second.back) == ("done", {"a": 1}, "T", "/shelf")
    with pytest.raises(Refused, match=r"job\.not_again"):
        jobs.again(code=second.code, by=person)


def test_the_person_stops_what_waits_at_once_and_what_runs_at_its_next_step(person):
    begun = []
    waiting = begin(person, lambda _progress: begun.append(1))
    assert jobs.stop(code=waiting.code, by=person).state == "waiting"  # as it was met
    assert (after(waiting).state, begun) == ("stopped", [])
    with pytest.raises(Refused, match=r"job\.ended"):
        jobs.stop(code=waiting.code, by=person)

    def run(progress):
        progress.total(2)
        jobs.stop(code=progress.code, by=person)
        progress.done(2)
        begun.append(2)

    job = after(begin(person, run))
    assert (job.state, job.done, begun) == ("stopped", 2, [])
    assert job.report["lines"] == [{"code": "job.stopped_by_person", "params": {}}]


def test_nobody_sees_stops_or_fetches_what_another_asked_for(person):
    job = after(begin(person, lambda progress: progress.file("a.txt", b"a")))
    stranger = actor_for(make_user(), person.cluster_id)
    elsewhere = Actor(cluster_id=make_cluster().pk, kind="user", user_id=person.user_id)
    for other in (stranger, elsewhere, Actor(cluster_id=person.cluster_id)):
        assert list(jobs.visible_to(other)) == []
        for forbidden in (
            lambda other=other: jobs.file_of(other, job.code),
            lambda other=other: jobs.stop(code=job.code, by=other),
            lambda other=other: jobs.again(code=job.code, by=other),
        ):
            with pytest.raises(NotFound, match=r"job\.unknown"):
                forbidden()
    assert jobs.file_of(person, job.code).pk == job.pk


def test_a_file_that_needed_a_right_is_gone_with_the_right(db_app):
    member = make_member(make_cluster())
    owner = acts_for(member)
    needs = (member.pk, Permission.MONEY_SEE.value)
    job = after(begin(owner, lambda progress: progress.file("a.txt", b"a"), needs=needs))
    assert jobs.file_of(owner, job.code).pk == job.pk
    cashier = acts_for(member, RoleKind.CASHIER)
    lesser = Actor(cluster_id=owner.cluster_id, kind="user", user_id=owner.user_id, grants=cashier.grants)
    with pytest.raises(NotFound):
        jobs.file_of(lesser, job.code)


def test_limits_hold_when_many_ask_at_once(person):
    jobs.register("test.work", lambda _progress: None, per_hour=3)
    said = []

    def ask():
        try:
            jobs.start(kind="test.work", params={}, by=person)
            said.append("taken")
        except TooMany as limit:
            said.append(limit.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["job.too_many_an_hour"] * 5 + ["taken"] * 3
    work_jobs()
    with pytest.raises(TooMany):
        jobs.start(kind="test.work", params={}, by=person)
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)):
        for _ in range(2):
            jobs.start(kind="test.work", params={}, by=person)


def test_five_at_a_time_are_enough_for_one_person(person):
    jobs.register("test.work", lambda _progress: None)
    for _ in range(jobs.AT_ONCE_MOST):
        jobs.start(kind="test.work", params={}, by=person)
    with pytest.raises(TooMany, match=r"job\.too_many_at_once"):
        jobs.start(kind="test.work", params={}, by=person)
    jobs.start(kind="test.work", params={}, by=actor_for(make_user(), person.cluster_id))


def test_an_earlier_beginning_writes_nothing_any_more(person):
    """A worker that was only slow, and believed dead, meets its own end."""
    wrote = []

    def run(progress):
        Job.objects.filter(code=progress.code).update(turn=9)
        progress.total(5)
        wrote.append(1)

    job = after(begin(person, run))
    assert (job.state, job.total, wrote) == ("running", 0, [])


def test_an_ending_worker_gives_the_job_back_and_the_next_goes_on_from_what_was_kept(person):
    seen, ending = [], []

    def run(progress):
        start = progress.kept.get("row", 0)
        seen.append(start)
        progress.total(4)
        for row in range(start, 4):
            progress.keep(row=row + 1)
            if row == 1 and start == 0:
                ending.append(1)
            progress.done(row + 1)

    job = begin(person, run)
    with pytest.raises(jobs.Interrupted):
        jobs.work_off(job_id=job.pk, is_ending=lambda: bool(ending))
    job.refresh_from_db()
    assert (job.state, job.done) == ("waiting", 2)
    after(job)
    assert (job.state, job.done, seen, job.lost) == ("done", 4, [0, 2], 0)


KILLED = """
import os, sys, threading
import django
django.setup()
from yunju.kernel import jobs
from yunju.kernel.models import Job
from yunju.kernel import clock
import tests.factories.jobs as queue
def run(progress):
    progress.total(10)
    progress.done(1)
    progress.keep(row=1)
    sys.stdout.write("begun\\n"); sys.stdout.flush()
    threading.Event().wait()
jobs.register("test.work", run)
queue.work_jobs()
"""


def killed_at_work() -> None:
    """A worker in a process of its own, killed as soon as it has begun."""
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ,
        text=True,
    )
    assert worker.stdout
    assert worker.stdout.readline() == "begun\n"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()


def await_freed(job: Job) -> None:
    """PostgreSQL notices within moments that the killed process is gone."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with jobs._worked_on(job.pk) as is_free:
            if is_free:
                return
        time.sleep(0.05)
    raise AssertionError("the lock of the killed worker is still held")


def test_a_killed_worker_loses_no_job_and_doubles_none(person):
    kept = []
    job = begin(person, lambda progress: kept.append(progress.kept))
    killed_at_work()
    await_freed(job)
    job.refresh_from_db()
    assert (job.state, job.done, job.turn) == ("running", 1, 1)
    work_jobs()
    assert kept == [], "nobody has found it yet"
    jobs.recover()
    job = after(job)
    assert (job.state, job.turn, job.lost, kept) == ("done", 2, 1, [{"row": 1}])
    jobs.recover()
    work_jobs()
    assert len(kept) == 1


def test_a_job_that_kills_its_workers_is_stopped_for_a_person_to_decide(person):
    job = begin(person, lambda _progress: None)
    for _ in range(jobs.LOST_MOST):
        killed_at_work()
        await_freed(job)
        jobs.recover()
    job = after(job)
    assert (job.state, job.lost, job.report["lines"][-1]["code"]) == ("stopped", 2, "job.broke_off")


def test_what_is_at_work_is_left_alone(person):
    seen = []

    def run(progress):
        thread = threading.Thread(target=lambda: (jobs.recover(), connection.close()))
        thread.start()
        thread.join()
        seen.append(Job.objects.get(code=progress.code).lost)

    assert (after(begin(person, run)).state, seen) == ("done", [0])


def test_files_are_deleted_after_a_week_and_rows_after_a_season(person):
    job = after(begin(person, lambda progress: progress.file("a.txt", b"a")))
    name = job.file.name
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        jobs.drop_old()
    assert private_files().exists(name)
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        assert jobs.drop_old() >= 1
        with pytest.raises(NotFound, match=r"job\.file_gone"):
            jobs.file_of(person, job.code)
    assert not private_files().exists(name)
    with clock.at(clock.now() + timedelta(days=91)):
        jobs.drop_old()
    assert not Job.objects.filter(pk=job.pk).exists()


def test_what_a_kill_left_in_the_folder_is_swept_after_a_day(person):
    name = private_files().save(f"{jobs.FOLDER}/left.txt", io.BytesIO(b"x"))
    jobs.drop_old()
    assert private_files().exists(name)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        jobs.drop_old()
    assert not private_files().exists(name)
