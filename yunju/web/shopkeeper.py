"""A payee's money: what was earned, when it can be taken, why something was deducted, and how it is paid out."""

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.kernel import clock
from yunju.kernel.errors import Invalid, YunjuError
from yunju.members import actions, queries
from yunju.members.models import Member, Payee, PayoutAccount
from yunju.members.words import CONSENT_VERSION, Channel, Exemption, IdKind, Permission
from yunju.orders.queries import statement as money
from yunju.orders.queries.earnings import STATES, explained
from yunju.payments.models import PayoutAsk, PayoutItem
from yunju.payments.payouts import ask_payout
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go

PAGE = 20
LINES = 50
"""Of a statement on a page; its file has all of them."""

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@require_GET
def earnings(request: Request, code: str) -> HttpResponse:
    """预估, 待结算, 可提现: each with its date, each line with its reason; what is missing for a payout, in words."""
    member = acting_for(request, code, Permission.MONEY_SEE)
    before = request.GET.get("before", "")
    state = request.GET.get("state", "") if request.GET.get("state") in STATES else ""
    rows = explained(
        member_id=member.pk,
        by=request.actor,
        state=state,
        before_id=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        limit=PAGE,
    )
    expected, waiting = money.expected_and_waiting(member_id=member.pk, by=request.actor)
    told = {
        "here": "work",
        "member": member,
        "balances": money.balances(member_id=member.pk, by=request.actor),
        "expected_minor": expected,
        "waiting_minor": waiting,
        "next_due": money.next_due(member_id=member.pk, by=request.actor),
        "rows": rows,
        "state": state,
        "states": STATES,
        "older": rows[-1].earning.share.pk if len(rows) == PAGE else None,
    }
    return render(request, "web/shopkeeper/earnings.html", told | _payout(request, member))


def _payout(request: Request, member: Member) -> dict[str, object]:
    """What stands around the button: where the money would go, what is missing, what was asked and paid."""
    here = {"cluster_id": request.cluster.pk, "member": member}
    return {
        "account": PayoutAccount.objects.filter(member=member, ended_at=None).first(),
        "asked": PayoutAsk.objects.filter(**here, answered_at=None).first(),
        "missing": queries.what_is_missing_for_payout(member.pk),
        "least_minor": request.cluster.payout_min_minor,
        "may_ask": request.actor.holds(Permission.PAYOUT_ASK, member.pk),
        "payouts": PayoutItem.objects.filter(**here).select_related("run").order_by("-id")[:10],
    }


@require_GET
def statement(request: Request, code: str) -> HttpResponse:
    """One month, every line with its reason, adding up to what the book says; moves between own pots only when asked for."""
    member = acting_for(request, code, Permission.MONEY_SEE)
    today = clock.local_day(clock.now(), request.cluster.timezone)
    first = month_of(request)
    found = money.statement(member_id=member.pk, year=first.year, month=first.month, by=request.actor)
    shows_moves = request.GET.get("moves") == "1"
    lines = [line for line in found.lines if shows_moves or not line.is_move]
    columns = ("gross_minor", "returns_minor", "net_minor", "tax_minor", "paid_out_minor")
    told = {
        "here": "work",
        "member": member,
        "first": first,
        "statement": found,
        "moves": sum(line.is_move for line in found.lines),
        "shows_moves": shows_moves,
        "page": Paginator(lines, LINES).get_page(request.GET.get("page")),
        "totals": [found.total(column) for column in columns],
        "months": [_months_before(today, back) for back in range(12)],
    }
    return render(request, "web/shopkeeper/statement.html", told)


def month_of(request: Request) -> date:
    """The first day of the month asked for, this one when none is. Raises Invalid (`input.month`)."""
    today = clock.local_day(clock.now(), request.cluster.timezone)
    wanted = _MONTH.fullmatch(request.GET.get("month", f"{today:%Y-%m}"))
    if wanted is None or not 1 <= int(wanted[2]) <= 12:
        raise Invalid("input.month", field="month")
    return date(int(wanted[1]), int(wanted[2]), 1)


def _months_before(day: date, back: int) -> date:
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


class PayeeForm(Form):
    """What the law asks before money is paid out."""

    real_name = forms.CharField(label=gettext_lazy("Real name, or name of the firm"), max_length=120)
    id_kind = forms.ChoiceField(label=gettext_lazy("Kind of identity document"))
    id_number = forms.CharField(
        label=gettext_lazy("Number of the document"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    licence_no = forms.CharField(
        label=gettext_lazy("Number of the business licence"), max_length=40, required=False
    )
    exemption = forms.ChoiceField(label=gettext_lazy("Or: why none is needed"), required=False)
    consent = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [(kind.value, messages.word("id_kind", kind.value)) for kind in IdKind]
        grounds = [(kind.value, messages.word("exemption", kind.value or "none")) for kind in Exemption]
        self.fields["id_kind"].choices = ids  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["exemption"].choices = grounds  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["consent"].label = _(
            "I agree that the operator keeps these data, encrypted, to pay me and to report to the tax office as the law asks."
        )

    def draft(self) -> actions.PayeeDraft:
        given = self.cleaned_data
        names = ("real_name", "id_kind", "id_number", "licence_no", "exemption")
        version = CONSENT_VERSION if given["consent"] else ""
        return actions.PayeeDraft(**{name: given[name] for name in names}, consent_version=version)

    def refuse(self, error: YunjuError) -> None:
        """The action calls the box by the version of the text it stands for."""
        for fault in getattr(error, "faults", [error]):
            if fault.field == "consent_version":
                fault.field = "consent"
        super().refuse(error)


class AccountForm(Form):
    """Where the money goes."""

    channel = forms.ChoiceField(label=gettext_lazy("Way of payment"))
    holder = forms.CharField(label=gettext_lazy("Name of the holder"), max_length=120)
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=80, required=False)
    number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [(one.value, messages.word("channel", one.value)) for one in Channel]
        self.fields["channel"].choices = ways  # type: ignore[attr-defined]  # a ChoiceField


@sensitive_post_parameters("id_number", "number")
@require_http_methods(["GET", "POST"])
def payee(request: Request, code: str) -> HttpResponse:
    """Who is paid and where: identity on one form, account on the other. Numbers are never shown again in full."""
    member = acting_for(request, code, Permission.PAYEE_EDIT)
    what = request.GET.get("form", "")
    payee_form = PayeeForm(request.POST if what == "payee" and request.method == "POST" else None)
    account_form = AccountForm(request.POST if what == "account" and request.method == "POST" else None)
    if (
        payee_form.is_bound
        and payee_form.is_valid()
        and payee_form.carried_out(
            lambda: actions.set_payee(member_id=member.pk, draft=payee_form.draft(), by=request.actor)
        )
    ):
        return _kept(request, member)
    if account_form.is_bound and account_form.is_valid():
        draft = actions.AccountDraft(**account_form.cleaned_data)
        if account_form.carried_out(
            lambda: actions.set_payout_account(member_id=member.pk, draft=draft, by=request.actor)
        ):
            return _kept(request, member)
    told = {
        "here": "work",
        "member": member,
        "payee": Payee.objects.filter(member=member).first(),
        "account": PayoutAccount.objects.filter(member=member, ended_at=None).first(),
        "payee_form": payee_form,
        "account_form": account_form,
        "missing": queries.what_is_missing_for_payout(member.pk),
    }
    status = 422 if payee_form.errors or account_form.errors else 200
    return render(request, "web/shopkeeper/payee.html", told, status=status)


def _kept(request: Request, member: Member) -> HttpResponse:
    flash.success(request, _("Saved."))
    return go(request, "payee", member.code)


@require_POST
def ask(request: Request, code: str) -> HttpResponse:
    """提现: a wish for the next run of payouts."""
    member = acting_for(request, code, Permission.PAYOUT_ASK)
    try:
        ask_payout(member_id=member.pk, by=request.actor)
        flash.success(request, _("The operator has been asked to pay you out."))
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
    return go(request, "earnings", member.code)
