"""The file handed back to be mended: every row as it came, with what is wrong beside it, the rows at fault in colour.

A workbook, because it keeps long numbers as text and never turns a cell into a formula; a text file only where a cell is
longer than a workbook's may be.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import xlsxwriter

MOST_CELL = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Handback:
    content: bytes
    suffix: str
    mime: str


def handback(
    rows: Iterable[tuple[int, list[str]]], faults: Mapping[int, str], *, heads: int, word: str
) -> Handback:
    """`faults`: the sentences by row; `word`: what the added column is called; `heads`: rows above the first product."""
    kept = list(rows)
    width = max((len(cells) for _, cells in kept), default=0)
    told = [
        (number, [*cells, *[""] * (width - len(cells)), word if number == heads else faults.get(number, "")])
        for number, cells in kept
    ]
    if any(len(cell) > MOST_CELL for _, cells in told for cell in cells):
        return _text(told)
    return _workbook(told, faults, heads)


def _workbook(told: list[tuple[int, list[str]]], faults: Mapping[int, str], heads: int) -> Handback:
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True})
        fault = book.add_format({"num_format": "@", "bg_color": "#FBE3DC", "font_color": "#8A2415"})
        width = len(told[0][1]) if told else 1
        sheet.set_column(0, max(width - 2, 0), 16, text)
        sheet.set_column(width - 1, width - 1, 60, text)
        for number, cells in told:
            look = bold if number <= heads else (fault if number in faults else text)
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number - 1, column, cell, look)
                elif number in faults:
                    sheet.write_blank(number - 1, column, None, look)
        sheet.freeze_panes(max(heads, 0), 0)
    return Handback(buffer.getvalue(), "xlsx", XLSX)


def _text(told: list[tuple[int, list[str]]]) -> Handback:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(cells for _, cells in told)
    return Handback(buffer.getvalue().encode("utf-8-sig"), "csv", "text/csv; charset=utf-8")
