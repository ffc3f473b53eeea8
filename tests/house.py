"""A whole installation for a test: a fresh home, a free port, started as a user starts it, killed as accidents do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import psutil

from yunju.cli.postgres import free_port, running_url

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
YUNJU_UP = (sys.executable, "-m", "yunju.cli.main", "up")
INHERITED = ("DATABASE", "YUNJU", "DJANGO", "MAKE", "MFLAGS", "PYTEST")


class House:
    """`start`, look at `output`, `kill` a part, `stop`. The port stays the same over all starts."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.parent / f"{home.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str] = YUNJU_UP, **variables: str) -> list[str]:
        """Wait until it says that it is ready; returns the lines it printed."""
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.url not in self.output() and time.monotonic() < deadline:
            assert self.process.poll() is None, f"it ended:\n{self.output()}"
            time.sleep(0.1)
        time.sleep(0.3)  # the log-ins follow the address at once
        return self.output().splitlines()

    def environment(self) -> dict[str, str]:
        """What a user's shell has: nothing of the test run."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(INHERITED)}
        own = {"YUNJU_HOME": str(self.home), "YUNJU_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return clean | own | {"YUNJU_DEMO": "small"}  # the large one takes a minute; tests/demo looks at it

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def database_url(self) -> str:
        url = running_url(self.home, "app")
        assert url
        return url

    def status(self) -> int:
        """Of the front page; 0 when nobody answers."""
        try:
            return httpx.get(self.url, timeout=10, trust_env=False, follow_redirects=True).status_code
        except httpx.HTTPError:
            return 0

    def await_answer(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while self.status() != httpx.codes.OK:
            assert time.monotonic() < deadline, f"no answer after {seconds} s:\n{self.output()}"
            time.sleep(0.1)

    def await_line(self, text: str, seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output():
            assert time.monotonic() < deadline, f"{text!r} was not said in {seconds} s:\n{self.output()}"
            time.sleep(0.1)

    def tree(self) -> list[psutil.Process]:
        """Every process below the command that started it, and itself."""
        assert self.process
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def part(self, words: str) -> psutil.Process:
        """The one process whose command line has these words, not the lifeline above it."""
        lines = {one: command_of(one) for one in self.tree()}
        found = [one for one, line in lines.items() if words in line and "yunju.cli.lifeline" not in line]
        top = [one for one in found if one.parent() not in found]
        assert len(top) == 1, f"{words!r}: {found}"
        return top[0]

    def interrupt(self, seconds: float = 60) -> int:
        """Ctrl-C, as a terminal sends it: to the whole foreground group."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=seconds)

    def kill_everything(self) -> None:
        """As a power switch would, but without losing what the disk was told."""
        for one in self.tree():
            one.kill()
        assert self.process
        self.process.wait()

    def close(self) -> None:
        """For the end of a fixture: whatever state it is in, nothing stays."""
        if self.process and self.process.poll() is None:
            tree = self.tree()
            self.interrupt()
            psutil.wait_procs(tree, timeout=20)


def command_of(process: psutil.Process) -> str:
    """Empty for one that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
