"""`python -m tests.crash.proof`: what buyers know (JSON in) against what the book has; what differs, as JSON.

It took no part in the run: it reads the database alone, and proves the book with the house's own `verify`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import tests.crash.setting  # noqa: F401 - before any room
from yunju.kernel import sql
from yunju.ledger import verify
from yunju.ledger.verify import checks
from yunju.orders.models import Purchase

Known = Mapping[str, Any]
TWICE = (
    "SELECT t.note, count(DISTINCT o.purchase_id) FROM orders_contact t"
    " JOIN orders_order o ON o.id = t.order_id AND o.cluster_id = t.cluster_id"
    " WHERE t.cluster_id = %s GROUP BY t.note HAVING count(DISTINCT o.purchase_id) > 1"
)
"""The buyer wrote the key beside the address: this count rests on nothing that keeps keys apart."""

PIECES = (
    "SELECT v.code, k.received, k.sold + k.reserved, coalesce(l.pieces, 0)::bigint FROM catalog_stock k"
    " JOIN catalog_variant v ON v.id = k.variant_id"
    " LEFT JOIN (SELECT variant_id, sum(quantity - refunded_quantity) AS pieces FROM orders_line"
    "  WHERE cluster_id = %s AND stock_state IN ('reserved', 'taken') GROUP BY variant_id) AS l ON l.variant_id = v.id"
    " WHERE k.cluster_id = %s"
)
EFFECTS = (
    "SELECT a.out_no, (SELECT count(*) FROM orders_purchase p WHERE p.attempt_id = a.id AND p.payment_state = 'paid')"
    " + (SELECT count(*) FROM orders_refund r WHERE r.attempt_id = a.id AND r.kind = 'unapplied')"
    " FROM payments_attempt a WHERE a.out_no = ANY(%s)"
)


def lost(known: Known) -> Iterator[str]:
    """Acknowledged, and not in the book as it was told: code, total, orders."""
    book = {
        one.code: one
        for one in Purchase.objects.filter(cluster_id=known["cluster"]).prefetch_related("orders")
    }
    for key, told in known["acknowledged"].items():
        one = book.get(told["code"])
        if one is None:
            yield f"purchase {told['code']} under {key}"
            continue
        orders = {(order.code, order.number, order.total_minor) for order in one.orders.all()}
        wanted = {(order["code"], order["number"], order["total_minor"]) for order in told["orders"]}
        if (one.total_minor, orders) != (told["total_minor"], wanted):
            yield f"purchase {told['code']} is not what was told"
    for out_no, times in _effects(known).items():
        if not times:
            yield f"payment {out_no}"


def oversold(known: Known) -> Iterator[str]:
    """More pieces promised than there are, by the lines themselves or by the book of stock."""
    given = {one["code"]: one["stock"] for one in known["goods"]}
    for code, received, gone, pieces in sql.fetch(PIECES, [known["cluster"], known["cluster"]]):
        if received != given[code] or max(gone, pieces) > received:
            yield f"variant {code}: {pieces} in lines and {gone} in stock, of {given[code]}"


def broken(known: Known) -> Iterator[str]:
    """Breaches of every invariant, in the whole book."""
    report = verify.verify(known["cluster"], whole=True, only=checks())
    for check, result in report.results:
        yield from (f"{check.code} {check.title}: {breach}" for breach in result.breaches)


def duplicates(known: Known) -> Iterator[str]:
    """More than one purchase under a key, another answer to it, or more than one effect of a payment."""
    yield from (f"{key}: {count} purchases" for key, count in sql.fetch(TWICE, [known["cluster"]]))
    yield from known["changed"]
    yield from (
        f"payment {out_no}: {times} effects" for out_no, times in _effects(known).items() if times > 1
    )


def _effects(known: Known) -> dict[str, int]:
    """A payment pays its purchase or goes back, once."""
    found = dict(sql.fetch(EFFECTS, [sorted(known["payments"])]))
    return {out_no: found.get(out_no, 0) for out_no in known["payments"]}


def compare(known: Known) -> dict[str, list[str]]:
    parts = {"lost": lost, "oversold": oversold, "ledger": broken, "duplicates": duplicates}
    return {name: list(part(known)) for name, part in parts.items()} | {
        "purchases": [str(Purchase.objects.filter(cluster_id=known["cluster"]).count())]
    }


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout)
