"""What a measurement says: how many a second, and whose processor time one of them took."""

import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil
from django.db import connection

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One round. `other` is what the rest of the machine used meanwhile, 1.0 being one core."""

    count: int
    seconds: float
    python_seconds: float
    postgres_seconds: float
    other: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def python_us(self) -> float:
        return self.python_seconds * MICRO / self.count

    @property
    def postgres_us(self) -> float:
        return self.postgres_seconds * MICRO / self.count

    @property
    def all_us(self) -> float:
        return self.python_us + self.postgres_us

    def told(self, noun: str) -> str:
        parts = [f"PostgreSQL {self.postgres_us:,.0f} us {noun}"]
        if self.python_seconds:
            parts.insert(0, f"Python {self.python_us:,.0f} us")
        return f"{self.rate:,.0f} a second ({', '.join(parts)}; others used {self.other:.1f} cores)"


def median(rounds: Sequence[Figure]) -> Figure:
    """The round of the median rate, whole: its processor times belong to it."""
    middle = statistics.median_low([one.rate for one in rounds])
    return next(one for one in rounds if one.rate == middle)


class Watch:
    """Starts when made; `stop` answers the figure. Python's time is told by whoever ran, ours if nobody did."""

    def __init__(self) -> None:
        self._postmaster = postmaster()
        self._postgres = _by_process(self._postmaster)
        self._busy = _busy_seconds()
        self._own = time.process_time()
        self._begun = time.perf_counter()

    def stop(self, count: int, python_seconds: float | None = None) -> Figure:
        seconds = time.perf_counter() - self._begun
        own = time.process_time() - self._own if python_seconds is None else python_seconds
        now = _by_process(self._postmaster)
        postgres = sum(max(used - self._postgres.get(pid, 0.0), 0.0) for pid, used in now.items())
        other = (_busy_seconds() - self._busy - own - postgres) / seconds
        return Figure(count, seconds, own, postgres, max(other, 0.0))


def postmaster() -> psutil.Process:
    """The server's first process; ours is on this machine, and its processes are visible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        parent = psutil.Process(cursor.fetchone()[0]).parent()
    assert parent is not None
    return parent


def _by_process(top: psutil.Process) -> dict[int, float]:
    """Processor time of each of the server's processes. Who is measured keeps its connection until after the last look."""
    found = {}
    for one in (top, *top.children()):
        try:
            used = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[one.pid] = float(used.user + used.system)
    return found


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def machine() -> list[str]:
    """What the figures were taken on, `name: value` lines."""
    names = ("fsync", "synchronous_commit", "full_page_writes", "jit", "shared_buffers")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        version = cursor.fetchone()[0]
        cursor.execute("SELECT n, current_setting(n) FROM unnest(%s::text[]) AS n", [list(names)])
        settings = ", ".join(f"{name} {value}" for name, value in cursor.fetchall())
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    return [
        f"machine: {os.cpu_count()} cores, {memory}, {platform.machine()}, load before {load}",
        f"python: {platform.python_version()}",
        f"postgres: {version}, {settings}",
    ]
