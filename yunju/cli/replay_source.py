"""Reading a folder of real orders in Olist's form: every row checked before anything is written. Knows no database."""

import csv
import gzip
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from yunju.kernel.money import parse_minor

CURRENCY = "BRL"
ZONE = "America/Sao_Paulo"
COUNTRY = "BR"
"""The source's times are those of a clock on a Brazilian wall."""

MOST_ORDERS = 200_000
STATUSES = frozenset(
    {"created", "approved", "processing", "invoiced", "shipped", "delivered", "canceled", "unavailable"}
)
COLUMNS = {
    "orders": (
        "order_id",
        "customer_id",
        "order_status",
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
    ),
    "order_items": ("order_id", "order_item_id", "product_id", "seller_id", "price", "freight_value"),
    "order_payments": ("order_id", "payment_sequential", "payment_value"),
    "customers": ("customer_id", "customer_zip_code_prefix", "customer_city", "customer_state"),
    "sellers": ("seller_id", "seller_city", "seller_state"),
    "products": (
        "product_id",
        "product_category_name",
        "product_weight_g",
        "product_length_cm",
        "product_height_cm",
        "product_width_cm",
    ),
}
"""What is read of each file; other columns may stand beside it."""


class BadSource(Exception):
    """The folder cannot be replayed; the sentence names file and line."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of an order: one piece. Amounts in minor units."""

    product: str
    seller: str
    price_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer or seller is; the source has no street."""

    city: str
    state: str
    zip_code: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """What the source says of a product: no name, only its category and measures."""

    category: str = ""
    weight_g: int = 0
    sides_mm: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class SourceOrder:
    """One order of the source. Dates it does not have are None; `paid_minor` is the sum of all parts."""

    id: str
    status: str
    address: Address
    placed_at: datetime
    approved_at: datetime | None
    carrier_at: datetime | None
    delivered_at: datetime | None
    items: list[Item] = field(default_factory=list)
    paid_minor: int = 0
    parts: int = 0


@dataclass(slots=True)
class Source:
    """All that is replayed, orders by time of purchase; `quirks` counts what was met on the way, in words."""

    orders: list[SourceOrder]
    products: dict[str, Product]
    sellers: dict[str, Address]
    quirks: Counter[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of one file, for the sentence that says what is wrong with it."""

    file: str
    line: int
    cells: dict[str, str]

    def fault(self, column: str, expected: str) -> BadSource:
        return BadSource(
            f"{self.file}, line {self.line}: {column} is {self.cells[column][:60]!r}, expected {expected}."
        )

    def word(self, column: str) -> str:
        text = self.cells[column].strip()
        if not 1 <= len(text) <= 64 or not text.isascii() or not text.isprintable():
            raise self.fault(column, "a code of 1 to 64 characters")
        return text

    def text(self, column: str, most: int = 40) -> str:
        text = " ".join(self.cells[column].split())
        if not 1 <= len(text) <= most or not text.isprintable():
            raise self.fault(column, f"1 to {most} characters")
        return text

    def minor(self, column: str, least: int) -> int:
        try:
            amount = parse_minor(self.cells[column], CURRENCY)
        except ValueError:
            raise self.fault(column, "an amount such as 199.90") from None
        if amount < least:
            raise self.fault(
                column, "an amount of at least 0.01" if least else "an amount that is not negative"
            )
        return amount

    def moment(self, column: str) -> datetime:
        try:
            found = datetime.strptime(self.cells[column].strip(), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - next line
        except ValueError:
            raise self.fault(column, "a date and time such as 2017-05-31 18:30:00") from None
        return found.replace(tzinfo=ZoneInfo(ZONE))

    def moment_or_none(self, column: str) -> datetime | None:
        return self.moment(column) if self.cells[column].strip() else None

    def measure(self, column: str, most: int) -> int:
        """A whole number that the source writes as `600.0`; 0 where it has none."""
        text = self.cells[column].strip().removesuffix(".0") or "0"
        if not (text.isascii() and text.isdigit() and int(text) <= most):
            raise self.fault(column, f"a whole number up to {most}")
        return int(text)


def read(folder: Path, limit: int | None = None) -> Source:
    """Read the whole folder, or the first `limit` orders of its file of orders. Raises BadSource."""
    if not folder.is_dir():
        raise BadSource(f"{folder} is no folder.")
    quirks: Counter[str] = Counter()
    customers = _customers(folder, quirks)
    orders, known = _orders(folder, customers, limit)
    products = _products(folder)
    sellers = {row.word("seller_id"): _address(row, "seller") for row in _rows(folder, "sellers")}
    _items(folder, orders, known, quirks)
    _payments(folder, orders, known, quirks)
    used = {item.seller for order in orders.values() for item in order.items}
    if missing := sorted(used - sellers.keys()):
        raise BadSource(f"Seller {missing[0]} sold something, but is not in the file of sellers.")
    found = sorted(orders.values(), key=lambda order: (order.placed_at, order.id))
    wanted = {item.product for order in found for item in order.items}
    bare = sum(1 for product in wanted if not products.get(product, Product()).category)
    _count(quirks, "products without a category, called by their code alone", bare)
    _count(quirks, "products not described at all", len(wanted - products.keys()))
    kept = {code: products.get(code, Product()) for code in wanted}
    return Source(found, kept, {code: sellers[code] for code in used}, quirks)


def _count(quirks: Counter[str], words: str, count: int) -> None:
    if count:
        quirks[words] += count


def _address(row: Row, whose: str) -> Address:
    return Address(row.text(f"{whose}_city"), row.text(f"{whose}_state"))


def _customers(folder: Path, quirks: Counter[str]) -> dict[str, Address]:
    found: dict[str, Address] = {}
    for row in _rows(folder, "customers"):
        code = row.cells["customer_zip_code_prefix"].strip()
        if not (code.isascii() and code.isdigit() and len(code) <= 5):
            raise row.fault("customer_zip_code_prefix", "up to 5 digits")
        _count(quirks, "customers' zip codes that had lost a leading zero, restored", int(len(code) < 5))
        place = _address(row, "customer")
        found[row.word("customer_id")] = Address(place.city, place.state, code.zfill(5))
    return found


def _orders(
    folder: Path, customers: dict[str, Address], limit: int | None
) -> tuple[dict[str, SourceOrder], set[str]]:
    """The orders to replay, and the codes of all in the file."""
    orders: dict[str, SourceOrder] = {}
    known: set[str] = set()
    for row in _rows(folder, "orders"):
        code = row.word("order_id")
        if code in known:
            raise row.fault("order_id", "each order once")
        known.add(code)
        if len(known) > MOST_ORDERS:
            raise BadSource(f"{row.file} has more than {MOST_ORDERS:,} orders: replay it in parts.")
        if limit is None or len(orders) < limit:
            orders[code] = _order(row, code, customers)
    return orders, known


def _order(row: Row, code: str, customers: dict[str, Address]) -> SourceOrder:
    if row.cells["order_status"] not in STATUSES:
        raise row.fault("order_status", "one of " + ", ".join(sorted(STATUSES)))
    address = customers.get(row.word("customer_id"))
    if address is None:
        raise row.fault("customer_id", "a customer of the file of customers")
    return SourceOrder(
        id=code,
        status=row.cells["order_status"],
        address=address,
        placed_at=row.moment("order_purchase_timestamp"),
        approved_at=row.moment_or_none("order_approved_at"),
        carrier_at=row.moment_or_none("order_delivered_carrier_date"),
        delivered_at=row.moment_or_none("order_delivered_customer_date"),
    )


def _products(folder: Path) -> dict[str, Product]:
    return {
        row.word("product_id"): Product(
            category=row.cells["product_category_name"].strip()[:60],
            weight_g=row.measure("product_weight_g", 1_000_000),
            sides_mm=(
                10 * row.measure("product_length_cm", 10_000),
                10 * row.measure("product_width_cm", 10_000),
                10 * row.measure("product_height_cm", 10_000),
            ),
        )
        for row in _rows(folder, "products")
    }


def _items(folder: Path, orders: dict[str, SourceOrder], known: set[str], quirks: Counter[str]) -> None:
    seen: set[tuple[str, str]] = set()
    prices: dict[tuple[str, str, str], int] = {}
    for row in _rows(folder, "order_items"):
        code = row.word("order_id")
        order = _owner(row, code, orders, known, quirks)
        if order is None:
            continue
        _once(seen, row, (code, row.word("order_item_id")), "order_item_id")
        item = Item(
            row.word("product_id"),
            row.word("seller_id"),
            row.minor("price", 1),
            row.minor("freight_value", 0),
        )
        if prices.setdefault((code, item.product, item.seller), item.price_minor) != item.price_minor:
            raise row.fault("price", "one price of a product within an order")
        order.items.append(item)
    repeated = len(seen) - len(prices)
    _count(quirks, "rows that repeat a product of their order: pieces of one line", repeated)


def _payments(folder: Path, orders: dict[str, SourceOrder], known: set[str], quirks: Counter[str]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in _rows(folder, "order_payments"):
        code = row.word("order_id")
        order = _owner(row, code, orders, known, quirks)
        if order is None:
            continue
        _once(seen, row, (code, row.word("payment_sequential")), "payment_sequential")
        amount = row.minor("payment_value", 0)
        _count(quirks, "parts of a payment of 0.00", int(not amount))
        order.paid_minor += amount
        order.parts += 1
    several = sum(1 for order in orders.values() if order.parts > 1)
    _count(quirks, "orders paid in several parts: one payment of their sum", several)


def _once(seen: set[tuple[str, str]], row: Row, key: tuple[str, str], column: str) -> None:
    if key in seen:
        raise row.fault(column, "each number once in an order")
    seen.add(key)


def _owner(
    row: Row, code: str, orders: dict[str, SourceOrder], known: set[str], quirks: Counter[str]
) -> SourceOrder | None:
    """The order of a row; None for one that is not replayed, counted when there is no such order at all."""
    if code not in known:
        quirks[f"rows of {row.file} whose order is not in the file of orders, left out"] += 1
    return orders.get(code)


def _rows(folder: Path, name: str) -> Iterator[Row]:
    """The rows of `name`.csv.gz or `name`.csv. Raises BadSource for what is no such table."""
    path = next((p for p in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if p.is_file()), None)
    if path is None:
        raise BadSource(f"{folder} has neither {name}.csv.gz nor {name}.csv.")
    line = 0
    try:
        with _opened(path) as file:
            reader = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            if missing := [column for column in COLUMNS[name] if column not in header]:
                raise BadSource(f"{path.name}: the column {missing[0]} is missing.")
            for cells in reader:
                line = reader.line_num
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise BadSource(
                        f"{path.name}, line {line}: {len(cells)} cells, expected {len(header)} as in the first line."
                    )
                yield Row(path.name, line, dict(zip(header, cells, strict=True)))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadSource(f"{path.name} cannot be read after line {line}: {error}.") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def pieces(source: Source) -> dict[tuple[str, str], int]:
    """(product, seller) -> how many pieces are sold of it in all."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for order in source.orders:
        for item in order.items:
            found[item.product, item.seller] += 1
    return dict(found)
