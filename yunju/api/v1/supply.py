"""A supplier's day for programs: waves, tracking numbers, many cells of goods at once, pieces that came in."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt, StrictStr

from yunju.api.auth import ApiRequest, needs
from yunju.api.once import KeyHeader, once
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Minor, Page, Paging, Text, cursor, read_cursor
from yunju.api.v1.offers import own_member
from yunju.catalog import queries as catalog
from yunju.catalog.actions import bulk, stock
from yunju.catalog.models import BulkEdit, Variant
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.words import Permission
from yunju.modes.ship import numbers, waves
from yunju.modes.ship.actions import dissolve_wave, make_wave, own_wave

router = Router(tags=["supply"])
MOST = 1_000


class PartShape(Schema):
    """So many of a variant."""

    title: str
    sku: str
    quantity: int


class GroupShape(Schema):
    """Ready orders that hold the same; `content` makes a wave of them."""

    content: str
    count: int
    parts: list[PartShape]


class WaveShape(Schema):
    """Orders that are worked on together. `waiting`: not sent yet."""

    code: str
    number: int
    content: str
    orders: int
    waiting: int
    made_at: datetime
    printed_at: datetime | None
    exported_at: datetime | None


class WaveBody(Body):
    """The content of a group, or nothing for all that is ready; the oldest so many."""

    content: Annotated[Text, Field(max_length=400)] = ""
    limit: Annotated[StrictInt, Field(ge=1, le=100_000)] = 100_000


class DissolvedShape(Schema):
    """How many orders are ready again."""

    ready: int


class TrackingBody(Body):
    """An order's number, the carrier by code or name, the number of the parcel."""

    number: Annotated[Text, Field(max_length=40)]
    carrier: Annotated[Text, Field(max_length=60)]
    tracking_no: Annotated[Text, Field(max_length=60)]


class TrackingsBody(Body):
    """At most 1,000 parcels, each for itself."""

    rows: Annotated[list[TrackingBody], Field(min_length=1, max_length=MOST)]


class VerdictShape(Schema):
    """What became of a row: sent, or the code of why not. `is_repeat`: it had gone exactly so before."""

    number: str
    sent: bool
    is_repeat: bool
    code: str


class EditBody(Body):
    """A cell: `price` (minor units) or `count` of a variant, `title`, `category` or `shelf` of an offer, by its code."""

    field: Annotated[StrictStr, Field(pattern="^(price|count|title|category|shelf)$")]
    code: Annotated[Text, Field(max_length=40)]
    value: StrictBool | Minor | Annotated[Text, Field(max_length=400)]
    place: StrictInt | None = None


class EditsBody(Body):
    """At most 1,000 cells: all of them, or none with a fault at each wrong one (`price_CODE`)."""

    edits: Annotated[list[EditBody], Field(min_length=1, max_length=MOST)]


class EditShape(Schema):
    """The edit, for undoing it; null when nothing differed."""

    edit: str | None
    cells: int


class UndoneShape(Schema):
    """Cells that went back, and cells that somebody had changed since."""

    restored: int
    left: int


class ReceiptBody(Body):
    """Pieces that came in, at a place by its id or at the first."""

    quantity: Annotated[StrictInt, Field(ge=1, le=stock.MOST)]
    place: StrictInt | None = None


class ReceiptShape(Schema):
    """What can be sold there now."""

    remaining: int


@router.get("/members/{code}/groups", response=list[GroupShape], auth=needs(Scope.ORDER_READ))
def list_groups(request: ApiRequest, code: Code) -> list[waves.Group]:
    """Orders that are ready to be sent and in no wave, by content."""
    supplier = own_member(request.auth, code, Permission.ORDER_SHIP)
    return waves.groups(supplier.cluster_id, supplier.pk)


@router.get("/members/{code}/waves", response=Page[WaveShape], auth=needs(Scope.ORDER_READ))
def list_waves(request: ApiRequest, code: Code, filters: Query[Paging]) -> dict[str, object]:
    """A supplier's waves, the newest first."""
    supplier = own_member(request.auth, code, Permission.ORDER_SHIP)
    found = waves.waves_of(supplier.cluster_id, supplier.pk)
    after = read_cursor(filters.cursor, 1)
    if after is not None:
        found = found.filter(number__lt=after[0])
    rows = list(found[: filters.limit + 1])
    shown = rows[: filters.limit]
    return {
        "items": [_wave(one) for one in shown],
        "next_cursor": cursor([shown[-1].number]) if len(rows) > filters.limit else None,
    }


@router.post("/members/{code}/waves", response={201: WaveShape}, auth=needs(Scope.ORDER))
def open_wave(request: ApiRequest, code: Code, payload: WaveBody) -> Status[dict[str, object]]:
    """Make a wave of what is ready."""
    supplier = own_member(request.auth, code, Permission.ORDER_SHIP)
    made = make_wave(supplier_id=supplier.pk, content=payload.content, limit=payload.limit, by=request.auth)
    return Status(201, _wave(waves.waves_of(supplier.cluster_id, supplier.pk).get(pk=made.pk)))


@router.get("/waves/{code}", response=WaveShape, auth=needs(Scope.ORDER_READ))
def show_wave(request: ApiRequest, code: Code) -> dict[str, object]:
    """One wave."""
    wave = own_wave(code, request.auth)
    return _wave(waves.waves_of(wave.cluster_id, wave.supplier_id).get(pk=wave.pk))


@router.get("/waves/{code}/orders", response=list[str], auth=needs(Scope.ORDER_READ))
def list_wave_orders(request: ApiRequest, code: Code) -> list[str]:
    """The numbers of its orders that are not sent yet, in the order in which they are packed."""
    wave = own_wave(code, request.auth)
    return list(waves.in_wave(wave).filter(fulfilment_state="to_pack").values_list("number", flat=True))


@router.delete("/waves/{code}", response=DissolvedShape, auth=needs(Scope.ORDER))
def close_wave(request: ApiRequest, code: Code) -> dict[str, int]:
    """What is not sent goes back among the ready orders."""
    return {"ready": dissolve_wave(code=code, by=request.auth)}


@router.post("/members/{code}/trackings", response=list[VerdictShape], auth=needs(Scope.ORDER))
def send_parcels(request: ApiRequest, code: Code, payload: TrackingsBody) -> list[dict[str, object]]:
    """Read tracking numbers back, a word on each row. The same list again sends nothing twice."""
    supplier = own_member(request.auth, code, Permission.ORDER_SHIP)
    rows = [
        numbers.Given(row.number.strip().upper(), row.carrier.strip(), row.tracking_no.strip())
        for row in payload.rows
    ]
    outcome = numbers.send_all(supplier_id=supplier.pk, rows=rows, by=request.auth)
    return [
        {
            "number": row.number,
            "sent": verdict.fault is None,
            "is_repeat": verdict.is_repeat,
            "code": verdict.fault.code if verdict.fault else "",
        }
        for row, verdict in zip(rows, outcome.verdicts, strict=True)
    ]


@router.post("/members/{code}/edits", response=EditShape, auth=needs(Scope.OFFER))
def edit_cells(request: ApiRequest, code: Code, payload: EditsBody) -> dict[str, object]:
    """Change many cells of goods in one go."""
    supplier = own_member(request.auth, code, Permission.OFFER_EDIT)
    first = catalog.places_visible_to(request.auth).filter(supplier=supplier).first()
    edits = [
        bulk.Edit(
            row.field,
            row.code,
            row.value,
            (row.place or (first.pk if first else None)) if row.field == "count" else None,
        )
        for row in payload.edits
    ]
    made = bulk.edit_many(supplier_id=supplier.pk, edits=edits, by=request.auth)
    return {"edit": made.code if made else None, "cells": len(made.changes) if made else 0}


@router.delete("/edits/{code}", response=UndoneShape, auth=needs(Scope.OFFER))
def undo_edit(request: ApiRequest, code: Code) -> bulk.Undone:
    """Take the newest edit back."""
    mine = request.auth.members_with(Permission.OFFER_EDIT)
    held = BulkEdit.objects.filter(
        cluster_id=request.auth.cluster_id, code=code, supplier_id__in=mine
    ).first()
    if held is None:
        raise NotFound("bulk.unknown")
    return bulk.undo(supplier_id=held.supplier_id, code=held.code, by=request.auth)


@router.post("/variants/{code}/receipts", response=ReceiptShape, auth=needs(Scope.OFFER))
def receive_pieces(
    request: ApiRequest, code: Code, payload: ReceiptBody, idempotency_key: KeyHeader
) -> dict[str, Any]:
    """Pieces came in: they are added to what is there, once per key."""
    variant = _variant(request.auth, code)
    places = catalog.places_visible_to(request.auth).filter(supplier_id=variant.offer.supplier_id)
    place = (places if payload.place is None else places.filter(pk=payload.place)).first()
    if place is None:
        raise NotFound("place.unknown", field="place")

    def work() -> dict[str, Any]:
        left = stock.receive(
            variant_id=variant.pk, place_id=place.pk, quantity=payload.quantity, by=request.auth
        )
        return {"remaining": left}

    return once(
        actor=request.auth,
        route="receipt",
        key=idempotency_key,
        payload=[variant.pk, payload.model_dump()],
        work=work,
    )


def _variant(actor: Actor, code: str) -> Variant:
    found = (
        Variant.objects.select_related("offer")
        .filter(code=code, offer__supplier_id__in=actor.members_with(Permission.STOCK_EDIT))
        .first()
    )
    if found is None:
        raise NotFound("variant.unknown")
    return found


def _wave(wave: Any) -> dict[str, object]:
    named = ("code", "number", "content", "orders", "made_at", "printed_at", "exported_at")
    return {name: getattr(wave, name) for name in named} | {"waiting": getattr(wave, "waiting", None) or 0}
