"""A workbook (XLSX, XLS) made into rows: its archive is measured first, then a bounded child opens it.

What a hostile file costs is known before: bytes and parts by the directory of the archive, memory and seconds by the
limits of the child. What Excel did to a number or a date is told, never guessed away.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from yunju.catalog import workbook_child
from yunju.kernel.errors import Invalid

MOST_PARTS, MOST_UNPACKED, MOST_RATIO, SMALL_PART = 4_000, 200_000_000, 100, 1_000_000
MOST_DIRECTORY = 2_000_000
WALL_SECONDS = 40
"""Twice the processor seconds that the child has: on a busy machine it waits."""

XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_CHILD = Path(workbook_child.__file__)
_CODES = {
    workbook_child.TOO_MANY_ROWS: "import.too_many_rows",
    workbook_child.TOO_WIDE: "import.too_many_columns",
    workbook_child.NO_SHEET: "import.empty",
    workbook_child.UNREADABLE: "import.workbook_unreadable",
}


@dataclass(frozen=True, slots=True)
class CellPicture:
    """A picture of the workbook and the row it stands at; `part` is its name in the archive."""

    row: int
    part: str


@dataclass(frozen=True)
class Opened:
    """The cells of a workbook as a CSV file, and what is to be known of them."""

    csv: IO[bytes]
    kind: str
    sheet: str
    other_sheets: int
    odd: Mapping[tuple[int, int], str]
    pictures: Sequence[CellPicture]


def kind_of(start: bytes) -> str:
    """`xlsx` (any ZIP archive at first), `xls` or nothing, by the first bytes: a name proves nothing."""
    if start.startswith(ZIP_MAGIC):
        return "xlsx"
    return "xls" if start.startswith(XLS_MAGIC) else ""


def opened(source: IO[bytes], kind: str) -> Opened:
    """Raises Invalid: `import.archive_*` for what would be too much, `import.workbook_*` for what cannot be read."""
    if kind == "xlsx":
        _measure(source)
    with tempfile.TemporaryDirectory(prefix="yunju-book-") as folder:
        place = Path(folder)
        given, cells, told = place / f"in.{kind}", place / "cells.csv", place / "told.json"
        _copy(source, given)
        _run(given, cells, told)
        about = json.loads(told.read_text())
        csv = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the Opened
        with cells.open("rb") as written:
            while chunk := written.read(1 << 20):
                csv.write(chunk)
        csv.flush()
    return _told(csv, kind, about)


def _told(csv: Any, kind: str, about: dict[str, Any]) -> Opened:
    odd = {(row, column): what for row, column, what in about["odd"]}
    pictures = [CellPicture(row, part) for row, _, part in sorted(about["pictures"])]
    return Opened(csv, kind, about["sheet"], about["others"], odd, pictures)


class _Bounded:
    """A file out of which nothing long is read at once: `zipfile` takes the whole directory of an archive in one piece."""

    def __init__(self, source: IO[bytes]) -> None:
        self.seek, self.tell, self._read = source.seek, source.tell, source.read

    def read(self, size: int = -1) -> bytes:
        if size > MOST_DIRECTORY:
            raise OSError("the directory of the archive is too long")
        return self._read(size)


def parts_of(source: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The directory of an archive: a few MB of names would become as many hundred MB of objects. Raises Invalid."""
    source.seek(0)
    try:
        return zipfile.ZipFile(cast("BinaryIO", _Bounded(source))).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise Invalid("import.workbook_unreadable", field="file") from error


def _measure(source: IO[bytes]) -> None:
    """By the archive's own directory, before anything is unpacked."""
    parts = parts_of(source)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Invalid("import.binary", field="file")
    if len(parts) > MOST_PARTS:
        raise Invalid("import.archive_parts", field="file", most=MOST_PARTS)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid("import.archive_size", field="file", most=MOST_UNPACKED // 1_000_000)
    for part in parts:
        if part.file_size > SMALL_PART and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise Invalid("import.archive_ratio", field="file", most=MOST_RATIO)


def _copy(source: IO[bytes], target: Path) -> None:
    source.seek(0)
    with target.open("wb") as file:
        while chunk := source.read(1 << 20):
            file.write(chunk)


def _run(given: Path, cells: Path, told: Path) -> None:
    command = [sys.executable, "-I", str(_CHILD), str(given), str(cells), str(told)]
    try:
        ended = subprocess.run(
            command, capture_output=True, check=False, timeout=WALL_SECONDS, env={"PATH": "/usr/bin:/bin"}
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid("import.workbook_heavy", field="file") from error
    if ended.returncode == 0:
        return
    code = _CODES.get(ended.returncode, "import.workbook_heavy")
    params = {
        "import.too_many_rows": {"most": workbook_child.MOST_ROWS - 1},
        "import.too_many_columns": {"most": workbook_child.MOST_COLUMNS},
    }
    raise Invalid(code, field="file", **params.get(code, {}))
