"""Orders: what one supplier owes, for its buyer, its supplier, the shop that brought it and the operator."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import Q, QuerySet
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.once import KeyHeader, once
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Minor, Page, Paging, Text, cursor, read_cursor
from yunju.fulfilment.contract import Who
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, YunjuError
from yunju.members.words import Permission
from yunju.modes.ship import actions as ship
from yunju.modes.ship import queries as parcels
from yunju.orders.actions.cases import refund_by_supplier
from yunju.orders.flow import actions as flow
from yunju.orders.flow import queries as flow_queries
from yunju.orders.flow.policy import may_see, whos_of
from yunju.orders.models import Contact, Line, Order
from yunju.orders.policy import parties_of
from yunju.orders.queries import order_visible_to, orders_visible_to
from yunju.orders.words import LineCount, status_word
from yunju.shops.models import Shop

router = Router(tags=["orders"])


class OrderRow(Schema):
    """An order in a list. `status` is the word a person sees, as a code."""

    code: str
    number: str
    mode: str
    supplier_name: str
    currency: str
    goods_minor: int
    freight_minor: int
    total_minor: int
    payment_state: str
    fulfilment_state: str
    after_sale_state: str
    is_disputed: bool
    status: str
    placed_at: datetime
    received_at: datetime | None


class LineShape(Schema):
    """One item, frozen at placement. `line` is its number within the order."""

    line: int
    kind: str
    title: str
    variant_title: str
    quantity: int
    unit_minor: int
    amount_minor: int
    refunded_quantity: int
    refunded_minor: int
    source: str
    release_due_at: datetime | None


class ContactShape(Schema):
    """Where it goes, for the buyer and whoever sends it; absent once it is erased. An operator uncovers it on the desk."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    country: str
    note: str


class ButtonShape(Schema):
    """A move that the caller may make now."""

    event: str
    who: str


class AwaitedShape(Schema):
    """What silence means: `event` happens then; null while a dispute holds the clock."""

    event: str
    due_at: datetime | None


class OrderShape(OrderRow):
    """An order whole. A shop's people see the lines they brought, and neither contact nor moves."""

    purchase: str | None
    lines: list[LineShape]
    contact: ContactShape | None
    moves: list[ButtonShape]
    awaited: list[AwaitedShape]


class HappeningShape(Schema):
    """One row of the timeline, oldest first."""

    at: datetime
    kind: str
    code: str
    who: str
    state: str
    place: str
    words: str


class OrdersQuery(Paging):
    """As whom one looks, and a state of the flow."""

    role: Literal["any", "buyer", "supplier", "shop"] = "any"
    state: Annotated[Text, Field(max_length=20)] = ""


class MoveBody(Body):
    """An event of the order's mode, and as whom: see `moves` of the order."""

    event: Annotated[Text, Field(max_length=30)]
    who: Literal["buyer", "supplier", "operator"]


class MovedShape(Schema):
    """What the move did."""

    event: str
    before: str
    after: str


class ParcelBody(Body):
    """The carrier's code and number."""

    carrier: Annotated[Text, Field(max_length=40)]
    tracking_no: Annotated[Text, Field(max_length=60)]


class RefundLineBody(Body):
    """Minor units that go back of a line, by its number."""

    line: StrictInt
    amount_minor: Minor


class RefundBody(Body):
    """A refund without a case, by the supplier of its own will or by the operator."""

    lines: Annotated[list[RefundLineBody], Field(min_length=1, max_length=101)]
    words: Annotated[Text, Field(max_length=200)] = ""


class DoneShape(Schema):
    """It is done."""

    done: bool


@router.get("/orders", response=Page[OrderRow], auth=needs(Scope.ORDER_READ))
def list_orders(request: ApiRequest, filters: Query[OrdersQuery]) -> dict[str, object]:
    """Orders one may see, newest first."""
    found = _as(request.auth, filters.role)
    if filters.state:
        found = found.filter(fulfilment_state=filters.state)
    after = read_cursor(filters.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    found = found.select_related("purchase").prefetch_related("lines").order_by("-pk")
    rows = list(found[: filters.limit + 1])
    shown = rows[: filters.limit]
    return {
        "items": [_row(order) for order in shown],
        "next_cursor": cursor([shown[-1].pk]) if len(rows) > filters.limit else None,
    }


@router.get("/orders/{code}", response=OrderShape, auth=needs(Scope.ORDER_READ))
def show_order(request: ApiRequest, code: Code) -> dict[str, object]:
    """One order."""
    return _whole(request.auth, order_visible_to(request.auth, code))


@router.get("/orders/{code}/timeline", response=list[HappeningShape], auth=needs(Scope.ORDER_READ))
def show_timeline(request: ApiRequest, code: Code) -> list[parcels.Entry]:
    """All that happened to an order and its parcel."""
    return parcels.timeline(request.auth, _party(request.auth, code).pk)


@router.post("/orders/{code}/moves", response=MovedShape, auth=needs(Scope.ORDER))
def move_order(request: ApiRequest, code: Code, payload: MoveBody) -> flow.Moved:
    """Confirm, extend, cancel: whatever the mode lets the caller do now."""
    order = _party(request.auth, code)
    (answer,) = flow.move(
        cluster_id=order.cluster_id,
        order_ids=[order.pk],
        event=payload.event,
        who=Who(payload.who),
        by=request.auth,
    )
    if isinstance(answer, YunjuError):
        raise answer
    return answer


@router.put("/orders/{code}/parcel", response=MovedShape, auth=needs(Scope.ORDER))
def pack_order(request: ApiRequest, code: Code, payload: ParcelBody) -> flow.Moved:
    """The supplier hands the parcel to a carrier; the same again is the same packing."""
    order = _party(request.auth, code)
    if order.mode != "ship":
        raise NotFound("order.no_parcel")
    return ship.pack(
        cluster_id=order.cluster_id,
        order_id=order.pk,
        carrier=payload.carrier,
        tracking_no=payload.tracking_no,
        by=request.auth,
    )


@router.post("/orders/{code}/refunds", response={200: DoneShape}, auth=needs(Scope.ORDER))
def refund_order(
    request: ApiRequest, code: Code, payload: RefundBody, idempotency_key: KeyHeader
) -> dict[str, Any]:
    """Give money back without a case."""
    order = _party(request.auth, code)
    amounts = {line_ids(order, [one.line])[0]: one.amount_minor for one in payload.lines}
    if len(amounts) != len(payload.lines):
        raise Invalid("api.line_twice", field="lines")

    def work() -> dict[str, Any]:
        refund_by_supplier(order_id=order.pk, amounts=amounts, words=payload.words, by=request.auth)
        return {"done": True}

    return once(
        actor=request.auth,
        route="refund",
        key=idempotency_key,
        payload=[order.pk, payload.model_dump()],
        work=work,
    )


def line_ids(order: Order, numbers: list[int]) -> list[int]:
    """The ids of lines by their numbers within the order. Raises Invalid for an unknown one."""
    found = dict(Line.objects.filter(order=order).values_list("seq", "id"))
    if not found.keys() >= set(numbers):
        raise Invalid("order.no_line", field="lines")
    return [found[number] for number in numbers]


def _party(actor: Actor, code: str) -> Order:
    """An order for its buyer, its supplier or the operator: to anybody else it has no doors."""
    order = order_visible_to(actor, code)
    if not may_see(actor, parties_of(order)):
        raise NotFound("order.unknown")
    return order


def _as(actor: Actor, role: str) -> QuerySet[Order]:
    found = orders_visible_to(actor)
    if role == "buyer":
        mine = Q(purchase__user_id=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
        return found.filter(mine | Q(purchase__holder=actor.holder) if actor.holder else mine)
    members = actor.members_with(Permission.ORDER_SEE)
    if role == "supplier":
        return found.filter(supplier_id__in=members)
    if role == "shop":
        return found.filter(pk__in=_brought(members).values("order_id"))
    return found


def _brought(members: list[int]) -> QuerySet[Line]:
    return Line.objects.filter(shop_id__in=Shop.objects.filter(member_id__in=members).values("pk"))


_COPIED = (
    "code", "number", "mode", "supplier_name", "currency", "goods_minor", "freight_minor", "total_minor",
    "fulfilment_state", "after_sale_state", "placed_at", "received_at",
)  # fmt: skip


def _row(order: Order) -> dict[str, Any]:
    lines = [
        LineCount(line.quantity, line.refunded_quantity) for line in order.lines.all() if line.kind == "goods"
    ]
    disputed = order.disputed_at is not None
    states = (order.purchase.payment_state, order.fulfilment_state, order.after_sale_state)
    return {name: getattr(order, name) for name in _COPIED} | {
        "payment_state": order.purchase.payment_state,
        "is_disputed": disputed,
        "status": status_word(*states, lines, is_disputed=disputed),
    }


def _whole(actor: Actor, order: Order) -> dict[str, Any]:
    is_party = may_see(actor, parties_of(order))
    lines = list(Line.objects.filter(order=order).order_by("seq"))
    if not is_party:
        own = set(
            _brought(actor.members_with(Permission.ORDER_SEE))
            .filter(order=order)
            .values_list("id", flat=True)
        )
        lines = [line for line in lines if line.pk in own]
    view = flow_queries.view(actor, order) if is_party else None
    is_buyer = is_party and bool(_as(actor, "buyer").filter(pk=order.pk).exists() or actor.is_operator)
    return _row(order) | {
        "purchase": order.purchase.code if is_buyer else None,
        "lines": [_line(line) for line in lines],
        "contact": _contact(order) if whos_of(actor, parties_of(order)) - {Who.OPERATOR} else None,
        "moves": [{"event": one.event, "who": one.who.value} for one in view.buttons] if view else [],
        "awaited": [{"event": one.event, "due_at": one.due_at} for one in view.awaited] if view else [],
    }


def _line(line: Line) -> dict[str, Any]:
    named = (
        "kind", "title", "variant_title", "quantity", "unit_minor", "amount_minor", "refunded_quantity",
        "refunded_minor", "source", "release_due_at",
    )  # fmt: skip
    return {name: getattr(line, name) for name in named} | {"line": line.seq}


def _contact(order: Order) -> Contact | None:
    return Contact.objects.filter(
        cluster_id=order.cluster_id, order_id=order.pk, erased_at__isnull=True
    ).first()
