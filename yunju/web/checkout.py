"""From the cart to a placed purchase. Nothing here needs JavaScript; the key of a purchase is made with its form."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.models import Offer, Variant
from yunju.fulfilment import registry
from yunju.fulfilment.contract import Ask
from yunju.kernel.errors import Invalid, InvalidMany, YunjuError
from yunju.orders.actions import carts
from yunju.orders.actions.expire import cancel_purchase
from yunju.orders.actions.intake import place_one
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, PricedPurchase, WantedLine
from yunju.orders.models import Contact, Order
from yunju.orders.queries.carts import CartRow, preview, rows_of, wanted
from yunju.shops import queries as shops
from yunju.ui import messages
from yunju.web import provinces
from yunju.web.cards import first_pictures
from yunju.web.forms import CountField, Form
from yunju.web.home import bringing, keep_province, kept_province
from yunju.web.request import Request, go, missing

CONTACT = ("name", "phone", "province", "city", "district", "street", "note")


class AddForm(Form):
    """A variant with the price that was shown, and how many."""

    variant = forms.CharField(max_length=60)
    quantity = CountField(least=1, most=9_999)

    def clean_variant(self) -> tuple[str, int]:
        code, _sign, price = self.cleaned_data["variant"].partition(":")
        if not (price.isascii() and price.isdigit() and len(price) <= 13):
            raise forms.ValidationError(_("Choose a variant."))
        return code, int(price)


@require_POST
def add(request: Request) -> HttpResponse:
    """Into the cart, with the shop that led here when it lists the offer."""
    form = AddForm(request.POST)
    code = str(request.POST.get("variant", "")).partition(":")[0]
    variant = Variant.objects.filter(cluster_id=request.cluster.pk, code=code).select_related("offer").first()
    if variant is None:
        missing()
    if form.is_valid() and form.carried_out(lambda: _add(request, variant, form.cleaned_data)):
        flash.success(request, _("“%(title)s” is in the cart.") % {"title": variant.offer.title})
        return go(request, "cart")
    flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return go(request, "offer", variant.offer.code)


def _add(request: Request, variant: Variant, given: Mapping[str, Any]) -> None:
    led = bringing(request)
    lists = led is not None and bool(shops.lists(request.cluster.pk, [(led.shop_id, variant.offer_id)]))
    line = WantedLine(
        variant_id=variant.pk,
        quantity=given["quantity"],
        shown_minor=given["variant"][1],
        shop_id=led.shop_id if led and lists else None,
        source=led.source if led and lists else "none",
        share_code=led.share_code if led and lists else "",
    )
    carts.add(wanted=line, by=request.actor)


@require_GET
def cart(request: Request) -> HttpResponse:
    """What somebody is about to buy, by supplier, with who brought them."""
    rows = rows_of(request.actor)
    told = {
        "here": "cart",
        "groups": grouped(rows),
        "codes": offer_codes(rows),
        "pictures": first_pictures({row.sold.offer_id for row in rows if row.sold}),
        "total_minor": sum(row.amount_minor for row in rows if row.can_be_bought),
        "is_ready": bool(rows) and all(row.can_be_bought for row in rows),
        "is_changed": any(row.is_changed for row in rows),
    }
    return render(request, "web/checkout/cart.html", told)


def grouped(rows: Sequence[CartRow]) -> list[tuple[str, list[CartRow]]]:
    """(supplier's name, rows), in the order of first appearance."""
    groups: dict[int, list[CartRow]] = {}
    for row in rows:
        groups.setdefault(row.sold.supplier_id if row.sold else 0, []).append(row)
    return [
        (found[0].sold.supplier_name if found[0].sold else _("No longer sold"), found)
        for found in groups.values()
    ]


def offer_codes(rows: Sequence[CartRow]) -> dict[int, str]:
    """Offer id -> its code in addresses."""
    return dict(
        Offer.objects.filter(pk__in=[row.sold.offer_id for row in rows if row.sold]).values_list("pk", "code")
    )


class ChangeForm(Form):
    """What is to happen with one line of the cart."""

    variant = CountField(most=2**62)
    quantity = CountField(most=9_999, required=False)
    what = forms.ChoiceField(choices=[(word, word) for word in ("set", "remove", "remove_shop")])


@require_POST
def change(request: Request) -> HttpResponse:
    """Another quantity, out of the cart, or without the shop."""
    form = ChangeForm(request.POST)
    if not form.is_valid() or not form.carried_out(lambda: _change(request, form.cleaned_data)):
        flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return go(request, "cart")


def _change(request: Request, given: Mapping[str, Any]) -> None:
    if given["what"] == "remove_shop":
        carts.remove_shop(variant_id=given["variant"], by=request.actor)
        return
    quantity = 0 if given["what"] == "remove" else given["quantity"]
    if quantity is None:
        raise Invalid("quantity.range", field="quantity", limit=9_999)
    carts.change(variant_id=given["variant"], quantity=quantity, by=request.actor)


@require_POST
def accept_prices(request: Request) -> HttpResponse:
    """Go on with today's prices."""
    carts.accept_prices(by=request.actor)
    return go(request, "cart")


class CheckoutForm(Form):
    """What the modes in the cart ask, the key of this purchase, and the total that was shown."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    shown_total = CountField(widget=forms.HiddenInput, required=False, most=10**12)
    step = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asks: Sequence[Ask], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for ask in asks:
            self.fields[ask.key] = _field(ask)

    def contact(self) -> ContactDraft:
        """What was typed, as far as it goes: also of a form that is not valid yet."""
        given = getattr(self, "cleaned_data", {})
        return ContactDraft(**{name: given.get(name) or "" for name in CONTACT})

    def refuse(self, error: YunjuError) -> None:
        """Faults of cart lines stand above the form; faults of the contact at their fields."""
        faults: Sequence[YunjuError] = error.faults if isinstance(error, InvalidMany) else [error]
        for fault in faults:
            place = fault.field if fault.field in self.fields else None
            self.add_error(place, messages.of(fault, currency=self.currency))


def _field(ask: Ask) -> forms.Field:
    label = messages.in_language(ask.label)
    if ask.key == "province":
        choices = [("", _("Choose a province")), *provinces.choices()]
        return forms.ChoiceField(label=label, required=ask.required, choices=choices)
    hints = {
        "name": "name",
        "phone": "tel",
        "city": "address-level2",
        "district": "address-level3",
        "street": "street-address",
    }
    attributes = {"autocomplete": hints.get(ask.key, "off")} | ({"type": "tel"} if ask.key == "phone" else {})
    return forms.CharField(
        label=label,
        required=ask.required,
        max_length=ask.max_length,
        widget=forms.TextInput(attrs=attributes),
    )


def _asks(rows: Sequence[CartRow]) -> list[Ask]:
    """What all modes of the cart ask together, each thing once."""
    asked: dict[str, Ask] = {}
    for code in sorted({row.sold.mode for row in rows if row.sold}):
        for ask in registry.mode(code).asks():
            asked.setdefault(ask.key, ask)
    return list(asked.values())


@require_http_methods(["GET", "POST"])
def checkout(request: Request) -> HttpResponse:
    """The address, the freight, the total; then the purchase is placed, once, whatever is pressed how often."""
    rows = rows_of(request.actor)
    if request.method == "GET" and (
        not rows or not all(row.can_be_bought and not row.is_changed for row in rows)
    ):
        return go(request, "cart")
    initial = _initial(request) | {"key": secrets.token_urlsafe(24)}
    form = CheckoutForm(request.POST or None, asks=_asks(rows), initial=initial)
    form.currency = request.cluster.currency
    if request.method == "GET":
        draft = ContactDraft(**{name: str(initial.get(name) or "") for name in CONTACT})
        return _page(request, form, rows, _priced(request, rows, draft))
    valid = form.is_valid()
    if form.cleaned_data.get("step") == "look":
        _forgive_missing(form)
        return _page(request, form, rows, _priced(request, rows, form.contact()))
    if not valid:
        return _page(request, form, rows, _priced(request, rows, form.contact()))
    return _place(request, form, rows)


def _forgive_missing(form: CheckoutForm) -> None:
    """Whoever only wants to see the freight is not told off for fields still empty."""
    for name in list(form.errors):
        if not form.data.get(name, "").strip():
            del form.errors[name]


def _place(request: Request, form: CheckoutForm, rows: Sequence[CartRow]) -> HttpResponse:
    priced = _priced(request, rows, form.contact()) if rows else None
    if isinstance(priced, YunjuError):
        form.refuse(priced)
        return _page(request, form, rows, priced)
    if priced is not None and priced.total_minor != form.cleaned_data["shown_total"]:
        form.add_error(None, _("This is the total with freight. Look at it once more, then place the order."))
        return _page(request, form, rows, priced)
    placed: list[Placed] = []
    asked = PlaceRequest(
        by=request.actor,
        key=form.cleaned_data["key"],
        lines=wanted([row.line for row in rows]),
        contact=form.contact(),
    )
    if not form.carried_out(lambda: placed.append(place_one(asked))):
        return _page(request, form, rows, priced)
    carts.empty(variant_ids=[row.line.variant_id for row in rows], by=request.actor)
    response = go(request, "cashier", placed[0].code)
    keep_province(response, form.cleaned_data.get("province", ""))
    return response


def _priced(
    request: Request, rows: Sequence[CartRow], contact: ContactDraft
) -> PricedPurchase | YunjuError | None:
    if not rows or not contact.province:
        return None
    return preview(request.actor, wanted([row.line for row in rows]), contact)


def _page(
    request: Request, form: CheckoutForm, rows: Sequence[CartRow], priced: PricedPurchase | YunjuError | None
) -> HttpResponse:
    fault = ""
    if isinstance(priced, YunjuError) and not form.non_field_errors():
        fault = " ".join(messages.of(one, currency=request.cluster.currency) for one in _faults(priced))
    total = priced.total_minor if isinstance(priced, PricedPurchase) else None
    if form.is_bound:
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["shown_total"] = "" if total is None else str(total)  # type: ignore[index]  # a copy
        form.data["step"] = ""  # type: ignore[index]  # a copy
    else:
        form.initial["shown_total"] = total
    told = {
        "here": "cart",
        "form": form,
        "rows": rows,
        "priced": priced if isinstance(priced, PricedPurchase) else None,
        "fault": fault,
        "goods_minor": sum(row.amount_minor for row in rows),
        "minutes": request.cluster.unpaid_minutes,
    }
    return render(request, "web/checkout/checkout.html", told, status=422 if form.errors else 200)


def _faults(error: YunjuError) -> Sequence[YunjuError]:
    return error.faults if isinstance(error, InvalidMany) else [error]


def _initial(request: Request) -> dict[str, object]:
    """The address of the last order of the account, else the province chosen in this browser."""
    if request.actor.user_id is not None:
        last = (
            Contact.objects.filter(
                cluster_id=request.cluster.pk,
                erased_at=None,
                order_id__in=_last_orders(request.actor.user_id, request.cluster.pk),
            )
            .order_by("-id")
            .first()
        )
        if last is not None:
            known = {name: getattr(last, name) for name in CONTACT if name != "note"}
            return known | {"province": provinces.key(last.province)}
    return {"province": kept_province(request)}


def _last_orders(user_id: int, cluster_id: int) -> list[int]:
    newest = Order.objects.filter(cluster_id=cluster_id, purchase__user_id=user_id).order_by("-id")
    return list(newest.values_list("id", flat=True)[:5])


@require_POST
def cancel(request: Request, code: str) -> HttpResponse:
    """An unpaid purchase is given up."""
    cancel_purchase(code=code, by=request.actor)
    flash.success(request, _("The order is cancelled; nothing was taken from you."))
    return go(request, "orders")
