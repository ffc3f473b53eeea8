"""What tests of payouts read and write as the bank does."""

import io

import xlsxwriter
from python_calamine import CalamineWorkbook

from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balance
from yunju.payments import payouts


def amount(cluster, member, kind):
    return balance(cluster.pk, subjects.member(member.pk), kind, cluster.currency)


def clearing(cluster):
    return balance(cluster.pk, subjects.gateway("simulated"), Kind.CLEARING, cluster.currency)


def sent(house):
    """A run that was made, approved and carried to the bank."""
    _, maker, approver, _ = house
    run = payouts.make_run(by=maker).run
    payouts.approve_run(run_id=run.pk, by=approver)
    return run, payouts.bank_file(run_id=run.pk, by=maker)


def table(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def answered(content, results, words="账户已注销", extra=()):
    """The bank's file with results filled in, as XLSX."""
    head, *rows = table(content)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for line, row in enumerate([head, *rows]):
        if line:
            row[11] = results[line - 1]
            row[12] = words if results[line - 1] == "失败" else ""
            row[13] = f"B{line}"
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    for line, row in enumerate(extra, start=len(rows) + 1):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    book.close()
    return out.getvalue()


def codes(error):
    return sorted(fault.code for fault in error.value.faults)
