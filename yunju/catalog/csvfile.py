"""Reading a file of rows that somebody uploaded: text or workbook, bounded in bytes, rows and cells, in the encodings that occur.

A file is copied to a temporary one first, so that it can be read twice in little memory; a workbook is made into rows by
a bounded child (`catalog.workbook`). What is wrong with the file as a whole is an Invalid at the field `file`; what is
wrong in a row is for the format to say.
"""

import codecs
import csv
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO, TextIO

from yunju.catalog import workbook
from yunju.kernel.errors import Invalid

MOST_BYTES, MOST_ROWS, MOST_CELL_BYTES = 50_000_000, 50_000, 100_000
_CHUNK = 1 << 16
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml")
_LOOKED_AT = 4
DELIMITERS = ",;\t"

Record = tuple[int, list[str]]
"""Row number as a spreadsheet counts (the header is row 1, a cell of many lines is in one row), and its cells."""


@dataclass(frozen=True)
class Spooled:
    """A copy of an upload that can be read again and again. `file` holds its rows, `source` the upload as it came."""

    file: IO[bytes]
    sha256: str
    size: int
    encoding: str
    delimiter: str
    source: IO[bytes]
    odd: Mapping[tuple[int, int], str] = field(default_factory=dict)
    pictures: Sequence[workbook.CellPicture] = ()
    other_sheets: int = 0

    @property
    def is_workbook(self) -> bool:
        return self.encoding in ("xlsx", "xls")

    @property
    def suffix(self) -> str:
        return self.encoding if self.is_workbook else "csv"

    def records(self, heads: int = 1) -> Iterator[Record]:
        """All rows from the first, so many of them heads. Raises Invalid: `import.csv`, `import.too_many_rows`."""
        number = 0
        try:
            with self._opened() as text:
                for number, cells in enumerate(
                    csv.reader(text, delimiter=self.delimiter, strict=True), start=1
                ):
                    if number > MOST_ROWS + heads:
                        raise Invalid("import.too_many_rows", field="file", most=MOST_ROWS)
                    yield number, cells
        except csv.Error as error:
            raise Invalid("import.csv", field="file", row=number + 1) from error

    def whole(self) -> BinaryIO:
        """All bytes of the upload from the first, through a handle of its own. Handles share one place in the file, so
        `source` itself, with what it has buffered, must not be read on: it would skip to where the last reader stopped."""
        raw = open(os.dup(self.source.fileno()), "rb")  # noqa: PTH123, SIM115 - a handle
        raw.seek(0)
        return raw

    def _opened(self) -> TextIO:
        """From the first byte, through a handle of its own: a reader that is dropped half-way closes only that."""
        encoding = "utf-8" if self.is_workbook else self.encoding
        text = open(os.dup(self.file.fileno()), encoding=encoding, newline="")  # noqa: PTH123, SIM115 - a handle
        text.seek(0)
        return text


@contextmanager
def spooled(upload: BinaryIO) -> Iterator[Spooled]:
    """Copy an upload and find out what it is. The copy is gone after the block.

    Raises Invalid: `import.too_large`, `import.empty`, `import.binary` (a picture), `import.encoding`, `import.markup` (a
    web page that calls itself a workbook), and what `workbook.opened` refuses.
    """
    with tempfile.TemporaryFile() as copy:
        digest, size, start = _copied(upload, copy)
        if size == 0:
            raise Invalid("import.empty", field="file")
        if kind := workbook.kind_of(start):
            book = workbook.opened(copy, kind)
            with book.csv as rows:
                yield Spooled(rows, digest, size, kind, ",", copy, book.odd, book.pictures, book.other_sheets)
            return
        if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
            raise Invalid("import.markup", field="file")
        encoding = _encoding(copy, start)
        yield Spooled(copy, digest, size, encoding, _delimiter(copy, encoding), copy)


def _copied(upload: BinaryIO, copy: IO[bytes]) -> tuple[str, int, bytes]:
    digest, size, start = hashlib.sha256(), 0, b""
    while chunk := upload.read(_CHUNK):
        start = start or chunk
        size += len(chunk)
        if size > MOST_BYTES:
            raise Invalid("import.too_large", field="file", most=MOST_BYTES // 1_000_000)
        digest.update(chunk)
        copy.write(chunk)
    copy.flush()
    return digest.hexdigest(), size, start


def _encoding(copy: IO[bytes], start: bytes) -> str:
    """UTF-16 where its mark or its zeros say so; UTF-8 (with or without its mark) where the whole file is that, else
    GB18030, which Chinese Excel writes."""
    wide = _WIDE.get(start[:2]) or _unmarked_wide(start)
    tried = (wide,) if wide else ("utf-8-sig", "gb18030")
    for encoding in tried:
        if _reads_as(copy, encoding):
            return encoding
    raise Invalid("import.encoding", field="file")


def _unmarked_wide(start: bytes) -> str:
    """UTF-16 without its mark: letters and digits of a table have a zero in every second byte, in no other encoding."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if not even and not odd:
        return ""
    # A few signs (一 is 4E00) have theirs in the other byte; a picture has them everywhere.
    if min(even, odd) * 10 > max(even, odd) or (even + odd) * 20 < len(start):
        raise Invalid("import.binary", field="file")
    return "utf-16-le" if odd > even else "utf-16-be"


def _reads_as(copy: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    copy.seek(0)
    try:
        while chunk := copy.read(_CHUNK):
            _no_zero(decoder.decode(chunk))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _no_zero(text: str) -> None:
    if "\x00" in text:
        raise Invalid("import.binary", field="file")


def _delimiter(copy: IO[bytes], encoding: str) -> str:
    """What stands between the cells of the first lines, outside quotation marks: a comma, or what Excel writes in some
    countries. Several lines, because the first may be a title alone."""
    copy.seek(0)
    text = codecs.getincrementaldecoder(encoding)().decode(copy.read(_CHUNK))
    outside = "".join(part for place, part in enumerate(text.split('"')) if place % 2 == 0)
    lines = "\n".join(outside.splitlines()[:_LOOKED_AT])
    return max(DELIMITERS, key=lines.count)


def too_long(cell: str) -> bool:
    return len(cell) * 4 > MOST_CELL_BYTES and len(cell.encode()) > MOST_CELL_BYTES
