"""Parcels: opened when an order is paid, packed by the supplier, closed when all is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yunju.fulfilment.contract import OrderRef, Who
from yunju.kernel import clock, locks, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused, YunjuError
from yunju.modes.ship.models import Parcel, Scan
from yunju.modes.ship.words import CARRIERS, tracking_number
from yunju.orders.flow import rows
from yunju.orders.flow.actions import Moved, move_locked
from yunju.orders.flow.rows import Change, Locked

CHUNK = 1_000
"""Orders packed in one transaction: a list of 100,000 numbers holds nobody up for long."""


@dataclass(frozen=True, slots=True)
class Packing:
    """An order goes with this carrier under this number."""

    order_id: int
    carrier: str
    tracking_no: str


def pack(*, cluster_id: int, order_id: int, carrier: str, tracking_no: str, by: Actor) -> Moved:
    """The supplier hands one order to a carrier. Raises what `pack_many` answers."""
    answer = pack_many(cluster_id=cluster_id, items=[Packing(order_id, carrier, tracking_no)], by=by)[0]
    if isinstance(answer, YunjuError):
        raise answer
    return answer


def pack_many(*, cluster_id: int, items: Sequence[Packing], by: Actor) -> list[Moved | YunjuError]:
    """Many orders at once, each for itself; answers in the order of `items`.

    Refusals: Invalid `ship.carrier`, `ship.tracking_no`, `ship.packed_twice` (an order named twice in the list), and
    those of the flow. Packing again with the same carrier and number is the same packing.
    """
    answers: list[Moved | YunjuError] = []
    for first in range(0, len(items), CHUNK):
        chunk = items[first : first + CHUNK]
        answers += locks.with_retries(lambda chunk=chunk: _pack(cluster_id, chunk, by))  # type: ignore[misc]
    return answers


def _pack(cluster_id: int, items: Sequence[Packing], by: Actor) -> list[Moved | YunjuError]:
    answers: list[Moved | YunjuError | None] = [None] * len(items)
    valid: dict[int, tuple[int, Packing]] = {}
    for position, item in enumerate(items):
        checked = _checked(item)
        if isinstance(checked, Invalid):
            answers[position] = checked
        elif item.order_id in valid:
            answers[position] = Invalid("ship.packed_twice", field="order")
        else:
            valid[item.order_id] = (position, checked)
    moved = _move_and_write(cluster_id, {order_id: packing for order_id, (_, packing) in valid.items()}, by)
    for order_id, (position, _) in valid.items():
        answers[position] = moved[order_id]
    return [answer for answer in answers if answer is not None]


def _checked(item: Packing) -> Packing | Invalid:
    number = tracking_number(item.tracking_no)
    if item.carrier not in CARRIERS:
        return Invalid("ship.carrier", field="carrier", carrier=item.carrier[:40])
    if not number:
        return Invalid("ship.tracking_no", field="tracking_no")
    return Packing(item.order_id, item.carrier, number)


def _move_and_write(
    cluster_id: int, packings: dict[int, Packing], by: Actor
) -> dict[int, Moved | YunjuError]:
    change = Change(cluster_id=cluster_id, who=Who.SUPPLIER, by=by, at=clock.now(), params={})
    with locks.transaction_with_timeout(locks.BATCH_MS):
        locked = rows.lock_orders(cluster_id, list(packings), change.at)
        answers = move_locked(change, locked, list(packings), "pack")
        left = [packings[order_id] for order_id, answer in answers.items() if isinstance(answer, Moved)]
        _write_parcels(cluster_id, left, change.at)
        return answers | _packed_so_before(cluster_id, locked, packings, answers)


def _write_parcels(cluster_id: int, packings: Sequence[Packing], at: datetime) -> None:
    """One statement. The parcel may be there already, or its opening is not heard yet."""
    if not packings:
        return
    sql.execute(
        "INSERT INTO ship_parcel (cluster_id, order_id, carrier, tracking_no, opened_at, packed_at)"
        " SELECT %s, w.order_id, w.carrier, w.tracking_no, %s, %s"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS w(order_id, carrier, tracking_no) ORDER BY w.order_id"
        " ON CONFLICT ON CONSTRAINT ship_parcel_order_id_key DO UPDATE SET carrier = EXCLUDED.carrier,"
        " tracking_no = EXCLUDED.tracking_no, packed_at = EXCLUDED.packed_at",
        [
            cluster_id,
            at,
            at,
            [one.order_id for one in packings],
            [one.carrier for one in packings],
            [one.tracking_no for one in packings],
        ],
    )


def _packed_so_before(
    cluster_id: int,
    locked: Mapping[int, Locked],
    packings: Mapping[int, Packing],
    answers: Mapping[int, Moved | YunjuError],
) -> dict[int, Moved | YunjuError]:
    """A list of numbers read in a second time: what went exactly so is answered as it was, and nothing is written."""
    refused = [order_id for order_id, answer in answers.items() if isinstance(answer, Refused)]
    if not refused:
        return {}
    parcels = Parcel.objects.filter(cluster_id=cluster_id, order_id__in=refused)
    same = [one for one in parcels if (one.carrier, one.tracking_no) == _where(packings[one.order_id])]
    states = {one.order_id: locked[one.order_id] for one in same}
    return {
        order_id: Moved(order_id, order.version, "pack", order.standing.state, order.standing.state)
        for order_id, order in states.items()
    }


def _where(packing: Packing) -> tuple[str, str]:
    return packing.carrier, packing.tracking_no


def correct_tracking(*, cluster_id: int, order_id: int, carrier: str, tracking_no: str, by: Actor) -> Moved:
    """Another number for a parcel that no carrier has spoken of yet. What the supplier said of the old one goes.

    Raises what packing raises, and Refused `ship.carrier_spoke` once a carrier has scanned it.
    """
    checked = _checked(Packing(order_id, carrier, tracking_no))
    if isinstance(checked, Invalid):
        raise checked
    change = Change(
        cluster_id=cluster_id, who=Who.SUPPLIER, by=by, at=clock.now(), params={"carrier": carrier}
    )
    with locks.transaction_with_timeout(locks.ALONE_MS):
        locked = rows.lock_orders(cluster_id, [order_id], change.at)
        answer = move_locked(change, locked, [order_id], "correct")[order_id]
        if isinstance(answer, YunjuError):
            raise answer
        if Scan.objects.filter(cluster_id=cluster_id, parcel__order_id=order_id, said_by="carrier").exists():
            raise Refused("ship.carrier_spoke")
        Parcel.objects.filter(cluster_id=cluster_id, order_id=order_id).update(
            carrier=checked.carrier, tracking_no=checked.tracking_no
        )
        return answer


def open_parcels(orders: Sequence[OrderRef]) -> None:
    """A parcel per paid order; one that is there already (packed before this was heard) stays as it is."""
    at = clock.now()
    Parcel.objects.bulk_create(
        [Parcel(cluster_id=order.cluster_id, order_id=order.id, opened_at=at) for order in orders],
        ignore_conflicts=True,
    )


def close_parcels(orders: Sequence[OrderRef]) -> None:
    """Nothing more is kept open for these orders."""
    clusters = {order.cluster_id for order in orders}
    Parcel.objects.filter(
        cluster_id__in=clusters, order_id__in=[order.id for order in orders], closed_at=None
    ).update(closed_at=clock.now())
