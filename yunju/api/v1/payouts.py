"""Payouts: a payee's wish and its money on the way; the operator's runs."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Page, Paging, cursor, read_cursor
from yunju.api.v1.balances import money_member
from yunju.kernel.errors import NotFound
from yunju.payments import payouts
from yunju.payments.models import PayoutItem, PayoutRun
from yunju.payments.queries import items_visible_to, runs_visible_to

router = Router(tags=["payouts"])
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PayoutShape(Schema):
    """One payee's money in a run; `bank_words` when the bank sent it back."""

    run: str
    gross_minor: int
    tax_minor: int
    net_minor: int
    state: str
    number_last4: str
    bank_words: str
    settled_at: datetime | None

    @staticmethod
    def resolve_run(item: PayoutItem) -> str:
        return item.run.number


class AskShape(Schema):
    """The wish, open until a run answers it."""

    asked_at: datetime


class RunShape(Schema):
    """One approval for many payees."""

    number: str
    currency: str
    state: str
    channel: str
    gateway: str
    total_minor: int
    count: int
    made_at: datetime
    approved_at: datetime | None
    done_at: datetime | None


class OutcomeShape(Schema):
    """What the bank's answer did: payees paid and failed, rows known before, and who still waits."""

    paid: int
    failed: int
    known: int
    waiting: int
    paid_minor: int
    failed_minor: int


class RunBody(Body):
    """Whom to take into a run: everybody who is ready, or those who asked."""

    channel: Literal["bank", "wechat", "alipay"] = "bank"
    only_asked: StrictBool = False
    limit: Annotated[StrictInt, Field(ge=1, le=10_000)] = 10_000


@router.get("/members/{code}/payouts", response=Page[PayoutShape], auth=needs(Scope.MONEY))
def list_payouts(request: ApiRequest, code: Code, paging: Query[Paging]) -> dict[str, object]:
    """A member's payouts, newest first."""
    member = money_member(request.auth, code)
    found = items_visible_to(request.auth).filter(member=member).select_related("run")
    after = read_cursor(paging.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    rows = list(found.order_by("-pk")[: paging.limit + 1])
    shown = rows[: paging.limit]
    return {"items": shown, "next_cursor": cursor([shown[-1].pk]) if len(rows) > paging.limit else None}


@router.post("/members/{code}/payouts", response={201: AskShape}, auth=needs(Scope.PAYOUT))
def ask_payout(request: ApiRequest, code: Code) -> Status[object]:
    """Wish to be paid out; asking again while the wish is open is the same wish."""
    member = money_member(request.auth, code)
    return Status(201, payouts.ask_payout(member_id=member.pk, by=request.auth))


@router.get("/payout-runs", response=Page[RunShape], auth=needs(Scope.MONEY))
def list_runs(request: ApiRequest, paging: Query[Paging]) -> dict[str, object]:
    """The operator's runs, newest first; to anybody else there are none."""
    found = runs_visible_to(request.auth)
    after = read_cursor(paging.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    rows = list(found.order_by("-pk")[: paging.limit + 1])
    shown = rows[: paging.limit]
    return {"items": shown, "next_cursor": cursor([shown[-1].pk]) if len(rows) > paging.limit else None}


@router.post("/payout-runs", response={201: RunShape}, auth=needs(Scope.PAYOUT))
def make_run(request: ApiRequest, payload: RunBody) -> Status[PayoutRun]:
    """Make a run of all who are ready. No money moves yet; nobody is in two runs."""
    made = payouts.make_run(
        by=request.auth, channel=payload.channel, only_asked=payload.only_asked, limit=payload.limit
    )
    return Status(201, made.run)


@router.put("/payout-runs/{number}/approval", response=RunShape, auth=needs(Scope.PAYOUT))
def approve_run(request: ApiRequest, number: Code) -> PayoutRun:
    """One approval for all payees of the run, by a second person."""
    run = _run(request, number)
    payouts.approve_run(run_id=run.pk, by=request.auth)
    return _run(request, number)


@router.delete("/payout-runs/{number}", response=RunShape, auth=needs(Scope.PAYOUT))
def cancel_run(request: ApiRequest, number: Code) -> PayoutRun:
    """Give a run up before the bank has its file."""
    return payouts.cancel_run(run_id=_run(request, number).pk, by=request.auth)


@router.post("/payout-runs/{number}/files", auth=needs(Scope.SESSION))
def make_bank_file(request: ApiRequest, number: Code) -> HttpResponse:
    """The bank's XLSX, with account numbers in clear: for a person in a session, and noted. Items then count as sent."""
    content = payouts.bank_file(run_id=_run(request, number).pk, by=request.auth)
    return HttpResponse(content, content_type=SHEET)


@router.post("/payout-runs/{number}/results", response=OutcomeShape, auth=needs(Scope.SESSION))
def read_results(request: ApiRequest, number: Code) -> payouts.Outcome:
    """Settle the run by the bank's answer: the body is its XLSX or CSV."""
    return payouts.read_results(run_id=_run(request, number).pk, content=request.body, by=request.auth)


def _run(request: ApiRequest, number: str) -> PayoutRun:
    found = runs_visible_to(request.auth).filter(number=number).first()
    if found is None:
        raise NotFound("payouts.no_run")
    return found
