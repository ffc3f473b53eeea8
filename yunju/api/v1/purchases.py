"""Purchases: placing, seeing, giving up and starting to pay what a buyer pays at once."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from yunju.api.auth import ApiRequest, needs
from yunju.api.once import KeyHeader
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Minor, Page, Paging, Text, cursor, read_cursor
from yunju.api.v1 import wanted
from yunju.api.v1.carts import Quantity, share_of, variant_ids
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, InvalidMany
from yunju.orders.actions.expire import cancel_purchase
from yunju.orders.actions.gathering import place_with_others
from yunju.orders.actions.start_payment import start_payment
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.models import Purchase
from yunju.orders.pricing import MAX_LINES
from yunju.orders.queries import purchase_visible_to, purchases_visible_to
from yunju.payments import answers, registry
from yunju.payments.actions import RETURN_PATH
from yunju.payments.browsers import answer_kind
from yunju.shops.attribution import Attribution

router = Router(tags=["purchases"])


class WantedBody(Body):
    """A line: `shown_minor` is the unit price that the buyer saw. `share` as in the cart."""

    variant: Code
    quantity: Quantity
    shown_minor: Minor
    share: Text | None = None
    context: Text = ""


class ContactBody(Body):
    """Where it goes. Without `country`, within the country of the cluster."""

    name: Text
    phone: Text
    province: Text
    city: Text
    street: Text
    district: Text = ""
    country: Text = ""
    note: Text = ""


class PurchaseBody(Body):
    """What is to be bought, where it goes, and through whom it will be paid."""

    lines: Annotated[list[WantedBody], Field(min_length=1, max_length=MAX_LINES)]
    contact: ContactBody
    gateway: Text | None = None


class PlacedOrderShape(Schema):
    """One order of a purchase."""

    code: str
    number: str
    total_minor: int


class PlacedShape(Schema):
    """The answer to a placed purchase, the same for the same key."""

    code: str
    currency: str
    total_minor: int
    orders: list[PlacedOrderShape]


class PurchaseOrderShape(PlacedOrderShape):
    """An order as its buyer sees it in the purchase."""

    supplier_name: str
    mode: str
    fulfilment_state: str


class PurchaseShape(Schema):
    """A purchase and its orders."""

    code: str
    currency: str
    total_minor: int
    payment_state: str
    gateway: str
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    orders: list[PurchaseOrderShape]

    @staticmethod
    def resolve_orders(purchase: Purchase) -> list[Any]:
        return sorted(purchase.orders.all(), key=lambda order: order.pk)


class PayBody(Body):
    """How this browser can pay; left out, judged by its user agent."""

    kind: Literal["jsapi", "redirect", "form", "qr"] | None = None


class PayShape(Schema):
    """An attempt and how the buyer is led to pay: `kind` names which of the other keys of `answer` there are."""

    out_no: str
    amount_minor: int
    currency: str
    kind: str
    answer: dict[str, Any]


@router.post("/purchases", response={201: PlacedShape}, auth=needs(Scope.PURCHASE))
def place_purchase(
    request: ApiRequest, response: HttpResponse, payload: PurchaseBody, idempotency_key: KeyHeader
) -> Status[Placed]:
    """Place a purchase. A price that is not the one shown refuses it, with both prices."""
    actor = request.auth
    lines = _lines(actor, payload.lines)
    try:
        placed = place_with_others(
            PlaceRequest(
                by=actor,
                key=idempotency_key,
                lines=lines,
                contact=ContactDraft(**payload.contact.model_dump()),
                gateway=payload.gateway or registry.default(),
            )
        )
    except Invalid as refusal:
        raise at_lines(refusal, lines) from refusal
    if placed.is_replay:
        response["Idempotent-Replay"] = "true"
    return Status(201, placed)


@router.get("/purchases", response=Page[PurchaseShape], auth=needs(Scope.PURCHASE_READ))
def list_purchases(request: ApiRequest, paging: Query[Paging]) -> dict[str, object]:
    """The caller's purchases, newest first; the operator's, those of the cluster."""
    found = _with_orders(purchases_visible_to(request.auth))
    after = read_cursor(paging.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    rows = list(found.order_by("-pk")[: paging.limit + 1])
    shown = rows[: paging.limit]
    return {"items": shown, "next_cursor": cursor([shown[-1].pk]) if len(rows) > paging.limit else None}


@router.get("/purchases/{code}", response=PurchaseShape, auth=needs(Scope.PURCHASE_READ))
def show_purchase(request: ApiRequest, code: Code) -> Purchase:
    """One purchase."""
    return purchase_visible_to(request.auth, code)


@router.delete("/purchases/{code}", response={204: None}, auth=needs(Scope.PURCHASE))
def give_up_purchase(request: ApiRequest, code: Code) -> Status[None]:
    """Give an unpaid purchase up; twice is once."""
    cancel_purchase(code=code, by=request.auth)
    return Status(204, None)


@router.post("/purchases/{code}/payments", response={201: PayShape}, auth=needs(Scope.PURCHASE))
def pay_purchase(request: ApiRequest, code: Code, payload: PayBody) -> Status[dict[str, object]]:
    """Start to pay; the same again gives the same open attempt. Whether it was paid, the provider tells us."""
    kind = payload.kind or answer_kind(request.headers.get("User-Agent", "")).value
    own_page = request.build_absolute_uri(RETURN_PATH.format(code=quote(code)))  # of this cluster's host
    attempt, answer = start_payment(code=code, kind=kind, by=request.auth, return_url=own_page)
    told = {
        "out_no": attempt.out_no,
        "amount_minor": attempt.amount_minor,
        "currency": attempt.currency,
        "kind": attempt.kind,
        "answer": answers.to_json(answer),
    }
    return Status(201, told)


def _with_orders(found: QuerySet[Purchase]) -> QuerySet[Purchase]:
    return found.prefetch_related("orders")


def _lines(actor: Actor, given: list[WantedBody]) -> tuple[WantedLine, ...]:
    ids = variant_ids(actor, [line.variant for line in given], "lines.{}.variant")
    shares = {token: share_of(actor, token) for token in {line.share for line in given}}
    return tuple(
        wanted_line(line, variant_id, shares[line.share]) for line, variant_id in zip(given, ids, strict=True)
    )


def wanted_line(line: WantedBody | wanted.Line, variant_id: int, found: Attribution | None) -> WantedLine:
    """A line as the intake takes it; `found` is the shop that brought the buyer."""
    if found is None:
        return WantedLine(variant_id, line.quantity, line.shown_minor, context=line.context)
    return WantedLine(
        variant_id=variant_id,
        quantity=line.quantity,
        shown_minor=line.shown_minor,
        shop_id=found.shop_id,
        source=found.source,
        share_code=found.share_code,
        context=line.context,
    )


def at_lines(refusal: Invalid, lines: tuple[WantedLine, ...]) -> Invalid:
    """The same refusal with the places of the caller's body: the intake speaks of variants by id."""
    places = {f"variant:{line.variant_id}": f"lines.{position}" for position, line in enumerate(lines)}
    faults = refusal.faults if isinstance(refusal, InvalidMany) else [refusal]
    moved = [Invalid(one.code, field=_place(places, one.field), **one.params) for one in faults]
    return moved[0] if len(moved) == 1 else InvalidMany(moved)


def _place(places: dict[str, str], field: str | None) -> str | None:
    if field in ContactBody.model_fields:
        return f"contact.{field}"
    return places.get(field or "", field)
