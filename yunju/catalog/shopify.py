"""Products out of Shopify's CSV, the old columns and those of 2025, and of every format that speaks its words after
`importing.formats`. Pure and streaming: rows in, products and remarks out.

The first row of a product carries what it is; later rows share only its handle. A row with a price is a variant, a row
without one is one more picture. A product is taken whole or not at all: one fault in any of its rows and it is left
out, with every fault named, while the others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yunju.catalog.csvfile import Record, too_long
from yunju.catalog.report import Remark
from yunju.catalog.shopify_product import DAMAGED, Builder, Product, Row
from yunju.kernel.errors import Invalid

COLUMNS = {
    "Handle": ("handle", "url handle"),
    "Title": ("title",),
    "Body (HTML)": ("body (html)", "description"),
    "Vendor": ("vendor",),
    "Type": ("type",),
    "Tags": ("tags",),
    "Published": ("published", "published on online store"),
    "Status": ("status",),
    "Option1 Name": ("option1 name",),
    "Option1 Value": ("option1 value",),
    "Option2 Name": ("option2 name",),
    "Option2 Value": ("option2 value",),
    "Option3 Name": ("option3 name",),
    "Option3 Value": ("option3 value",),
    "Variant SKU": ("variant sku", "sku"),
    "Variant Barcode": ("variant barcode", "barcode"),
    "Variant Grams": ("variant grams", "weight value (grams)"),
    "Variant Weight Unit": ("variant weight unit", "weight unit for display"),
    "Variant Inventory Tracker": ("variant inventory tracker", "inventory tracker"),
    "Variant Inventory Qty": ("variant inventory qty", "inventory quantity"),
    "Variant Inventory Policy": ("variant inventory policy", "continue selling when out of stock"),
    "Variant Price": ("variant price", "price"),
    "Variant Compare At Price": ("variant compare at price", "compare-at price"),
    "Variant Requires Shipping": ("variant requires shipping", "requires shipping"),
    "Image Src": ("image src", "product image url"),
    "Image Position": ("image position",),
    "Image Alt Text": ("image alt text",),
    "Variant Image": ("variant image", "variant image url"),
    "Gift Card": ("gift card",),
}
"""Our word for a column -> what a file may call it, in small letters. Any other column is reported as not used."""

REQUIRED = ("Handle", "Title", "Variant Price")
MOST_ROWS_OF_PRODUCT = 2_000
OURS = frozenset({"错误", "错误说明", "error", "errors"})
"""What we wrote into a file that was handed back to be mended: no column of the supplier's."""

_TEXTS = frozenset(
    {"Handle", "Title", "Vendor", "Type", "Tags", "Variant SKU", "Variant Barcode", "Spec"}
    | {f"Option{n} {what}" for n in (1, 2, 3) for what in ("Name", "Value")}
)
_KEYS = ("Handle", "Offer Code")


@dataclass(frozen=True, slots=True)
class Header:
    """Which cell of a row is what. `present` are our words for the columns that this file has; `odd` are the cells that a
    spreadsheet has changed by itself."""

    places: Mapping[str, int]
    names: Mapping[str, str]
    unused: Mapping[int, str]
    width: int
    odd: Mapping[tuple[int, int], str] = field(default_factory=dict)

    implied: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def present(self) -> frozenset[str]:
        return frozenset(self.places)

    @property
    def says(self) -> frozenset[str]:
        """The columns, and what else they say: a weight in kilograms is a weight."""
        more = (name for column in self.places for name in self.implied.get(column, ()))
        return self.present | frozenset(more)


@dataclass(frozen=True, slots=True)
class How:
    """How the rows of a format make products. `key`: what names the product of a row. `inherits`: a row without one goes
    on with the product above it, as merged cells leave it. `is_row`: each row is a product. `shape`: the rows of a product in
    our words."""

    key: Callable[[Row], str] = lambda row: row["Handle"]
    inherits: bool = False
    is_row: bool = False
    shape: Callable[[list[Row]], list[Row]] = lambda rows: rows


AS_SHOPIFY = How()


@dataclass(frozen=True, slots=True)
class Asked:
    """By what the pictures that came along are found: codes of the product and its variants, names in its cells, its rows."""

    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """One product, or why it is none. `rows`: how many rows of the file it stood in, by what became of them."""

    handle: str
    product: Product | None
    remarks: tuple[Remark, ...]
    rows_variant: int = 0
    rows_picture: int = 0
    rows_refused: int = 0
    rows_blank: int = 0
    pictures: Asked = Asked()

    @property
    def rows(self) -> int:
        return self.rows_variant + self.rows_picture + self.rows_refused + self.rows_blank


@dataclass
class _Group:
    """The rows of one handle as they come; those beyond the limit are counted, not kept."""

    handle: str
    rows: list[Row] = field(default_factory=list)
    beyond: int = 0


def by_name(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: column for column, names in columns.items() for name in names}


_BY_NAME = by_name(COLUMNS)


def read_header(cells: Sequence[str]) -> Header:
    """Raises Invalid: `import.column_missing`, `import.column_twice`."""
    places: dict[str, int] = {}
    unused: dict[int, str] = {}
    for number, cell in enumerate(cells):
        name = cell.strip()
        column = _BY_NAME.get(name.casefold())
        if name.casefold() in OURS:
            continue
        if column is None:
            unused[number] = name[:100]
        elif column in places:
            raise Invalid("import.column_twice", field="file", column=name)
        else:
            places[column] = number
    for column in REQUIRED:
        if column not in places:
            raise Invalid("import.column_missing", field="file", column=column)
    names = {column: cells[number].strip() for column, number in places.items()}
    return Header(places, names, unused, len(cells))


def products(
    records: Iterable[Record], header: Header, currency: str, how: How = AS_SHOPIFY
) -> Iterator[Parsed]:
    """The products of a file, in its order, from the records after the header."""
    seen: set[str] = set()
    group: _Group | None = None
    for number, cells in records:
        row = _row(number, cells, header)
        if row.is_blank:
            yield Parsed("", None, (), rows_blank=1)
            continue
        key = how.key(row)
        if group is None or not ((how.inherits and not key) or (key == group.handle and key)):
            if group is not None:
                yield _parsed(group, seen, header, currency, how)
            group = _Group(key)
        if len(group.rows) < MOST_ROWS_OF_PRODUCT:
            group.rows.append(row)
        else:
            group.beyond += 1
    if group is not None:
        yield _parsed(group, seen, header, currency, how)


def _goes_on(key: str, handle: str, how: How) -> bool:
    return key == handle if key else how.inherits


def _row(number: int, cells: Sequence[str], header: Header) -> Row:
    """The known cells of a record; what is wrong with it as a record is in `faults`."""
    faults = []
    if len(cells) > header.width and any(cell.strip() for cell in cells[header.width :]):
        faults.append(
            Remark("import.row_too_wide", number, params={"count": len(cells), "most": header.width})
        )
    values = {}
    for column, place in header.places.items():
        value = cells[place] if place < len(cells) else ""
        name = header.names[column]
        if too_long(value):
            faults.append(Remark("import.cell_too_long", number, name))
            value = ""
        value = value.strip()
        if remark := _damage(column, value, header.odd.get((number, place), "")):
            faults.append(Remark(remark, number, name, remark == "import.key_damaged", {"value": value[:40]}))
            value = "" if remark == "import.number_damaged" else value
        values[column] = value
    return Row(number, values, header.names, tuple(faults), not any(cell.strip() for cell in cells))


def _damage(column: str, value: str, odd: str) -> str:
    """What a spreadsheet did to a text: a number cut to 15 digits, or something like 3-1 taken for a date."""
    if column in _KEYS and DAMAGED.fullmatch(value):
        return "import.key_damaged"
    if column == "Variant SKU" and DAMAGED.fullmatch(value):
        return "import.number_damaged"
    return "import.date_in_text" if odd in ("date", "time") and column in _TEXTS else ""


def _parsed(group: _Group, seen: set[str], header: Header, currency: str, how: How) -> Parsed:
    fault = _group_fault(group, seen)
    if fault is not None:
        return Parsed(group.handle, None, (fault,), rows_refused=len(group.rows) + group.beyond)
    seen.add(group.handle)
    rows = how.shape(group.rows)
    builder = Builder(rows, header.says, currency, group.handle)
    product = builder.build()
    remarks = tuple(builder.remarks)
    if product is None:
        return Parsed(group.handle, None, remarks, rows_refused=len(group.rows))
    return Parsed(
        group.handle,
        product,
        remarks,
        rows_variant=builder.variant_rows,
        rows_picture=builder.picture_rows,
        pictures=_asked(rows),
    )


def _asked(rows: Sequence[Row]) -> Asked:
    codes = [row[column] for row in rows for column in ("Handle", "Variant SKU")]
    names = [name for row in rows for name in row["Image File"].splitlines()]
    numbers = [row.number for row in rows]
    return Asked(tuple(dict.fromkeys(codes)), tuple(names), tuple(dict.fromkeys(numbers)))


def _group_fault(group: _Group, seen: set[str]) -> Remark | None:
    first, column = group.rows[0].number, group.rows[0].name("Handle")
    if not group.handle:
        return Remark("import.no_handle", first, column)
    if len(group.handle) > 200:
        return Remark("import.too_long", first, column, params={"most": 200})
    if group.handle in seen:
        return Remark("import.handle_again", first, column, params={"handle": group.handle})
    if group.beyond:
        return Remark("import.too_many_rows_of_product", first, column, params={"most": MOST_ROWS_OF_PRODUCT})
    return None
