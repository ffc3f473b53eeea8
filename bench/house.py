"""A database of the measurement's own: imported first, it starts an embedded server in a temporary home and sets up Django.

Where Django is set up already (in tests), it changes nothing.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
import psycopg
from django.apps import apps

from yunju.cli.postgres import Postgres

LOG_FILES = 60  # of 16 MB: about a gigabyte, what the server keeps


def open_house() -> None:
    """A migrated server, the application role's address in the environment, everything removed at exit."""
    home = Path(tempfile.mkdtemp(prefix="yunju-bench-", dir="/tmp"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for given in (
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "YUNJU_PORT",
        "YUNJU_PUBLIC_URL",
        "YUNJU_GATEWAY_URL",
    ):
        os.environ.pop(given, None)  # a measurement never writes into the database of whoever runs it
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "yunju.config.settings",
        "YUNJU_HOME": str(home),
        "YUNJU_SECRET_KEY": "measurements only: nothing that lasts is signed with this",
        "YUNJU_DATA_KEYS": "1:" + "A" * 43 + "=",
        "YUNJU_DB_ROLE": "app",
        "YUNJU_DB_POOL": "0",  # the writers are forked: no thread may run before that
        "YUNJU_STATIC": "found",
        "YUNJU_LOG": "WARNING",
    }
    server = Postgres(home)
    server.start()
    atexit.register(server.stop)
    os.environ |= {"DATABASE_URL": server.url("app"), "DATABASE_OWNER_URL": server.url("owner")}
    subprocess.run([sys.executable, "-m", "yunju.cli.main", "migrate"], check=True, stdout=subprocess.DEVNULL)
    # The generator of goods writes as the owner, and volume rewrites its tables; volume asks for checkpoints.
    os.environ["YUNJU_BENCH_OWNER_URL"] = os.environ.pop("DATABASE_OWNER_URL")
    os.environ["YUNJU_BENCH_ADMIN_URL"] = server.url("superuser")
    age(server.url("superuser"))
    django.setup()


def age(url: str) -> None:
    """Give the server the log files that one has which ran for a day: it uses them again instead of making new ones."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(LOG_FILES):
            connection.execute(
                "SELECT pg_logical_emit_message(false, 'bench', 'one file more'), pg_switch_wal()"
            )
        connection.execute("CHECKPOINT")


if not apps.ready:
    open_house()
