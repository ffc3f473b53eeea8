"""An import as a job: through the queue's own worker, over a kill, and what becomes of its file."""

import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.catalog.shopify_files import BOWL, written
from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import acts_for, make_cluster, make_member
from yunju.catalog import tasks
from yunju.catalog.actions import import_runs, imports
from yunju.catalog.actions.imports import ImportOptions
from yunju.catalog.models import ImportRun, Offer, private_files
from yunju.kernel import clock, sql
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.members.models import Role
from yunju.members.words import CapacityKind, RoleKind

LONG_AGO = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def quiet_queue(db_app):
    """No job of another test is waiting."""
    forget_jobs()


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def bowls(count: int) -> bytes:
    return written([BOWL | {"Handle": f"bowl-{n}", "Title": f"Bowl {n}"} for n in range(count)])


def ask(supplier, content: bytes, by=None, **options) -> ImportRun:
    given = ImportOptions(file_name="products.csv", **options)
    return import_runs.ask_import(
        by=by or acts_for(supplier),
        supplier_id=supplier.pk,
        upload=import_runs.Upload(io.BytesIO(content)),
        options=given,
    )


def test_a_run_goes_through_the_worker(supplier):
    run = ask(supplier, bowls(3))
    name = run.file.name
    assert (run.state, run.rows, Offer.objects.filter(supplier=supplier).count()) == ("waiting", 3, 0)
    assert private_files().exists(name)
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.rows_done, run.made, run.file.name) == ("done", 3, 3, "")
    assert not private_files().exists(name)
    assert not ProcrastinateJob.objects.filter(pk=run.job_id).exists()
    assert run.report["counts"]["offers_made"] == 3


def test_a_large_file_is_kept_whole(supplier):
    """Larger than any buffer: the reader that looked it through has left its place in the file at the end."""
    content = bowls(1_500)
    assert len(content) > 65_536
    run = ask(supplier, content, dry_run=True)
    assert run.file.size == len(content)
    with run.file.open("rb") as kept:
        assert kept.read() == content
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.rows, run.rows_done) == ("done", 1_500, 1_500)


def test_a_file_that_was_changed_meanwhile_is_not_taken(supplier):
    run = ask(supplier, bowls(2))
    Path(run.file.path).write_bytes(bowls(3))
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.report["refusal"]["code"]) == ("refused", "import.file_gone")
    assert not Offer.objects.filter(supplier=supplier).exists()


def test_a_dry_run_keeps_its_file_for_the_real_one(supplier):
    by = acts_for(supplier)
    tried = ask(supplier, bowls(2), by=by, dry_run=True, shop_bp=1_500)
    work_jobs()
    tried.refresh_from_db()
    assert (tried.state, tried.rows_done, Offer.objects.filter(supplier=supplier).count()) == ("done", 2, 0)
    real = import_runs.go_on(run_id=tried.pk, by=by)
    work_jobs()
    tried.refresh_from_db()
    real.refresh_from_db()
    assert (real.state, real.dry_run, real.made, real.file.name, tried.file.name) == (
        "done",
        False,
        2,
        "",
        "",
    )
    assert {offer.rules.get().shop_bp for offer in Offer.objects.filter(supplier=supplier)} == {1_500}
    with pytest.raises(Refused, match=r"import\.file_gone"):
        import_runs.go_on(run_id=tried.pk, by=by)


def test_what_is_no_product_file_is_refused_before_anything_is_kept(supplier):
    with pytest.raises(Invalid, match=r"import\.binary"):
        ask(supplier, b"PK\x00\x00")
    with pytest.raises(Invalid, match=r"import\.no_rows"):
        ask(supplier, b"Handle,Title,Variant Price\n")
    assert not ImportRun.objects.filter(supplier=supplier).exists()


def test_one_import_of_a_supplier_at_a_time(supplier):
    run = ask(supplier, bowls(1))
    kept = set(private_files().listdir("imports")[1])
    with pytest.raises(Refused, match=r"import\.under_way"):
        ask(supplier, bowls(2))
    assert ImportRun.objects.get(supplier=supplier) == run
    assert set(private_files().listdir("imports")[1]) == kept, "the refused file is not kept"


def test_nobody_imports_for_others(supplier):
    run = ask(supplier, bowls(1), dry_run=True)
    work_jobs()
    stranger = make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])
    with pytest.raises(NotFound):
        ask(supplier, bowls(1), by=acts_for(stranger))
    with pytest.raises(NotFound):
        import_runs.go_on(run_id=run.pk, by=acts_for(stranger))
    with pytest.raises(Forbidden):
        import_runs.go_on(run_id=run.pk, by=acts_for(supplier, RoleKind.CASHIER))
    assert ImportRun.objects.filter(supplier=supplier).count() == 1


def test_who_lost_the_role_meanwhile_imports_nothing(supplier):
    by = acts_for(supplier)
    run = ask(supplier, bowls(1), by=by)
    Role.objects.filter(user_id=by.user_id).update(ended_at=clock.now())
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.report["refusal"]["code"], run.file.name) == ("refused", "members.no_member", "")
    assert not Offer.objects.filter(supplier=supplier).exists()


def test_a_file_that_is_gone_is_told(supplier):
    run = ask(supplier, bowls(1))
    private_files().delete(run.file.name)
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.report["refusal"]["code"]) == ("refused", "import.file_gone")


def test_a_worker_that_is_to_end_leaves_the_rest_to_the_next(supplier, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK_PRODUCTS", 2)
    run, asked = ask(supplier, bowls(5)), []

    def is_ending() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(imports.Interrupted):
        import_runs.work_off(run_id=run.pk, is_ending=is_ending)
    run.refresh_from_db()
    assert (run.state, Offer.objects.filter(supplier=supplier).count()) == ("waiting", 2)
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.made, run.unchanged) == ("done", 3, 2)


WORKER = """
import os, sys
import django
django.setup()
from tests.factories.jobs import work_jobs
from yunju.catalog.actions import imports
imports.CHUNK_PRODUCTS = 2
write, done = imports.Chunk.write, []
def slow(chunk):
    write(chunk)
    done.append(chunk)
    if len(done) == 2:
        print("in the middle", flush=True)
        import time
        time.sleep(60)
imports.Chunk.write = slow
work_jobs()
"""


def kill_in_the_middle() -> None:
    """A worker process of its own, killed between two chunks: nothing of it can tidy up."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert worker.stdout is not None
    with worker, worker.stdout:
        assert worker.stdout.readline().strip() == b"in the middle"
        os.kill(worker.pid, signal.SIGKILL)


def recover_until(run: ImportRun, state: str) -> None:
    """The server needs a moment to notice that the worker's connection is gone."""
    for _ in range(50):
        import_runs.recover()
        run.refresh_from_db()
        if run.state == state:
            return
        time.sleep(0.1)
    raise AssertionError(run.state)


def test_a_run_whose_worker_was_killed_is_begun_again(supplier):
    run = ask(supplier, bowls(5))
    kill_in_the_middle()
    run.refresh_from_db()
    assert (run.state, run.rows_done, Offer.objects.filter(supplier=supplier).count()) == ("running", 2, 2)
    recover_until(run, "waiting")
    work_jobs()
    run.refresh_from_db()
    assert (run.state, run.made, run.unchanged, run.file.name) == ("done", 3, 2, "")


def test_a_run_that_kills_every_worker_is_stopped_and_can_be_run_again(supplier):
    run = ask(supplier, bowls(5))
    for _ in range(import_runs.TRIES - 1):
        kill_in_the_middle()
        recover_until(run, "waiting")
    kill_in_the_middle()
    recover_until(run, "stopped")
    assert ProcrastinateJob.objects.get(pk=run.job_id).status == "failed"
    again = import_runs.go_on(run_id=run.pk, by=acts_for(supplier))
    work_jobs()
    again.refresh_from_db()
    assert (again.state, again.dry_run) == ("done", False)
    assert Offer.objects.filter(supplier=supplier).count() == 5


def test_a_run_that_lost_its_job_is_stopped_and_one_that_waits_is_left_alone(supplier):
    run = ask(supplier, bowls(1))
    import_runs.recover()
    run.refresh_from_db()
    assert run.state == "waiting"
    sql.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [run.job_id])
    import_runs.recover()
    run.refresh_from_db()
    assert run.state == "waiting", "a worker may just have fetched it"
    with clock.at(clock.now() + LONG_AGO):
        import_runs.recover()
    run.refresh_from_db()
    assert (run.state, import_runs.may_go_on(run)) == ("stopped", True)


ANOTHER = """
import sys
import django
django.setup()
from yunju.catalog.actions import import_runs
import_runs.LOOK_SECONDS = 0
import_runs.work_off(run_id=int(sys.argv[1]), is_ending=lambda: False)
"""


def test_a_job_of_a_run_that_somebody_works_on_does_nothing(supplier):
    run = ask(supplier, bowls(1))
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    with imports.worked_on(run.pk) as is_ours:
        assert is_ours
        subprocess.run([sys.executable, "-c", ANOTHER, str(run.pk)], env=environment, check=True)
    run.refresh_from_db()
    assert run.state == "waiting"


def test_files_that_nobody_took_over_are_deleted(supplier):
    tried = ask(supplier, bowls(1), dry_run=True)
    work_jobs()
    tried.refresh_from_db()
    name = tried.file.name
    stray = private_files().save("imports/STRAY.csv", io.BytesIO(b"x"))
    import_runs.drop_files()
    assert private_files().exists(name)
    assert private_files().exists(stray)
    with clock.at(clock.now() + timedelta(days=2)):
        import_runs.drop_files()
    tried.refresh_from_db()
    assert (tried.file.name, private_files().exists(name), private_files().exists(stray)) == (
        "",
        False,
        False,
    )


def test_a_new_file_replaces_the_one_that_was_kept(supplier):
    tried = ask(supplier, bowls(1), dry_run=True)
    work_jobs()
    tried.refresh_from_db()
    ask(supplier, bowls(2), dry_run=True)
    assert not private_files().exists(tried.file.name)
    tried.refresh_from_db()
    assert not import_runs.may_go_on(tried)


def test_the_task_is_the_one_that_the_action_names():
    assert app.tasks[import_runs.JOB].func is tasks.run_import
    assert {name for name, _, _ in tasks.LOOPS} >= {"catalog.imports", "catalog.import_files"}
