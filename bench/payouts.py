"""Seconds of a payout run of 10,000 payees, step by step: `python -m bench.payouts`."""

import io
import time

import xlsxwriter
from python_calamine import CalamineWorkbook

import bench.house  # noqa: F401 - before any room
from tests.factories.members import make_cluster, operator
from tests.factories.payments import many
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balance
from yunju.payments import payouts

PAYEES = 10_000
LIMIT_SECONDS = 60


def measure(payees: int = PAYEES) -> dict[str, float]:
    """Make, approve, carry out and settle one run in a fresh cluster; step to seconds, `whole` at the end.

    Every eleventh payee comes back from the bank. Raises AssertionError when a cent is missing.
    """
    cluster = make_cluster()
    maker, approver = operator(cluster), operator(cluster)
    amounts = many(cluster, payees)
    laps: dict[str, float] = {}
    begun = time.perf_counter()
    run = payouts.make_run(by=maker, limit=payees).run
    laps["make"] = time.perf_counter() - begun
    begun = time.perf_counter()
    payouts.approve_run(run_id=run.pk, by=approver)
    laps["approve"] = time.perf_counter() - begun
    begun = time.perf_counter()
    content = payouts.bank_file(run_id=run.pk, by=maker)
    laps["bank file"] = time.perf_counter() - begun
    answer = _answer(content)
    begun = time.perf_counter()
    outcome = payouts.read_results(run_id=run.pk, content=answer, by=maker)
    laps["read results"] = time.perf_counter() - begun
    laps["whole"] = sum(laps.values())
    assert outcome.paid_minor + outcome.failed_minor == sum(amounts.values())
    left = balance(cluster.pk, subjects.gateway(run.gateway), Kind.CLEARING, cluster.currency)
    assert left == outcome.paid_minor - sum(amounts.values())
    return laps


def _answer(content: bytes) -> bytes:
    """The bank's file with its results filled in."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    place = rows[0].index("打款结果")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows):
        if line:
            row[place] = "失败" if line % 11 == 0 else "成功"
        sheet.write_row(line, 0, row)
    book.close()
    return out.getvalue()


if __name__ == "__main__":
    for step, seconds in measure().items():
        print(f"payouts, {PAYEES} payees, {step}: {seconds:.2f} s")  # noqa: T201 - that is what it is for
    print(f"payouts, limit: {LIMIT_SECONDS} s")  # noqa: T201
