"""Reading a table that somebody sent: CSV here, XLSX in a child process that may take 512 MB and 20 seconds.

A workbook of a few bytes can claim a cell in its last corner and thereby all the memory of whoever opens it: the child
dies of that, not the site. `python -m yunju.payments.sheet` is that child: XLSX in, JSON rows out. No Django in here.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import zipfile
import zlib
from typing import Any

from python_calamine import CalamineWorkbook

BYTES_MAX = 5_000_000
UNPACKED_MAX = 50_000_000
ENTRIES_MAX = 1_000
RATIO_MAX = 100
ROWS_MAX = 50_000
COLUMNS_MAX = 100
CELL_MAX = 2_000
MEMORY_BYTES = 512 * 1024 * 1024
SECONDS = 20


class Unreadable(Exception):
    """`code` says why a file is no table: too_big, too_many_rows, not_a_table."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(content: bytes) -> list[list[str]]:
    """The rows of the first sheet as trimmed text, by what the bytes are and not by a file's name. Raises Unreadable."""
    if len(content) > BYTES_MAX:
        raise Unreadable("too_big")
    rows = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    if len(rows) > ROWS_MAX:
        raise Unreadable("too_many_rows")
    return [[cell.strip()[:CELL_MAX] for cell in row[:COLUMNS_MAX]] for row in rows]


def _csv(content: bytes) -> list[list[str]]:
    """UTF-8 with or without mark, else GB 18030 as Chinese Excel writes it."""
    if b"\x00" in content:
        raise Unreadable("not_a_table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Unreadable("not_a_table") from error
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Unreadable("not_a_table") from error


def _xlsx(content: bytes) -> list[list[str]]:
    _check_unpacked(content)
    command = [sys.executable, "-m", "yunju.payments.sheet"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS + 5, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_big") from error
    if done.returncode:
        raise Unreadable("too_many_rows" if done.returncode == ROWS_CODE else "not_a_table")
    rows: list[list[str]] = json.loads(done.stdout)
    return rows


def _check_unpacked(content: bytes) -> None:
    """Sum what the directory says before anything is unpacked, and prove by unpacking that it does not lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > ENTRIES_MAX or unpacked > min(UNPACKED_MAX, RATIO_MAX * len(content)):
                raise Unreadable("too_big")
            if packed.testzip() is not None:
                raise Unreadable("not_a_table")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise Unreadable("not_a_table") from error


# --- the child ------------------------------------------------------------------------------------------------------

ROWS_CODE = 3


def text_of(value: Any) -> str:
    """A cell as text: whole numbers without a fraction, others as their shortest exact decimals."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    rows = book.get_sheet_by_index(0).to_python()
    if len(rows) > ROWS_MAX:
        return ROWS_CODE
    json.dump([[text_of(cell) for cell in row[:COLUMNS_MAX]] for row in rows], sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
