"""One of a supplier's own offers: say, price, count, pay shops, picture, list, withdraw. Making one: `new_offer`."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yunju.catalog import queries as catalog
from yunju.catalog.actions import keeping, pictures, places, stock
from yunju.catalog.actions import offers as actions
from yunju.catalog.actions.checks import OfferFields
from yunju.catalog.models import Category, Offer, Place, Presale, Stock, Variant
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.paragraphs import as_html, as_text
from yunju.web.request import Request, acting_for, go, missing


class SayForm(Form):
    """What an offer says of itself."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    body_html = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Plain text; an empty line begins a new paragraph. Simple HTML is kept, everything unsafe is removed."
        ),
    )
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    brand = forms.CharField(label=gettext_lazy("Brand"), required=False, max_length=120)
    returnable = forms.BooleanField(
        label=gettext_lazy("Seven days to send it back, without a reason"), required=False, initial=True
    )
    after_sale_days = CountField(
        label=gettext_lazy("Days of after-sale service"),
        required=False,
        most=90,
        help_text=gettext_lazy("Leave empty for the market default."),
    )

    def __init__(self, *args: Any, cluster_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Category.objects.filter(cluster_id=cluster_id).order_by("position", "id")
        choices = [("", _("None")), *((one.code, messages.local_name(one)) for one in here)]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def fields_said(self, *, option_names: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> OfferFields:
        given = self.cleaned_data
        return OfferFields(
            title=given["title"],
            body_html=as_html(given["body_html"]),
            category=given["category"],
            brand=given["brand"],
            returnable=given["returnable"],
            after_sale_days=given["after_sale_days"],
            option_names=option_names,
            tags=tags,
        )


def in_currency(form: Form, request: Request) -> None:
    """Amounts of a form are read and shown in the cluster's currency."""
    form.currency = request.cluster.currency
    for field in form.fields.values():
        if isinstance(field, MoneyField):
            field.currency = request.cluster.currency


class PriceForm(Form):
    """Price and count of one variant."""

    price = MoneyField(label=gettext_lazy("Price"), least=1)
    compare_at = MoneyField(label=gettext_lazy("Price before"), required=False, least=1)
    count = CountField(label=gettext_lazy("Pieces left"), most=stock.MOST)


class PresaleForm(Form):
    """From when a presale is sent: of the whole offer, or of one of several variants."""

    variant = forms.ChoiceField(label=gettext_lazy("Applies to"), required=False)
    ship_from = forms.DateField(
        label=gettext_lazy("Sold now, sent from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: no presale. The 48 hours to send begin with that day."),
    )

    def __init__(self, *args: Any, variants: Sequence[Variant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(variants) < 2:
            del self.fields["variant"]
            return
        named = [("", _("The whole offer")), *((one.code, one.title) for one in variants)]
        self.fields["variant"].choices = named  # type: ignore[attr-defined]  # a ChoiceField


def _variants(offer: Offer) -> list[Variant]:
    return list(offer.variants.filter(closed_at=None).order_by("position", "id"))


def _presales(offer: Offer, variants: Sequence[Variant]) -> list[tuple[str, date]]:
    """What is sold ahead now: the title of the variant, empty for the whole offer, and the day."""
    days = dict(Presale.objects.filter(offer=offer).values_list("variant_id", "ship_from"))
    named: list[tuple[int | None, str]] = [(None, ""), *((one.pk, one.title) for one in variants)]
    return [(title, days[pk]) for pk, title in named if pk in days]


@require_POST
def presale(request: Request, code: str, offer_code: str) -> HttpResponse:
    """A day from which the offer (or one variant) is sent; orders placed before keep theirs."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = _own(member, offer_code)
    variants = _variants(offer)
    form = PresaleForm(request.POST, variants=variants)
    by_code = {one.code: one.pk for one in variants}
    if form.is_valid() and form.carried_out(
        lambda: keeping.set_presale(
            offer_id=offer.pk,
            variant_id=by_code.get(form.cleaned_data.get("variant", "")),
            ship_from=form.cleaned_data["ship_from"],
            by=request.actor,
        )
    ):
        return _kept(request, member, offer)
    return _edit_page(request, member, offer, form)


def _own(member: Member, offer_code: str) -> Offer:
    offer = (
        Offer.objects.filter(supplier=member, code=offer_code, closed_at=None)
        .select_related("category")
        .first()
    )
    if offer is None:
        missing()
    return offer


def _edit_page(request: Request, member: Member, offer: Offer, broken: Form | None = None) -> HttpResponse:
    """The page of one own offer; `broken` is the form that was refused, shown in its place with what was typed."""
    left = {
        row.variant_id: row.remaining
        for row in Stock.objects.filter(variant__offer=offer, place__closed_at=None).order_by(
            "-place__position", "-place_id"
        )
    }
    open_variants = _variants(offer)
    presales = _presales(offer, open_variants)
    said = SayForm(cluster_id=request.cluster.pk, initial=_said(offer))
    rows = []
    for variant in open_variants:
        first = {
            "price": variant.price_minor,
            "compare_at": variant.compare_at_minor,
            "count": left.get(variant.pk, 0),
        }
        form = PriceForm(initial=first, auto_id=f"id_{variant.pk}_%s")
        in_currency(form, request)
        rows.append(
            (variant, broken if isinstance(broken, PriceForm) and broken.auto_id == form.auto_id else form)
        )
    told = {
        "here": "work",
        "member": member,
        "offer": offer,
        "form": broken if type(broken) is SayForm else said,
        "shop": catalog.shop_terms(catalog.newest_rules([offer.pk]).get(offer.pk)),
        "presale": broken
        if isinstance(broken, PresaleForm)
        else PresaleForm(
            initial={"ship_from": next((day for title, day in presales if not title), None)},
            variants=open_variants,
        ),
        "presales": presales,
        "may_rule": request.actor.holds(Permission.RULE_EDIT, member.pk),
        "rows": rows,
        "pictures": [one for one in offer.pictures.all() if one.file],
    }
    return render(request, "web/supplier/offer_edit.html", told, status=422 if broken else 200)


def _said(offer: Offer) -> dict[str, object]:
    return {
        "title": offer.title,
        "body_html": as_text(offer.body_html),
        "category": offer.category.code if offer.category else "",
        "brand": offer.brand,
        "returnable": offer.returnable,
        "after_sale_days": offer.after_sale_days,
    }


@require_http_methods(["GET", "POST"])
def edit(request: Request, code: str, offer_code: str) -> HttpResponse:
    """One own offer: its words here, price, stock, commission and pictures by the addresses below."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = _own(member, offer_code)
    if request.method == "GET":
        return _edit_page(request, member, offer)
    form = SayForm(request.POST, cluster_id=request.cluster.pk)
    if form.is_valid():
        fields = form.fields_said(option_names=tuple(offer.option_names), tags=tuple(offer.tags))
        if form.carried_out(lambda: actions.edit_offer(offer_id=offer.pk, fields=fields, by=request.actor)):
            return _kept(request, member, offer)
    return _edit_page(request, member, offer, form)


def _kept(request: Request, member: Member, offer: Offer) -> HttpResponse:
    flash.success(request, _("Saved."))
    return go(request, "offer_edit", member.code, offer.code)


@require_POST
def price(request: Request, code: str, offer_code: str, variant_code: str) -> HttpResponse:
    """Price and count of one variant."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = _own(member, offer_code)
    variant = Variant.objects.filter(offer=offer, code=variant_code, closed_at=None).first()
    if variant is None:
        missing()
    form = PriceForm(request.POST, auto_id=f"id_{variant.pk}_%s")
    in_currency(form, request)
    if form.is_valid() and form.carried_out(lambda: _set(request, variant, form.cleaned_data)):
        return _kept(request, member, offer)
    return _edit_page(request, member, offer, form)


def _set(request: Request, variant: Variant, given: dict[str, Any]) -> None:
    """Two actions of one form: the price first, since only it can be refused by a rule."""
    actions.set_price(
        variant_id=variant.pk,
        price_minor=given["price"],
        compare_at_minor=given["compare_at"],
        by=request.actor,
    )
    supplier = Member.objects.get(pk=variant.offer.supplier_id)
    place: Place = places.first_place(supplier)
    elsewhere = stock.remaining(request.cluster.pk, [variant.pk]).get(variant.pk, 0)
    here = Stock.objects.filter(variant=variant, place=place).values_list("remaining", flat=True).first() or 0
    stock.set_count(
        variant_id=variant.pk,
        place_id=place.pk,
        count=max(0, given["count"] - (elsewhere - here)),
        by=request.actor,
    )


@require_POST
def picture(request: Request, code: str, offer_code: str) -> HttpResponse:
    """One more picture, or one less."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = _own(member, offer_code)
    gone = request.POST.get("remove", "")
    if gone.isascii() and gone.isdigit() and offer.pictures.filter(pk=int(gone)).exists():
        pictures.remove_picture(picture_id=int(gone), by=request.actor)
        return _kept(request, member, offer)
    file = request.FILES.get("file")
    if file is None:
        flash.error(request, _("Choose a picture first."))
        return go(request, "offer_edit", member.code, offer.code)
    words = request.POST.get("alt", "")
    upload = _Upload({"alt": words})
    if upload.is_valid() and upload.carried_out(
        lambda: pictures.add_picture(
            offer_id=offer.pk, file=io.BytesIO(file.read()), alt=words, by=request.actor
        )
    ):
        return _kept(request, member, offer)
    flash.error(request, " ".join(str(fault) for faults in upload.errors.values() for fault in faults))
    return go(request, "offer_edit", member.code, offer.code)


class _Upload(Form):
    alt = forms.CharField(required=False, max_length=300)


@require_POST
def shelve(request: Request, code: str, offer_code: str) -> HttpResponse:
    """On the shelf, off the shelf, or gone for good."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = _own(member, offer_code)
    what = request.POST.get("what", "")
    if what == "list":
        actions.list_offer(offer_id=offer.pk, by=request.actor)
    elif what == "withdraw":
        actions.withdraw_offer(offer_id=offer.pk, by=request.actor)
    elif what == "close":
        actions.close_offer(offer_id=offer.pk, by=request.actor)
        flash.success(request, _("“%(title)s” is gone.") % {"title": offer.title})
        return go(request, "offers", member.code)
    return go(request, "offer_edit", member.code, offer.code)
