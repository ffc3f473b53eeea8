"""Seconds of a supplier's day of 100,000 parcels: listed, grouped, exported, read back. `python -m bench --only waves`."""

import io
import time
from collections.abc import Callable
from typing import TypeVar

import xlsxwriter

import bench.house  # noqa: F401 - before any room
from tests.factories.catalog import make_offer, only_variant
from tests.factories.members import acts_for, make_cluster, make_member
from tests.factories.parcels import many_to_ship
from yunju.kernel import jobs as kernel_jobs
from yunju.kernel.models import Job
from yunju.modes.ship import jobs, waves
from yunju.modes.ship.actions import make_wave
from yunju.orders.models import Order

PARCELS = 100_000
LIMIT_SECONDS = 60
KINDS = 20
T = TypeVar("T")


def measure(parcels: int = PARCELS) -> dict[str, float]:
    """Step to seconds, in a fresh cluster. Raises AssertionError when a parcel is missing anywhere."""
    supplier = make_member(make_cluster(), capacities=("supplier",))
    by = acts_for(supplier)
    variants = [only_variant(make_offer(supplier, stock=1)) for _ in range(KINDS)]
    numbers = many_to_ship(supplier, variants, parcels)
    cluster_id, laps = supplier.cluster_id, dict[str, float]()

    def lap(step: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        answer = work()
        laps[step] = time.perf_counter() - begun
        return answer

    def listed() -> tuple[int, int, int]:
        mine = waves.ready(cluster_id, supplier.pk)
        page = list(mine[:50])
        waves.deadlines(cluster_id, [order.pk for order in page])
        late = waves.late(mine, cluster_id).count()
        return mine.count(), late, waves.due_today(mine, cluster_id).count()

    assert lap("list", listed) == (parcels, 0, 0)
    groups = lap("group", lambda: waves.groups(cluster_id, supplier.pk))
    assert (len(groups), sum(group.count for group in groups)) == (2 * KINDS, parcels)
    wave = lap("wave", lambda: make_wave(supplier_id=supplier.pk, by=by))
    assert wave.orders == parcels
    made = lap("export", lambda: _worked(jobs.ask_export(supplier_id=supplier.pk, wave=wave.code, by=by)))
    assert made.report["lines"][0]["params"] == {"count": parcels}, made.report
    content = _answer(numbers)
    read = lap(
        "read back",
        lambda: _worked(
            jobs.ask_numbers(
                supplier_id=supplier.pk, file=io.BytesIO(content), name="numbers.xlsx", carrier="", by=by
            )
        ),
    )
    assert (read.report["sent"], read.report["refused"]) == (parcels, 0), read.report
    assert Order.objects.filter(cluster_id=cluster_id, fulfilment_state="packed").count() == parcels
    return laps


def _worked(job: Job) -> Job:
    kernel_jobs.work_off(job_id=job.pk, is_ending=lambda: False)
    job.refresh_from_db()
    assert job.state == "done", (job.state, job.report)
    return job


def _answer(numbers: list[str]) -> bytes:
    """A carrier's list: a number for every parcel."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["订单号", "快递公司", "快递单号"])
        for line, number in enumerate(numbers, start=1):
            sheet.write_row(line, 0, [number, "顺丰速运", f"SF{line:012d}"])
    return out.getvalue()
