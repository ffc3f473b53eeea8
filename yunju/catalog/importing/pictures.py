"""Pictures that come with a file: out of a workbook's cells, or in a ZIP named by 商家编码 (`A001.jpg`, `A001_2.jpg`, `A001/1.jpg`).

An archive is judged by its directory before anything is unpacked, and each picture is read up to its limit. Names are
only ever compared, never opened: a path that climbs out of its folder leads nowhere.
"""

import hashlib
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from yunju.kernel.errors import Invalid
from yunju.kernel.tables.book import CellPicture, NoArchive, measure
from yunju.kernel.tables.limits import Limits

MOST_PICTURES, MOST_PARTS, MOST_PICTURE_BYTES = 2_000, 4_000, 10_000_000
MOST_OF_PRODUCT = 20
SCHEME = "file:"
_KINDS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tbi"}
_NUMBERED = re.compile(r"(.+?)(?:_(\d{1,3})|\s?\((\d{1,3})\))")


@dataclass(frozen=True, slots=True)
class Found:
    """One picture: `url` is its content's own name, under which it is known again."""

    url: str
    part: str
    is_sheet: bool


@dataclass
class Library:
    """What came along, by who it belongs to."""

    zip: zipfile.ZipFile | None = None
    book: zipfile.ZipFile | None = None
    by_code: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by_name: Mapping[str, str] = field(default_factory=dict)
    by_row: Mapping[int, Sequence[str]] = field(default_factory=dict)
    _where: dict[str, Found] = field(default_factory=dict)
    _read_once: dict[tuple[str, bool], Found | None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not (self.by_name or self.by_row)

    @property
    def unused(self) -> int:
        """Pictures of the archive that no product asked for."""
        return len(set(self.by_name.values()) - self.used)

    def of(self, codes: Iterable[str], names: Iterable[str], rows: Iterable[int]) -> list[Found]:
        """The pictures of a product: those its cells name, those named by one of its codes, those at its rows."""
        parts = [self.by_name[plain(name)] for name in names if plain(name) in self.by_name]
        for code in dict.fromkeys(code for code in codes if code):
            parts += self.by_code.get(plain(code), ())
        found = [self._found(part, is_sheet=False) for part in dict.fromkeys(parts)]
        found += [self._found(part, is_sheet=True) for row in rows for part in self.by_row.get(row, ())]
        kept = {one.url: one for one in found if one is not None}
        return list(kept.values())[:MOST_OF_PRODUCT]

    def knows(self, name: str) -> bool:
        return plain(name) in self.by_name

    def content(self, url: str) -> bytes:
        found = self._where[url]
        return self._read(found.part, is_sheet=found.is_sheet) or b""

    def _found(self, part: str, *, is_sheet: bool) -> Found | None:
        """Unpacked once, however many rows name it."""
        key = (part, is_sheet)
        if key not in self._read_once:
            content = self._read(part, is_sheet=is_sheet)
            url = SCHEME + hashlib.sha256(content or b"").hexdigest()
            self._read_once[key] = (
                None if content is None else self._where.setdefault(url, Found(url, part, is_sheet))
            )
        found = self._read_once[key]
        if found is not None:
            self.used.add(part)
        return found

    def _read(self, part: str, *, is_sheet: bool) -> bytes | None:
        """Up to the limit of one picture; None for what is larger or broken: a directory may lie."""
        archive = self.book if is_sheet else self.zip
        if archive is None:
            return None
        try:
            with archive.open(part) as file:
                content = file.read(MOST_PICTURE_BYTES + 1)
        except (
            KeyError,
            zipfile.BadZipFile,
            RuntimeError,
            OSError,
            EOFError,
            ValueError,
            zlib.error,
            lzma.LZMAError,
        ):
            return None
        return content if len(content) <= MOST_PICTURE_BYTES else None


@contextmanager
def library(
    archive: IO[bytes] | None, book: IO[bytes] | None, cells: Sequence[CellPicture]
) -> Iterator[Library]:
    """The pictures of an upload. Raises Invalid (`pictures.*`, field `pictures`) for an archive that is none or too much."""
    with ExitStack() as stack:
        made = Library()
        if archive is not None:
            made.zip = stack.enter_context(_opened(archive))
            made.by_name, made.by_code = _sorted(made.zip)
        if book is not None and cells:
            made.book = stack.enter_context(zipfile.ZipFile(cast("BinaryIO", book)))
            rows: dict[int, list[str]] = defaultdict(list)
            for one in cells:
                rows[one.row].append(one.part)
            made.by_row = rows
        yield made


def check(archive: IO[bytes]) -> None:
    """What an upload must be before it is kept."""
    with _opened(archive) as opened:
        if not _sorted(opened)[0]:
            raise Invalid("pictures.none", field="pictures")


def _refused(code: str, params: Mapping[str, int]) -> Invalid:
    return Invalid(f"import.{code}", field="pictures", **params)


_LIMITS = Limits(_refused, file_bytes=50_000_000, rows=0, parts=MOST_PARTS)


def _opened(archive: IO[bytes]) -> zipfile.ZipFile:
    archive.seek(0, 2)
    if archive.tell() > _LIMITS.file_bytes:
        raise _refused("too_large", {"most": _LIMITS.file_bytes // 1_000_000})
    try:
        measure(archive, _LIMITS)
    except NoArchive as error:
        raise Invalid("pictures.no_zip", field="pictures") from error
    return zipfile.ZipFile(cast("BinaryIO", archive))


def _sorted(opened: zipfile.ZipFile) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Parts by file name and by code. What is no picture by its name (another archive, a text) is left alone."""
    by_name: dict[str, str] = {}
    by_code: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for info in opened.infolist()[:MOST_PARTS]:
        path = PurePosixPath(_readable(info).replace("\\", "/"))
        if info.is_dir() or path.suffix.casefold() not in _KINDS or "__MACOSX" in path.parts:
            continue
        if len(by_name) >= MOST_PICTURES:
            raise Invalid("pictures.too_many", field="pictures", most=MOST_PICTURES)
        stem = plain(path.stem)
        by_name.setdefault(stem, info.filename)
        numbered = _NUMBERED.fullmatch(stem)
        by_code[stem].append((0, stem, info.filename))
        if numbered:
            by_code[numbered[1]].append((int(numbered[2] or numbered[3]), stem, info.filename))
        if len(path.parts) > 1:
            place = int(stem) if stem.isascii() and stem.isdecimal() and len(stem) < 4 else 0
            by_code[plain(path.parts[-2])].append((place, stem, info.filename))
    return by_name, {
        code: list(dict.fromkeys(part for _, _, part in sorted(parts))) for code, parts in by_code.items()
    }


def _readable(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GBK and does not say so; Python then reads them as an old American set."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def plain(name: str) -> str:
    """A name as it is compared: without its ending, case and width."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    stem, dot, ending = folded.rpartition(".")
    return stem if dot and f".{ending}" in _KINDS else folded
