"""Files of parcels in the supplier's layout: workbooks of 5,000 rows, several of them in one archive. Text stays text."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from yunju.catalog.provinces import PROVINCES, normalised
from yunju.kernel.money import decimal_text
from yunju.modes.ship.columns import COLUMNS, PER_FILE, Layout
from yunju.modes.ship.waves import Row
from yunju.ui import messages

WIDTHS = {"number": 20, "street": 40, "address": 52, "goods": 52, "note": 24, "tracking_no": 22, "phone": 16}
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who stands on a parcel as sender."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Shape:
    """All that a file of one supplier has in common."""

    layout: Layout
    sender: Sender
    zone: str
    currency: str

    def headings(self) -> list[str]:
        return [heading or messages.in_language(COLUMNS[name]) for name, heading in self.layout]


def write_files(
    shape: Shape, chunks: Iterator[Sequence[Row]], folder: Path, *, told: Callable[[int], None]
) -> tuple[Path, int]:
    """The file, or the archive of files of at most PER_FILE rows; and the number of parcels. `told` hears the progress."""
    written: list[Path] = []
    count = 0
    for rows in chunks:
        path = folder / f"parcels-{len(written) + 1:02}.xlsx"
        _write(shape, rows, path)
        written.append(path)
        count += len(rows)
        told(count)
    if len(written) == 1:
        return written[0], count
    archive = folder / "parcels.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for path in written:
            bundle.write(path, path.name)
    return archive, count


def _write(shape: Shape, rows: Sequence[Row], path: Path) -> None:
    if len(rows) > PER_FILE:
        raise ValueError(f"{len(rows)} rows in a file of at most {PER_FILE}")
    cells = [_cell(name, shape) for name, _heading in shape.layout]
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for place, (name, _heading) in enumerate(shape.layout):
            sheet.set_column(place, place, WIDTHS.get(name, 14))
        sheet.freeze_panes(1, 1)
        for place, heading in enumerate(shape.headings()):
            sheet.write_string(0, place, heading, bold)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(cells):
                value = cell(row)
                if isinstance(value, int):
                    sheet.write_number(number, place, value)
                elif value:
                    sheet.write_string(number, place, value)


def _cell(name: str, shape: Shape) -> Callable[[Row], str | int]:
    """How one column reads a row."""
    zone, sender = ZoneInfo(shape.zone), shape.sender
    special: dict[str, Callable[[Row], str | int]] = {
        "carrier": lambda _row: "",
        "tracking_no": lambda _row: "",
        "sender": lambda _row: sender.name,
        "sender_phone": lambda _row: sender.phone,
        "sender_address": lambda _row: sender.address,
        "province": lambda row: shown_province(row.province),
        "address": lambda row: f"{shown_province(row.province)}{row.city}{row.district}{row.street}",
        "placed_at": lambda row: f"{row.placed_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "ship_by": lambda row: f"{row.ship_by.astimezone(zone):%Y-%m-%d %H:%M}" if row.ship_by else "",
        "wave": lambda row: row.wave or "",
        "total": lambda row: decimal_text(row.total_minor, shape.currency),
        "pieces": lambda row: row.pieces,
        "weight_g": lambda row: row.weight_g,
    }
    return special.get(name, lambda row: getattr(row, name) or "")


_FULL = {one.key: one.full for one in PROVINCES}


def shown_province(province: str) -> str:
    """As it stands on a carrier's label: whole and in Chinese, whatever language the reader has."""
    return _FULL.get(normalised(province) or "", province) if province else ""
