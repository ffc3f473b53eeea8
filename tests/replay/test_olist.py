"""Real orders replayed, and compared with what this test adds up from the files by itself."""

import csv
import gzip
from collections import defaultdict
from decimal import Decimal

import pytest

pytestmark = pytest.mark.data
SOME = 300
CONTROL = {
    "orders": "10000",
    "lines": "11252",
    "sellers": "1207",
    "items total": "1381936.76",
    "freight total": "218056.74",
    "payments total": "1620279.37",
    "booked differences": "252.82",
    "held": "0.00",
    "ledger sum": "0.00",
    "invariants broken": "0",
}
"""As published with the data."""


def table(data, name):
    with gzip.open(data / "olist" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(data, limit=None):
    """The totals by decimals, straight from the rows: every dispatched order ends released, all else is sent back."""
    orders = {row["order_id"]: row["order_status"] for row in table(data, "orders")[:limit]}
    items, paid = defaultdict(list), defaultdict(Decimal)
    for row in table(data, "order_items"):
        if row["order_id"] in orders:
            items[row["order_id"]].append(row)
    for row in table(data, "order_payments"):
        if row["order_id"] in orders:
            paid[row["order_id"]] += Decimal(row["payment_value"])
    rows = [row for found in items.values() for row in found]
    cost = {
        order: sum(Decimal(row["price"]) + Decimal(row["freight_value"]) for row in found)
        for order, found in items.items()
    }
    kept = sum(cost[order] for order in items if orders[order] in ("delivered", "shipped"))
    difference = sum(paid[order] - cost[order] for order in items)
    shortage = sum(max(cost[order] - paid[order], Decimal(0)) for order in items)
    return {
        "orders": str(len(orders)),
        "lines": str(len(rows)),
        "sellers": str(len({row["seller_id"] for row in rows})),
        "items total": f"{sum(Decimal(row['price']) for row in rows):.2f}",
        "freight total": f"{sum(Decimal(row['freight_value']) for row in rows):.2f}",
        "payments total": f"{sum(paid.values()):.2f}",
        "booked differences": f"{difference:.2f}",
        "refunded": f"{sum(paid.values()) + shortage - kept:.2f}",
        "held": "0.00",
        "released": f"{kept:.2f}",
        "ledger sum": "0.00",
        "invariants broken": "0",
    }


@pytest.mark.timeout(240)
def test_the_first_orders_come_to_what_the_files_say(run, data):
    told = run(data / "olist", "--limit", SOME)
    assert told.lasting == expected(data, SOME)
    assert told.code == 0


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_all_ten_thousand_come_to_the_control_totals(run, data):
    told = run(data / "olist")
    assert told.lasting == expected(data)
    assert CONTROL.items() <= told.named.items()
    assert told.code == 0
