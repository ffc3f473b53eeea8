"""Lists as files for Excel: a workbook row by row in little memory, or CSV that Excel opens rightly.

Text stays text: no cell becomes a formula or a link, codes and phones keep their zeros. Money is a number with its
digits, times are dates in the cluster's own zone. What is small comes at once; the rest is a job of the worker.
"""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _
from xlsxwriter.format import Format as Look
from xlsxwriter.worksheet import Worksheet

from yunju.kernel.money import EXPONENTS, decimal_text
from yunju.ui import messages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MOST_CELL = 32_767
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, also in full width."""

Value = str | int | float | date | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """A head, how wide it is, and what its cells are: text, number, money (minor units of the table's currency), share (basis
    points), day, moment. What the numbers are counted in stands in the head of the file: the currency, per cent, the zone."""

    head: str
    kind: str = "text"
    width: int = 16


@dataclass(frozen=True)
class Table:
    """A list to be written. `rows` is asked for once, and may be long."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    currency: str
    zone: str


def write(table: Table, path: Path, kind: str) -> None:
    """The file of a list: `xlsx` or `csv`."""
    if kind == "csv":
        _write_csv(table, path)
    else:
        _write_xlsx(table, path)


def content(table: Table, kind: str) -> bytes:
    """The same for a list that is small."""
    with tempfile.TemporaryDirectory(prefix="yunju-export-") as folder:
        path = Path(folder) / f"list.{kind}"
        write(table, path, kind)
        return path.read_bytes()


def attachment(made: bytes, name: str, *, mime: str = XLSX) -> HttpResponse:
    """A download that no cache keeps, under a name in any script."""
    response = HttpResponse(made, content_type=mime)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _write_xlsx(table: Table, path: Path) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(_sheet_name(table.title))
        bold = book.add_format({"bold": True, "bottom": 1})
        looks = {kind: book.add_format({"num_format": form}) for kind, form in _forms(table.currency).items()}
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width, looks[column.kind])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, _head(column, table), bold)
        for number, row in enumerate(table.rows, start=1):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                _cell(sheet, number, place, _plain(value, column, table), looks[column.kind])


def _head(column: Column, table: Table) -> str:
    """The head, with what its cells are counted in."""
    zone = _("Beijing time") if table.zone == "Asia/Shanghai" else table.zone
    counted_in = {"money": table.currency, "share": "%", "moment": zone}.get(column.kind)
    if counted_in is None:
        return column.head
    return f"{column.head}（{counted_in}）" if messages.is_chinese() else f"{column.head} ({counted_in})"


def _forms(currency: str) -> dict[str, str]:
    digits = EXPONENTS[currency]
    return {
        "text": "@",
        "number": "0",
        "money": "#,##0." + "0" * digits if digits else "#,##0",
        "share": "0.00",
        "day": "yyyy-mm-dd",
        "moment": "yyyy-mm-dd hh:mm",
    }


def _plain(value: Value, column: Column, table: Table) -> Value:
    """As a cell takes it: minor units in units, a moment on the cluster's clock and without its zone."""
    if column.kind == "money" and isinstance(value, int):
        return float(value / 10 ** EXPONENTS[table.currency])
    if column.kind == "share" and isinstance(value, int):
        return value / 100
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(table.zone)).replace(microsecond=0, tzinfo=None)
    return value


def _cell(sheet: Worksheet, row: int, place: int, value: Value, look: Look) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001 - a cell has none
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, place, value, look)
    else:
        sheet.write_string(row, place, str(value)[:MOST_CELL], look)


def _write_csv(table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(_head(column, table)) for column in table.columns])
        for row in table.rows:
            cells = zip(table.columns, row, strict=True)
            writer.writerow([_text(value, column, table) for column, value in cells])


def _text(value: Value, column: Column, table: Table) -> str:
    if value is None:
        return ""
    if column.kind == "money" and isinstance(value, int):
        return decimal_text(value, table.currency)
    plain = _plain(value, column, table)
    if isinstance(plain, datetime):
        return f"{plain:%Y-%m-%d %H:%M}"
    if isinstance(plain, int | float | date):
        return str(plain)
    return harmless(str(plain))


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: what might begin a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _sheet_name(title: str) -> str:
    """Excel takes 31 characters, none of these, and no apostrophe at an end."""
    return "".join(char for char in title if char not in "[]:*?/\\").strip("' ")[:31] or "1"
