"""Writing accepted purchases: a fixed number of set-based statements, whatever the batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yunju.catalog.actions import stock as catalog_stock
from yunju.kernel import clock, ids, outbox, sql
from yunju.orders.book import CheckedBook
from yunju.orders.decide import Accepted
from yunju.orders.draft import FixedLine, Placed, PlacedOrder, PlaceRequest, PricedOrder, PricedPurchase


@dataclass(frozen=True, slots=True)
class Job:
    """A request and what was decided of it."""

    request: PlaceRequest
    accepted: Accepted


@dataclass(frozen=True, slots=True)
class Ids:
    """Fresh ids, reserved before the locks; what a refused purchase leaves unused is a gap."""

    purchases: list[int]
    orders: list[int]


@dataclass(frozen=True, slots=True)
class _Moment:
    """When the batch is placed, and the day that its order numbers show."""

    at: datetime
    day: date


@dataclass(slots=True)
class _Rows:
    """The rows of one batch, table by table."""

    purchases: list[tuple[object, ...]]
    orders: list[tuple[object, ...]]
    lines: list[tuple[object, ...]]
    shares: list[tuple[object, ...]]
    contacts: list[tuple[object, ...]]
    stock: list[tuple[int, int]]


PURCHASE = {
    "id": "bigint", "cluster_id": "bigint", "code": "text", "user_id": "bigint", "holder": "text", "currency": "text",
    "total_minor": "bigint", "payment_state": "text", "version": "int", "placed_at": "timestamptz",
    "expires_at": "timestamptz", "gateway": "text",
}  # fmt: skip
ORDER = {
    "id": "bigint", "cluster_id": "bigint", "purchase_id": "bigint", "number": "text", "code": "text",
    "supplier_id": "bigint", "supplier_name": "text", "mode": "text", "currency": "text", "goods_minor": "bigint",
    "freight_minor": "bigint", "total_minor": "bigint", "escrowed": "boolean", "fulfilment_state": "text",
    "after_sale_state": "text", "version": "int", "after_sale_days": "int", "placed_at": "timestamptz",
}  # fmt: skip
LINE = {
    "id": "bigint", "cluster_id": "bigint", "order_id": "bigint", "seq": "int", "kind": "text", "offer_id": "bigint",
    "variant_id": "bigint", "place_id": "bigint", "title": "text", "variant_title": "text", "quantity": "int",
    "unit_minor": "bigint", "amount_minor": "bigint", "shop_id": "bigint", "source": "text", "share_code": "text",
    "context": "text", "rule_version": "int", "fee_version": "int", "returnable": "boolean", "ship_from": "date",
    "stock_state": "text",
    "refunded_quantity": "int", "refunded_minor": "bigint",
}  # fmt: skip
SHARE = {
    "cluster_id": "bigint", "order_id": "bigint", "line_id": "bigint", "role": "text", "payee_id": "bigint",
    "amount_minor": "bigint", "released_minor": "bigint", "refunded_minor": "bigint", "reclaimed_minor": "bigint",
}  # fmt: skip
CONTACT = {
    "cluster_id": "bigint", "order_id": "bigint", "name": "text", "phone": "text", "province": "text", "city": "text",
    "district": "text", "street": "text", "country": "text", "note": "text",
}  # fmt: skip


def reserve(purchases: Sequence[PricedPurchase]) -> Ids:
    """Ids for all purchases and orders that may be written: two statements. Lines get theirs with the decision."""
    return Ids(
        ids.reserve("orders_purchase_id_seq", len(purchases)),
        ids.reserve("orders_order_id_seq", sum(len(purchase.orders) for purchase in purchases)),
    )


def write(book: CheckedBook, jobs: Sequence[Job], fresh: Ids) -> list[Placed]:
    """Write purchases, orders, lines, shares, contacts, reservations and events; answer in the order given."""
    if not jobs:
        return []
    line_ids = iter(
        ids.reserve("orders_line_id_seq", sum(len(lines) for job in jobs for lines in job.accepted.lines))
    )
    purchase_ids, order_ids = iter(fresh.purchases), iter(fresh.orders)
    rows, answers, now = _Rows([], [], [], [], [], []), [], clock.now()
    moment = _Moment(now, clock.local_day(now, book.timezone))
    for job in jobs:
        purchase_id = next(purchase_ids)
        placed = _purchase(book, job, purchase_id, now, rows)
        orders = []
        for order, lines in zip(job.accepted.purchase.orders, job.accepted.lines, strict=True):
            found = _order(book, order, (purchase_id, next(order_ids)), moment, rows)
            _contact(book, found.id, job.request, rows)
            for seq, line in enumerate(lines, start=1):
                _line(book.cluster_id, (found.id, next(line_ids), seq), line, rows)
            orders.append(found)
        answers.append(
            Placed(
                purchase_id, placed, book.pricing.currency, job.accepted.purchase.total_minor, tuple(orders)
            )
        )
    _insert(book.cluster_id, rows)
    outbox.write(
        [outbox.Event(book.cluster_id, "purchase.placed", answer.purchase_id, {}) for answer in answers]
    )
    return answers


def _insert(cluster_id: int, rows: _Rows) -> None:
    sql.insert_rows("orders_purchase", PURCHASE, rows.purchases)
    sql.insert_rows("orders_order", ORDER, rows.orders)
    sql.insert_rows("orders_line", LINE, rows.lines)
    sql.insert_rows("orders_share", SHARE, rows.shares)
    sql.insert_rows("orders_contact", CONTACT, rows.contacts)
    catalog_stock.reserve(cluster_id, rows.stock)


def _purchase(book: CheckedBook, job: Job, purchase_id: int, now: datetime, rows: _Rows) -> str:
    code, by = ids.public_code(), job.request.by
    total = job.accepted.purchase.total_minor
    holder = (
        "" if by.user_id else by.holder
    )  # an account's purchase is not the browser's: others may sign in there later
    rows.purchases.append(
        (purchase_id, book.cluster_id, code, by.user_id, holder, book.pricing.currency, total, "unpaid", 0, now,
         now + book.unpaid_for, job.request.gateway)
    )  # fmt: skip
    return code


def _order(
    book: CheckedBook, order: PricedOrder, keys: tuple[int, int], moment: _Moment, rows: _Rows
) -> PlacedOrder:
    purchase_id, order_id = keys
    number, code = ids.order_number(moment.day), ids.public_code()
    total = order.goods_minor + order.freight_minor
    rows.orders.append(
        (order_id, book.cluster_id, purchase_id, number, code, order.supplier_id, order.supplier_name, order.mode,
         book.pricing.currency, order.goods_minor, order.freight_minor, total, False, "", "none", 0,
         order.after_sale_days, moment.at)
    )  # fmt: skip
    return PlacedOrder(order_id, number, code, order.supplier_id, total)


def _contact(book: CheckedBook, order_id: int, request: PlaceRequest, rows: _Rows) -> None:
    to = request.contact
    rows.contacts.append(
        (book.cluster_id, order_id, to.name.strip(), to.phone.strip(), to.province, to.city, to.district, to.street.strip(),
         (to.country or book.pricing.country).upper(), to.note.strip())
    )  # fmt: skip


def _line(cluster_id: int, keys: tuple[int, int, int], line: FixedLine, rows: _Rows) -> None:
    order_id, line_id, seq = keys
    sold = line.priced
    rows.lines.append(
        (line_id, cluster_id, order_id, seq, sold.kind, sold.offer_id, sold.variant_id, line.place_id, sold.title,
         sold.variant_title, line.quantity, sold.unit_minor, sold.unit_minor * line.quantity, sold.shop_id, sold.source,
         sold.share_code, sold.context, sold.rule_version, sold.fee_version, sold.returnable,
         sold.ship_from, "reserved" if line.stock_id else "none", 0, 0)
    )  # fmt: skip
    rows.shares += [
        (cluster_id, order_id, line_id, share.role, share.payee_id, share.amount_minor, 0, 0, 0)
        for share in line.shares
        if share.amount_minor
    ]
    if line.stock_id is not None:
        rows.stock.append((line.stock_id, line.quantity))
