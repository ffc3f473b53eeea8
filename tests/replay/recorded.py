"""A small source of our own in Olist's form: hand-made orders, each with a quirk that real ones have or could have."""

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DAY = "2017-10-14"


@dataclass(frozen=True)
class Recorded:
    """One order. `items` are (product, seller, price, freight); times without a day are those of DAY."""

    id: str
    status: str = "delivered"
    placed: str = "10:00:00"
    approved: str = "10:15:00"
    carrier: str = "2017-10-16 09:00:00"
    delivered: str = "2017-10-20 18:00:00"
    items: Sequence[tuple[str, str, str, str]] = (("lamp", "ana", "100.00", "10.00"),)
    payments: Sequence[str] = ("110.00",)
    city: str = "sao paulo"
    extra: Mapping[str, str] = field(default_factory=dict)


LAMP, CUP, CARD = ("lamp", "ana"), ("cup", "rui"), ("card", "ana")
ORDERS = (
    Recorded("plain"),
    Recorded(
        "two-sellers",
        items=((*LAMP, "100.00", "5.00"), (*LAMP, "100.00", "5.00"), (*CUP, "50.05", "7.77")),
        payments=("200.00", "67.82", "0.00"),
    ),
    Recorded("cheaper", placed="10:01:00", items=((*LAMP, "90.00", "10.00"),), payments=("100.00",)),
    Recorded("dear-again", placed="10:02:00"),
    Recorded("other-freight", placed="10:02:30", items=((*LAMP, "100.00", "12.34"),), payments=("112.34",)),
    Recorded("overpaid", items=((*CARD, "1.23", "0.00"),), payments=("1.24",)),
    Recorded("short", items=((*CARD, "1.23", "0.00"),), payments=("1.21",)),
    Recorded("too-short", items=((*CARD, "1.23", "0.00"),), payments=("1.20",)),
    Recorded("no-items", "unavailable", carrier="", delivered="", items=(), payments=("30.00", "3.33")),
    Recorded("no-items-2", "canceled", carrier="", delivered="", items=(), payments=("4.00",), approved=""),
    Recorded("nothing", "created", carrier="", delivered="", items=(), payments=(), approved=""),
    Recorded("unpaid", "created", carrier="", delivered="", payments=(), approved=""),
    Recorded("cancelled", "canceled", carrier="", delivered=""),
    Recorded("came-back", "canceled", delivered=""),
    Recorded("early-parcel", approved="2017-10-17 12:00:00", carrier="2017-10-16 09:00:00"),
    Recorded("early-arrival", carrier="2017-10-21 09:00:00", delivered="2017-10-20 18:00:00"),
    Recorded("no-delivery-date", delivered=""),
    Recorded("no-carrier-date", carrier=""),
    Recorded("no-approval", approved=""),
    Recorded("approved-before", approved="09:00:00"),
    Recorded("under-way", "shipped", delivered=""),
    Recorded("left", "processing", delivered=""),
    Recorded("slow", carrier="2017-11-30 09:00:00", delivered="2018-01-10 10:00:00"),
    Recorded("no-such-hour", placed="2017-10-15 00:30:00", approved="2017-10-15 00:31:00"),
)
CUSTOMER_COLUMNS = ("customer_id", "customer_zip_code_prefix", "customer_city", "customer_state")
SELLERS = (("ana", "sao paulo", "SP"), ("rui", "curitiba", "PR"), ("idle", "recife", "PE"))
PRODUCTS = (("lamp", "home_decor", "600.0", "30", "10", "10"), ("cup", "", "", "", "", ""))


def write(folder: Path, orders: Sequence[Recorded] = ORDERS, *, zipped: bool = False) -> Path:
    """The six files of a source in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables(orders).items():
        path = folder / (f"{name}.csv.gz" if zipped else f"{name}.csv")
        with gzip.open(path, "wt", newline="") if zipped else path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def tables(orders: Sequence[Recorded]) -> dict[str, list[Sequence[str]]]:
    """Every file's rows, headers first; two rows belong to an order that is not there."""
    return {
        "orders": [
            ("order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
             "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"),
            *((o.id, f"of-{o.id}", o.status, *map(when, (o.placed, o.approved, o.carrier, o.delivered)), "")
              for o in orders),
        ],
        "order_items": [
            ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"),
            *((o.id, str(n), product, seller, "", price, freight)
              for o in orders for n, (product, seller, price, freight) in enumerate(o.items, 1)),
            ("lost", "1", "lamp", "ana", "", "1.00", "1.00"),
        ],
        "order_payments": [
            ("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"),
            *((o.id, str(n), "boleto", "1", amount) for o in orders for n, amount in enumerate(o.payments, 1)),
            ("lost", "1", "boleto", "1", "2.00"),
        ],
        "customers": [CUSTOMER_COLUMNS, *((f"of-{o.id}", "4571", o.city, "SP") for o in orders)],
        "sellers": [("seller_id", "seller_city", "seller_state"), *SELLERS],
        "products": [
            ("product_id", "product_category_name", "product_weight_g", "product_length_cm", "product_height_cm",
             "product_width_cm"),
            *PRODUCTS,
        ],
    }  # fmt: skip


def when(text: str) -> str:
    return f"{DAY} {text}" if text and " " not in text else text
