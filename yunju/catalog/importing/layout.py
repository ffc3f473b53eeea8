"""Which export a file is and which cell of a row is what: guessed from its first rows, or as a person has said."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yunju.catalog import shopify
from yunju.catalog.csvfile import Record
from yunju.catalog.importing.formats import CHOICES, FORMATS, IMPLIED, JD, SHOPIFY, TABLE, Format, normal
from yunju.catalog.shopify import Header
from yunju.kernel.errors import Invalid

LOOKED_AT = 5
"""Above the heads a file may have a title, a date, a version."""

NEAR = 3
"""So many columns of a format without one that it needs: the person is told what is missing, not asked what is what."""

_JD_CELLS = (r"\d{5,20}", r".*\D.*", r"\d{1,9}(?:\.\d{1,2})?", r"(?i:true|false)", r".*")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a file. `format` empty: guess. `columns`: our word for each column in order (empty: not used),
    for a file whose heads are in row `head` (0: it has none)."""

    format: str = ""
    columns: tuple[str, ...] = ()
    head: int = 1


GUESS = Said()


@dataclass(frozen=True)
class Layout:
    """How a file is read: its format, its header, and how many rows stand above the first product."""

    format: Format
    header: Header
    heads: int


def layout(first: Sequence[Record], said: Said, odd: Mapping[tuple[int, int], str]) -> Layout:
    """Raises Invalid: `import.columns_unknown` (nothing fits: a person may say), `import.column_missing`."""
    found = _mapped(first, said) if said.columns else _named(first, said.format)
    return replace(found, header=replace(found.header, odd=odd, implied=IMPLIED))


def signature(first: Sequence[Record]) -> str:
    """The same columns again: by their heads, and by their number where there are none."""
    cells = [cell for cell in (first[0][1] if first else []) if normal(cell) not in shopify.OURS]
    return hashlib.sha256("\x1f".join([str(len(cells)), *map(normal, cells)]).encode()).hexdigest()


def _mapped(first: Sequence[Record], said: Said) -> Layout:
    cells = next((cells for number, cells in first if number == said.head), [])
    width = max([len(said.columns), *(len(row) for _, row in first)])
    places: dict[str, int] = {}
    names: dict[str, str] = {}
    unused: dict[int, str] = {}
    for place in range(width):
        head = cells[place].strip()[:100] if place < len(cells) else ""
        column = said.columns[place] if place < len(said.columns) else ""
        if column and (column not in CHOICES or column in places):
            raise Invalid("import.column_twice", field="columns", column=column[:40])
        if column:
            places[column], names[column] = place, head or f"{place + 1}"
        elif normal(head) not in shopify.OURS:
            unused[place] = head or f"{place + 1}"
    _require(TABLE, places, field="columns")
    return Layout(TABLE, Header(places, names, unused, width), said.head)


def _require(kind: Format, places: Mapping[str, int], field: str = "file") -> None:
    for column in kind.required:
        if column not in places:
            raise Invalid(
                "import.column_missing", field=field, column=next(iter(kind.columns.get(column, ())), column)
            )


def _named(first: Sequence[Record], wanted: str) -> Layout:
    if wanted and wanted not in FORMATS:
        raise Invalid("import.format_unknown", field="format")
    if wanted == JD.code or (not wanted and _is_jd(first)):
        return _without_heads(JD, first)
    tried = [FORMATS[wanted]] if wanted else [one for one in FORMATS.values() if one is not JD]
    seen = [
        Layout(kind, _header(kind, cells), number) for kind in tried for number, cells in first[:LOOKED_AT]
    ]
    fitting = [one for one in seen if all(column in one.header.places for column in one.format.required)]
    if fitting:
        return _below_second_head(max(fitting, key=_known), first)
    nearest = max(seen, key=_known, default=None)
    if nearest is not None and (wanted or _known(nearest) >= NEAR):
        _require(nearest.format, nearest.header.places)
    raise Invalid("import.columns_unknown", field="file")


def _known(one: Layout) -> int:
    """`max` keeps the first of equals: the order of the formats, then of the rows."""
    return len(one.header.places)


def _header(kind: Format, cells: Sequence[str]) -> Header:
    if kind is SHOPIFY:
        return _shopify(cells)
    places: dict[str, int] = {}
    unused: dict[int, str] = {}
    for place, cell in enumerate(cells):
        column = kind.by_name.get(normal(cell))
        if column is not None and column not in places:
            places[column] = place
        elif normal(cell) not in shopify.OURS:
            unused[place] = cell.strip()[:100]
    names = {column: cells[place].strip() for column, place in places.items()}
    return Header(places, names, unused, len(cells))


def _shopify(cells: Sequence[str]) -> Header:
    """Its own reader refuses a column that stands twice; where it is another file, that is no fault."""
    known = shopify.by_name(shopify.COLUMNS)
    columns = {known[name] for cell in cells if (name := cell.strip().casefold()) in known}
    if columns.issuperset(shopify.REQUIRED):
        return shopify.read_header(cells)
    return Header(dict.fromkeys(columns, 0), {}, {}, len(cells))


def _below_second_head(found: Layout, first: Sequence[Record]) -> Layout:
    """淘宝助理 writes its fields in English and, in the next row, in Chinese."""
    following = next((cells for number, cells in first if number == found.heads + 1), None)
    if following is None or found.format is SHOPIFY:
        return found
    second = _header(found.format, following)
    if len(second.places) * 2 > len(found.header.places) and len(second.places) > 2:
        names = {column: name for column, name in second.names.items() if column in found.header.places}
        return Layout(
            found.format, replace(found.header, names=dict(found.header.names) | names), found.heads + 1
        )
    return found


def _is_jd(first: Sequence[Record]) -> bool:
    """Five cells of the stated kinds in each of the first rows; a sixth is what we wrote into it."""
    rows = [cells for _, cells in first if any(cells)]
    return bool(rows) and all(
        len(_JD_CELLS) <= len(cells) <= len(_JD_CELLS) + 1
        and all(re.fullmatch(kind, cell.strip()) for kind, cell in zip(_JD_CELLS, cells, strict=False))
        for cells in rows
    )


def _without_heads(kind: Format, first: Sequence[Record]) -> Layout:
    places = {column: place for place, (column, _) in enumerate(kind.order)}
    names = dict(kind.order)
    width = max([len(kind.order), *(len(cells) for _, cells in first)])
    unused = {place: f"{place + 1}" for place in range(len(kind.order), width)}
    return Layout(kind, Header(places, names, unused, width), 0)
