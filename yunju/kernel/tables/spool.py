"""Reading a file of rows that somebody uploaded: text or workbook, bounded in bytes and rows, in the encodings that occur.

A file is copied to a temporary one first, so that it can be read twice in little memory; a workbook is made into rows by
a bounded child (`book`). What is wrong with the file as a whole is refused here in the caller's words; what is wrong in a
row is for the caller to find.
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

from yunju.kernel.tables import book
from yunju.kernel.tables.limits import Limits

_CHUNK = 1 << 16
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml")
_READ = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
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
    limits: Limits
    odd: Mapping[tuple[int, int], str] = field(default_factory=dict)
    pictures: Sequence[book.CellPicture] = ()
    other_sheets: int = 0

    @property
    def is_workbook(self) -> bool:
        return self.encoding in ("xlsx", "xls")

    @property
    def suffix(self) -> str:
        return self.encoding if self.is_workbook else "csv"

    def records(self, heads: int = 1) -> Iterator[Record]:
        """All rows from the first, so many of them heads. Refuses with `csv` and `too_many_rows`."""
        number, limits = 0, self.limits
        try:
            with self._opened() as text:
                for number, cells in enumerate(
                    csv.reader(text, delimiter=self.delimiter, strict=limits.is_strict), start=1
                ):
                    if number > limits.rows + heads:
                        raise limits.refuse("too_many_rows", {"most": limits.rows})
                    yield number, cells
        except csv.Error as error:
            raise limits.refuse("csv", {"row": number + 1}) from error

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
def spooled(upload: IO[bytes], limits: Limits) -> Iterator[Spooled]:
    """Copy an upload and find out what it is. The copy is gone after the block. Refuses as `limits` says."""
    with tempfile.TemporaryFile() as copy:
        digest, size, start = _copied(upload, copy, limits)
        if size == 0:
            raise limits.refuse("empty", {})
        if kind := book.kind_of(start):
            read = book.opened(copy, kind, limits)
            about = (read.odd, read.pictures, read.other_sheets)
            with read.csv as rows:
                yield Spooled(rows, digest, size, kind, ",", copy, limits, *about)
            return
        if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
            raise limits.refuse("markup", {})
        encoding = _encoding(copy, start)
        if encoding not in _READ:
            raise limits.refuse(encoding, {})
        yield Spooled(copy, digest, size, encoding, _delimiter(copy, encoding), copy, limits)


def _copied(upload: IO[bytes], copy: IO[bytes], limits: Limits) -> tuple[str, int, bytes]:
    digest, size, start = hashlib.sha256(), 0, b""
    while chunk := upload.read(_CHUNK):
        start = start or chunk
        size += len(chunk)
        if size > limits.file_bytes:
            raise limits.refuse("too_large", {"most": limits.file_bytes // 1_000_000})
        digest.update(chunk)
        copy.write(chunk)
    copy.flush()
    return digest.hexdigest(), size, start


def _encoding(copy: IO[bytes], start: bytes) -> str:
    """UTF-16 where its mark or its zeros say so; UTF-8 (with or without its mark) where the whole file is that, else
    GB18030, which Chinese Excel writes. Else why it is no text: `binary` or `encoding`."""
    wide = _WIDE.get(start[:2]) or _unmarked_wide(start)
    if wide == "binary":
        return wide
    for encoding in (wide,) if wide else ("utf-8-sig", "gb18030"):
        found = _reads_as(copy, encoding)
        if found != "encoding":
            return found
    return "encoding"


def _unmarked_wide(start: bytes) -> str:
    """UTF-16 without its mark: letters and digits of a table have a zero in every second byte, in no other encoding."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if not even and not odd:
        return ""
    # A few signs (一 is 4E00) have theirs in the other byte; a picture has them everywhere.
    if min(even, odd) * 10 > max(even, odd) or (even + odd) * 20 < len(start):
        return "binary"
    return "utf-16-le" if odd > even else "utf-16-be"


def _reads_as(copy: IO[bytes], encoding: str) -> str:
    """The encoding itself where the whole file is that; else why not."""
    decoder = codecs.getincrementaldecoder(encoding)()
    copy.seek(0)
    try:
        while chunk := copy.read(_CHUNK):
            if "\x00" in decoder.decode(chunk):
                return "binary"
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "encoding"
    return encoding


def _delimiter(copy: IO[bytes], encoding: str) -> str:
    """What stands between the cells of the first lines, outside quotation marks: a comma, or what Excel writes in some
    countries. Several lines, because the first may be a title alone."""
    copy.seek(0)
    text = codecs.getincrementaldecoder(encoding)().decode(copy.read(_CHUNK))
    outside = "".join(part for place, part in enumerate(text.split('"')) if place % 2 == 0)
    lines = "\n".join(outside.splitlines()[:_LOOKED_AT])
    return max(DELIMITERS, key=lines.count)
