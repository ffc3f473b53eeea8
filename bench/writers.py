"""Writers: forked processes that prepare, wait for each other, and run; one warm-up, then the rounds that count."""

import multiprocessing
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from django.db import connections

from bench.figures import Figure, Watch, median

FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 120
Work = Callable[[], int]
"""Does it all, answers how many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`prepare` is called once a round and writer, before the clock runs."""

    prepare: Callable[[], Work]
    writers: int = 1
    rounds: int = 3


def measure(plan: Plan) -> Figure:
    """The median of the rounds, over all writers together."""
    connections.close_all()  # a connection does not survive a fork
    gate = FORK.Barrier(plan.writers + 1)
    pipes = [FORK.Pipe(duplex=False) for _ in range(plan.writers)]
    children = [FORK.Process(target=_write, args=(plan, gate, tell), daemon=True) for _, tell in pipes]
    for child in children:
        child.start()
    try:
        found = [_round(gate, [hear for hear, _ in pipes]) for _ in range(plan.rounds + 1)]
    finally:
        for child in children:
            child.join(PATIENCE_SECONDS)
            if child.is_alive():
                child.kill()
                child.join()
            child.close()
        for ends in pipes:
            for end in ends:
                end.close()
    return median(found[1:])


def _round(gate: Barrier, pipes: list[Connection]) -> Figure:
    for pipe in pipes:
        _hear(pipe)
    watch = Watch()
    gate.wait(PATIENCE_SECONDS)
    told = [_hear(pipe) for pipe in pipes]
    figure = watch.stop(sum(count for count, _ in told), sum(seconds for _, seconds in told))
    gate.wait(PATIENCE_SECONDS)
    return figure


def _hear(pipe: Connection) -> tuple[int, float]:
    if not pipe.poll(PATIENCE_SECONDS):
        raise TimeoutError("a writer is silent")
    answer = pipe.recv()
    if isinstance(answer, str):
        raise RuntimeError(f"a writer failed:\n{answer}")
    count, seconds = answer
    return int(count), float(seconds)


def _write(plan: Plan, gate: Barrier, tell: Connection) -> None:
    try:
        for _ in range(plan.rounds + 1):
            work = plan.prepare()
            tell.send((0, 0.0))
            gate.wait(PATIENCE_SECONDS)
            begun = time.process_time()
            count = work()
            tell.send((count, time.process_time() - begun))
            gate.wait(PATIENCE_SECONDS)  # the connections are looked at while they are there
    except Exception:  # noqa: BLE001 - whatever it was, the parent says it and stops
        tell.send(traceback.format_exc())
    finally:
        connections.close_all()
