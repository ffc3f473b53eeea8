"""One PostgreSQL for a run: migrated once as owner into a template, cloned for the tests, reached as application role.

The ledger refuses TRUNCATE, and a test inside one transaction never meets a deferred check; so nothing is flushed or
rolled back here. `db_app`: a database shared by the run, in which each test makes its own cluster and commits.
`clone`: a database of the test's own, with the owner's address, for tests that change the schema.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import django
import psycopg
import pytest
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

ROOM_BYTES = 4 * 2**30


def _quickest() -> str:
    """In memory where there is room: every test commits, and waits for the disk each time. Same settings, same promises."""
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    return str(memory) if is_roomy else "/tmp"


HOME = Path(tempfile.mkdtemp(prefix="yunju-test-", dir=_quickest()))  # short: a socket's path has 107 bytes
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "yunju.config.settings",
    "YUNJU_HOME": str(HOME),
    "YUNJU_SECRET_KEY": "tests only: nothing that lasts is signed with this",
    "YUNJU_DATA_KEYS": "1:" + "A" * 43 + "=",
    "YUNJU_DB_ROLE": "app",
    "YUNJU_DB_POOL": "0",
    "YUNJU_PAGE_MEMORY": "0",  # what one test has seen is no other's
    "YUNJU_STATIC": "found",
}
for _given in (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "YUNJU_PORT",
    "YUNJU_PUBLIC_URL",
    "YUNJU_GATEWAY_URL",
    "YUNJU_CLOCK_SHIFT_HOURS",
    "YUNJU_UNSAFE_SETTINGS",
):
    os.environ.pop(_given, None)  # a test never writes into the database of whoever runs it

from tests import chromium  # noqa: E402  (the environment comes first)
from yunju.cli.postgres import Postgres  # noqa: E402  (the environment comes first)
from yunju.config import env  # noqa: E402
from yunju.kernel import clock  # noqa: E402

django.setup()  # here, so that test modules may import models
# The handler holds standard error as it is while this is imported, which is closed later; a failing test shows its log.
logging.getLogger().handlers.clear()
TEMPLATE, SHARED = "yunju_template", "yunju_tests"


@dataclass(frozen=True)
class Clone:
    """A database with all migrations, this test's alone."""

    name: str
    owner_url: str
    app_url: str


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server; YUNJU_TEST_POSTGRES_BIN names the binaries of another version than the packaged one."""
    binaries = os.environ.get("YUNJU_TEST_POSTGRES_BIN")
    server = Postgres(HOME, binaries=Path(binaries) if binaries else None)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The migrated database that all others are copies of. Migrations run as a user runs them."""
    environment = os.environ | {
        "DATABASE_OWNER_URL": postgres.url("owner"),
        "DATABASE_URL": postgres.url("app"),
    }
    command = [sys.executable, "-m", "yunju.cli.main", "migrate"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.exit(f"the migrations fail:\n{done.stdout[-3000:]}{done.stderr[-6000:]}", returncode=3)
    with psycopg.connect(postgres.url("superuser", "postgres"), autocommit=True) as admin:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(postgres.roles.database), sql.Identifier(TEMPLATE)))
    return TEMPLATE


def copy_template(server: Postgres, name: str) -> Clone:
    """A database's own settings and grants are not copied with it: they are given again."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server.url("superuser", "postgres"), autocommit=True) as admin:
        statements = (
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                identifier, sql.Identifier(TEMPLATE), sql.Identifier(server.roles.owner)
            ),
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(identifier),
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                identifier, sql.Identifier(server.roles.app)
            ),
            sql.SQL("ALTER DATABASE {} SET jit = off").format(identifier),
        )
        for statement in statements:
            admin.execute(statement)
    return Clone(name=name, owner_url=server.url("owner", name), app_url=server.url("app", name))


@pytest.fixture(scope="session")
def shared_database(postgres: Postgres, template: str) -> Clone:
    """The database of `db_app`; processes that a test starts find it in DATABASE_URL."""
    made = copy_template(postgres, SHARED)
    os.environ["DATABASE_URL"] = made.app_url
    connection = connections["default"]
    fresh = env.database("DATABASE_URL", "")
    for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        connection.settings_dict[name] = fresh[name]
        connections.settings["default"][name] = fresh[name]
    return made


@pytest.fixture(scope="session")
def db_app(shared_database: Clone, django_db_blocker: DjangoDbBlocker) -> Clone:
    """Django's connection is the application role's, on a database that the whole run shares. Commits stay."""
    django_db_blocker.unblock()
    return shared_database


@pytest.fixture
def clone(postgres: Postgres, template: str, request: pytest.FixtureRequest) -> Iterator[Clone]:
    """A copy for a test that changes the schema; takes about 0.1 s."""
    name = f"yunju_clone_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**9}"
    made = copy_template(postgres, name)
    try:
        yield made
    finally:
        with psycopg.connect(postgres.url("superuser", "postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """pytest-django would make and flush a database of its own."""
    raise pytest.UsageError("mark.django_db cannot flush a ledger: take the fixture db_app or clone instead")


@pytest.fixture(autouse=True)
def own_transactions(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database is closed to tests that did not ask for it, and no test leaves a transaction to the next."""
    if "db_app" not in request.fixturenames:
        with django_db_blocker.block():
            yield
        return
    yield
    left_open = [one.alias for one in connections.all(initialized_only=True) if one.in_atomic_block]
    for connection in connections.all(initialized_only=True):
        connection.close()
    assert not left_open, f"the test left a transaction open on {left_open}"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real input: YUNJU_DATA, where it is set."""
    folder = os.environ.get("YUNJU_DATA", "")
    if not folder:
        pytest.skip("needs real input: YUNJU_DATA names no folder (docs/operations.md, section Tests)")
    if not Path(folder).is_dir():
        pytest.fail(f"YUNJU_DATA is {folder!r}: expected a folder")
    return Path(folder).absolute()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that `browser` tests drive, for playwright's `executable_path`."""
    return chromium.find_or_install()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Processes started by this one set themselves up, each in a home of its own."""
    if getattr(session.config.option, "numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


MINUTES = (
    "tests/browser/",
    "tests/crash/",
    "tests/test_bench.py",
    "tests/test_house.py",
    "tests/web/test_journey.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes go first: no process is left alone with one of them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(MINUTES))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged may hold half a surrogate pair; a report travels between processes as UTF-8."""
    report = yield
    report.sections = [
        (name, said.encode(errors="backslashreplace").decode()) for name, said in report.sections
    ]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_time() -> Iterator[None]:
    """A test that moved the process's clock does not hand its time on: tests run in any order."""
    yield
    clock.shift(timedelta(0))
