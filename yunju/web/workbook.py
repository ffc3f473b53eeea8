"""A statement as an Excel workbook: the same lines and figures as its page, amounts as numbers, text as text."""

import io
from collections.abc import Sequence

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from yunju.kernel.money import EXPONENTS
from yunju.orders.statement import Statement, StatementLine
from yunju.ui import messages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (18, 60, 16, 14, 14, 14, 14, 14)
MONEY = ("gross_minor", "returns_minor", "net_minor", "tax_minor", "paid_out_minor")


def statement_workbook(found: Statement, *, title: str, currency: str) -> bytes:
    """The XLSX of a month. Strings never become formulas; a sum stands under each column of money."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Statement"))
        bold = book.add_format({"bold": True})
        money = book.add_format(
            {"num_format": "0." + "0" * EXPONENTS[currency] if EXPONENTS[currency] else "0"}
        )
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_row(0, 0, [title, "", currency], bold)
        sheet.write_row(1, 0, ["", _("Owed at the beginning")])
        sheet.write_number(1, 3, _units(found.opening_minor, currency), money)
        sheet.write_row(2, 0, _heads(), bold)
        for row, line in enumerate(found.lines, start=3):
            _write(sheet, row, line, currency, money)
        last = 3 + len(found.lines)
        sheet.write_row(last, 0, ["", _("Sum")], bold)
        for column, name in enumerate(MONEY, start=3):
            sheet.write_number(last, column, _units(found.total(name), currency), money)
        sheet.write_row(last + 1, 0, ["", _("Owed at the end")], bold)
        sheet.write_number(last + 1, 3, _units(found.closing_minor, currency), money)
    return buffer.getvalue()


def _heads() -> Sequence[str]:
    return [
        _("Day"),
        _("Why"),
        _("Kind of income"),
        _("Gross"),
        _("Returns"),
        _("Net"),
        _("Tax"),
        _("Paid out"),
    ]


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    line: StatementLine,
    currency: str,
    money: xlsxwriter.format.Format,
) -> None:
    kind = messages.word("income", line.income_kind) if line.income_kind else ""
    texts = [
        f"{timezone.localtime(line.at):%Y-%m-%d %H:%M}",
        messages.reason(line.reason, line.params, currency=currency),
        kind,
    ]
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text)
    for column, name in enumerate(MONEY, start=3):
        if getattr(line, name):
            sheet.write_number(row, column, _units(getattr(line, name), currency), money)


def _units(minor: int, currency: str) -> float:
    """A cell's number. Excel counts in floats; 15 digits hold any amount of a statement to the cent."""
    return float(minor / 10 ** EXPONENTS[currency])
