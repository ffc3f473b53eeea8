"""Cases that a supplier has to answer, and what sending costs. What to ship stands in `sending`."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from yunju.catalog import queries as catalog
from yunju.catalog.actions import freight as freights
from yunju.catalog.freight import FREE, FreightTerms
from yunju.kernel.money import decimal_text
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders import transitions
from yunju.orders.models import Case, FlowTimer, Order
from yunju.talks import queries as talks
from yunju.web import provinces
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.request import Request, acting_for, go

PAGE = 30


@require_GET
def cases(request: Request, code: str) -> HttpResponse:
    """After-sale cases of the supplier's orders: the open ones first."""
    member = acting_for(request, code, Permission.CASE_ANSWER)
    view = request.GET.get("view", "open")
    if view == "threads":
        return _threads(request, member)
    page = Paginator(wanted(request, member), PAGE).get_page(request.GET.get("page"))
    by_id = {
        order.pk: order for order in Order.objects.filter(pk__in=[case.order_id for case in page.object_list])
    }
    ends = dict(
        FlowTimer.objects.filter(
            cluster_id=request.cluster.pk, noun="case", noun_id__in=[case.pk for case in page.object_list]
        ).values_list("noun_id", "due_at")
    )
    rows = [(case, by_id[case.order_id], ends.get(case.pk)) for case in page.object_list]
    told = {"here": "work", "member": member, "page": page, "rows": rows, "view": view}
    return render(request, "web/supplier/cases.html", told)


def wanted(request: Request, member: Member) -> QuerySet[Case]:
    """The cases that the address asks for."""
    view = request.GET.get("view", "open")
    orders = Order.objects.filter(cluster_id=member.cluster_id, supplier_id=member.pk)
    found = Case.objects.filter(cluster_id=member.cluster_id, order_id__in=orders.values("pk"))
    if view == "returns":
        found = found.filter(kind="return", state__in=("agreed", "returning"))
    elif view != "all":
        found = found.exclude(state__in=transitions.CASE_ENDS)
    return found.order_by("-id")


def _threads(request: Request, member: Member) -> HttpResponse:
    """Buyers who wait for an answer, the most urgent first."""
    page = Paginator(talks.waiting(request.actor, supplier_id=member.pk), PAGE).get_page(
        request.GET.get("page")
    )
    orders = Order.objects.in_bulk([thread.order_id for thread in page.object_list])
    rows = [(thread, orders[thread.order_id]) for thread in page.object_list]
    told = {"here": "work", "member": member, "page": page, "threads": rows, "view": "threads"}
    return render(request, "web/supplier/cases.html", told)


class FreightForm(Form):
    """One rule for everything the supplier sends."""

    kind = forms.ChoiceField(label=gettext_lazy("How freight is reckoned"), widget=forms.RadioSelect)
    flat_minor = MoneyField(label=gettext_lazy("Per order"), required=False)
    first_g = CountField(label=gettext_lazy("First weight, in grams"), required=False, least=1)
    first_minor = MoneyField(label=gettext_lazy("Price of the first weight"), required=False)
    next_g = CountField(label=gettext_lazy("Each further weight, in grams"), required=False, least=1)
    next_minor = MoneyField(label=gettext_lazy("Price of each further weight"), required=False)
    free_over_minor = MoneyField(
        label=gettext_lazy("Free from this amount of goods"),
        required=False,
        help_text=gettext_lazy("Empty: never free."),
    )
    surcharges = forms.CharField(
        label=gettext_lazy("Provinces with a surcharge"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line: province, amount. For example: Xinjiang, 15.00"),
    )
    not_served = forms.MultipleChoiceField(
        label=gettext_lazy("Provinces you do not send to"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Choose several with Ctrl or Command."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [("free", _("Free")), ("flat", _("The same for every order")), ("weight", _("By weight"))]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["not_served"].choices = provinces.choices()  # type: ignore[attr-defined]  # a ChoiceField

    def clean_surcharges(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, line in enumerate(self.cleaned_data["surcharges"].splitlines(), start=1):
            if not line.strip():
                continue
            name, _sign, amount = line.replace("，", ",").rpartition(",")
            try:
                if not name.strip():
                    raise forms.ValidationError(_("Write province and amount with a comma between."))
                found[name.strip()] = self.fields["free_over_minor"].clean(amount) or 0
            except forms.ValidationError as error:
                words = {"number": number, "fault": error.messages[0]}
                raise forms.ValidationError(_("Line %(number)s: %(fault)s") % words) from error
        return found

    def terms(self) -> FreightTerms:
        given: Mapping[str, Any] = self.cleaned_data
        return FreightTerms(
            kind=given["kind"],
            flat_minor=given["flat_minor"] or 0,
            first_g=given["first_g"] or FREE.first_g,
            first_minor=given["first_minor"] or 0,
            next_g=given["next_g"] or FREE.next_g,
            next_minor=given["next_minor"] or 0,
            free_over_minor=given["free_over_minor"],
            surcharges=given["surcharges"],
            not_served=frozenset(given["not_served"]),
        )


@require_http_methods(["GET", "POST"])
def freight(request: Request, code: str) -> HttpResponse:
    """What sending costs with this supplier, from now on; placed orders keep theirs."""
    member = acting_for(request, code, Permission.RULE_EDIT)
    held = catalog.freight_rules([member.pk]).get(member.pk, FREE)
    form = FreightForm(request.POST or None, initial=_as_typed(held, request.cluster.currency))
    in_currency(form, request)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: freights.set_freight(supplier_id=member.pk, terms=form.terms(), by=request.actor)
        )
    ):
        flash.success(request, _("Kept."))
        return go(request, "freight", member.code)
    told = {"here": "work", "member": member, "form": form}
    return render(request, "web/supplier/freight.html", told, status=422 if form.errors else 200)


def _as_typed(held: FreightTerms, currency: str) -> dict[str, object]:
    names = ("kind", "flat_minor", "first_g", "first_minor", "next_g", "next_minor", "free_over_minor")
    lines = [
        f"{provinces.shown(name)}, {decimal_text(amount, currency)}"
        for name, amount in held.surcharges.items()
    ]
    typed: dict[str, object] = {name: getattr(held, name) for name in names}
    return typed | {"surcharges": "\n".join(lines), "not_served": sorted(held.not_served)}
