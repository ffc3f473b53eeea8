"""`make run` on a fresh home: it answers, survives the death of its parts and of the whole, and ends without a trace."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.house import ROOT, YUNJU_UP, House
from yunju.cli import keyring, place
from yunju.cli.children import Child, Plan
from yunju.cli.postgres import Postgres, buffers_mb
from yunju.cli.say import Stop

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path below /tmp: sockets have 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="yunju-house-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    made = House(folder / "home")
    yield made
    made.close()


def users(house: House) -> int:
    with psycopg.connect(house.database_url()) as connection:
        row = connection.execute("SELECT count(*) FROM members_user").fetchone()
        assert row
        return int(row[0])


@pytest.mark.timeout(240)
def test_make_run_answers_recovers_and_ends(house: House):
    lines = house.start(("make", "run"))
    assert house.status() == 200
    address = lines.index(house.url)
    log_ins = lines[address + 1 :]
    assert log_ins, "the log-ins of the demonstration come last"
    before = users(house)
    assert before > 0

    for words in ("yunju.cli.main web", "yunju.cli.main worker", "yunju.payments.simulator"):
        house.part(words).kill()
    for name in ("web", "worker", "gateway"):
        house.await_line(f"{name} runs again")
    house.await_answer()

    house.part("bin/postgres").kill()
    house.await_line("PostgreSQL is back")
    house.await_answer()

    house.kill_everything()
    again = house.start()
    assert house.status() == 200
    assert again[-len(log_ins) :] == log_ins
    assert users(house) == before

    tree = house.tree()
    assert house.interrupt() == 0
    assert psutil.wait_procs(tree, timeout=5)[1] == []


@pytest.mark.timeout(180)
def test_when_only_up_is_killed_its_parts_end_and_a_second_up_takes_over(house: House):
    house.start()
    tree = house.tree()
    second = subprocess.run(
        YUNJU_UP, env=house.environment(), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr
    tree[0].kill()
    assert house.process
    house.process.wait()
    house.start()
    assert house.status() == 200
    assert psutil.wait_procs(tree, timeout=20)[1] == []


def test_a_taken_port_is_said_in_a_sentence(house: House):
    done = subprocess.run(
        YUNJU_UP,
        env=house.environment() | {"YUNJU_PORT": "eighty"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "YUNJU_PORT is 'eighty': expected a whole number from 1 to 65535." in done.stderr


def test_an_interrupted_initdb_is_begun_again(folder: Path):
    server = Postgres(folder)
    half = server.place.data.with_name("data.part")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    try:
        server.start()
        with psycopg.connect(server.url("app")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("yunju_app",)
    finally:
        server.stop()
    assert not half.exists()


def test_a_pid_that_another_program_has_got_does_not_keep_the_server_down(folder: Path):
    server = Postgres(folder)
    server.start()
    server.stop()
    pid_file = server.place.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.place.data}\n1\n5432\n\n\n\n")
    try:
        server.start()
        assert server.child
        assert server.child.alive()
    finally:
        server.stop()


def test_data_of_another_version_is_refused_in_a_sentence(folder: Path):
    server = Postgres(folder)
    server.place.data.mkdir()
    (server.place.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(Stop, match="was made by PostgreSQL 14"):
        server.start()


@pytest.mark.skipif(not AS_ROOT, reason="only root has to run PostgreSQL as somebody else")
def test_below_a_closed_folder_the_cluster_lies_elsewhere_and_no_mode_changes(folder: Path):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = place.packaged_binaries().parent.parent
    for folder_name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(folder_name), closed / folder_name, symlinks=True)
    binaries = closed / package.name / "pginstall" / "bin"
    home = closed / "home"
    server = Postgres(home, binaries=binaries)
    try:
        server.start()
        with psycopg.connect(server.url("app")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (home / place.POINTER).read_text().strip() == str(server.place.data.parent)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert place.find(home, binaries) == server.place
    finally:
        server.stop()
        shutil.rmtree(server.place.data.parent)
        shutil.rmtree(server.place.bin.parents[2])


def test_a_long_path_gets_a_short_folder_of_sockets(folder: Path):
    home = folder / ("long" * 20)
    where = place.find(home)
    assert len(str(where.sockets)) <= place.SOCKET_PATH_MAX
    assert where.sockets.stat().st_mode & 0o777 == 0o700
    where.sockets.rmdir()


def test_a_folder_prepared_by_somebody_else_is_refused(folder: Path):
    (folder / "elsewhere").mkdir()
    (folder / "sockets").symlink_to(folder / "elsewhere")
    with pytest.raises(Stop, match="belongs to somebody else"):
        place.own(folder / "sockets", None)


def test_secrets_are_made_once_and_closed(folder: Path):
    first = keyring.load(folder)
    (folder / "secrets.json").chmod(0o644)
    assert keyring.load(folder) == first
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(folder: Path):
    child = Child(Plan("short", ["/bin/sh", "-c", "exit 3"], folder / "short.log"))
    pauses = []
    for _ in range(7):
        child.start()
        assert child.process
        assert child.process.wait(timeout=10) == 3
        pauses.append(child.pause_seconds())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, 30)


def test_the_longest_pause_is_the_operators_to_choose(folder: Path):
    child = Child(Plan("short", ["/bin/true"], folder / "short.log", longest_pause_seconds=1))
    pauses = []
    for _ in range(4):
        child.start()
        assert child.process
        child.process.wait(timeout=10)
        pauses.append(child.pause_seconds())
    assert pauses == [0.5, 1, 1, 1]


def test_a_child_that_does_not_listen_is_killed_with_its_own_children(folder: Path):
    script = "trap '' TERM; sleep 600 & wait; wait"
    child = Child(Plan("deaf", ["/bin/sh", "-c", script], folder / "deaf.log", grace_seconds=0.5))
    child.start()
    assert child.process
    below = psutil.Process(child.process.pid)
    deadline = time.monotonic() + 10
    while len(below.children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    tree = [below, *below.children(recursive=True)]
    assert len(tree) == 3
    child.stop()
    assert psutil.wait_procs(tree, timeout=5)[1] == []


@pytest.mark.parametrize(("gib", "megabytes"), [(0.5, 128), (4, 512), (24, 2_048)])
def test_the_database_takes_its_part_of_the_memory(gib, megabytes):
    assert buffers_mb(int(gib * 2**30)) == megabytes
