"""Statements and earnings: a month that adds up, and a date for every cent that is still to come."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Code, Page, Paging, cursor, read_cursor
from yunju.api.v1.balances import money_member
from yunju.kernel.errors import Invalid
from yunju.orders.queries import statement
from yunju.ui import messages

router = Router(tags=["money"])


class StatementLineShape(Schema):
    """One reason: its code and parameters, its sentence, and its money in minor units."""

    at: datetime
    reason: str
    params: dict[str, Any]
    words: str
    income_kind: str
    gross_minor: int
    returns_minor: int
    net_minor: int
    tax_minor: int
    paid_out_minor: int
    moved_minor: int


class StatementShape(Schema):
    """opening + gross - returns - tax - paid out = closing."""

    member: str
    currency: str
    month: str
    opening_minor: int
    gross_minor: int
    returns_minor: int
    net_minor: int
    tax_minor: int
    paid_out_minor: int
    closing_minor: int
    lines: list[StatementLineShape]


class EarningShape(Schema):
    """One share of one line. `state`: expected (not received yet), waiting (until `due_at`), released, returned."""

    order: str
    line: int
    title: str
    role: str
    amount_minor: int
    left_minor: int
    state: str
    due_at: datetime | None


@router.get("/members/{code}/statements/{month}", response=StatementShape, auth=needs(Scope.MONEY))
def show_statement(request: ApiRequest, code: Code, month: Code) -> dict[str, Any]:
    """A member's month, `2026-11`, cut in the cluster's time zone."""
    member = money_member(request.auth, code)
    year, _, number = month.partition("-")
    if not (year.isdigit() and number.isdigit() and len(year) == 4 and len(number) == 2):
        raise Invalid("input.month", field="month")
    found = statement.statement(member_id=member.pk, year=int(year), month=int(number), by=request.auth)
    columns = ("gross_minor", "returns_minor", "net_minor", "tax_minor", "paid_out_minor")
    copied = [name for name in StatementLineShape.model_fields if name != "words"]
    currency = request.cluster.currency
    return {name: found.total(name) for name in columns} | {
        "member": member.code,
        "currency": currency,
        "month": month,
        "opening_minor": found.opening_minor,
        "closing_minor": found.closing_minor,
        "lines": [
            {name: getattr(line, name) for name in copied}
            | {"words": messages.sentence(line.reason, line.params, currency=currency)}
            for line in found.lines
        ],
    }


@router.get("/members/{code}/earnings", response=Page[EarningShape], auth=needs(Scope.MONEY))
def list_earnings(request: ApiRequest, code: Code, paging: Query[Paging]) -> dict[str, Any]:
    """A member's shares of paid orders, newest first, each with the date when it can be taken."""
    member = money_member(request.auth, code)
    after = read_cursor(paging.cursor, 1)
    rows = statement.earnings(
        member_id=member.pk, by=request.auth, before_id=after[0] if after else None, limit=paging.limit + 1
    )
    shown = rows[: paging.limit]
    return {
        "items": [
            {
                "order": one.order.number,
                "line": one.line.seq,
                "title": one.line.title,
                "role": one.share.role,
                "amount_minor": one.share.amount_minor,
                "left_minor": one.left_minor,
                "state": one.state,
                "due_at": one.due_at,
            }
            for one in shown
        ],
        "next_cursor": cursor([shown[-1].share.pk]) if len(rows) > paging.limit else None,
    }
