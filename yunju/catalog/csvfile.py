"""Reading a file of rows that somebody uploaded: bounded in bytes, rows and cells, in the encodings that occur.

A file is copied to a temporary one first, so that it can be read twice in little memory. What is wrong with the file as
a whole is an Invalid at the field `file`; what is wrong in a row is for the format to say.
"""

import codecs
import csv
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, TextIO

from yunju.kernel.errors import Invalid

MOST_BYTES, MOST_ROWS, MOST_CELL_BYTES = 50_000_000, 50_000, 100_000
_CHUNK = 1 << 16
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = ",;\t"

Record = tuple[int, list[str]]
"""Row number as a spreadsheet counts (the header is row 1, a cell of many lines is in one row), and its cells."""


@dataclass(frozen=True)
class Spooled:
    """A copy of an upload that can be read again and again."""

    file: IO[bytes]
    sha256: str
    size: int
    encoding: str
    delimiter: str

    def records(self) -> Iterator[Record]:
        """All rows from the first. Raises Invalid: `import.csv`, `import.too_many_rows`."""
        number = 0
        try:
            with self._opened() as text:
                for number, cells in enumerate(
                    csv.reader(text, delimiter=self.delimiter, strict=True), start=1
                ):
                    if number > MOST_ROWS + 1:
                        raise Invalid("import.too_many_rows", field="file", most=MOST_ROWS)
                    yield number, cells
        except csv.Error as error:
            raise Invalid("import.csv", field="file", row=number + 1) from error

    def whole(self) -> BinaryIO:
        """All bytes from the first, through a handle of its own. Handles share one place in the file, so `file` itself,
        with what it has buffered, must not be read on: it would skip to where the last reader stopped."""
        raw = open(os.dup(self.file.fileno()), "rb")  # noqa: PTH123, SIM115 - a handle
        raw.seek(0)
        return raw

    def _opened(self) -> TextIO:
        """From the first byte, through a handle of its own: a reader that is dropped half-way closes only that."""
        text = open(os.dup(self.file.fileno()), encoding=self.encoding, newline="")  # noqa: PTH123, SIM115 - a handle
        text.seek(0)
        return text


@contextmanager
def spooled(upload: BinaryIO) -> Iterator[Spooled]:
    """Copy an upload and find out its encoding. The copy is gone after the block.

    Raises Invalid: `import.too_large`, `import.empty`, `import.binary` (a workbook, a picture), `import.encoding`.
    """
    with tempfile.TemporaryFile() as copy:
        digest, size = _copied(upload, copy)
        if size == 0:
            raise Invalid("import.empty", field="file")
        encoding = _encoding(copy)
        yield Spooled(copy, digest, size, encoding, _delimiter(copy, encoding))


def _copied(upload: BinaryIO, copy: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := upload.read(_CHUNK):
        size += len(chunk)
        if size > MOST_BYTES:
            raise Invalid("import.too_large", field="file", most=MOST_BYTES // 1_000_000)
        if size == len(chunk) and chunk.startswith(_WIDE):
            raise Invalid("import.encoding", field="file")
        if b"\x00" in chunk:
            raise Invalid("import.binary", field="file")
        digest.update(chunk)
        copy.write(chunk)
    return digest.hexdigest(), size


def _encoding(copy: IO[bytes]) -> str:
    """UTF-8 (with or without its mark) where the whole file is that, else GB18030, which Chinese Excel writes."""
    for encoding in ("utf-8-sig", "gb18030"):
        if _reads_as(copy, encoding):
            return encoding
    raise Invalid("import.encoding", field="file")


def _reads_as(copy: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    copy.seek(0)
    try:
        while chunk := copy.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(copy: IO[bytes], encoding: str) -> str:
    """What stands between the cells of the header: a comma, or what Excel writes in some countries."""
    copy.seek(0)
    header = codecs.decode(copy.readline(_CHUNK), encoding, "replace")
    return max(DELIMITERS, key=header.count)


def too_long(cell: str) -> bool:
    return len(cell) * 4 > MOST_CELL_BYTES and len(cell.encode()) > MOST_CELL_BYTES
