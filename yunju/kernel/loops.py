"""The loops of the worker: due work done in batches, each with a heartbeat row, so that silence is an alarm.

`config` registers them at start-up. A loop's `run` does one bounded batch and says how many things it did; it is
called again at once while it finds work. Any number of workers may run the same loops: rows are claimed, twice is once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections

from yunju.kernel import clock, sql
from yunju.kernel.errors import Busy, noted
from yunju.kernel.models import Beat

log = logging.getLogger(__name__)
Run = Callable[[], int]
BURST = 50
"""How many full batches one loop may do before the others have their turn."""

_PAUSE = 0x79756E6A75  # the number of the advisory lock that each turn shares and a pause holds alone


@dataclass(frozen=True, slots=True)
class Loop:
    """`run` every `every_seconds`; late by more than three rounds (and a minute) is an alarm.

    `name` is a stable code, such as `orders.release`: its heartbeat is kept under it, and `ui` has words for it. Loops of
    one lane take turns; what waits for strangers (a provider of text messages) has a lane of its own.
    """

    name: str
    every_seconds: int
    run: Run
    lane: str = "house"


registered: dict[str, Loop] = {}


_registered_at: dict[str, float] = {}
"""When this process first knew a loop, by a clock that nobody sets."""


def register(loop: Loop) -> None:
    registered[loop.name] = loop
    _registered_at.setdefault(loop.name, time.monotonic())


@contextmanager
def _turn() -> Iterator[bool]:
    """True unless somebody has paused the loops; they cannot be paused before this turn is over."""
    is_free = bool(sql.fetch("SELECT pg_try_advisory_lock_shared(%s)", [_PAUSE])[0][0])
    try:
        yield is_free
    finally:
        if is_free:
            sql.fetch("SELECT pg_advisory_unlock_shared(%s)", [_PAUSE])


@contextmanager
def paused(wait_seconds: float = 60) -> Iterator[None]:
    """No worker runs a loop inside the block, in no process: for a replay, whose clock is not the workers'.

    What is due meanwhile waits, and late heartbeats say so. A kill ends the pause. Raises Busy (`loops.paused`) when the
    loops, or another pause, do not end within `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    while not sql.fetch("SELECT pg_try_advisory_lock(%s)", [_PAUSE])[0][0]:
        if time.monotonic() > deadline:
            raise Busy("loops.paused")
        time.sleep(0.1)
    try:
        yield
    finally:
        sql.fetch("SELECT pg_advisory_unlock(%s)", [_PAUSE])


def run_due(last: dict[str, datetime], lane: str | None = None) -> int:
    """Run every loop (of a lane) whose time has come; `last` (name to time) is kept. Returns how many things were done."""
    done = 0
    for loop in registered.values():
        if lane is not None and loop.lane != lane:
            continue
        if loop.name not in last or clock.now() - last[loop.name] >= timedelta(seconds=loop.every_seconds):
            done += run_once(loop)
            last[loop.name] = clock.now()
    return done


def run_once(loop: Loop) -> int:
    """Run one loop until it finds nothing or its burst is used up, and note its heartbeat or its failure."""
    done = 0
    try:
        with _turn() as is_free:
            if not is_free:
                return 0
            for _ in range(BURST):
                step = loop.run()
                done += step
                if not step:
                    break
    except Exception as error:
        # Broad on purpose: a loop is another room's code, and its fault may not keep the others from their work. It is
        # logged, and kept on the heartbeat, which the operator's alarm shows.
        log.exception("loop %s failed", loop.name)
        _note_failure(loop, error)
        return done
    at = clock.now()
    Beat.objects.update_or_create(
        name=loop.name,
        defaults={"every_seconds": loop.every_seconds, "ran_at": at, "error": "", "done": done},
    )
    return done


def _note_failure(loop: Loop, error: Exception) -> None:
    at = clock.now()
    text = noted(error)
    Beat.objects.update_or_create(
        name=loop.name,
        defaults={"every_seconds": loop.every_seconds, "failed_at": at, "error": text},
        create_defaults={"every_seconds": loop.every_seconds, "ran_at": at, "failed_at": at, "error": text},
    )


def lanes() -> list[str]:
    """The lanes that have loops, the house's own first."""
    return sorted({loop.lane for loop in registered.values()}, key=lambda lane: (lane != "house", lane))


def run_forever(stop: threading.Event, pause_seconds: float = 0.5, lane: str | None = None) -> None:
    """Run all loops (of a lane) until `stop` is set. Failures are noted and tried again; they never end the worker."""
    last: dict[str, datetime] = {}
    while not stop.is_set():
        close_old_connections()
        try:
            done = run_due(last, lane)
        except Exception:
            # Most likely the database itself is away (it restarts, or a network fault): the next round asks for a new
            # connection. Broad on purpose: a lane is a thread, and one that ended would stay ended while the process lives.
            log.exception("a round of the worker failed")
            done = 0
        stop.wait(0 if done else pause_seconds)


def beats() -> list[Beat]:
    """The heartbeats of all registered loops; one that never ran has a row without id. Earlier versions' loops are left out."""
    kept = {beat.name: beat for beat in Beat.objects.filter(name__in=registered)}
    now = clock.now()
    return [
        kept.get(name) or Beat(name=name, every_seconds=loop.every_seconds, ran_at=now)
        for name, loop in sorted(registered.items())
    ]


def late(*, at_once: bool = False) -> list[Beat]:
    """Heartbeats that are overdue, whose last run failed, or that never came: what the operator's alarm shows.

    One that never came is late when this process has known the loop for long enough; `at_once` does not wait for that.
    """
    at = clock.now()
    return [
        beat
        for beat in beats()
        if beat.error
        or (at - beat.ran_at > grace(beat) if beat.pk else at_once or _known_for(beat) > grace(beat))
    ]


def grace(beat: Beat) -> timedelta:
    """How long a heartbeat may be away."""
    return max(timedelta(seconds=3 * beat.every_seconds), timedelta(minutes=1))


def _known_for(beat: Beat) -> timedelta:
    since = _registered_at.get(beat.name)
    return timedelta(0) if since is None else timedelta(seconds=time.monotonic() - since)
