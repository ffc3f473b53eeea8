"""Lists of the operator's trade and money: orders, cases, refunds, questions, payouts, figures, alarms, differences."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yunju.insight import figures as counted
from yunju.insight.figures import Period
from yunju.kernel import loops
from yunju.kernel.errors import NotFound
from yunju.members.words import Permission
from yunju.orders.models import Refund
from yunju.payments import queries as payments
from yunju.payments.models import PayoutItem, PayoutRun
from yunju.ui import formats, messages
from yunju.web import operator
from yunju.web.exports import Value
from yunju.web.listed.base import Field, Found, Listed, Whose, desk, of_operator, with_orders
from yunju.web.listed.suppliers import case_fields
from yunju.web.operating import look
from yunju.web.operating.figures import unit_of
from yunju.web.operating.threads import waiting
from yunju.web.request import Request

# --- trade -------------------------------------------------------------------------------------------------------------


def _order_fields(_request: Request, _of: Any) -> Sequence[Field]:
    """No data of buyers."""
    return [
        Field(_("Number"), lambda row: row[0].number, width=20),
        Field(_("Placed"), lambda row: row[0].placed_at, "moment", 18),
        Field(_("Paid at"), lambda row: row[0].purchase.paid_at, "moment", 18),
        Field(_("Supplier"), lambda row: row[0].supplier_name, width=30),
        Field(_("State"), lambda row: row[1].text, width=20),
        Field(_("Goods"), lambda row: row[0].goods_minor, "money", 14),
        Field(_("Freight"), lambda row: row[0].freight_minor, "money", 14),
        Field(_("Total"), lambda row: row[0].total_minor, "money", 14),
    ]


def _case_rows(_request: Request, _of: Any, found: list[Any]) -> Iterable[Any]:
    return [(one, order, one.due_at) for one, order in with_orders(found)]


def _case_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Order"), lambda row: row[1].number, width=20),
        Field(_("Supplier"), lambda row: row[1].supplier_name, width=30),
        *case_fields(),
    ]


def _refund_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Number"), lambda one: one.out_no, width=24),
        Field(_("Decided"), lambda one: one.decided_at, "moment", 18),
        Field(_("Why"), _refund_why, width=30),
        Field(_("State"), lambda one: messages.word("refund.state", one.state)),
        Field(_("Fault"), lambda one: one.error, width=30),
        Field(_("Tries"), lambda one: one.tries, "number", 8),
        Field(_("Amount"), lambda one: one.amount_minor, "money"),
    ]


def _refund_why(one: Refund) -> str:
    return messages.word("refund.stray" if one.kind == "unapplied" else "refund.reason", one.reason)


def _thread_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Order"), lambda row: row[1].number, width=20),
        Field(_("Supplier"), lambda row: row[1].supplier_name, width=30),
        Field(_("Written at"), lambda row: row[0].waiting_since, "moment", 18),
        Field(_("Answer due"), lambda row: row[0].answer_due_at, "moment", 18),
    ]


# --- money -------------------------------------------------------------------------------------------------------------


def _runs(request: Request, _of: Any) -> Found:
    return operator.runs_wanted(request)


def _run_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Run"), lambda run: run.number, width=20),
        Field(_("Made"), lambda run: run.made_at, "moment", 18),
        Field(_("State"), lambda run: messages.word("run.state", run.state)),
        Field(_("Payees"), lambda run: run.count, "number", 10),
        Field(_("Total"), lambda run: run.total_minor, "money"),
        Field(_("Approved"), lambda run: run.approved_at, "moment", 18),
        Field(_("Done"), lambda run: run.done_at, "moment", 18),
    ]


def _run(request: Request, number: str) -> PayoutRun:
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound("web.not_found")
    return operator.run_of(request, int(number))


def _items(_request: Request, run: PayoutRun) -> Found:
    return run.items.select_related("member").order_by("id")


def _item_fields(_request: Request, run: PayoutRun) -> Sequence[Field]:
    """Last digits only: the file for the bank has the numbers, and each download of it is on record."""
    currency = run.currency

    def said(item: PayoutItem) -> str:
        why = messages.sentence(item.code, currency=currency) if item.code else ""
        return f"{messages.word('payout.state', item.state)} {item.bank_words} {why}".strip()

    return [
        Field(_("Payee"), lambda item: item.member.name, width=30),
        Field(_("Holder"), lambda item: item.holder, width=24),
        Field(_("Account (last digits)"), lambda item: item.number_last4, width=18),
        Field(_("State"), said, width=30),
        Field(_("Gross"), lambda item: item.gross_minor, "money"),
        Field(_("Tax"), lambda item: item.tax_minor, "money"),
        Field(_("Net"), lambda item: item.net_minor, "money"),
    ]


def _periods(request: Request, _of: Any) -> Found:
    return counted.periods(request.actor, request.cluster, unit_of(request))


def _figure_fields(request: Request, _of: Any) -> Sequence[Field]:
    unit = messages.word("figures.unit", unit_of(request))
    return [Field(unit, lambda one: one.starts_on, "day", 14), *map(_figure, counted.NAMES)]


def _figure(name: str) -> Field:
    kind = "money" if name.endswith("_minor") else "share" if name == "take_bp" else "number"

    def value(one: Period) -> Value:
        return int(getattr(one, name))

    return Field(messages.word("figure", name), value, kind)


# --- the house ---------------------------------------------------------------------------------------------------------


def _beat_fields(_request: Request, _of: Any) -> Sequence[Field]:
    late = {beat.name for beat in loops.late()}

    def state(beat: Any) -> str:
        if not beat.pk:
            return _("never ran")
        return _("late") if beat.name in late else _("runs")

    return [
        Field(_("Loop"), lambda beat: messages.word("loop", beat.name), width=36),
        Field(_("State"), state),
        Field(_("Last run"), lambda beat: beat.ran_at if beat.pk else None, "moment", 18),
        Field(_("Every"), lambda beat: formats.lasting(beat.every_seconds)),
        Field(_("Fault"), lambda beat: beat.error, width=50),
    ]


def _difference_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Number"), lambda one: one.reference, width=28),
        Field(_("Day"), lambda one: one.day, "day", 14),
        Field(_("Kind"), lambda one: messages.word("difference", one.kind), width=28),
        Field(_("Ours"), lambda one: one.ours_minor, "money"),
        Field(_("Theirs"), lambda one: one.theirs_minor, "money"),
        Field(_("Explanation"), lambda one: one.words, width=40),
        Field(_("When"), lambda one: one.explained_at, "moment", 18),
    ]


P = Permission
LISTS = (
    Listed(
        "all_orders",
        "orders_look",
        of_operator(P.CLUSTER_ORDERS),
        lambda r, _of: look.wanted(r),
        _order_fields,
        lambda _r, _of, found: look.rows_of(found),
    ),
    Listed(
        "disputes",
        "disputes",
        of_operator(P.CLUSTER_CASES),
        lambda r, _of: operator.wanted_cases(r),
        _case_fields,
        _case_rows,
    ),
    Listed(
        "refunds",
        "refunds",
        of_operator(P.CLUSTER_MONEY),
        lambda r, _of: operator.wanted_refunds(r),
        _refund_fields,
    ),
    Listed(
        "threads",
        "operator_threads",
        of_operator(P.CLUSTER_CASES),
        lambda r, _of: waiting(r),
        _thread_fields,
        lambda _r, _of, found: with_orders(found),
    ),
    Listed("payout_runs", "payouts", of_operator(P.CLUSTER_PAYOUT), _runs, _run_fields),
    Listed(
        "payout_run",
        "payout_run",
        Whose(_run, lambda r, _run: desk(r, P.CLUSTER_PAYOUT)),
        _items,
        _item_fields,
    ),
    Listed("figures", "figures", of_operator(P.CLUSTER_MONEY), _periods, _figure_fields, seen="rows"),
    Listed(
        "alarms",
        "alarms",
        of_operator(P.CLUSTER_ORDERS),
        lambda _r, _of: list(loops.beats()),
        _beat_fields,
        seen="troubled",
    ),
    Listed(
        "differences",
        "alarms",
        of_operator(P.CLUSTER_ORDERS),
        lambda r, _of: payments.differences_visible_to(r.actor).order_by("-id"),
        _difference_fields,
        seen="differences",
    ),
)
