"""The embedded PostgreSQL under our own supervision: made once, started, found again after a crash, stopped.

Only the server's binaries come from a package. Every connection needs a generated password; the server listens on a
unix socket in a closed folder and on one loopback port. fsync, full_page_writes and synchronous_commit are on.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import errors, sql

from yunju.cli import keyring, place, roles
from yunju.cli.children import Child, Plan, tail
from yunju.cli.say import Stop

MAJORS = range(15, 19)
READY_SECONDS = 60
RETRY_SECONDS = 30  # after kill -9 the dead postmaster's pid stays until it is reaped: measured up to 5 s
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",  # took the order path from 11,000 to 4,300 a second
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "min_wal_size": "1GB",  # a new file of the log takes 70 ms, and everybody waits: what was written is used again
    "max_wal_size": "2GB",
    "idle_in_transaction_session_timeout": "60s",
}


def memory_bytes() -> int:
    """What this process may use: the machine's memory, or less where a container says so."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    given = CONTAINER_LIMIT.read_text() if CONTAINER_LIMIT.exists() else ""
    return min(whole, int(given)) if given.strip().isdigit() else whole


def buffers_mb(memory: int) -> int:
    """An eighth of the memory, between 128 MB and 2 GB: a big shelf's index of words should stay in it."""
    return min(max(memory // 8 // 2**20, 128), 2_048)


@dataclass(frozen=True)
class Address:
    """How to reach the running server."""

    sockets: str
    port: int

    def url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password)}@/{database}?host={quote(self.sockets, safe='')}&port={self.port}"


class Postgres:
    """The cluster of one home. The caller holds the home's lock, so whatever else runs on it is an orphan."""

    def __init__(
        self, home: Path, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.place = place.find(home, binaries)
        self.roles = roles.Roles()
        self.secrets = keyring.load(home)
        self.settings = (
            SETTINGS | {"shared_buffers": f"{buffers_mb(memory_bytes())}MB"} | dict(settings or {})
        )
        self.major = _major(self.place)
        self.child: Child | None = None
        self.address = Address(str(self.place.sockets), 0)

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Running and ready afterwards, whatever the last run left behind."""
        if not self.place.data.exists():
            self._make()
        self._check_version()
        self._end_orphan()
        self._launch_until_ready()
        self._prepare_roles()
        remember(self.home, self.address)

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def url(self, role: str, database: str | None = None) -> str:
        """`role` is `app`, `owner` or `superuser`."""
        name = {"app": self.roles.app, "owner": self.roles.owner, "superuser": "postgres"}[role]
        return self.address.url(name, self.secrets[f"postgres_{role}"], database or self.roles.database)

    # --- making -------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        """initdb into a folder beside, renamed when whole: an interrupted one is no cluster."""
        part = self.place.data.with_name("data.part")
        if part.exists():
            shutil.rmtree(part)
        password = self.place.data.with_name("superuser.password")
        password.unlink(missing_ok=True)
        descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(self.secrets["postgres_superuser"])
        if self.place.account:
            os.chown(password, *self.place.account)
        try:
            self._run("initdb", [*_initdb_options(self.major), f"--pwfile={password}", "-D", str(part)])
        finally:
            password.unlink()
        part.rename(self.place.data)

    def _run(self, program: str, arguments: Sequence[str]) -> None:
        done = subprocess.run(
            [str(self.place.bin / program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            check=False,
            **self.place.switch,  # type: ignore[call-overload]
        )
        if done.returncode:
            raise Stop(f"{program} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def _check_version(self) -> None:
        made_by = int((self.place.data / "PG_VERSION").read_text(encoding="ascii").strip())
        if made_by != self.major:
            raise Stop(
                f"The data in {self.place.data} was made by PostgreSQL {made_by}, this is {self.major}. "
                "Dump it with the old one and restore it: docs/operations.md says how."
            )

    # --- starting -----------------------------------------------------------------------------------------------

    def _launch_until_ready(self) -> None:
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            # The same port as long as this run lasts: the other processes know it.
            port = self.address.port or free_port(remembered(self.home))
            self.address = Address(str(self.place.sockets), port)
            self.child = Child(self._plan())
            self.child.start()
            if self._ready():
                return
            self.child.stop()
            if time.monotonic() > deadline:
                raise Stop(f"PostgreSQL does not start. The end of its log:\n{tail(self.child.plan.log)}")
            time.sleep(0.5)

    def _plan(self) -> Plan:
        settings = self.settings | {
            "unix_socket_directories": str(self.place.sockets),
            "port": str(self.address.port),
        }
        return Plan(
            name="postgres",
            command=[
                str(self.place.bin / "postgres"),
                "-D",
                str(self.place.data),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            log=self.home / "logs" / "postgres.log",
            signal="INT",  # "fast": connections are ended, everything is written
            grace_seconds=30,
            account=self.place.account,
        )

    def _ready(self) -> bool:
        """True once it takes connections; False when it has ended instead."""
        assert self.child
        deadline = time.monotonic() + READY_SECONDS
        while self.child.alive() and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("superuser", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)  # starting up or replaying its log
            else:
                return True
        return False

    def _end_orphan(self) -> None:
        """A server whose `up` was killed. Its pid file is never removed while its process may still live."""
        pid_file = self.place.data / "postmaster.pid"
        pid = _pid_in(pid_file)
        if pid is None:
            return
        command = _command_of(pid)
        if command is not None and str(self.place.data) in command:
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + READY_SECONDS
            while _command_of(pid) is not None and time.monotonic() < deadline:
                time.sleep(0.1)
        elif command:
            # After a power cut another program may have got that number; PostgreSQL would then never start.
            pid_file.unlink(missing_ok=True)

    # --- roles --------------------------------------------------------------------------------------------------

    def _prepare_roles(self) -> None:
        owner, app = self.secrets["postgres_owner"], self.secrets["postgres_app"]
        with psycopg.connect(self.url("superuser", "postgres"), autocommit=True) as connection:
            create = roles.create_roles(self.roles, owner_password=owner, app_password=app)
            for statement in create + roles.create_database(self.roles):
                _unless_there(connection, statement)
            for name, password in ((self.roles.owner, owner), (self.roles.app, app)):
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
                )
        with psycopg.connect(self.url("superuser"), autocommit=True) as connection:
            for statement in roles.grants(self.roles):
                connection.execute(statement.encode())


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    return _bind(port) is not None


def free_port(wanted: int = 0) -> int:
    """`wanted` when nobody listens there, else any free port of the loopback."""
    port = _bind(wanted) or _bind(0)
    if port is None:
        raise Stop("This machine has no free port on 127.0.0.1.")
    return port


def _bind(port: int) -> int | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def remember(home: Path, address: Address) -> None:
    """So that other commands find the server; it holds no secret."""
    content = json.dumps({"sockets": address.sockets, "port": address.port})
    (home / "postgres.json").write_text(content, encoding="utf-8")


def found(home: Path) -> Address | None:
    """The address of the server that `yunju up` last started on this home."""
    path = home / "postgres.json"
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Address(str(kept["sockets"]), int(kept["port"]))


def remembered(home: Path) -> int:
    address = found(home)
    return address.port if address else 0


def running_url(home: Path, role: str) -> str | None:
    """The URL of a role on the server of this home, for commands that run beside `yunju up`."""
    address = found(home)
    if not address:
        return None
    names = roles.Roles()
    return address.url(
        {"app": names.app, "owner": names.owner}[role], keyring.load(home)[f"postgres_{role}"], names.database
    )


def _major(where: place.Place) -> int:
    done = subprocess.run(
        [str(where.bin / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    words = done.stdout.split()
    major = int(words[2].split(".")[0]) if done.returncode == 0 and len(words) > 2 else 0
    if major not in MAJORS:
        raise Stop(
            f"{where.bin / 'postgres'} is no PostgreSQL {MAJORS[0]} to {MAJORS[-1]}: {done.stdout}{done.stderr}"
        )
    return major


def _initdb_options(major: int) -> list[str]:
    """Sorting by code point, the same on every machine; no packaged server has ICU."""
    options = ["-U", "postgres", "--encoding=UTF8", "--auth=scram-sha-256", "--locale=C.UTF-8"]
    if major >= 17:  # brings C.UTF-8 with it, so that the system need not have it
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _unless_there(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
    try:
        connection.execute(statement.encode())
    except (errors.DuplicateObject, errors.DuplicateDatabase):
        return


def _pid_in(path: Path) -> int | None:
    try:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _command_of(pid: int) -> str | None:
    """The command line of a living process; empty when the system does not tell, None when there is no process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return _command_by_ps(pid)
    return raw.replace(b"\0", b" ").decode("utf-8", "replace") or None  # empty: dead, waiting to be reaped


def _command_by_ps(pid: int) -> str | None:
    done = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
