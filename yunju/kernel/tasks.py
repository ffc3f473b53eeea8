"""Jobs of the queue, and the loops that look after them. `config` registers the loops."""

from collections.abc import Callable

from django.db import close_old_connections, connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from yunju.kernel import jobs

RESTARTS = 20
"""How many orderly ends of its worker one job may meet: each is followed by the next worker at once."""


def run_job(context: JobContext, job_id: int) -> None:
    """One job, in a thread of the worker."""
    close_old_connections()
    try:
        jobs.work_off(job_id=job_id, is_ending=context.should_abort)
    except jobs.Interrupted as interruption:
        raise JobAborted from interruption
    finally:
        connection.close()  # the thread goes back to the pool; its connection would stay


app.task(
    name=jobs.TASK,
    pass_context=True,
    retry=RetryStrategy(max_attempts=RESTARTS, retry_exceptions=[JobAborted]),
)(run_job)

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("kernel.jobs", 15, jobs.recover),
    ("kernel.job_files", 3_600, jobs.drop_old),
)
"""Code, seconds between rounds, one bounded batch."""
