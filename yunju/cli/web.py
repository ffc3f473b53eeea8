"""`yunju web`: the door, pages and API from a few processes, each a loop with a few threads, after the guards were seen."""

import argparse
import multiprocessing
import os

from django.conf import settings
from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from yunju.kernel import guards

WORKERS = min(os.cpu_count() or 1, 4)
"""Pages are Python's work, and one process does one thing at a time: a core each. More threads only wait for each other."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=None, help="default: YUNJU_PORT")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="threads that answer, per process")


def run(args: argparse.Namespace) -> int:
    guards.require()
    connections.close_all()
    os.environ["YUNJU_WEB_THREADS"] = str(args.threads)  # the workers are processes that read it
    multiprocessing.set_start_method(
        "spawn"
    )  # the connection pool has threads, and a fork would copy half of them
    Server(
        "yunju.config.rsgi:application",
        address=args.host,
        port=args.port or settings.YUNJU_PORT,
        interface=Interfaces.RSGI,
        workers=args.workers,
        backlog=2048,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()
    return 0
