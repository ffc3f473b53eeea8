"""限时抢购 on the supplier's side: all sales, a new one of an offer, changing one that has not begun, ending one."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.actions import sales as actions
from yunju.catalog.models import Offer, Sale
from yunju.kernel import clock
from yunju.kernel.errors import Refused, YunjuError
from yunju.kernel.money import decimal_text
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.request import Request, acting_for, go, missing

PAGE = 40


def _moment(label: Any, **kwargs: Any) -> forms.DateTimeField:
    """A moment in the cluster's time zone, as browsers send it."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **kwargs)


class TermsForm(Form):
    """The terms of a sale."""

    price = MoneyField(label=gettext_lazy("Sale price"), least=1)
    starts_at = _moment(gettext_lazy("Starts at"))
    ends_at = _moment(gettext_lazy("Ends at"))
    quota = CountField(
        label=gettext_lazy("Pieces at this price"),
        least=1,
        most=actions.MOST_PIECES,
        help_text=gettext_lazy("Unpaid orders that end give their pieces back; refunds do not."),
    )
    per_buyer = CountField(
        label=gettext_lazy("Pieces per buyer"),
        required=False,
        least=1,
        most=actions.MOST_PIECES,
        help_text=gettext_lazy("Empty: no limit"),
    )

    def terms(self) -> actions.Terms:
        given = {name: self.cleaned_data[name] for name in ("starts_at", "ends_at", "quota", "per_buyer")}
        return actions.Terms(price_minor=self.cleaned_data["price"], **given)


class SaleForm(TermsForm):
    """A sale of one variant of an offer."""

    variant = forms.ChoiceField(label=gettext_lazy("Variant"))
    field_order = ("variant",)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variants = {
            one.code: one for one in offer.variants.filter(closed_at=None).order_by("position", "id")
        }
        named = [(code, one.title or offer.title) for code, one in self.variants.items()]
        self.fields["variant"].choices = named  # type: ignore[attr-defined]  # a ChoiceField


@require_GET
def sales(request: Request, code: str) -> HttpResponse:
    """All sales of the supplier, the latest first."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    page = Paginator(wanted(member), PAGE).get_page(request.GET.get("page"))
    told = {"here": "work", "member": member, "page": page, "now": clock.now()}
    return render(request, "web/supplier/sales.html", told)


def wanted(member: Member) -> QuerySet[Sale]:
    """The sales of a supplier."""
    mine = Sale.objects.filter(cluster_id=member.cluster_id, variant__offer__supplier=member)
    return mine.select_related("variant__offer").order_by("-starts_at", "-pk")


@require_http_methods(["GET", "POST"])
def sale_new(request: Request, code: str, offer_code: str) -> HttpResponse:
    """A new sale of one variant of an own offer."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = Offer.objects.filter(supplier=member, code=offer_code, closed_at=None).first()
    if offer is None:
        missing()
    form = SaleForm(request.POST or None, offer=offer)
    in_currency(form, request)
    if request.method == "POST" and form.is_valid() and form.carried_out(lambda: _make(request, form)):
        flash.success(request, _("The flash sale is set."))
        return go(request, "sales", member.code)
    told = {"here": "work", "member": member, "offer": offer, "form": form}
    return render(request, "web/supplier/sale_form.html", told, status=422 if form.errors else 200)


def _make(request: Request, form: SaleForm) -> None:
    variant = form.variants[form.cleaned_data["variant"]]
    actions.make(variant_id=variant.pk, terms=form.terms(), by=request.actor)


@require_http_methods(["GET", "POST"])
def sale_edit(request: Request, code: str, sale_code: str) -> HttpResponse:
    """Other terms of a sale that has not begun. The list says so of one that has."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    sale = _own(member, sale_code)
    if sale.ended_at is not None or sale.starts_at <= clock.now():
        is_over = sale.ended_at is not None or sale.ends_at <= clock.now()
        refusal = Refused("sale.over" if is_over else "sale.begun")
        flash.error(request, messages.of(refusal, currency=request.cluster.currency))
        return go(request, "sales", member.code)
    form = TermsForm(request.POST or None, initial=_held(sale, request.cluster.currency))
    in_currency(form, request)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: _change(request, sale, form))
    ):
        flash.success(request, _("The flash sale is changed."))
        return go(request, "sales", member.code)
    told = {"here": "work", "member": member, "offer": sale.variant.offer, "sale": sale, "form": form}
    return render(request, "web/supplier/sale_form.html", told, status=422 if form.errors else 200)


def _change(request: Request, sale: Sale, form: TermsForm) -> None:
    actions.change(sale_id=sale.pk, terms=form.terms(), by=request.actor)


def _held(sale: Sale, currency: str) -> dict[str, object]:
    kept = {name: getattr(sale, name) for name in ("starts_at", "ends_at", "quota", "per_buyer")}
    return kept | {"price": decimal_text(sale.price_minor, currency)}


def _own(member: Member, sale_code: str) -> Sale:
    found = wanted(member).filter(code=sale_code).first()
    if found is None:
        missing()
    return found


@require_POST
def sale_end(request: Request, code: str, sale_code: str) -> HttpResponse:
    """Over from now on."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    found = _own(member, sale_code)
    try:
        actions.end(sale_id=found.pk, by=request.actor)
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
    else:
        flash.success(request, _("The flash sale is over."))
    return go(request, "sales", member.code)
