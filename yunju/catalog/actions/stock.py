"""Stock: rows locked in id order by `lock_stock` and by the statements here, and by nobody else.

`reserve`, `take`, `give_back` and `put_back_sold` are the hot ones: inside the caller's transaction, one statement for
any number of rows, each row counted. What they move is told by the order lines and order events that caused it; what a
supplier changes by hand (`receive`, `set_count`) leaves an event of the offer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from yunju.catalog import policy
from yunju.catalog.actions import events
from yunju.catalog.models import Place, Stock, Variant
from yunju.catalog.terms import StockLeft
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.binding import KeptText
from yunju.kernel.errors import Invalid, NotFound, Refused

MOST = 10_000_000
"""The most pieces one row may hold: a mistyped barcode in the field for the count is a refusal."""

Move = tuple[int, int, int]
"""Variant, place, quantity."""


_STOCK = (
    "SELECT s.id, s.variant_id, s.place_id, s.remaining, p.position"
    " FROM catalog_stock s JOIN catalog_place p ON p.id = s.place_id"
    " WHERE s.cluster_id = %s AND s.variant_id = ANY(%s) AND p.closed_at IS NULL"
)


def lock_stock(cluster_id: int, variant_ids: Iterable[int]) -> list[StockLeft]:
    """Lock the stock of all variants at open places, in id order; the answer is in the same order."""
    return sql.answer(stock_locked(cluster_id, variant_ids))


def stock_locked(cluster_id: int, variant_ids: Iterable[int]) -> sql.Asked[list[StockLeft]]:
    """The same, to be asked behind other locks."""
    return sql.Asked(
        KeptText(f"{_STOCK} ORDER BY s.id FOR UPDATE OF s"),
        [cluster_id, sorted(set(variant_ids))],
        _read_stock,
    )


def stock_seen(cluster_id: int, variant_ids: Iterable[int]) -> sql.Asked[list[StockLeft]]:
    """The same rows as they are now, locked by nobody."""
    return sql.Asked(KeptText(f"{_STOCK} ORDER BY s.id"), [cluster_id, sorted(set(variant_ids))], _read_stock)


def _read_stock(rows: list[tuple[object, ...]]) -> list[StockLeft]:
    return [StockLeft(*row) for row in rows]  # type: ignore[arg-type]  # as the statement says


def reserve(cluster_id: int, changes: Iterable[tuple[int, int]]) -> None:
    """Move pieces from remaining to reserved: (stock row id, quantity) of rows that `lock_stock` locked."""
    wanted = _summed(((stock_id,), quantity) for stock_id, quantity in changes)
    if not wanted:
        return
    # The cluster stands in each row of the list: as one value it invites a plan that reads all its stock.
    touched = sql.execute(
        KeptText(
            "UPDATE catalog_stock s SET remaining = s.remaining - w.q, reserved = s.reserved + w.q"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(c, id, q)"
            " WHERE s.cluster_id = w.c AND s.id = w.id AND s.remaining >= w.q"
        ),
        [[cluster_id] * len(wanted), [key[0] for key in wanted], list(wanted.values())],
    )
    _all_found(touched, wanted)


def reserving(cluster_id: int, changes: Iterable[tuple[int, int]]) -> sql.Asked[None]:
    """The same of rows that were only seen: locked in id order and moved in one statement. Where not enough is left, or a
    row has gone, it raises DatabaseError, and nothing happened."""
    wanted = sorted(_summed(((stock_id,), quantity) for stock_id, quantity in changes).items())
    columns = [
        [cluster_id] * len(wanted),
        [key[0] for key, _ in wanted],
        [quantity for _, quantity in wanted],
    ]
    return sql.Asked(_RESERVE_SEEN, [*columns, len(wanted)], lambda _rows: None)


_RESERVE_SEEN = KeptText(
    "WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(c, id, q)),"
    " locked AS (SELECT s.cluster_id, s.id, w.q FROM wanted w JOIN catalog_stock s ON s.cluster_id = w.c AND s.id = w.id"
    "  ORDER BY s.id FOR UPDATE OF s),"
    " moved AS (UPDATE catalog_stock s SET remaining = s.remaining - l.q, reserved = s.reserved + l.q"
    "  FROM locked l WHERE s.cluster_id = l.cluster_id AND s.id = l.id AND s.remaining >= l.q RETURNING 1)"
    " SELECT kernel_expect(count(*) = %s) FROM moved"
)


def take(cluster_id: int, moves: Iterable[Move]) -> None:
    """The parcel leaves: reserved becomes sold."""
    _move(cluster_id, moves, source="reserved", target="sold")


def give_back(cluster_id: int, moves: Iterable[Move]) -> None:
    """Unpaid or cancelled: reserved becomes remaining."""
    _move(cluster_id, moves, source="reserved", target="remaining")


def put_back_sold(cluster_id: int, moves: Iterable[Move]) -> None:
    """A return came back whole: sold becomes remaining."""
    _move(cluster_id, moves, source="sold", target="remaining")


_MOVE = (
    "WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(v, p, q)),"
    " locked AS (SELECT s.id, w.q FROM catalog_stock s JOIN wanted w ON s.variant_id = w.v AND s.place_id = w.p"
    "  WHERE s.cluster_id = %s ORDER BY s.id FOR UPDATE OF s)"
    " UPDATE catalog_stock s SET SOURCE = s.SOURCE - l.q, TARGET = s.TARGET + l.q"
    " FROM locked l WHERE s.cluster_id = %s AND s.id = l.id AND s.SOURCE >= l.q"
)
"""Locks in id order before it changes anything: two parcels that share goods never wait for each other in a ring."""


def _move(cluster_id: int, moves: Iterable[Move], *, source: str, target: str) -> None:
    wanted = _summed(((variant_id, place_id), quantity) for variant_id, place_id, quantity in moves)
    if not wanted:
        return
    statement = _MOVE.replace("SOURCE", source).replace("TARGET", target)
    keys = list(wanted)
    columns = [[key[0] for key in keys], [key[1] for key in keys], list(wanted.values())]
    touched = sql.execute(statement, [*columns, cluster_id, cluster_id])
    _all_found(touched, wanted)


def _summed(changes: Iterable[tuple[tuple[int, ...], int]]) -> dict[tuple[int, ...], int]:
    """One entry a row: an UPDATE that meets a row twice applies one of the two."""
    totals: dict[tuple[int, ...], int] = {}
    for key, quantity in changes:
        if quantity < 1:
            raise ValueError("a stock movement is of one piece or more")
        totals[key] = totals.get(key, 0) + quantity
    return totals


def _all_found(touched: int, wanted: Mapping[tuple[int, ...], int]) -> None:
    if touched != len(wanted):
        raise Refused("stock.not_enough", rows=len(wanted) - touched)


def receive(*, variant_id: int, place_id: int, quantity: int, by: Actor) -> int:
    """Pieces came in at a place of the supplier; returns what remains there now."""
    if not 1 <= quantity <= MOST:
        raise Invalid("stock.quantity", field="quantity", most=MOST)
    with transaction.atomic():
        variant, place = _of_supplier(variant_id, place_id, by)
        row = _locked_row(variant, place)
        if row.remaining + quantity > MOST:
            raise Invalid("stock.quantity", field="quantity", most=MOST)
        _change(row, quantity)
        events.note(
            [
                events.stock(
                    variant, place, what="stock.received", change=quantity, left=row.remaining + quantity
                )
            ],
            by,
        )
        return row.remaining + quantity


COUNT_REASONS = ("counted", "broken", "lost", "sample", "returned", "mistyped")
"""Why a count is set right."""


def set_count(*, variant_id: int, place_id: int, count: int, by: Actor, reason: str = "counted") -> int:
    """The supplier counted: `count` pieces can still be sold there (reserved ones not counted). Returns the change."""
    if not 0 <= count <= MOST:
        raise Invalid("stock.quantity", field="count", most=MOST)
    if reason not in COUNT_REASONS:
        raise Invalid("stock.reason", field="reason")
    with transaction.atomic():
        variant, place = _of_supplier(variant_id, place_id, by)
        row = _locked_row(variant, place)
        change = count - row.remaining
        if change:
            _change(row, change)
            counted = events.stock(variant, place, what="stock.counted", change=change, left=count)
            events.note([replace(counted, params=counted.params | {"reason": reason})], by)
        return change


def set_counts(variants: Mapping[int, int], place: Place) -> None:
    """Many at once inside the caller's transaction (an import): variant id -> what remains. No event of its own.

    A fall is taken off `received` as well: what is gone was never there to sell.
    """
    if not variants:
        return
    lock_stock(place.cluster_id, variants)
    sql.execute(
        "INSERT INTO catalog_stock (cluster_id, variant_id, place_id, received, reserved, sold, remaining)"
        " SELECT %s, v, %s, n, 0, 0, n FROM unnest(%s::bigint[], %s::bigint[]) AS w(v, n) ORDER BY v"
        " ON CONFLICT (cluster_id, variant_id, place_id) DO UPDATE SET remaining = EXCLUDED.remaining,"
        " received = catalog_stock.reserved + catalog_stock.sold + EXCLUDED.remaining",
        [place.cluster_id, place.pk, sorted(variants), [variants[key] for key in sorted(variants)]],
    )


def _of_supplier(variant_id: int, place_id: int, by: Actor) -> tuple[Variant, Place]:
    variant = (
        Variant.objects.filter(pk=variant_id, cluster_id=by.cluster_id, closed_at=None)
        .select_related("offer")
        .first()
    )
    if variant is None:
        raise NotFound("variant.unknown")
    policy.own_or_unknown(by, variant.offer.supplier_id, "variant.unknown")
    policy.may_edit_stock(by, variant.offer.supplier_id)
    place = Place.objects.filter(pk=place_id, supplier_id=variant.offer.supplier_id, closed_at=None).first()
    if place is None:
        raise NotFound("place.unknown", field="place")
    return variant, place


def _locked_row(variant: Variant, place: Place) -> Stock:
    Stock.objects.bulk_create(
        [Stock(cluster_id=variant.cluster_id, variant=variant, place=place)], ignore_conflicts=True
    )
    return Stock.objects.select_for_update(of=("self",)).get(
        cluster_id=variant.cluster_id, variant=variant, place=place
    )


def _change(row: Stock, change: int) -> None:
    Stock.objects.filter(cluster_id=row.cluster_id, pk=row.pk).update(
        remaining=F("remaining") + change, received=F("received") + change
    )


def remaining(cluster_id: int, variant_ids: Sequence[int]) -> dict[int, int]:
    """What can still be sold of each variant over all open places, read without locks."""
    rows = sql.fetch(
        "SELECT s.variant_id, sum(s.remaining)::bigint FROM catalog_stock s JOIN catalog_place p ON p.id = s.place_id"
        " WHERE s.cluster_id = %s AND s.variant_id = ANY(%s) AND p.closed_at IS NULL GROUP BY s.variant_id",
        [cluster_id, list(variant_ids)],
    )
    return dict(rows)
