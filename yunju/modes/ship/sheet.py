"""A file of tracking numbers, XLSX or CSV, as rows of text: bounded in bytes, rows and time, in the encodings that occur."""

import codecs
import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yunju.catalog.workbook import parts_of
from yunju.kernel.errors import Invalid
from yunju.modes.ship import sheet_child

MOST_BYTES, MOST_UNPACKED = 30_000_000, 300_000_000
MOST_ROWS = sheet_child.MOST_ROWS - 1
WALL_SECONDS = 120
_CHILD = Path(sheet_child.__file__)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",\t;"


@contextmanager
def rows_of(file: Path) -> Iterator[Iterator[list[str]]]:
    """All rows of the first sheet, the header first. Raises Invalid: `ship.file_...`."""
    if file.stat().st_size > MOST_BYTES:
        raise Invalid("ship.file_large", field="file", most=MOST_BYTES // 1_000_000)
    with file.open("rb") as source:
        is_book = source.read(4) == b"PK\x03\x04"
    if not is_book:
        yield _csv_rows(file)
        return
    with tempfile.TemporaryDirectory(prefix="yunju-numbers-") as folder:
        cells = Path(folder) / "cells.csv"
        _open_book(file, cells)
        yield _csv_rows(cells)


def _open_book(file: Path, cells: Path) -> None:
    try:
        with file.open("rb") as source:
            parts = parts_of(source)
    except Invalid as error:
        raise Invalid("ship.file_unreadable", field="file") from error
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid("ship.file_large", field="file", most=MOST_BYTES // 1_000_000)
    command = [sys.executable, "-I", str(_CHILD), str(file), str(cells)]
    try:
        ended = subprocess.run(
            command, capture_output=True, check=False, timeout=WALL_SECONDS, env={"PATH": "/usr/bin:/bin"}
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid("ship.file_unreadable", field="file") from error
    if ended.returncode == sheet_child.TOO_MANY_ROWS:
        raise Invalid("ship.file_rows", field="file", most=MOST_ROWS)
    if ended.returncode:
        raise Invalid("ship.file_unreadable", field="file")


def _csv_rows(file: Path) -> Iterator[list[str]]:
    encoding = _encoding(file)
    with file.open(encoding=encoding, newline="") as text:
        header = text.readline(100_000)
        text.seek(0)
        delimiter = max(DELIMITERS, key=header.count)
        try:
            for number, row in enumerate(csv.reader(text, delimiter=delimiter)):
                if number > MOST_ROWS:
                    raise Invalid("ship.file_rows", field="file", most=MOST_ROWS)
                yield [cell.strip()[:500] for cell in row[: sheet_child.MOST_COLUMNS]]
        except csv.Error as error:
            raise Invalid("ship.file_unreadable", field="file") from error


def _encoding(file: Path) -> str:
    """By its mark, else UTF-8 where the whole file is that, else GB18030, which Chinese Excel writes."""
    content = file.read_bytes()
    for mark, name in _BOMS:
        if content.startswith(mark):
            return name
    if b"\x00" in content:
        raise Invalid("ship.file_unreadable", field="file")
    for name in ("utf-8", "gb18030"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    raise Invalid("ship.file_unreadable", field="file")
