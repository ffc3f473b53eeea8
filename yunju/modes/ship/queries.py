"""Reading parcels, and the timeline of an order: events and scans in one row."""

from dataclasses import dataclass
from datetime import datetime

from yunju.fulfilment.contract import Label
from yunju.kernel.actor import Actor
from yunju.modes.ship.models import Parcel, Scan
from yunju.modes.ship.words import WORDS
from yunju.orders.flow import queries as flow_queries


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. `kind` is event or scan; `code` the event's or the scan's word; `words` are the carrier's."""

    at: datetime
    kind: str
    code: str
    who: str
    label: Label
    state: str = ""
    place: str = ""
    words: str = ""


def parcel_of(actor: Actor, order_id: int) -> Parcel | None:
    """The parcel of an order that the actor may see. Raises NotFound (`order.unknown`)."""
    order = flow_queries.visible_order(actor, order_id)
    return Parcel.objects.filter(cluster_id=order.cluster_id, order_id=order.pk).first()


def timeline(actor: Actor, order_id: int) -> list[Entry]:
    """All that happened to an order and its parcel, oldest first, in three queries.

    The events that a scan caused are left out: the scan says the same with its place. Raises NotFound.
    """
    order = flow_queries.visible_order(actor, order_id)
    scans = Scan.objects.filter(
        cluster_id=order.cluster_id, parcel__cluster_id=order.cluster_id, parcel__order_id=order.pk
    )
    events = [
        Entry(at=one.at, kind="event", code=one.event, who=one.who, label=one.label, state=one.state)
        for one in flow_queries.happenings(order)
        if not one.event.startswith(("scan_", "say_"))
    ]
    said = [
        Entry(
            at=scan.happened_at,
            kind="scan",
            code=scan.code,
            who=scan.said_by,
            label=WORDS[scan.code].label,
            state=WORDS[scan.code].state,
            place=scan.place,
            words=scan.words,
        )
        for scan in scans
    ]
    return sorted([*events, *said], key=lambda entry: entry.at)
