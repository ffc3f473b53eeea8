"""Giving money back: what a buyer asks for, what is answered, what a supplier or the operator gives of their own will."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yunju.fulfilment.contract import Who
from yunju.kernel.errors import Invalid
from yunju.orders.actions import cases, sending
from yunju.orders.after_sale import FAULT_OF, Claim
from yunju.orders.flow import queries as flows
from yunju.orders.flow.policy import whos_of
from yunju.orders.models import Case, Line, Order
from yunju.orders.queries import order_visible_to
from yunju.ui import formats, messages
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.request import Request, go, missing


class ClaimForm(Form):
    """What went wrong, with how many pieces, and what the buyer wishes."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you wish?"), widget=forms.RadioSelect, initial="refund"
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        kinds = [
            ("refund", _("Money back, I keep or never got the goods")),
            ("return", _("Send the goods back for the money")),
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField
        reasons = [
            ("", _("Choose a reason")),
            *((code, messages.word("case.reason", code)) for code in FAULT_OF),
        ]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]  # a ChoiceField
        for line in lines:
            left = line.quantity - line.refunded_quantity
            name = f"{line.title} {line.variant_title}".strip()
            words = _("%(name)s: how many of %(left)s") % {"name": name, "left": left}
            self.fields[f"line:{line.pk}"] = CountField(label=words, required=False, most=left, initial=left)

    def claim(self) -> Claim:
        given = self.cleaned_data
        pieces = {line.pk: given[f"line:{line.pk}"] for line in self.lines if given[f"line:{line.pk}"]}
        return Claim(kind=given["kind"], pieces=pieces, reason=given["reason"], words=given["words"])


@require_http_methods(["GET", "POST"])
def after_sale(request: Request, code: str) -> HttpResponse:
    """Ask for a refund or a return."""
    found = order_visible_to(request.actor, code)
    if Who.BUYER not in whos_of(request.actor, flows.parties_of(found)):
        missing()
    goods = Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, kind="goods").order_by("seq")
    lines = [line for line in goods if line.refunded_quantity < line.quantity]
    form = ClaimForm(request.POST or None, lines=lines)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: cases.open_case(order_id=found.pk, claim=form.claim(), by=request.actor))
    ):
        flash.success(
            request, _("The supplier has been asked and answers within 48 hours; silence counts as yes.")
        )
        return go(request, "order", code)
    told = {"here": "orders", "order": found, "form": form}
    return render(request, "web/buyer/after_sale.html", told, status=422 if form.errors else 200)


@require_POST
def answer_case(request: Request, code: str) -> HttpResponse:
    """Whoever is asked says something to the case of an order."""
    found = order_visible_to(request.actor, code)
    case = Case.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("-id").first()
    who = request.POST.get("who", "")
    if case is None or who not in {Who.BUYER, Who.SUPPLIER, Who.OPERATOR}:
        missing()
    said = cases.Answer(
        event=request.POST.get("event", "")[:30],
        tracking=request.POST.get("tracking", "")[:60],
        restock=request.POST.get("restock", "yes") == "yes",
        words=request.POST.get("words", "")[:500],
    )
    try:
        cases.answer_case(case_id=case.pk, answer=said, who=Who(who), by=request.actor)
        flash.success(request, _("Done."))
    except Invalid as error:
        flash.error(request, messages.of(error, currency=found.currency))
    return go(request, "order", code)


class RefundForm(Form):
    """How much of each line is given back. The key is the page's: pressed twice, it is given once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    words = forms.CharField(label=gettext_lazy("In your words"), required=False, max_length=200)

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            name = messages.word("kind", "freight") if line.kind == "freight" else line.title
            left = formats.money(line.amount_minor - line.refunded_minor, line.order.currency)
            words = _("%(name)s: up to %(left)s") % {"name": name, "left": left}
            self.fields[f"line:{line.pk}"] = MoneyField(label=words, required=False)

    def amounts(self) -> dict[int, int]:
        given = {line.pk: self.cleaned_data[f"line:{line.pk}"] for line in self.lines}
        return {pk: minor for pk, minor in given.items() if minor}


def may_refund(request: Request, found: Order) -> bool:
    """The supplier of a paid order, and the operator, may give money back at any time."""
    return bool(found.fulfilment_state) and bool(
        {Who.SUPPLIER, Who.OPERATOR} & whos_of(request.actor, flows.parties_of(found))
    )


@require_http_methods(["GET", "POST"])
def refund(request: Request, code: str) -> HttpResponse:
    """A refund without a case: before release out of what waits, after it out of what the payees have or will earn."""
    found = order_visible_to(request.actor, code)
    if not may_refund(request, found):
        missing()
    rows = (
        Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk)
        .select_related("order")
        .order_by("seq")
    )
    form = RefundForm(
        request.POST or None,
        lines=[line for line in rows if line.refunded_minor < line.amount_minor],
        initial={"key": secrets.token_urlsafe(24)},
    )
    in_currency(form, request)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: cases.refund_by_supplier(
                order_id=found.pk,
                amounts=form.amounts(),
                words=form.cleaned_data["words"],
                by=request.actor,
                key=form.cleaned_data["key"],
            )
        )
    ):
        flash.success(request, _("The money is on its way back to the buyer."))
        return go(request, "order", code)
    told = {"order": found, "form": form}
    return render(request, "web/supplier/refund.html", told, status=422 if form.errors else 200)


@require_POST
def try_again(request: Request, refund_id: int) -> HttpResponse:
    """A refund that failed goes back into the queue."""
    sending.try_again(refund_id=refund_id, by=request.actor)
    flash.success(request, _("It will be tried again."))
    return go(request, "refunds")
