"""`yunju web`: pages and API from a few processes with a few threads each, after the guards of the database were seen."""

import argparse
import multiprocessing
import os
from typing import Any

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
    parser.add_argument(
        "--door", action="store_true", help="purchases of programs wait without a thread; pages become slower"
    )


def run(args: argparse.Namespace) -> int:
    guards.require()
    connections.close_all()
    os.environ["YUNJU_WEB_THREADS"] = str(args.threads)  # the workers are processes that read it
    multiprocessing.set_start_method(
        "spawn"
    )  # the connection pool has threads, and a fork would copy half of them
    Server(
        address=args.host,
        port=args.port or settings.YUNJU_PORT,
        workers=args.workers,
        backlog=2048,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
        **_application(args),
    ).serve()
    return 0


def _application(args: argparse.Namespace) -> dict[str, Any]:
    if args.door:
        return {"target": "yunju.config.rsgi:application", "interface": Interfaces.RSGI}
    return {
        "target": "yunju.config.wsgi:application",
        "interface": Interfaces.WSGI,
        "blocking_threads": args.threads,
    }
