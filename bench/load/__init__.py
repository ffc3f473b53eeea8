"""A light load generator of our own: `load.c`, built when it is needed; what it sent, and what came back.

A generator in Python would use as much of the machine as the server it measures: this one takes some 11 us a request.
"""

import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("load.c")
WARMING = 2
"""Seconds that are not counted: connections open, plans are made."""

_RECORD = struct.Struct("<IIQQ")
_SECOND = 1_000_000


class NoCompilerError(RuntimeError):
    """There is no C compiler on this machine."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: which request (from 0), its status (0: the line broke, 1: no answer), how long, and when, in us."""

    request: int
    status: int
    waited: int
    at: int


@dataclass(frozen=True, slots=True)
class Run:
    """All answers of a run, and those of the seconds that count. `seconds_used` is the generator's processor time."""

    every: Sequence[Answered]
    counted: Sequence[Answered]
    seconds: float
    seconds_used: float

    def rate(self, status: int) -> float:
        """Answers of that status a second."""
        return sum(one.status == status for one in self.counted) / self.seconds

    def p(self, share: float) -> float:
        """Milliseconds that this share of the callers waited at most."""
        waited = sorted(one.waited for one in self.counted)
        return waited[min(int(len(waited) * share), len(waited) - 1)] / 1_000 if waited else float("nan")


@cache
def built() -> Path:
    """The program. Raises NoCompilerError."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise NoCompilerError("a C compiler (cc) is needed to build the load generator")
    program = Path(tempfile.mkdtemp(prefix="yunju-load-")) / "load"
    subprocess.run([compiler, "-O2", "-Wall", "-o", str(program), str(SOURCE)], check=True)
    return program


def write(requests: Iterable[bytes], path: Path) -> None:
    """The requests, as the generator reads them."""
    with path.open("wb") as out:
        for one in requests:
            out.write(struct.pack("<I", len(one)) + one)


def run(
    port: int, clients: int, seconds: int, requests: Path, *, counts: Callable[[], None] = lambda: None
) -> Run:
    """Send the requests by so many clients, each as soon as it has its answer. `counts` is called when the seconds that
    count begin."""
    record = requests.with_suffix(".answers")
    program = built()
    before = os.times()
    begun = time.monotonic_ns() // 1_000
    whole = [str(port), str(clients), str(WARMING + seconds), str(requests), str(record)]
    process = subprocess.Popen([str(program), "127.0.0.1", *whole], stdout=subprocess.DEVNULL)
    time.sleep(WARMING)
    counts()
    if process.wait() != 0:
        raise RuntimeError(f"the load generator ended with {process.returncode}")
    after = os.times()
    every = [Answered(*one) for one in _RECORD.iter_unpack(record.read_bytes())]
    first, last = begun + WARMING * _SECOND, begun + (WARMING + seconds) * _SECOND
    if (
        len(every) > clients
    ):  # where the requests did not last, the seconds end when the first caller found none left
        last = min(last, every[-clients].at) if _were_used_up(every, requests) else last
    counted = [one for one in every if first <= one.at < last]
    used = after.children_user + after.children_system - before.children_user - before.children_system
    share = len(counted) / max(len(every), 1)
    return Run(every, counted, (last - first) / _SECOND, used * share)


def _were_used_up(every: Sequence[Answered], requests: Path) -> bool:
    return max(one.request for one in every) == _count(requests) - 1


def _count(requests: Path) -> int:
    whole, at, count = requests.read_bytes(), 0, 0
    while at < len(whole):
        at += 4 + struct.unpack_from("<I", whole, at)[0]
        count += 1
    return count
