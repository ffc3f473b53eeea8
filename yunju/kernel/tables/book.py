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

from yunju.kernel.tables import child
from yunju.kernel.tables.limits import Limits

SMALL_PART, MOST_DIRECTORY = 1_000_000, 2_000_000
XLS_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_CHILD = Path(child.__file__)
_CODES = {
    child.TOO_MANY_ROWS: "too_many_rows",
    child.TOO_WIDE: "too_many_columns",
    child.NO_SHEET: "empty",
    child.UNREADABLE: "workbook_unreadable",
}


class NoArchive(Exception):
    """The bytes are no archive whose directory can be read."""


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


def opened(source: IO[bytes], kind: str, limits: Limits) -> Opened:
    """Refuses with `archive_*` what would be too much, with `workbook_*` what cannot be read."""
    if kind == "xlsx":
        try:
            measure(source, limits, needs="xl/workbook.xml")
        except NoArchive as error:
            raise limits.refuse("workbook_unreadable", {}) from error
    with tempfile.TemporaryDirectory(prefix="yunju-book-") as folder:
        place = Path(folder)
        given, cells, told = place / f"in.{kind}", place / "cells.csv", place / "told.json"
        _copy(source, given)
        _run([str(given), str(cells), str(told)], limits)
        about = json.loads(told.read_text())
        csv = cells.open("rb")  # the folder goes; what is open stays until it is closed
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
    """The directory of an archive: a few MB of names would become as many hundred MB of objects. Raises NoArchive."""
    source.seek(0)
    try:
        return zipfile.ZipFile(cast("BinaryIO", _Bounded(source))).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise NoArchive from error


def measure(source: IO[bytes], limits: Limits, *, needs: str = "") -> None:
    """By the archive's own directory, before anything is unpacked. Raises NoArchive."""
    parts = parts_of(source)
    if needs and not any(part.filename == needs for part in parts):
        raise limits.refuse("binary", {})
    if len(parts) > limits.parts:
        raise limits.refuse("archive_parts", {"most": limits.parts})
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise limits.refuse("archive_size", {"most": limits.unpacked_bytes // 1_000_000})
    for part in parts:
        if part.file_size > SMALL_PART and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise limits.refuse("archive_ratio", {"most": limits.ratio})


def _copy(source: IO[bytes], target: Path) -> None:
    source.seek(0)
    with target.open("wb") as file:
        while chunk := source.read(1 << 20):
            file.write(chunk)


def _run(files: list[str], limits: Limits) -> None:
    bounds = {
        "memory": limits.memory_bytes,
        "seconds": limits.cpu_seconds,
        "written": limits.written_bytes,
        "rows": limits.rows + 1,
        "columns": limits.columns,
        "odd": limits.odd_cells,
    }
    command = [sys.executable, "-I", str(_CHILD), *files, json.dumps(bounds)]
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=limits.wall_seconds,
            env={"PATH": "/usr/bin:/bin"},
        )
    except subprocess.TimeoutExpired as error:
        raise limits.refuse("workbook_heavy", {}) from error
    if ended.returncode == 0:
        return
    code = _CODES.get(ended.returncode, "workbook_heavy")
    most = {"too_many_rows": limits.rows, "too_many_columns": limits.columns}
    raise limits.refuse(code, {"most": most[code]} if code in most else {})
