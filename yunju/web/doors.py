"""Back to an order without an account: the signed link asks for the last four digits of the phone, once a browser.

After too many wrong digits it asks for a code, which goes to the phone of the order. The page names no digit of that phone.
"""

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.kernel.errors import NotFound
from yunju.notices import sms
from yunju.orders.actions import doors
from yunju.orders.models import Order
from yunju.orders.queries import order_visible_to
from yunju.orders.queries.doors import phone_of, with_keys
from yunju.web.forms import Form
from yunju.web.request import Request, go, missing

SALT = "yunju.web.order"


class DigitsForm(Form):
    """The last four digits of the phone of the order."""

    digits = forms.CharField(
        label=gettext_lazy("Last four digits of the phone"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
    )


class OrderCodeForm(Form):
    """The code that came to the phone of the order."""

    code = forms.CharField(
        label=gettext_lazy("Code from the text message"),
        required=False,
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "short"}
        ),
    )
    step = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


def link_to(request: Request, order: Order) -> str:
    """The address that leads back to an order from any browser. By itself it shows nothing."""
    signed = signing.Signer(salt=SALT, sep=".").sign(order.code)
    return request.build_absolute_uri(reverse("order_door", args=[signed]))


def seen_order(request: Request, code: str) -> Order:
    """The order, for whoever may see it: also for a browser that opened it by its link. `request.actor` then knows."""
    request.actor = with_keys(request.actor)
    return order_visible_to(request.actor, code)


@require_http_methods(["GET", "POST"])
def order_door(request: Request, signed: str) -> HttpResponse:
    """The door. Whoever sees the order already goes straight through."""
    try:
        code = signing.Signer(salt=SALT, sep=".").unsign(signed)
    except signing.BadSignature:
        missing()
    try:
        seen_order(request, code)
    except NotFound:
        return _ask(request, code)
    return go(request, "order", code)


def _ask(request: Request, code: str) -> HttpResponse:
    order = Order.objects.select_related("purchase").filter(cluster_id=request.cluster.pk, code=code).first()
    if order is None:
        missing()
    response = _by_digits(request, order) if doors.takes_digits(order.purchase) else _by_code(request, order)
    response["Cache-Control"] = "no-store"
    return response


def _by_digits(request: Request, order: Order) -> HttpResponse:
    form = DigitsForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: doors.open_door(
                purchase_id=order.purchase_id, digits=form.cleaned_data["digits"], by=request.actor
            )
        )
    ):
        return go(request, "order", order.code)
    told = {"here": "orders", "form": form}
    return render(request, "web/buyer/door.html", told, status=422 if form.errors else 200)


def _by_code(request: Request, order: Order) -> HttpResponse:
    """Digits that come too late (the door closed meanwhile) are not looked at any more."""
    asked = request.method == "POST" and "step" in request.POST
    form, is_sent = OrderCodeForm(request.POST if asked else None), False
    if asked and form.is_valid():
        if form.cleaned_data["step"] == "send":
            is_sent = form.carried_out(
                lambda: doors.send_code(
                    purchase_id=order.purchase_id,
                    by=request.actor,
                    language=get_language() or settings.LANGUAGE_CODE,
                    address=request.META.get("REMOTE_ADDR", ""),
                )
            )
        elif form.carried_out(
            lambda: doors.open_by_code(
                purchase_id=order.purchase_id, digits=form.cleaned_data["code"], by=request.actor
            )
        ):
            return go(request, "order", order.code)
    told = {
        "here": "orders",
        "form": form,
        "closed": True,
        "can_send": bool(phone_of(order.purchase)) and sms.can_send(),
        "is_sent": is_sent or asked,
    }
    return render(request, "web/buyer/door.html", told, status=422 if form.errors else 200)
