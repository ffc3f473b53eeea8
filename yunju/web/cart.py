"""The cart: what somebody is about to buy, by supplier, with what it will cost to send and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog import freight
from yunju.catalog import queries as catalog
from yunju.catalog.models import Offer, Variant
from yunju.catalog.selling import selling
from yunju.kernel.errors import Invalid, YunjuError
from yunju.orders.actions import carts
from yunju.orders.draft import WantedLine
from yunju.orders.queries.carts import CartRow, lines_of, rows_of
from yunju.shops import queries as shops
from yunju.ui import messages
from yunju.web.cards import first_pictures
from yunju.web.forms import CountField, Form
from yunju.web.home import bringing, kept_province
from yunju.web.request import Request, go, missing

UNDO_SALT, UNDO_SECONDS = "yunju.web.cart", 3600


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
        flash.success(request, _("“%(title)s” was added to your cart.") % {"title": variant.offer.title})
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


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one supplier, their sum, and what is known of sending them."""

    supplier: str
    rows: list[CartRow]
    goods_minor: int
    freight_minor: int | None = None
    more_minor: int | None = None
    refusal: str = ""


@require_GET
def cart(request: Request) -> HttpResponse:
    """What somebody is about to buy, by supplier, with who brought them."""
    rows = rows_of(request.actor)
    province = kept_province(request)
    groups = grouped(rows, province, request.cluster.currency)
    goods_minor = sum(row.amount_minor for row in rows if row.can_be_bought)
    sending_minor = _sending(groups)
    told = {
        "here": "cart",
        "groups": groups,
        "province": province,
        "codes": offer_codes(rows),
        "pictures": first_pictures({row.sold.offer_id for row in rows if row.sold}),
        "total_minor": goods_minor,
        "freight_minor": sending_minor,
        "whole_minor": goods_minor + (sending_minor or 0),
        "pieces": sum(row.line.quantity for row in rows if row.can_be_bought),
        "is_ready": bool(rows) and all(row.can_be_bought for row in rows),
        "is_changed": any(row.is_changed for row in rows),
        "undo": _undo(request),
    }
    return render(request, "web/checkout/cart.html", told)


def grouped(rows: Sequence[CartRow], province: str, currency: str) -> list[Group]:
    """The suppliers in the order of first appearance. One query."""
    groups: dict[int, list[CartRow]] = {}
    for row in rows:
        groups.setdefault(row.sold.supplier_id if row.sold else 0, []).append(row)
    rules = catalog.freight_rules([supplier for supplier in groups if supplier])
    return [_group(found, rules.get(supplier), province, currency) for supplier, found in groups.items()]


def _group(rows: list[CartRow], rule: freight.FreightTerms | None, province: str, currency: str) -> Group:
    """What sending will cost, where that can be said before the address: by the very rule of the checkout."""
    name = rows[0].sold.supplier_name if rows[0].sold else _("No longer sold")
    good = [row for row in rows if row.can_be_bought]
    goods = sum(row.amount_minor for row in good)
    if not good or (rule and rule.asks_for_province and not province):
        return Group(name, rows, goods)
    weight = sum(row.line.quantity * row.sold.weight_g for row in good if row.sold)
    try:
        minor = freight.quote(rule, province=province, goods_minor=goods, weight_g=weight)
    except YunjuError as error:
        return Group(name, rows, goods, refusal=messages.of(error, currency=currency))
    over = rule.free_over_minor if rule else None
    more = over - goods if over is not None and minor and goods < over else None
    return Group(name, rows, goods, minor, more)


def _sending(groups: Sequence[Group]) -> int | None:
    """What sending all of it costs; None as long as that is not known of every supplier."""
    known = [one.freight_minor for one in groups if one.freight_minor is not None]
    return sum(known) if len(known) == len(groups) else None


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
    undo = _remembered(request, form) if form.is_valid() else ""
    if not form.is_valid() or not form.carried_out(lambda: _change(request, form.cleaned_data)):
        flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
        return go(request, "cart")
    return go(request, "cart", undo=undo)


def _change(request: Request, given: Mapping[str, Any]) -> None:
    if given["what"] == "remove_shop":
        carts.remove_shop(variant_id=given["variant"], by=request.actor)
        return
    quantity = 0 if given["what"] == "remove" else given["quantity"]
    if quantity is None:
        raise Invalid("quantity.range", field="quantity", limit=9_999)
    carts.change(variant_id=given["variant"], quantity=quantity, by=request.actor)


def _remembered(request: Request, form: ChangeForm) -> str:
    """A line that is about to go, signed, so that one tap brings it back with the shop that showed it."""
    given = form.cleaned_data
    if given["what"] != "remove" and given["quantity"] != 0:
        return ""
    for line in lines_of(request.actor):
        if line.variant_id == given["variant"]:
            kept = [line.variant_id, line.quantity, line.shop_id, line.source, line.share_code, line.context]
            return signing.dumps(kept, salt=UNDO_SALT)
    return ""


def _undo(request: Request) -> dict[str, str]:
    """The line that was taken out a moment ago, and is still to be had."""
    token = request.GET.get("undo", "")
    kept = _read_undo(token)
    if kept is None or any(line.variant_id == kept.variant_id for line in lines_of(request.actor)):
        return {}
    sold = selling(request.cluster.pk, [kept.variant_id]).get(kept.variant_id)
    return {"token": token, "title": sold.title} if sold else {}


def _read_undo(token: str) -> WantedLine | None:
    if not token:
        return None
    try:
        variant_id, quantity, shop_id, source, share_code, context = signing.loads(
            token, salt=UNDO_SALT, max_age=UNDO_SECONDS
        )
    except (signing.BadSignature, ValueError):
        return None
    return WantedLine(variant_id, quantity, 0, shop_id, source, share_code, context)


@require_POST
def put_back(request: Request) -> HttpResponse:
    """Undo: the line is in the cart again, at today's price."""
    line = _read_undo(request.POST.get("token", ""))
    if line is None:
        missing()
    try:
        carts.add(wanted=line, by=request.actor)
    except Invalid as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
    return go(request, "cart")


@require_POST
def accept_prices(request: Request) -> HttpResponse:
    """Go on with today's prices."""
    carts.accept_prices(by=request.actor)
    return go(request, "cart")
