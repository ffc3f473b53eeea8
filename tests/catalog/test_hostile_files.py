"""Workbooks and archives that mean harm: refused before they are opened, or bounded in memory and time while they are."""

import io
import resource
import struct
import time
import zipfile
from dataclasses import replace

import pytest
import xlsxwriter
from PIL import Image

from tests.catalog.export_files import book
from yunju.catalog import csvfile
from yunju.catalog.csvfile import spooled
from yunju.catalog.importing import pictures
from yunju.catalog.importing.pictures import library
from yunju.kernel.errors import Invalid

HEAD = ("商品名称", "价格")
SHEET = "xl/worksheets/sheet1.xml"


def refused(content: bytes) -> tuple[str, float]:
    """The code of the refusal, and the seconds that it took."""
    began = time.monotonic()
    with pytest.raises(Invalid) as caught, spooled(io.BytesIO(content)):
        pass
    assert caught.value.field == "file"
    return caught.value.code, time.monotonic() - began


def with_parts(content: bytes, parts: dict[str, bytes], *, store: bool = False) -> bytes:
    """The same workbook with some parts replaced or added."""
    buffer = io.BytesIO()
    kind = zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", kind) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return buffer.getvalue()


def sheet(rows: bytes) -> bytes:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return b"<worksheet " + space + b"><sheetData>" + rows + b"</sheetData></worksheet>"


PLAIN = book(HEAD, ("杯", 1))


def test_a_bomb_of_seventy_megabytes_is_never_unpacked():
    """The one of SECURITY: some 200 kB, 70 MB of XML; opened, it takes a minute and 700 MB in other readers."""
    row = b'<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c></row>'
    bomb = with_parts(PLAIN, {SHEET: sheet(row * (70_000_000 // len(row)))})
    assert len(bomb) < 400_000
    code, seconds = refused(bomb)
    assert code == "import.archive_ratio"
    assert seconds < 2


def test_two_cells_far_apart_claim_no_memory():
    """Cell A1 and the last one of a sheet: a dense table of them would have 17 thousand million cells."""
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    code, seconds = refused(with_parts(PLAIN, {SHEET: sheet(rows)}))
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert code in ("import.workbook_heavy", "import.too_many_rows")
    assert seconds < csvfile.LIMITS.wall_seconds
    assert (
        max(before, after) < csvfile.LIMITS.memory_bytes // 1024 * 2
    )  # kB; other children of the test run count too


def test_what_multiplies_itself_is_refused():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 20}">' for n in range(1, 9))
    words = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><sst><si><t>&l8;</t></si></sst>'
    drawing = with_parts(
        PLAIN,
        {
            "xl/worksheets/_rels/sheet1.xml.rels": (
                b'<Relationships><Relationship Id="r1" Type="x/drawing" Target="../drawings/d.xml"/></Relationships>'
            ),
            "xl/drawings/d.xml": words.encode(),
        },
    )
    assert refused(drawing)[0] in ("import.workbook_unreadable", "import.workbook_heavy")


def test_the_child_is_bounded_in_time(monkeypatch):
    monkeypatch.setattr(csvfile, "LIMITS", replace(csvfile.LIMITS, wall_seconds=0.01))
    assert refused(PLAIN)[0] == "import.workbook_heavy"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_parts(PLAIN, {f"junk/{n}": b"" for n in range(4_001)}), "import.archive_parts"),
        (with_parts(PLAIN, {"xl/workbook.xml": b"<not"}), "import.workbook_unreadable"),
        (with_parts(PLAIN, {SHEET: b""}), "import.workbook_unreadable"),
        (PLAIN[: len(PLAIN) // 2], "import.workbook_unreadable"),
        (book(HEAD, *[("杯", n) for n in range(50_001)]), "import.too_many_rows"),
        (book(tuple(f"c{n}" for n in range(501))), "import.too_many_columns"),
        (book(), "import.empty"),
    ],
)
def test_what_is_no_table_is_refused(content, code):
    assert refused(content)[0] == code


def test_fifty_thousand_rows_are_taken():
    with spooled(io.BytesIO(book(HEAD, *[("杯", n) for n in range(1, 50_001)]))) as copy:
        assert sum(1 for _ in copy.records()) == 50_001


def test_a_hidden_sheet_a_formula_and_a_link_are_not_followed():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        hidden = made.add_worksheet("hidden")
        shown = made.add_worksheet("shown")
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
        hidden.write_row(0, 0, ["secret"])
        shown.write_row(0, 0, ["a"])
        shown.write_formula(1, 0, "='[other.xlsx]S'!A1", None, "cached")
        shown.write_url(2, 0, "https://evil.example/", string="link")
    with spooled(io.BytesIO(buffer.getvalue())) as copy:
        assert [cells for _, cells in copy.records()] == [["a"], ["cached"], ["link"]]
        assert copy.other_sheets == 1


# --- archives of pictures ---------------------------------------------------------------------------------------------


def picture(colour: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def archive(parts: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return buffer


def test_pictures_are_found_by_code_number_and_folder():
    parts = {
        "A001.jpg": picture("red"),
        "a001_2.png": picture("green"),
        "pics/B 7/2.jpg": picture("blue"),
        "pics/B 7/1.jpg": picture("white"),
        "notes.txt": b"no picture",
        "__MACOSX/A001.jpg": b"rubbish",
    }
    with library(archive(parts), None, ()) as found:
        assert [one.part for one in found.of(["A001"], [], [])] == ["A001.jpg", "a001_2.png"]
        assert [one.part for one in found.of(["B 7"], [], [])] == ["pics/B 7/1.jpg", "pics/B 7/2.jpg"]
        assert [one.part for one in found.of([], ["a001_2.PNG"], [])] == ["a001_2.png"]
        assert found.of(["A00", ""], ["none.jpg"], [5]) == []
        assert found.unused == 0


def test_names_that_climb_lead_nowhere():
    parts = {
        "../../etc/A1.jpg": picture(),
        "/root/A2.jpg": picture("blue"),
        "C:\\x\\A3.jpg": picture("green"),
    }
    with library(archive(parts), None, ()) as found:
        codes = ["A1", "A2", "A3"]
        assert [len(found.of([code], [], [])) for code in codes] == [
            1,
            1,
            1,
        ]  # read out of the archive, by name alone


def test_archives_that_are_too_much_are_refused(monkeypatch):
    bomb = archive({"A1.jpg": b"\0" * 60_000_000})
    for made, code in (
        (bomb, "import.archive_ratio"),
        (io.BytesIO(b"PK\x03\x04nothing"), "pictures.no_zip"),
        (archive({"a.txt": b"x", "inner.zip": bomb.getvalue()}), "pictures.none"),
        (archive({f"{n}.jpg": b"" for n in range(4_001)}), "import.archive_parts"),
        (archive({f"{n}.jpg": b"" for n in range(2_001)}), "pictures.too_many"),
    ):
        with pytest.raises(Invalid) as caught:
            pictures.check(made)
        assert (caught.value.code, caught.value.field) == (code, "pictures")
    with monkeypatch.context() as small:
        small.setattr(pictures, "_LIMITS", replace(pictures._LIMITS, file_bytes=10))
        with pytest.raises(Invalid, match=r"import\.too_large"):
            pictures.check(archive({"a.jpg": picture()}))
    monkeypatch.setattr(pictures, "MOST_PICTURE_BYTES", 10)
    with library(archive({"A1.jpg": picture()}), None, ()) as found:
        assert found.of(["A1"], [], []) == []


def test_a_long_directory_is_not_read():
    """A million names of nothing: the archive is small, what Python makes of its directory is not."""
    entry = b"PK\x01\x02" + b"\x14\0\x14\0" + b"\0" * 20 + struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 100_000
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count % 65_536, count % 65_536, len(entry) * count, 4, 0
    )
    made = b"PK\x03\x04" + entry * count + end
    assert refused(made)[0] == "import.workbook_unreadable"
    with pytest.raises(Invalid, match=r"pictures\.no_zip"):
        pictures.check(io.BytesIO(made))


def test_a_picture_that_many_rows_name_is_unpacked_once(monkeypatch):
    unpacked: list[str] = []
    read = pictures.Library._read
    monkeypatch.setattr(
        pictures.Library, "_read", lambda self, part, **kw: unpacked.append(part) or read(self, part, **kw)
    )
    with library(archive({"A1.jpg": picture()}), None, ()) as found:
        assert {len(found.of(["A1"], [], [])) for _ in range(50)} == {1}
        assert unpacked == ["A1.jpg"]
        assert found.unused == 0


def test_a_picture_whose_packing_is_broken_is_none():
    made = bytearray(archive({"A1.jpg": picture() * 50}).getvalue())
    start = made.index(b"A1.jpg") + len("A1.jpg")
    made[start : start + 20] = b"\xff" * 20
    with library(io.BytesIO(bytes(made)), None, ()) as found:
        assert found.of(["A1"], [], []) == []
