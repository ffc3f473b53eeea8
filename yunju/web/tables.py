"""Any list as an Excel workbook: what its page shows, amounts and counts as numbers, text as text, never a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse

from yunju.kernel.money import EXPONENTS
from yunju.web.workbook import XLSX

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how wide its column is, in characters. With `currency` its cells are minor units."""

    name: str
    width: int = 16
    currency: str = ""


def table_workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The XLSX of one table. Rows are written as they come: any number fits in little memory."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        money = {one.currency: book.add_format({"num_format": _form(one.currency)}) for one in columns}
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(
                0, place, f"{column.name} ({column.currency})" if column.currency else column.name, bold
            )
        for number, row in enumerate(rows, start=1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif value is not None:
                    shown = value / 10 ** EXPONENTS[column.currency] if column.currency else value
                    sheet.write_number(
                        number, place, shown, money[column.currency] if column.currency else None
                    )
    return buffer.getvalue()


def _form(currency: str) -> str:
    digits = EXPONENTS[currency] if currency else 0
    return "0." + "0" * digits if digits else "0"


def _sheet_name(title: str) -> str:
    """Excel takes 31 characters and none of these."""
    return "".join(char for char in title if char not in "[]:*?/\\'")[:31] or "1"


def sheet_answer(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The workbook as a download, called as the page is."""
    response = HttpResponse(table_workbook(title, columns, rows), content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.xlsx"
    response["Cache-Control"] = "no-store"
    return response
