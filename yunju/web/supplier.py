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
OURS_TO_ANSWER = ("asked", "returning")
"""States of a case in which the supplier has the next word; in the others the buyer or the operator has it."""
SPARE_ROWS = 1
"""Empty rows for further provinces; keeping brings as many again."""
MOST_ROWS = len(provinces.KEYS)


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
    told["answered_here"] = OURS_TO_ANSWER
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

    kind = forms.ChoiceField(label=gettext_lazy("How shipping is charged"), widget=forms.RadioSelect)
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
    not_served = forms.MultipleChoiceField(
        label=gettext_lazy("Provinces you do not send to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [("free", _("Free")), ("flat", _("The same for every order")), ("weight", _("By weight"))]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["not_served"].choices = provinces.choices()  # type: ignore[attr-defined]  # a ChoiceField
        held = self.initial.get("surcharges", {})
        self.rows = min(max(len(held) + SPARE_ROWS, self._sent()), MOST_ROWS)
        for number in range(self.rows):
            self._add_row(number, *(list(held.items())[number] if number < len(held) else ("", None)))

    def _sent(self) -> int:
        """The rows of the page that was sent: meanwhile fewer may be kept than when it was opened."""
        sent = (n for n in range(MOST_ROWS) if f"province_{n}" in self.data or f"more_{n}" in self.data)
        return max(sent, default=-1) + 1

    def _add_row(self, number: int, province: str, amount: int | None) -> None:
        """A province and what sending there costs more. An old name that is none of ours stays as it was written."""
        key = provinces.key(province) or province
        known = provinces.choices()
        named = [
            ("", _("Choose a province")),
            *known,
            *([(key, key)] if key and key not in dict(known) else []),
        ]
        label = _("Province %(number)s") % {"number": number + 1}
        self.fields[f"province_{number}"] = forms.ChoiceField(
            label=label, choices=named, required=False, initial=key
        )
        self.fields[f"more_{number}"] = MoneyField(label=_("Surcharge"), required=False, initial=amount)

    def surcharge_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"province_{number}"], self[f"more_{number}"]) for number in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        """The rows as province and amount; an empty row is none."""
        given = super().clean()
        found: dict[str, int] = {}
        for number in range(self.rows):
            province, amount = given.get(f"province_{number}"), given.get(f"more_{number}")
            if province and province in found:
                self.add_error(f"province_{number}", _("This province stands here twice."))
            elif province and amount is None and f"more_{number}" not in self.errors:
                self.add_error(f"more_{number}", _("Enter the surcharge, or choose no province."))
            elif amount is not None and not province:
                self.add_error(f"province_{number}", _("Choose the province of this surcharge."))
            elif province and amount:
                found[province] = amount
        given["surcharges"] = found
        return given

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
    form = FreightForm(request.POST or None, initial=_as_typed(held))
    in_currency(form, request)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: freights.set_freight(supplier_id=member.pk, terms=form.terms(), by=request.actor)
        )
    ):
        flash.success(request, _("Saved."))
        return go(request, "freight", member.code)
    told = {"here": "work", "member": member, "form": form, "refused_to": len(held.not_served)}
    return render(request, "web/supplier/freight.html", told, status=422 if form.errors else 200)


def _as_typed(held: FreightTerms) -> dict[str, object]:
    names = ("kind", "flat_minor", "first_g", "first_minor", "next_g", "next_minor", "free_over_minor")
    typed: dict[str, object] = {name: getattr(held, name) for name in names}
    return typed | {"surcharges": dict(held.surcharges), "not_served": sorted(held.not_served)}
