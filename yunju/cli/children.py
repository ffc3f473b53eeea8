"""Children of `yunju up`: started under a lifeline, watched, restarted with growing pauses, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LOG_BYTES_MAX = 20_000_000
STEADY_SECONDS = 60  # a child that ran this long may die without the pause growing further
PAUSES_SECONDS = (0.5, 1, 2, 5, 10, 30)


@dataclass(frozen=True)
class Plan:
    """How a child is started, and with which signal it ends well."""

    name: str
    command: Sequence[str]
    log: Path
    signal: str = "TERM"
    grace_seconds: float = 15
    longest_pause_seconds: float = PAUSES_SECONDS[-1]
    account: tuple[int, int] | None = None  # uid and gid to drop to
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


class Child:
    """One process group under a lifeline."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.deaths = 0

    def start(self) -> None:
        self.plan.log.parent.mkdir(parents=True, exist_ok=True)
        turn_over(self.plan.log)
        with self.plan.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.plan.environment),
                start_new_session=True,  # Ctrl-C at the terminal reaches `up` alone, which ends the children in order
            )
        self.started_at = time.monotonic()

    def _command(self) -> list[str]:
        plan = self.plan
        head = [sys.executable, "-m", "yunju.cli.lifeline", "--parent", str(os.getpid())]
        head += ["--signal", plan.signal, "--grace", str(plan.grace_seconds)]
        if plan.account:
            head += ["--user", str(plan.account[0]), "--group", str(plan.account[1])]
        return [*head, "--", *plan.command]

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def pause_seconds(self) -> float:
        """How long to wait before the next start; call once per death."""
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.deaths = 0
        pause = PAUSES_SECONDS[min(self.deaths, len(PAUSES_SECONDS) - 1)]
        self.deaths += 1
        return min(pause, self.plan.longest_pause_seconds)

    def ask(self) -> None:
        """Ask it to end, without waiting."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask, wait, and leave nothing of the group behind. Does nothing when it never ran."""
        if self.process is None:
            return
        self.ask()
        if self.process.poll() is None:
            try:
                self.process.wait(timeout=self.plan.grace_seconds + 5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.sweep()

    def sweep(self) -> None:
        """End what a killed lifeline left in its group: politely first, PostgreSQL likes its own signal."""
        if self.process is None:
            return
        for name in (self.plan.signal, "KILL"):
            if not _signal_group(self.process.pid, name):
                return
            deadline = time.monotonic() + (self.plan.grace_seconds if name != "KILL" else 5)
            while _signal_group(self.process.pid, None) and time.monotonic() < deadline:
                time.sleep(0.05)


def turn_over(log: Path) -> None:
    """Keep one older log beside the growing one."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path, lines: int = 12) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _signal_group(group: int, name: str | None) -> bool:
    """Send to all of a group (None: only ask); False when nobody is left in it."""
    try:
        os.killpg(group, getattr(signal, "SIG" + name) if name else 0)
    except ProcessLookupError:
        return False
    return True
