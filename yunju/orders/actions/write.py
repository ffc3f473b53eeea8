"""Writing accepted purchases: a fixed number of set-based statements, whatever the batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from yunju.catalog.actions import sales as catalog_sales
from yunju.catalog.actions import stock as catalog_stock
from yunju.kernel import clock, ids, outbox, sql
from yunju.orders import checks
from yunju.orders.book import CheckedBook
from yunju.orders.decide import Accepted, sale_lines
from yunju.orders.draft import FixedLine, Placed, PlacedOrder, PlaceRequest, PricedOrder, PricedPurchase


class Job(Struct, frozen=True, gc=False):
    """A request, what was decided of it, and the id that its purchase gets."""

    request: PlaceRequest
    accepted: Accepted
    purchase_id: int


@dataclass(frozen=True, slots=True)
class Ids:
    """Fresh ids, reserved before the locks; what a refused purchase leaves unused is a gap."""

    purchases: list[int]
    orders: list[int]
    lines: list[int]


@dataclass(slots=True)
class Rows:
    """The rows of one batch, table by table, the moment they are of, and what takes part in sales."""

    now: datetime
    purchases: list[tuple[Any, ...]]
    orders: list[tuple[object, ...]]
    lines: list[tuple[object, ...]]
    shares: list[tuple[object, ...]]
    contacts: list[tuple[object, ...]]
    stock: list[tuple[int, int]]
    sold: list[catalog_sales.Take]


PURCHASE = {
    "id": "bigint", "code": "text", "user_id": "bigint", "holder": "text", "total_minor": "bigint", "gateway": "text",
}  # fmt: skip
ORDER = {
    "id": "bigint", "purchase_id": "bigint", "number": "text", "code": "text", "supplier_id": "bigint",
    "supplier_name": "text", "mode": "text", "goods_minor": "bigint", "freight_minor": "bigint",
    "total_minor": "bigint", "after_sale_days": "int",
}  # fmt: skip
LINE = {
    "id": "bigint", "order_id": "bigint", "seq": "int", "kind": "text", "offer_id": "bigint",
    "variant_id": "bigint", "place_id": "bigint", "title": "text", "variant_title": "text", "quantity": "int",
    "unit_minor": "bigint", "amount_minor": "bigint", "shop_id": "bigint", "source": "text", "share_code": "text",
    "context": "text", "rule_version": "int", "fee_version": "int", "returnable": "boolean", "ship_from": "date",
    "stock_state": "text",
}  # fmt: skip
SHARE = {
    "order_id": "bigint", "line_id": "bigint", "role": "text", "payee_id": "bigint", "amount_minor": "bigint",
}  # fmt: skip
CONTACT = {
    "order_id": "bigint", "name": "text", "phone": "text", "province": "text", "city": "text", "district": "text",
    "street": "text", "country": "text", "note": "text",
}  # fmt: skip


def reserve(purchases: Sequence[PricedPurchase]) -> Ids:
    """Ids for all that may be written, in one statement. Lines that several places share need a few more later."""
    orders = [order for purchase in purchases for order in purchase.orders]
    return Ids(
        *ids.reserve_many(
            {
                "orders_purchase_id_seq": len(purchases),
                "orders_order_id_seq": len(orders),
                "orders_line_id_seq": sum(len(order.lines) for order in orders),
            }
        )
    )


def write(book: CheckedBook, jobs: Sequence[Job], fresh: Ids) -> list[Placed]:
    """Write purchases, orders, lines, shares, contacts, reservations and events; answer in the order given. The stock and
    the sales that they take are locked."""
    if not jobs:
        return []
    rows, answers = make(book, jobs, fresh)
    with sql.together():
        insert(book, rows)
    catalog_stock.reserve(book.cluster_id, rows.stock)
    catalog_sales.take(book.cluster_id, rows.sold)
    return answers


def make(book: CheckedBook, jobs: Sequence[Job], fresh: Ids) -> tuple[Rows, list[Placed]]:
    """The rows of these purchases, not written yet, and the answers of those whose rows are."""
    wanted = sum(len(lines) for job in jobs for lines in job.accepted.lines)
    more = ids.reserve("orders_line_id_seq", max(wanted - len(fresh.lines), 0))
    order_ids, line_ids = iter(fresh.orders), iter([*fresh.lines, *more])
    rows, answers = Rows(clock.now(), [], [], [], [], [], [], []), []
    day = clock.local_day(rows.now, book.timezone)
    for job in jobs:
        purchase_id = job.purchase_id
        placed = _purchase(job, rows)
        orders = []
        for order, lines in zip(job.accepted.purchase.orders, job.accepted.lines, strict=True):
            found = _order(order, (purchase_id, next(order_ids)), day, rows)
            _contact(book.pricing.country, found.id, job.request, rows)
            for seq, line in enumerate(lines, start=1):
                _line((found.id, next(line_ids), seq), line, rows)
            orders.append(found)
        answers.append(
            Placed(
                purchase_id, placed, book.pricing.currency, job.accepted.purchase.total_minor, tuple(orders)
            )
        )
        rows.sold += [
            (sale_id, purchase_id, checks.principal(job.request.by), line.quantity)
            for line, sale_id in sale_lines(job.accepted.purchase)
        ]
    return rows, answers


def insert(book: CheckedBook, rows: Rows) -> None:
    """Send all rows but those of stock and sales, for which there are locks. Nothing is waited for within `sql.together`."""
    now = rows.now
    of_all: dict[str, tuple[str, Any]] = {"cluster_id": ("bigint", book.cluster_id)}
    placed = of_all | {
        "currency": ("text", book.pricing.currency),
        "version": ("int", 0),
        "placed_at": ("timestamptz", now),
    }
    unpaid = {"payment_state": ("text", "unpaid"), "expires_at": ("timestamptz", now + book.unpaid_for)}
    begun = {
        "escrowed": ("boolean", False),
        "fulfilment_state": ("text", ""),
        "after_sale_state": ("text", "none"),
    }
    whole = {"refunded_quantity": ("int", 0), "refunded_minor": ("bigint", 0)}
    sql.insert_rows("orders_purchase", PURCHASE, rows.purchases, placed | unpaid)
    sql.insert_rows("orders_order", ORDER, rows.orders, placed | begun)
    sql.insert_rows("orders_line", LINE, rows.lines, of_all | whole)
    sql.insert_rows("orders_share", SHARE, rows.shares, of_shares(book.cluster_id))
    sql.insert_rows("orders_contact", CONTACT, rows.contacts, of_all)
    outbox.write([outbox.Event(book.cluster_id, "purchase.placed", row[0], {}) for row in rows.purchases])


def of_shares(cluster_id: int) -> sql.Same:
    """What is the same in all shares that are new."""
    none = dict.fromkeys(("released_minor", "refunded_minor", "reclaimed_minor"), ("bigint", 0))
    return {"cluster_id": ("bigint", cluster_id), **none}


def _purchase(job: Job, rows: Rows) -> str:
    code, by = ids.public_code(), job.request.by
    # an account's purchase is not the browser's: others may sign in there later
    holder = "" if by.user_id else by.holder
    rows.purchases.append(
        (job.purchase_id, code, by.user_id, holder, job.accepted.purchase.total_minor, job.request.gateway)
    )
    return code


def _order(order: PricedOrder, keys: tuple[int, int], day: date, rows: Rows) -> PlacedOrder:
    purchase_id, order_id = keys
    number, code = ids.order_number(day, order_id), ids.public_code()
    goods, freight = order.goods_minor, order.freight_minor
    rows.orders.append(
        (order_id, purchase_id, number, code, order.supplier_id, order.supplier_name, order.mode, goods, freight,
         goods + freight, order.after_sale_days)
    )  # fmt: skip
    return PlacedOrder(order_id, number, code, order.supplier_id, goods + freight)


def _contact(home: str, order_id: int, request: PlaceRequest, rows: Rows) -> None:
    to = request.contact
    rows.contacts.append(
        (order_id, to.name.strip(), to.phone.strip(), to.province, to.city, to.district, to.street.strip(),
         (to.country or home).upper(), to.note.strip())
    )  # fmt: skip


def _line(keys: tuple[int, int, int], line: FixedLine, rows: Rows) -> None:
    order_id, line_id, seq = keys
    sold = line.priced
    rows.lines.append(
        (line_id, order_id, seq, sold.kind, sold.offer_id, sold.variant_id, line.place_id, sold.title,
         sold.variant_title, line.quantity, sold.unit_minor, sold.unit_minor * line.quantity, sold.shop_id, sold.source,
         sold.share_code, sold.context, sold.rule_version, sold.fee_version, sold.returnable,
         sold.ship_from, "reserved" if line.stock_id else "none")
    )  # fmt: skip
    rows.shares += [
        (order_id, line_id, share.role, share.payee_id, share.amount_minor)
        for share in line.shares
        if share.amount_minor
    ]
    if line.stock_id is not None:
        rows.stock.append((line.stock_id, line.quantity))
