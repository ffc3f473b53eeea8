"""Due work and jobs of the catalog: imports run in the queue; runs that lost their worker are found. `config` registers the loops."""

from collections.abc import Callable

from django.db import close_old_connections, connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from yunju.catalog import licensing
from yunju.catalog.actions import import_runs, indexing
from yunju.catalog.actions.imports import Interrupted

RESTARTS = 20
"""How many orderly ends of its worker one import may meet: each is followed by the next worker at once."""


def run_import(context: JobContext, run_id: int) -> None:
    """One run of an import, in a thread of the worker."""
    close_old_connections()
    try:
        import_runs.work_off(run_id=run_id, is_ending=context.should_abort)
    except Interrupted as interruption:
        raise JobAborted from interruption
    finally:
        connection.close()  # the thread goes back to the pool; its connection would stay


app.task(
    name=import_runs.JOB,
    pass_context=True,
    retry=RetryStrategy(max_attempts=RESTARTS, retry_exceptions=[JobAborted]),
)(run_import)

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("catalog.imports", 15, import_runs.recover),
    ("catalog.import_files", 3_600, import_runs.drop_files),
    ("catalog.words", 5, indexing.reindex),
    (licensing.NAME, licensing.EVERY_SECONDS, licensing.watch),
)
"""Code, seconds between rounds, one bounded batch."""
