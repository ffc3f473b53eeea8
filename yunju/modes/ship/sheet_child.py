"""Opens a workbook of numbers in a process of its own: `python -I sheet_child.py IN OUT.csv`. Nothing of yunju is here.

It bounds its own memory, time and output first; then it writes the cells of the first sheet as CSV. A number of more
digits than Excel keeps is marked with `≈`: its end is lost.
"""

import csv
import resource
import sys
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

MOST_MEMORY, MOST_CPU_SECONDS, MOST_OUTPUT = 768 << 20, 60, 100 << 20
MOST_ROWS, MOST_COLUMNS = 200_001, 60
WHOLE_DIGITS = 1e15
UNREADABLE, TOO_MANY_ROWS = 4, 5


def main(source: str, target: str) -> int:
    try:
        sheet = CalamineWorkbook.from_path(source).get_sheet_by_index(0)
        if sheet.total_height > MOST_ROWS:
            return TOO_MANY_ROWS
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file).writerow
            for row in sheet.iter_rows():
                write([text(cell) for cell in row[:MOST_COLUMNS]])
    except (CalamineError, ValueError, KeyError, IndexError):
        return UNREADABLE
    return 0


def text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return f"≈{cell:.0f}" if abs(cell) >= WHOLE_DIGITS else f"{cell:.0f}"
    return str(cell)


if __name__ == "__main__":
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    sys.exit(main(*sys.argv[1:3]))
