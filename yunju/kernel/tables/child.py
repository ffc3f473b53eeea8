"""Opens a workbook that somebody uploaded, in a process of its own: `python -I child.py IN OUT.csv OUT.json BOUNDS`.

Before it opens anything it bounds its own memory, processor time and output, as BOUNDS says. It writes the cells of the first visible
sheet with content as CSV in UTF-8, and beside it what Excel did to them (dates, times and cut numbers) and where its
pictures lie. Values only: no formula is computed, no link followed. Nothing of yunju is imported here.
"""

import csv
import datetime
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MOST_PART, MOST_PICTURES = 64 << 20, 2_000
WHOLE_DIGITS = 1e15
"""Excel keeps 15 digits of a number: whatever has more has lost its end."""

TOO_MANY_ROWS, NO_SHEET, UNREADABLE, TOO_WIDE = 3, 4, 5, 6
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DISPIMG = re.compile(r'^=?(?:_xlfn\.)?DISPIMG\("([^"]{1,80})"')
_CELL = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


def bound(bounds: dict[str, int]) -> None:
    for what, most in (
        (resource.RLIMIT_AS, bounds["memory"]),
        (resource.RLIMIT_CPU, bounds["seconds"]),
        (resource.RLIMIT_FSIZE, bounds["written"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def opened(source: str, cells: str, told: str, *, bounds: dict[str, int]) -> int:
    try:
        book = CalamineWorkbook.from_path(source)
        for number, meta in enumerate(book.sheets_metadata):
            if meta.typ != SheetTypeEnum.WorkSheet or meta.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_index(number)
            if sheet.start is None:
                continue
            too_much = beyond(sheet, bounds)
            if too_much:
                return too_much
            others = len(book.sheets_metadata) - 1
            odd, named = write(sheet, cells, bounds["odd"])
            pictures = list(pictures_of(source, number, named)) if zipfile.is_zipfile(source) else []
            about = {"sheet": meta.name, "others": others, "odd": odd, "pictures": pictures[:MOST_PICTURES]}
            Path(told).write_text(json.dumps(about))
            return 0
    except (CalamineError, ValueError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return UNREADABLE
    return NO_SHEET


def beyond(sheet: Any, bounds: dict[str, int]) -> int:
    if sheet.end[0] >= bounds["rows"]:
        return TOO_MANY_ROWS
    return TOO_WIDE if sheet.end[1] >= bounds["columns"] else 0


def write(
    sheet: Any, cells: str, most_odd: int
) -> tuple[list[tuple[int, int, str]], dict[tuple[int, int], str]]:
    """The cells as CSV; what is odd about some of them, and the names of the pictures that lie in some."""
    odd: list[tuple[int, int, str]] = []
    named: dict[tuple[int, int], str] = {}
    left = [""] * sheet.start[1]
    with Path(cells).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row, values in enumerate(sheet.iter_rows(), start=1):
            for place, value in enumerate(values):
                if value.__class__ is str and "DISPIMG" not in value and "\x00" not in value:
                    continue  # nearly all cells are such
                text, kind = shown(value)
                if kind and len(odd) < most_odd:
                    odd.append((row, place + len(left), kind))
                elif found := _DISPIMG.match(text):
                    named[row, place + len(left)] = found[1]
                    text = ""
                values[place] = text
            writer.writerow(left + values)
    return odd, named


def shown(value: object) -> tuple[str, str]:
    """A cell as a person sees it, and what is odd about it."""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, float | int):
        return number(float(value))
    if isinstance(value, datetime.datetime):
        return (
            f"{value:%Y-%m-%d}" if value.time() == datetime.time() else f"{value:%Y-%m-%d %H:%M:%S}"
        ), "date"
    if isinstance(value, datetime.date):
        return value.isoformat(), "date"
    if isinstance(value, datetime.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}", "time"
    if isinstance(value, datetime.time):
        return value.isoformat(), "time"
    # XML knows no NUL, the old format does.
    return str(value).replace("\x00", ""), ""


def number(value: float) -> tuple[str, str]:
    if value.is_integer() and abs(value) < WHOLE_DIGITS:
        return str(int(value)), ""
    if abs(value) >= WHOLE_DIGITS:
        digits, power = f"{value:.14E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{power}", "number"
    return f"{value:.15g}", ""


# --- pictures: drawings beside the cells, and in them (WPS by name, Excel as a rich value) ----------------------------


def pictures_of(source: str, sheet: int, named: dict[tuple[int, int], str]) -> Iterator[tuple[int, int, str]]:
    """Row (from 1), column (from 0) and the part of the archive that is the picture."""
    with zipfile.ZipFile(source) as book:
        part = sheet_part(book, sheet)
        yield from anchored(book, part)
        yield from by_name(book, named)
        yield from in_cells(book, part)


def sheet_part(book: zipfile.ZipFile, sheet: int) -> str:
    tree = tree_of(book, "xl/workbook.xml")
    ids = [one.get(f"{_REL}id", "") for one in tree.iter() if local(one) == "sheet"]
    return relations(book, "xl/workbook.xml").get(ids[sheet], "")


def anchored(book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    for drawing in relations(book, part, "/drawing").values():
        media = relations(book, drawing, "/image")
        for anchor in tree_of(book, drawing):
            start = next((one for one in anchor if local(one) == "from"), None)
            blip = next((one for one in anchor.iter() if local(one) == "blip"), None)
            if start is None or blip is None:
                continue
            at = {local(one): int(one.text or 0) for one in start}
            target = media.get(blip.get(f"{_REL}embed", ""))
            if target:
                yield at.get("row", 0) + 1, at.get("col", 0), target


def by_name(book: zipfile.ZipFile, named: dict[tuple[int, int], str]) -> Iterator[tuple[int, int, str]]:
    if not named or "xl/cellimages.xml" not in book.namelist():
        return
    media = relations(book, "xl/cellimages.xml")
    known: dict[str, str] = {}
    for one in tree_of(book, "xl/cellimages.xml"):
        name = next((tag.get("name", "") for tag in one.iter() if local(tag) == "cNvPr"), "")
        blip = next((tag.get(f"{_REL}embed", "") for tag in one.iter() if local(tag) == "blip"), "")
        known[name] = media.get(blip, "")
    for (row, column), name in named.items():
        if known.get(name):
            yield row, column, known[name]


def in_cells(book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    """A cell names a value of metadata.xml, that a rich value, that a relation, that the picture."""
    names = set(book.namelist())
    if not {"xl/metadata.xml", "xl/richData/richValueRel.xml", "xl/richData/rdrichvalue.xml"} <= names:
        return
    media = relations(book, "xl/richData/richValueRel.xml")
    targets = [
        media.get(one.get(f"{_REL}id", ""), "") for one in tree_of(book, "xl/richData/richValueRel.xml")
    ]
    firsts = [
        int(next((tag.text or "-1" for tag in one if local(tag) == "v"), "-1"))
        for one in tree_of(book, "xl/richData/rdrichvalue.xml")
    ]
    values = [
        int(one.get("i", "-1")) for one in tree_of(book, "xl/metadata.xml").iter() if local(one) == "rvb"
    ]
    with book.open(part) as file:
        for _, tag in ElementTree.iterparse(file):  # noqa: S314 - as in tree_of
            if local(tag) == "c" and tag.get("vm") and (place := _CELL.match(tag.get("r", ""))):
                rich = at(values, int(tag.get("vm", "0")) - 1)
                target = at(targets, at(firsts, rich, -1), "") if rich is not None else ""
                if target:
                    yield int(place[2]), column_number(place[1]), target
            if local(tag) == "row":
                tag.clear()


def at(values: list[Any], place: int | None, otherwise: Any = None) -> Any:
    return values[place] if place is not None and 0 <= place < len(values) else otherwise


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def relations(book: zipfile.ZipFile, part: str, kind: str = "") -> dict[str, str]:
    """What a part names: id to the other part, of one kind where one is asked for."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    # Some writers put a slash before the names of parts.
    path = next((known for known in (path, f"/{path}") if known in book.namelist()), "")
    if not path:
        return {}
    found = {}
    for one in tree_of(book, path):
        if one.get("TargetMode") == "External" or not one.get("Type", "").endswith(kind):
            continue
        target = one.get("Target", "")
        found[one.get("Id", "")] = (
            target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        )
    return found


def tree_of(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    with book.open(part) as file:
        content = file.read(MOST_PART + 1)
    if len(content) > MOST_PART:
        raise ValueError(part)
    return ElementTree.fromstring(content)  # noqa: S314 - in a bounded process; expat refuses what multiplies itself


def local(tag: ElementTree.Element) -> str:
    return tag.tag.rpartition("}")[2]


if __name__ == "__main__":
    given = json.loads(sys.argv[4])
    bound(given)
    try:
        sys.exit(opened(*sys.argv[1:4], bounds=given))
    except MemoryError:
        sys.exit(-1)
