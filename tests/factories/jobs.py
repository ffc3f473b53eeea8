"""The queue in tests: its own worker, run until nothing is left to do."""

import asyncio

from django.db import connection
from procrastinate.contrib.django import app

from yunju.kernel import sql


def work_jobs() -> None:
    """What `yunju worker` runs for the queue, until it is empty."""

    async def work() -> None:
        async with app.with_connector(app.connector.get_worker_connector()).open_async() as jobs:
            await jobs.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful"
            )

    connection.close()
    asyncio.run(work())


def forget_jobs() -> None:
    """Nothing that another test asked for is done in this one."""
    sql.execute(
        "SELECT procrastinate_cancel_job_v1(id, false, false) FROM procrastinate_jobs WHERE status = 'todo'"
    )
