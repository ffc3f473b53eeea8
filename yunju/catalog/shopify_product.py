"""One product of a Shopify file: its rows in, a checked product out, or none. Everything odd is remarked upon."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from yunju.catalog.report import Remark
from yunju.catalog.text import clean_html, one_line, removed_tags
from yunju.kernel.money import MAX_MINOR, parse_minor

MOST_PRICE_MINOR, MOST_WEIGHT_G, MOST_COUNT = MAX_MINOR // 1_000, 1_000_000, 10_000_000
MOST_TAGS, MOST_TAG, MOST_URL, MOST_OPTION = 50, 60, 600, 60
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}
_WHOLE = re.compile(r"-?\d{1,9}(\.0{1,6})?", re.ASCII)
_GRAMS = re.compile(r"(\d{1,9})(?:\.(\d{1,12}))?", re.ASCII)
DAMAGED = re.compile(r"\d(\.\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_STATUS = {"": True, "active": True, "draft": False, "archived": False, "unlisted": False}
_UNITS = {"", "g", "kg", "lb", "oz"}


@dataclass(frozen=True, slots=True)
class Row:
    """The known cells of one row, stripped, by our words for the columns; `names` are the file's own words."""

    number: int
    values: dict[str, str]
    names: Mapping[str, str]
    faults: tuple[Remark, ...] = ()
    is_blank: bool = False

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def name(self, column: str) -> str:
        """What the file calls the column."""
        return self.names.get(column, column)


@dataclass(frozen=True, slots=True)
class ShopVariant:
    """A variant as the file has it. `count` None: the file says nothing of stock."""

    row: int
    options: tuple[str, ...]
    price_minor: int
    compare_at_minor: int | None
    sku: str
    barcode: str
    weight_g: int
    count: int | None
    picture_url: str


@dataclass(frozen=True, slots=True)
class ShopPicture:
    row: int
    url: str
    alt: str
    position: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the file has it. `present`: the columns of the file; what is not among them is not known."""

    row: int
    handle: str
    title: str
    body_html: str
    brand: str
    type: str
    tags: tuple[str, ...]
    option_names: tuple[str, ...]
    listed: bool
    variants: tuple[ShopVariant, ...]
    pictures: tuple[ShopPicture, ...]
    present: frozenset[str]
    offer_code: str = ""
    """Our own code of the offer, where the file is one of ours."""

    says_listed: bool = True
    """False where the file leaves open whether it is on the shelf."""


class Builder:
    """Builds one product from its rows; `remarks` say what was found, `variant_rows` and `picture_rows` sum to the rows."""

    def __init__(
        self, rows: Sequence[Row], present: frozenset[str], currency: str, handle: str | None = None
    ) -> None:
        self.rows, self.present, self.currency = rows, present, currency
        self.handle = rows[0]["Handle"] if handle is None else handle
        self.first = rows[0]
        self.remarks: list[Remark] = []
        self._of_variants: set[int] = set()
        self._of_pictures: set[int] = set()
        self._pictures: dict[str, ShopPicture] = {}

    @property
    def variant_rows(self) -> int:
        return len(self._of_variants)

    @property
    def picture_rows(self) -> int:
        """Rows of the file that are a picture and nothing else: one row may have become several."""
        return len(self._of_pictures - self._of_variants)

    def build(self) -> Product | None:
        """The product, or None when any of its rows has a fault."""
        self.remarks += [fault for row in self.rows for fault in row.faults]
        self._kind()
        places, names = self._options()
        variants = [found for row in self.rows if (found := self._row(row, places)) is not None]
        self._once(variants)
        product = Product(
            row=self.first.number,
            handle=self.handle,
            title=self._line(self.first, "Title", 200, required=True),
            body_html=self._body(),
            brand=self._line(self.first, "Vendor", 120),
            type=self._line(self.first, "Type", 120),
            tags=self._tags(),
            option_names=names,
            listed=self._listed(),
            variants=tuple(variants),
            pictures=tuple(self._pictures.values()),
            present=self.present,
            offer_code=self.first["Offer Code"],
            says_listed=bool(self.first["Status"] or self.first["Published"]),
        )
        return None if any(remark.fault for remark in self.remarks) else product

    def _fault(self, row: Row, code: str, column: str, **params: str | int) -> None:
        self.remarks.append(Remark(code, row.number, row.name(column), params=dict(params)))

    def _note(self, row: Row, code: str, column: str, **params: str | int) -> None:
        self.remarks.append(Remark(code, row.number, row.name(column), fault=False, params=dict(params)))

    # --- the product ---------------------------------------------------------------------------------------------

    def _kind(self) -> None:
        if self._flag(self.first, "Gift Card", otherwise=False):
            self._fault(self.first, "import.gift_card", "Gift Card")
        title = self.first["Title"]
        for row in self.rows[1:]:
            if row["Title"] and row["Title"] != title:
                self._note(row, "import.title_again", "Title", title=row["Title"][:80])

    def _options(self) -> tuple[list[int], tuple[str, ...]]:
        """Which of the three options are in use, and their names. `Title: Default Title` is Shopify's word for none."""
        names = [one_line(self.first[f"Option{n} Name"]) for n in (1, 2, 3)]
        only_default = {row["Option1 Value"] for row in self.rows} <= {"", "Default Title"}
        if names[0].casefold() == "title" and not any(names[1:]) and only_default:
            return [], ()
        places = [n for n, name in enumerate(names, start=1) if name]
        used = tuple(name for name in names if name)
        for n in places:
            if len(names[n - 1]) > MOST_OPTION:
                self._fault(self.first, "import.too_long", f"Option{n} Name", most=MOST_OPTION)
        if len(set(used)) != len(used):
            self._fault(self.first, "import.option_twice", "Option1 Name")
        return places, used

    def _listed(self) -> bool:
        status = self.first["Status"].casefold()
        if status not in _STATUS:
            self._fault(self.first, "import.status", "Status", value=status[:40])
        published = self._flag(self.first, "Published", otherwise=True)
        return published and _STATUS.get(status, False)

    def _body(self) -> str:
        raw = self.first["Body (HTML)"]
        removed = removed_tags(raw)
        if removed:
            self._note(self.first, "import.html_removed", "Body (HTML)", tags=", ".join(removed)[:200])
        return clean_html(raw)

    def _tags(self) -> tuple[str, ...]:
        tags = [one_line(tag) for tag in self.first["Tags"].split(",")]
        kept = tuple(dict.fromkeys(tag for tag in tags if tag))
        if len(kept) > MOST_TAGS:
            self._fault(self.first, "import.too_many_tags", "Tags", most=MOST_TAGS)
        if any(len(tag) > MOST_TAG for tag in kept):
            self._fault(self.first, "import.too_long", "Tags", most=MOST_TAG)
        return kept

    # --- its rows ------------------------------------------------------------------------------------------------

    def _row(self, row: Row, places: Sequence[int]) -> ShopVariant | None:
        has_option = any(row[f"Option{n} Value"] for n in (1, 2, 3))
        if row is self.first or row["Variant Price"] or has_option or row["Variant SKU"]:
            self._of_variants.add(row.number)
            self._picture(row, "Image Src")
            return self._variant(row, places)
        self._of_pictures.add(row.number)
        if row["Image Src"] in self._pictures:
            self._note(row, "import.picture_again", "Image Src")
        if row["Image Src"]:
            self._picture(row, "Image Src")
        else:
            self._fault(row, "import.empty_row", "Variant Price")
        return None

    def _variant(self, row: Row, places: Sequence[int]) -> ShopVariant:
        if self._flag(row, "Variant Requires Shipping", otherwise=True) is False:
            self._fault(row, "import.not_shipped", "Variant Requires Shipping")
        price = self._price(row)
        return ShopVariant(
            row=row.number,
            options=self._values(row, places),
            price_minor=price,
            compare_at_minor=self._compare_at(row, price),
            sku=self._line(row, "Variant SKU", 120),
            barcode=self._barcode(row),
            weight_g=self._grams(row),
            count=self._count(row),
            picture_url=self._picture(row, "Variant Image"),
        )

    def _values(self, row: Row, places: Sequence[int]) -> tuple[str, ...]:
        values = []
        for n in (1, 2, 3):
            column = f"Option{n} Value"
            value = one_line(row[column])
            if n in places and not value:
                self._fault(row, "import.option_missing", column)
            elif n in places and len(value) > MOST_OPTION:
                self._fault(row, "import.too_long", column, most=MOST_OPTION)
            elif n not in places and value not in {"", "Default Title"}:
                self._fault(row, "import.option_unnamed", column, value=value[:40])
            if n in places:
                values.append(value)
        return tuple(values)

    def _price(self, row: Row) -> int:
        if not row["Variant Price"]:
            self._fault(row, "import.no_price", "Variant Price")
            return 0
        price = self._amount(row, "Variant Price")
        if price is not None and not 1 <= price <= MOST_PRICE_MINOR:
            self._fault(row, "import.price_range", "Variant Price", most_minor=MOST_PRICE_MINOR)
        return price or 0

    def _compare_at(self, row: Row, price: int) -> int | None:
        if not row["Variant Compare At Price"]:
            return None
        amount = self._amount(row, "Variant Compare At Price")
        if amount is None or amount > MOST_PRICE_MINOR:
            if amount is not None:
                self._fault(
                    row, "import.price_range", "Variant Compare At Price", most_minor=MOST_PRICE_MINOR
                )
            return None
        if amount <= price:
            if amount:
                self._note(row, "import.compare_at_low", "Variant Compare At Price", amount_minor=amount)
            return None
        return amount

    def _amount(self, row: Row, column: str) -> int | None:
        try:
            return parse_minor(row[column], self.currency)
        except ValueError:
            self._fault(row, "import.amount", column, value=row[column][:40])
            return None

    def _barcode(self, row: Row) -> str:
        if DAMAGED.fullmatch(row["Variant Barcode"]):
            self._note(row, "import.number_damaged", "Variant Barcode", value=row["Variant Barcode"][:40])
            return ""
        return self._line(row, "Variant Barcode", 60)

    def _grams(self, row: Row) -> int:
        """Whole grams, upwards: the column is in grams whatever unit the shop shows, with decimals where that was ounces."""
        if row["Variant Weight Unit"].casefold() not in _UNITS:
            self._note(
                row, "import.weight_unit", "Variant Weight Unit", value=row["Variant Weight Unit"][:20]
            )
        if not row["Variant Grams"]:
            return 0
        found = _GRAMS.fullmatch(row["Variant Grams"])
        grams = int(found[1]) + bool((found[2] or "").strip("0")) if found else -1
        if not 0 <= grams <= MOST_WEIGHT_G:
            self._fault(row, "import.weight", "Variant Grams", value=row["Variant Grams"][:40])
            return 0
        return grams

    def _count(self, row: Row) -> int | None:
        if row["Variant Inventory Policy"].casefold() == "continue":
            self._note(row, "import.sells_beyond_stock", "Variant Inventory Policy")
        if "Variant Inventory Qty" not in self.present:
            return None
        text = row["Variant Inventory Qty"]
        if not text:
            self._note(row, "import.no_count", "Variant Inventory Qty")
            return None
        if not _WHOLE.fullmatch(text) or int(text.partition(".")[0]) > MOST_COUNT:
            self._fault(row, "import.count", "Variant Inventory Qty", value=text[:40])
            return 0
        count = int(text.partition(".")[0])
        if count < 0:
            self._note(row, "import.count_below_zero", "Variant Inventory Qty", count=count)
        elif "Variant Inventory Tracker" in self.present and not row["Variant Inventory Tracker"]:
            self._note(row, "import.stock_untracked", "Variant Inventory Qty", count=count)
        return max(count, 0)

    def _picture(self, row: Row, column: str) -> str:
        """Take the picture a cell names, once a product; returns its address or an empty text."""
        url = row[column]
        if not url:
            return ""
        if not _is_web_address(url):
            self._fault(row, "import.picture_address", column, value=url[:80])
            return ""
        alt, position = (
            ("", 0)
            if column == "Variant Image"
            else (self._line(row, "Image Alt Text", 300), self._position(row))
        )
        known = self._pictures.get(url)
        if known is None:
            self._pictures[url] = ShopPicture(row.number, url, alt, position or len(self._pictures) + 1)
        elif column == "Image Src":
            self._pictures[url] = ShopPicture(known.row, url, known.alt or alt, position or known.position)
        return url

    def _position(self, row: Row) -> int:
        text = row["Image Position"]
        if text and (not _WHOLE.fullmatch(text) or not 0 <= int(text.partition(".")[0]) <= 9_999):
            self._note(row, "import.picture_position", "Image Position", value=text[:20])
            return 0
        return int(text.partition(".")[0]) if text else 0

    def _once(self, variants: Sequence[ShopVariant]) -> None:
        first: dict[tuple[str, ...], int] = {}
        for variant in variants:
            if variant.options in first:
                row = next(row for row in self.rows if row.number == variant.row)
                self._fault(row, "import.variant_twice", "Option1 Value", first=first[variant.options])
            first.setdefault(variant.options, variant.row)

    # --- cells ---------------------------------------------------------------------------------------------------

    def _flag(self, row: Row, column: str, *, otherwise: bool) -> bool:
        text = row[column].casefold()
        if text and text not in _YES | _NO:
            self._fault(row, "import.flag", column, value=text[:40])
        return text in _YES if text else otherwise

    def _line(self, row: Row, column: str, most: int, *, required: bool = False) -> str:
        text = one_line(row[column])
        if required and not text:
            self._fault(row, "import.no_title", column)
        if len(text) > most:
            self._fault(row, "import.too_long", column, most=most)
        return text


def _is_web_address(url: str) -> bool:
    if len(url) > MOST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
