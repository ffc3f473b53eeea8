"""After-sale cases: asked by the buyer, answered by the supplier, ruled by the operator."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Page, Paging, Text, cursor, read_cursor
from yunju.api.v1.carts import Quantity
from yunju.api.v1.orders import line_ids
from yunju.fulfilment.contract import Who
from yunju.kernel.errors import Invalid, NotFound
from yunju.orders.actions import cases as actions
from yunju.orders.after_sale import Claim
from yunju.orders.models import Case, Line, Order
from yunju.orders.queries import cases_visible_to, order_visible_to

router = Router(tags=["cases"])


class CaseLineShape(Schema):
    """Pieces of a line, and what they come to."""

    line: int
    quantity: int
    amount_minor: int


class CaseShape(Schema):
    """A case. Reasons, faults and states are codes."""

    code: str
    order: str
    kind: str
    state: str
    reason: str
    words: str
    fault: str
    amount_minor: int
    freight_minor: int
    tracking: str
    opened_at: datetime
    settled_at: datetime | None
    lines: list[CaseLineShape]


class PiecesBody(Body):
    """Pieces of a line, by its number within the order."""

    line: StrictInt
    quantity: Quantity


class CaseBody(Body):
    """What the buyer asks and why (a reason's code)."""

    kind: Literal["refund", "return"]
    reason: Annotated[Text, Field(max_length=30)]
    words: Annotated[Text, Field(max_length=500)] = ""
    lines: Annotated[list[PiecesBody], Field(min_length=1, max_length=100)]


class AnswerBody(Body):
    """What somebody says to a case, and as whom. `tracking` when goods go back; `restock` when they came."""

    event: Annotated[Text, Field(max_length=30)]
    who: Literal["buyer", "supplier", "operator"]
    tracking: Annotated[Text, Field(max_length=60)] = ""
    restock: StrictBool = True
    words: Annotated[Text, Field(max_length=500)] = ""


@router.get("/cases", response=Page[CaseShape], auth=needs(Scope.ORDER_READ))
def list_cases(request: ApiRequest, paging: Query[Paging]) -> dict[str, object]:
    """Cases one may see, newest first."""
    found = cases_visible_to(request.auth)
    after = read_cursor(paging.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    rows = list(found.order_by("-pk")[: paging.limit + 1])
    shown = rows[: paging.limit]
    return {
        "items": _shown(shown),
        "next_cursor": cursor([shown[-1].pk]) if len(rows) > paging.limit else None,
    }


@router.get("/cases/{code}", response=CaseShape, auth=needs(Scope.ORDER_READ))
def show_case(request: ApiRequest, code: Code) -> dict[str, Any]:
    """One case."""
    return _shown([_visible(request, code)])[0]


@router.post("/orders/{code}/cases", response={201: CaseShape}, auth=needs(Scope.ORDER))
def open_case(request: ApiRequest, code: Code, payload: CaseBody) -> Status[dict[str, Any]]:
    """Ask for a refund or a return; one open case an order."""
    order = order_visible_to(request.auth, code)
    ids = line_ids(order, [one.line for one in payload.lines])
    if len(set(ids)) != len(ids):
        raise Invalid("api.line_twice", field="lines")
    claim = Claim(
        kind=payload.kind,
        pieces=dict(zip(ids, (one.quantity for one in payload.lines), strict=True)),
        reason=payload.reason,
        words=payload.words,
    )
    return Status(201, _shown([actions.open_case(order_id=order.pk, claim=claim, by=request.auth)])[0])


@router.post("/cases/{code}/answers", response=CaseShape, auth=needs(Scope.ORDER))
def answer_case(request: ApiRequest, code: Code, payload: AnswerBody) -> dict[str, Any]:
    """Agree, refuse, withdraw, send back, accept, escalate, rule."""
    case = actions.answer_case(
        case_id=_visible(request, code).pk,
        answer=actions.Answer(payload.event, payload.tracking, payload.restock, payload.words),
        who=Who(payload.who),
        by=request.auth,
    )
    return _shown([case])[0]


def _visible(request: ApiRequest, code: str) -> Case:
    found = cases_visible_to(request.auth).filter(code=code).first()
    if found is None:
        raise NotFound("case.unknown")
    return found


def _shown(cases: list[Case]) -> list[dict[str, Any]]:
    orders = dict(Order.objects.filter(pk__in=[case.order_id for case in cases]).values_list("id", "code"))
    lines = [line for case in cases for line in case.lines.all()]
    numbers = dict(Line.objects.filter(pk__in=[line.line_id for line in lines]).values_list("id", "seq"))
    copied = [name for name in CaseShape.model_fields if name not in ("order", "lines")]
    return [
        {name: getattr(case, name) for name in copied}
        | {
            "order": orders[case.order_id],
            "lines": [
                {"line": numbers[one.line_id], "quantity": one.quantity, "amount_minor": one.amount_minor}
                for one in lines
                if one.case_id == case.pk
            ],
        }
        for case in cases
    ]
