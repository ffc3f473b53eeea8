"""Giving money back: what a buyer asks for, what is answered, what a supplier or the operator gives of their own will.

From the order page it is three taps: what (money back, or send back), why, send. Photos come along where they help.
"""

import secrets
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yunju.fulfilment.contract import Who
from yunju.kernel.errors import Invalid
from yunju.orders import transitions
from yunju.orders.actions import cases, claims, sending
from yunju.orders.after_sale import UNSENT, Claim, reasons_that_fit
from yunju.orders.flow import queries as flows
from yunju.orders.flow.policy import whos_of
from yunju.orders.models import Case, FlowTimer, Line, Order
from yunju.orders.queries import order_visible_to
from yunju.orders.queries.doors import needs_phone, phone_of
from yunju.ui import formats, messages
from yunju.web.cards import first_pictures
from yunju.web.doors import OrderCodeForm, seen_order
from yunju.web.files import address_of, uploaded
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.request import Request, go, missing, own_member

MUST_ACT = {
    "asked": "supplier",
    "agreed": "buyer",
    "returning": "supplier",
    "refused_by": "buyer",
    "disputed": "operator",
}
"""Who must do something next in each state of a case that waits."""


def told_case(request: Request, found: Order, whos: frozenset[Who]) -> dict[str, object]:
    """The newest case of an order: its state, who must act until when, its photos, what this person may say."""
    sees = bool(whos)
    case = Case.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("-id").first()
    is_open = case is not None and case.state not in transitions.CASE_ENDS
    claimable = Who.BUYER in whos and bool(found.fulfilment_state) and not is_open
    told: dict[str, object] = {
        "may_claim": claimable,
        "claim_kinds": _kinds(found) if claimable else [],
    }
    if case is None or not sees:
        return told
    timer = FlowTimer.objects.filter(cluster_id=found.cluster_id, noun="case", noun_id=case.pk).first()
    return told | {
        "case": case,
        "case_due": timer.due_at if timer else None,
        "case_turn": MUST_ACT.get(case.state, ""),
        "photos": [
            (address_of(request, one.small), address_of(request, one.name))
            for one in case.photos.order_by("position")
        ],
        "answers": _answers(case, whos),
    }


def _kinds(found: Order) -> list[str]:
    """Nothing was sent: money back only. Something was: also sending it back."""
    return ["refund"] if found.fulfilment_state in UNSENT else ["refund", "return"]


def _answers(case: Case, whos: frozenset[Who]) -> list[tuple[str, str]]:
    """(event, who) that the person may say to the open case now."""
    wanted = transitions.CASE.get(case.state, {})
    return [
        (event, who.value)
        for event in wanted
        for who in (Who.BUYER, Who.SUPPLIER, Who.OPERATOR)
        if who in whos and who in cases.WHO_SAYS.get(event, frozenset())
    ]


class ClaimForm(Form):
    """What went wrong, with how many pieces. What is wished for came with the first tap."""

    kind = forms.ChoiceField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("Describe it in your own words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, lines: list[Line], kinds: list[str], state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.fields["kind"].choices = [(kind, kind) for kind in kinds]  # type: ignore[attr-defined]  # a ChoiceField
        fitting = reasons_that_fit(self["kind"].value(), state)
        reasons = [(code, messages.word("case.reason", code)) for code in fitting]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]  # a ChoiceField
        for line in lines:
            left = line.quantity - line.refunded_quantity
            name = f"{line.title} {line.variant_title}".strip()
            words = _("%(name)s: how many of %(left)s") % {"name": name, "left": left}
            self.fields[f"line:{line.pk}"] = CountField(label=words, required=False, most=left, initial=left)

    def pieces_fields(self) -> list[forms.BoundField]:
        return [self[f"line:{line.pk}"] for line in self.lines]

    def claim(self) -> Claim:
        given = self.cleaned_data
        pieces = {line.pk: given[f"line:{line.pk}"] for line in self.lines if given[f"line:{line.pk}"]}
        return Claim(kind=given["kind"], pieces=pieces, reason=given["reason"], words=given["words"])


@require_http_methods(["GET", "POST"])
def after_sale(request: Request, code: str) -> HttpResponse:
    """Ask for a refund or a return. Without account the phone is proved first, once."""
    found = seen_order(request, code)
    if Who.BUYER not in whos_of(request.actor, flows.parties_of(found)):
        missing()
    if needs_phone(found.purchase):
        return _prove(request, found)
    goods = Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, kind="goods").order_by("seq")
    lines = [line for line in goods if line.refunded_quantity < line.quantity]
    kinds = _kinds(found)
    wanted = request.GET.get("kind", "")
    kind = wanted if wanted in kinds else kinds[0]
    form = ClaimForm(
        request.POST or None,
        lines=lines,
        kinds=kinds,
        state=found.fulfilment_state,
        initial={"kind": kind},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: claims.ask(
                order_id=found.pk,
                claim=form.claim(),
                photos=uploaded(request, "photos"),
                by=request.actor,
            )
        )
    ):
        flash.success(
            request, _("The supplier has been asked and answers within 48 hours; silence counts as yes.")
        )
        return go(request, "order", code)
    told = {
        "here": "orders",
        "order": found,
        "form": form,
        "kind": form["kind"].value(),
        "pieces": [(line, line.quantity - line.refunded_quantity) for line in lines],
        "pictures": first_pictures({line.offer_id for line in lines if line.offer_id}),
        "most_minor": _most(found),
        "most_photos": claims.MOST_PHOTOS,
        "has_many": len(lines) > 1 or any(line.quantity > 1 for line in lines),
    }
    return render(request, "web/buyer/after_sale.html", told, status=422 if form.errors else 200)


def _most(found: Order) -> int:
    """What can come back at most: all that is left of goods and, where nobody is to blame for it, of freight."""
    rows = Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, kind__in=("goods", "freight"))
    return sum(row.amount_minor - row.refunded_minor for row in rows)


def _prove(request: Request, found: Order) -> HttpResponse:
    """A code goes to the phone of the order, whoever's browser this is; the right code opens the form behind it."""
    is_code = request.method == "POST" and {"code", "step"} & set(request.POST)
    form = OrderCodeForm(request.POST if is_code else None)
    is_sent = False
    if is_code and form.is_valid():
        if form.cleaned_data["step"] == "send":
            is_sent = form.carried_out(lambda: _send_code(request, found))
        elif form.carried_out(
            lambda: claims.prove_phone(order_id=found.pk, digits=form.cleaned_data["code"], by=request.actor)
        ):
            return go(request, "after_sale", found.code, kind=request.GET.get("kind", ""))
    phone = phone_of(found.purchase).removeprefix("+86")
    told = {
        "here": "orders",
        "order": found,
        "form": form,
        "phone": f"{phone[:3]} **** {phone[-4:]}",
        "is_sent": is_sent or bool(request.POST),
    }
    response = render(request, "web/buyer/prove.html", told, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _send_code(request: Request, found: Order) -> None:
    claims.send_code(
        order_id=found.pk,
        by=request.actor,
        language=get_language() or "zh-hans",
        address=request.META.get("REMOTE_ADDR", ""),
    )


@require_POST
def answer_case(request: Request, code: str) -> HttpResponse:
    """Whoever is asked says something to the case of an order."""
    found = seen_order(request, code)
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
    words = forms.CharField(
        label=gettext_lazy("Describe it in your own words"), required=False, max_length=200
    )

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        words = self.fields.pop("words")  # after the amounts
        for line in lines:
            name = messages.word("kind", "freight") if line.kind == "freight" else line.title
            left = formats.money(line.amount_minor - line.refunded_minor, line.order.currency)
            self.fields[f"line:{line.pk}"] = MoneyField(
                label=name, help_text=_("Up to %(amount)s") % {"amount": left}, required=False
            )
        self.fields["words"] = words

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
    member = own_member(request, found.supplier_id)
    here = "work" if member else "operator"
    told = {"here": here, "order": found, "form": form, "member": member}
    return render(request, "web/supplier/refund.html", told, status=422 if form.errors else 200)


@require_POST
def try_again(request: Request, refund_id: int) -> HttpResponse:
    """A refund that failed goes back into the queue."""
    sending.try_again(refund_id=refund_id, by=request.actor)
    flash.success(request, _("It will be tried again."))
    return go(request, "refunds")
