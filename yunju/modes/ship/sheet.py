"""A file of tracking numbers, as rows of text: the kernel's reader with the limits and the words of a list of parcels."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from yunju.kernel.errors import Invalid
from yunju.kernel.tables import spool
from yunju.kernel.tables.limits import Limits

MOST_BYTES, MOST_ROWS, MOST_COLUMNS, MOST_CELL = 30_000_000, 200_000, 60, 500
CUT = "≈"
"""Stands before a number of more digits than Excel keeps: its end is lost."""

_LARGE = ("too_large", "archive_parts", "archive_size", "archive_ratio")


def _refused(code: str, params: Mapping[str, int]) -> Invalid:
    if code in _LARGE:
        return Invalid("ship.file_large", field="file", most=MOST_BYTES // 1_000_000)
    if code == "too_many_rows":
        return Invalid("ship.file_rows", field="file", **params)
    return Invalid("ship.file_empty" if code == "empty" else "ship.file_unreadable", field="file")


LIMITS = Limits(
    _refused,
    file_bytes=MOST_BYTES,
    rows=MOST_ROWS,
    unpacked_bytes=300_000_000,
    memory_bytes=768 << 20,
    cpu_seconds=60,
    wall_seconds=120,
    odd_cells=MOST_ROWS * 2,
    is_strict=False,
)


@contextmanager
def rows_of(file: IO[bytes]) -> Iterator[Iterator[list[str]]]:
    """All rows of the first sheet that shows something, the header first. Raises Invalid: `ship.file_...`."""
    with spool.spooled(file, LIMITS) as table:
        yield _rows(table)


def _rows(table: spool.Spooled) -> Iterator[list[str]]:
    cut = defaultdict(list)
    for (number, column), what in table.odd.items():
        if what == "number":
            cut[number].append(column)
    for number, cells in table.records():
        row = [cell.strip()[:MOST_CELL] for cell in cells[:MOST_COLUMNS]]
        for column in cut.get(number, ()):
            if column < len(row):
                row[column] = CUT + row[column]
        yield row
