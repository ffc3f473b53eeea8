"""A payee's money: earnings with what was deducted, payouts, and a month that adds up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders.models import Share
from yunju.orders.queries import statement as money
from yunju.orders.queries.earnings import Explained, explained, shares_of
from yunju.orders.statement import StatementLine
from yunju.payments.models import PayoutItem
from yunju.ui import formats, messages
from yunju.web.listed.base import Field, Found, Listed, of_member
from yunju.web.request import Request
from yunju.web.shopkeeper import month_of

# --- earnings ----------------------------------------------------------------------------------------------------------


def _earnings(request: Request, member: Member) -> Found:
    return shares_of(member_id=member.pk, by=request.actor, state=request.GET.get("state", ""))


def _explained(request: Request, member: Member, shares: list[Share]) -> Iterable[Explained]:
    """As the page explains them: the same statement, from the first of these on."""
    if not shares:
        return ()
    state = request.GET.get("state", "")
    return explained(
        member_id=member.pk, by=request.actor, state=state, before_id=shares[0].pk + 1, limit=len(shares)
    )


def _what(row: Explained) -> str:
    line = row.earning.line
    what = messages.word("kind", "freight") if line.kind == "freight" else line.title
    return f"{what} × {line.quantity}"


def _why(row: Explained) -> str:
    parts = row.deductions
    return " · ".join(f"{formats.day(one.at)} {messages.word('refund.reason', one.why)}" for one in parts)


def _earning_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Day"), lambda row: row.earning.order.placed_at, "moment", 18),
        Field(_("Order"), lambda row: row.earning.order.number, width=20),
        Field(_("Item"), _what, width=40),
        Field(_("Kind"), lambda row: messages.word("share.role", row.earning.share.role), width=12),
        Field(_("State"), lambda row: messages.word("earning.state", row.earning.state), width=12),
        Field(_("Can be taken on"), lambda row: row.earning.due_at, "moment", 18),
        Field(_("Amount"), lambda row: row.earning.share.amount_minor, "money", 14),
        Field(_("Deducted"), lambda row: sum(one.minor for one in row.deductions) or None, "money", 14),
        Field(_("Left"), lambda row: row.earning.left_minor, "money", 14),
        Field(_("Why"), _why, width=40),
    ]


# --- payouts -----------------------------------------------------------------------------------------------------------


def _payouts(request: Request, member: Member) -> Found:
    here = PayoutItem.objects.filter(cluster_id=request.cluster.pk, member=member)
    return here.select_related("run").order_by("-id")


def _payout_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Payout"), lambda item: item.run.number, width=20),
        Field(_("Asked"), lambda item: item.run.made_at, "moment", 18),
        Field(_("Account (last digits)"), lambda item: item.number_last4, width=18),
        Field(_("Gross"), lambda item: item.gross_minor, "money"),
        Field(_("Tax"), lambda item: item.tax_minor, "money"),
        Field(_("Net"), lambda item: item.net_minor, "money"),
        Field(_("State"), lambda item: messages.word("payout.state", item.state)),
        Field(_("Settled"), lambda item: item.settled_at, "moment", 18),
        Field(_("Number of the bank"), lambda item: item.bank_no, width=24),
        Field(_("Words of the bank"), lambda item: item.bank_words, width=36),
    ]


# --- a month -----------------------------------------------------------------------------------------------------------

SUMS = ("gross_minor", "returns_minor", "net_minor", "tax_minor", "paid_out_minor")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, or what stands around the lines: what was owed before, their sums, what is owed now."""

    at: datetime | None
    why: str
    kind: str
    sums: tuple[int | None, ...]


def _month(request: Request, member: Member) -> Found:
    first, currency = month_of(request), request.cluster.currency
    found = money.statement(member_id=member.pk, year=first.year, month=first.month, by=request.actor)
    nothing = (None,) * (len(SUMS) - 1)
    return [
        _Row(None, _("Owed at the beginning"), "", (found.opening_minor, *nothing)),
        *(_line(line, currency) for line in found.lines),
        _Row(None, _("Sum"), "", tuple(found.total(name) for name in SUMS)),
        _Row(None, _("Owed at the end"), "", (found.closing_minor, *nothing)),
    ]


def _line(line: StatementLine, currency: str) -> _Row:
    why = messages.reason(line.reason, line.params, currency=currency)
    kind = messages.word("income", line.income_kind) if line.income_kind else ""
    return _Row(line.at, why, kind, tuple(getattr(line, name) or None for name in SUMS))


def _month_fields(_request: Request, _of: Any) -> Sequence[Field]:
    heads = (_("Gross"), _("Returns"), _("Net"), _("Tax"), _("Paid out"))
    return [
        Field(_("Day"), lambda row: row.at, "moment", 18),
        Field(_("Why"), lambda row: row.why, width=60),
        Field(_("Kind of income"), lambda row: row.kind),
        *(_sum(head, place) for place, head in enumerate(heads)),
    ]


def _sum(head: str, place: int) -> Field:
    return Field(head, lambda row: row.sums[place], "money", 14)


LISTS = (
    Listed(
        "earnings",
        "earnings",
        of_member(Permission.MONEY_SEE),
        _earnings,
        _earning_fields,
        _explained,
        seen="rows",
    ),
    Listed("payouts", "earnings", of_member(Permission.MONEY_SEE), _payouts, _payout_fields, seen="payouts"),
    Listed(
        "statement", "statement", of_member(Permission.MONEY_SEE), _month, _month_fields, seen="statement"
    ),
)
