"""`yunju worker`: the loops that do due work in batches, and the jobs of the queue, in one process."""

import argparse
import asyncio
import logging
import signal
import threading
from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from yunju.cli.say import say
from yunju.kernel import guards, loops

log = logging.getLogger(__name__)
JOBS_AT_ONCE = 2
RESTART_SECONDS = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what is due now, then end")


def run(args: argparse.Namespace) -> int:
    guards.require()
    if args.once:
        say(f"done: {loops.run_due({})}")
        return 0
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    beside = [threading.Thread(target=run_jobs, args=(stop,), name="jobs")]
    first, *others = loops.lanes()
    beside += [
        threading.Thread(target=loops.run_forever, kwargs={"stop": stop, "lane": lane}, name=lane)
        for lane in others
    ]
    for thread in beside:
        thread.start()
    loops.run_forever(stop=stop, lane=first)
    for thread in beside:
        thread.join()
    return 0


def run_jobs(stop: threading.Event) -> None:
    """The queue's worker until `stop`; a database that goes away ends it, and it begins again when that is back."""
    while not stop.is_set():
        try:
            asyncio.run(_jobs_until(stop))
        except Exception:
            # Broad on purpose: the queue's library, its driver and the loop of events each raise their own, and a thread
            # that ends here leaves a worker that looks alive and does no jobs. What it was stands in the log.
            log.exception("the job queue stopped; it starts again in %s s", RESTART_SECONDS)
            stop.wait(RESTART_SECONDS)


async def _jobs_until(stop: threading.Event) -> None:
    # A second app of the same tasks: the first keeps deferring in the transaction of whoever defers.
    connector = cast("DjangoConnector", app.connector).get_worker_connector()
    async with app.with_connector(connector).open_async() as jobs:
        work = asyncio.create_task(
            jobs.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=10,
                name="yunju",
            )
        )
        while not stop.is_set() and not work.done():
            await asyncio.sleep(0.2)
        if not work.done():
            work.cancel()  # the worker finishes what it is doing, then raises CancelledError
        await asyncio.gather(work, return_exceptions=stop.is_set())
