"""The house under test: `yunju up` in a folder of its own, on a disk, and the ways into it that its world has."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.house import ROOT, House, command_of
from yunju.cli import keyring, state
from yunju.cli.postgres import found

HOST = "crash.test"
BACK_SECONDS = 60
"""How long a part may be away before the house counts as not coming back: the promise is shorter than this."""


class Stuck(AssertionError):
    """The house did not do by itself, in good time, what it must; the message ends with its logs."""


class Stack:
    """`start`, look for a `part`, ask the database as superuser, run a `helper` beside it, `close`."""

    def __init__(self, folder: Path, *, unsafe: str = "") -> None:
        self.house = House(folder / "home")
        self.unsafe = unsafe

    def start(self) -> None:
        """A part that dies is started again within a second: an hour of dying would else be an hour of pauses."""
        self.house.start(
            YUNJU_DEMO="none",
            YUNJU_HOSTS=HOST,
            YUNJU_RESTART_PAUSE_SECONDS="1",
            YUNJU_UNSAFE_SETTINGS=self.unsafe,
            YUNJU_LOG="WARNING",
        )

    def close(self) -> None:
        self.house.close()

    @property
    def port(self) -> int:
        return self.house.port

    @property
    def gateway_port(self) -> int:
        return int(state.read(self.house.home).gateway_port or 0)

    # --- its processes --------------------------------------------------------------------------------------------

    def part(self, words: str) -> psutil.Process | None:
        """The topmost process with these words in its command line, below its lifeline; None while there is none."""
        with suppress(psutil.NoSuchProcess):
            for one in self.house.tree():
                line = command_of(one)
                if words in line and "yunju.cli.lifeline" not in line:
                    return one
        return None

    def await_parts(self) -> None:
        """Until web, worker and database are there and both the database and the web answer."""
        until(lambda: all(map(self.part, ("bin/postgres", "main web", "main worker"))), self, "all parts run")
        self.await_database()
        until(lambda: self.house.status() not in (0, 503), self, "the web answers")

    def await_database(self) -> None:
        """Until PostgreSQL takes connections again: what was under way when it died may be acknowledged before that."""
        until(self._database_answers, self, "the database answers")

    def _database_answers(self) -> bool:
        with suppress(psycopg.OperationalError), self.superuser() as connection:
            connection.execute("SELECT 1")
            return True
        return False

    def logs(self) -> str:
        """The end of what `up` and its parts said."""
        files = [self.house.log, *sorted((self.house.home / "logs").glob("*.log"))]
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-25:])
            for path in files
        )

    # --- ways in --------------------------------------------------------------------------------------------------

    def superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that commits each statement and waits for no lock. Raises OperationalError while the server is away."""
        address = found(self.house.home)
        assert address
        secret = keyring.load(self.house.home)["postgres_superuser"]
        url = address.url("postgres", secret, "yunju")
        return psycopg.connect(url, autocommit=True, connect_timeout=5, options="-c lock_timeout=2s")

    def helper(self, module: str, given: object = None) -> Any:
        """Run `python -m module` in the environment of the house: JSON in, JSON out."""
        environment = self.house.environment() | {"YUNJU_HOSTS": HOST, "YUNJU_LOG": "ERROR"}
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(given),
            env=environment | {"YUNJU_STATEMENT_TIMEOUT_MS": "60000"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Stuck(f"{module} failed:\n{done.stdout[-2000:]}{done.stderr[-6000:]}")
        return json.loads(done.stdout)


def until(holds: Callable[[], bool], stack: Stack, what: str, seconds: float = BACK_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Stuck(f"not within {seconds:g} s: {what}\n{stack.logs()}")
        time.sleep(0.05)
