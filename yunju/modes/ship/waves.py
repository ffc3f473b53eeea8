"""Reading what a supplier has to ship: the orders that are ready, groups of the same content, waves, rows of a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from yunju.catalog.models import Variant
from yunju.catalog.queries import first_pictures
from yunju.kernel import clock, sql
from yunju.members.models import Cluster
from yunju.modes.ship.columns import DEFAULT, Layout
from yunju.modes.ship.flow import GIVE_UP, REMIND_PACK
from yunju.modes.ship.models import ExportLayout, Wave, WaveOrder
from yunju.orders.models import FlowTimer, Line, Order

SQL = sql.queries(Path(__file__).with_name("sql") / "waves.sql")
MOST_GROUPS = 200
_PART = re.compile(r"(\d{1,18})x(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """So many of a variant, as a group shows it."""

    variant_id: int
    quantity: int
    title: str
    sku: str
    picture: str
    seed: int


@dataclass(frozen=True, slots=True)
class Group:
    """Ready orders that hold the same. `content` names it to `make_wave`."""

    content: str
    count: int
    parts: tuple[Part, ...]


def day_of(cluster_id: int) -> date:
    """Today, in the cluster's time zone."""
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    return clock.local_day(clock.now(), zone)


def to_ship(cluster_id: int, supplier_id: int) -> QuerySet[Order]:
    """All parcels that a supplier still has to send, the oldest first."""
    mine = Order.objects.filter(
        cluster_id=cluster_id, supplier_id=supplier_id, fulfilment_state="to_pack", mode="ship"
    )
    return mine.order_by("pk")


def ready(cluster_id: int, supplier_id: int) -> QuerySet[Order]:
    """Those that may go now: nothing is disputed or asked back, and no presale has its day still ahead."""
    return to_ship(cluster_id, supplier_id).filter(
        ~Q(after_sale_state="open"), ~Q(pk__in=_ahead(cluster_id)), disputed_at=None
    )


def _ahead(cluster_id: int) -> QuerySet[Line, int]:
    """Orders with a line that is sold for a later day: few of all, found by an index of their own."""
    return Line.objects.filter(cluster_id=cluster_id, ship_from__gt=day_of(cluster_id)).values_list(
        "order_id", flat=True
    )


def _due_before(orders: QuerySet[Order], cluster_id: int, moment: datetime) -> QuerySet[Order]:
    """48 hours from the payment, or from the day of a presale. Not by timers: a join over all of them, planned with
    old statistics on a day of many orders, would take minutes."""
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    began = moment - REMIND_PACK
    later = Line.objects.filter(cluster_id=cluster_id, ship_from__gt=clock.local_day(began, zone))
    return orders.filter(~Q(pk__in=later.values_list("order_id", flat=True)), purchase__paid_at__lt=began)


def late(orders: QuerySet[Order], cluster_id: int) -> QuerySet[Order]:
    """Those whose 48 hours are over."""
    return _due_before(orders, cluster_id, clock.now())


def due_today(orders: QuerySet[Order], cluster_id: int) -> QuerySet[Order]:
    """Those that must go before this day ends, the late ones included."""
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    tomorrow = clock.at_local(clock.local_day(clock.now(), zone) + timedelta(days=1), 0, zone)
    return _due_before(orders, cluster_id, tomorrow)


def presold(orders: QuerySet[Order], cluster_id: int) -> QuerySet[Order]:
    """Presales whose day is still ahead."""
    return orders.filter(pk__in=_ahead(cluster_id))


def deadlines(cluster_id: int, order_ids: Sequence[int]) -> dict[int, datetime]:
    """When each order must have left: 48 hours after it could, by the timer that runs longest. One query."""
    timers = FlowTimer.objects.filter(
        cluster_id=cluster_id, noun="order", noun_id__in=order_ids, key="give_up", due_at__isnull=False
    )
    return {
        order_id: due - GIVE_UP + REMIND_PACK
        for order_id, due in timers.values_list("noun_id", "due_at")
        if due is not None
    }


def waves_of(cluster_id: int, supplier_id: int) -> QuerySet[Wave]:
    """The supplier's waves, the newest first, each with how many of its orders wait (`waiting`)."""
    waiting = (
        WaveOrder.objects.filter(
            wave_id=OuterRef("pk"),
            order_id__in=Order.objects.filter(cluster_id=cluster_id, fulfilment_state="to_pack").values("pk"),
        )
        .order_by()
        .values("wave_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    mine = Wave.objects.filter(cluster_id=cluster_id, supplier_id=supplier_id)
    return mine.annotate(waiting=Subquery(waiting)).order_by("-number")


def in_wave(wave: Wave) -> QuerySet[Order]:
    """The orders of a wave."""
    rows = WaveOrder.objects.filter(cluster_id=wave.cluster_id, wave=wave)
    return Order.objects.filter(cluster_id=wave.cluster_id, pk__in=rows.values("order_id")).order_by("pk")


def groups(cluster_id: int, supplier_id: int) -> list[Group]:
    """Ready orders that are in no wave, by content, the most frequent first: three statements for any number."""
    names = {
        "cluster_id": cluster_id,
        "supplier_id": supplier_id,
        "today": day_of(cluster_id),
        "limit": MOST_GROUPS,
    }
    found = [(content, count) for content, count, _first in sql.fetch(SQL["groups"], names)]
    parts = parts_of([content for content, _count in found])
    return [Group(content, count, parts[content]) for content, count in found]


def parts_of(contents: Sequence[str]) -> dict[str, tuple[Part, ...]]:
    """What contents such as `12x1,40x2` are, in words and pictures."""
    read = {content: [(int(v), int(q)) for v, q in _PART.findall(content)] for content in contents}
    ids = {variant_id for pieces in read.values() for variant_id, _quantity in pieces}
    variants = Variant.objects.select_related("offer").only("title", "sku", "offer__title").in_bulk(ids)
    pictures = first_pictures({variant.offer_id for variant in variants.values()})

    def part(variant_id: int, quantity: int) -> Part:
        variant = variants[variant_id]
        picture = pictures.get(variant.offer_id)
        title = f"{variant.offer.title} {variant.title}".strip()
        name = str(picture.file.name) if picture is not None and picture.file else ""
        return Part(variant_id, quantity, title, variant.sku, name, variant.offer_id)

    return {
        content: tuple(part(*one) for one in pieces if one[0] in variants) for content, pieces in read.items()
    }


def layout_of(cluster_id: int, supplier_id: int) -> Layout:
    """How the supplier wants its files; the plain layout until it said so."""
    kept = ExportLayout.objects.filter(cluster_id=cluster_id, supplier_id=supplier_id).first()
    return tuple((name, heading) for name, heading in kept.columns) if kept else DEFAULT


@dataclass(frozen=True, slots=True)
class Row:
    """One parcel of a file."""

    id: int
    number: str
    placed_at: datetime
    total_minor: int
    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    note: str
    goods: str
    skus: str
    pieces: int
    weight_g: int
    wave: int
    ship_by: datetime | None


def file_rows(cluster_id: int, supplier_id: int, wave: Wave | None, *, chunk: int) -> Iterator[list[Row]]:
    """The parcels of a file in chunks, six statements each: of a wave, or all that are ready."""
    names = {"cluster_id": cluster_id, "supplier_id": supplier_id, "wave_id": wave.pk if wave else None}
    presold = [] if wave else list(_ahead(cluster_id))
    after = 0
    while True:
        step = names | {"after": after, "limit": chunk, "presold": presold}
        ids = [row[0] for row in sql.fetch(SQL["next_of_wave" if wave else "next_ready"], step)]
        if ids:
            yield _file_rows(cluster_id, ids)
        if len(ids) < chunk:
            return
        after = ids[-1]


def _file_rows(cluster_id: int, ids: list[int]) -> list[Row]:
    names = {"cluster_id": cluster_id, "ids": ids}
    found = {
        name: {order_id: rest for order_id, *rest in sql.fetch(SQL[f"file_{name}"], names)}
        for name in ("contacts", "goods", "waves")
    }
    ends = deadlines(cluster_id, ids)
    nowhere, nothing = [""] * 7, ["", "", 0, 0]
    rows = []
    for order in sql.fetch(SQL["file_orders"], names):
        goods, skus, pieces, weight_g = found["goods"].get(order[0], nothing)
        cells: list[Any] = [
            *order,
            *found["contacts"].get(order[0], nowhere),
            *(goods or "", skus or "", int(pieces or 0), int(weight_g or 0)),
            found["waves"].get(order[0], [0])[0],
            ends.get(order[0]),
        ]
        rows.append(Row(*cells))
    return rows
