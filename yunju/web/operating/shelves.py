"""Categories of the shelf, and which licences each of them demands."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions.categories import CategoryFields, edit_category, make_category
from yunju.catalog.actions.demands import set_demands
from yunju.catalog.models import Category
from yunju.members.words import LicenceKind, Permission
from yunju.ui import messages
from yunju.web.forms import CountField, Form
from yunju.web.request import Request, go, missing, operating


class CategoryForm(Form):
    """A label of the shelf, and what it demands."""

    code = forms.CharField(
        label=gettext_lazy("Short name in addresses"),
        max_length=60,
        help_text=gettext_lazy("Lower-case letters, digits and hyphens, for example tea."),
    )
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    position = CountField(label=gettext_lazy("Place in the list"), most=1_000, required=False)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Licences that it demands"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Suppliers without one cannot list offers here; what they have listed leaves the shelf within ten minutes."
        ),
    )

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.value, messages.word("licence", one.value)) for one in LicenceKind]
        self.fields["kinds"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField
        if not is_new:
            self.fields["code"].disabled = True

    def category(self) -> CategoryFields:
        given = self.cleaned_data
        return CategoryFields(given["code"], given["name_zh"], given["name_en"], given["position"] or 0)


@require_http_methods(["GET", "POST"])
def categories(request: Request) -> HttpResponse:
    """All categories with what they demand, and a form for another."""
    operating(request, Permission.CLUSTER_RULES)
    form = CategoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.carried_out(lambda: _make(request, form)):
        flash.success(request, _("Saved."))
        return go(request, "categories")
    told = {"here": "operator", "rows": counted(request), "form": form}
    return render(request, "web/operator/categories.html", told, status=422 if form.errors else 200)


def counted(request: Request) -> QuerySet[Any]:
    """The categories in their order, each with its demands and how many `offers` are on the shelf."""
    on_shelf = Q(offer__listed_at__isnull=False, offer__withdrawn_at=None, offer__closed_at=None)
    found = Category.objects.filter(cluster_id=request.cluster.pk)
    found = found.annotate(offers=Count("offer", filter=on_shelf))
    return found.prefetch_related("demands").order_by("position", "pk")


def _make(request: Request, form: CategoryForm) -> None:
    made = make_category(fields=form.category(), by=request.actor)
    set_demands(category_id=made.pk, kinds=form.cleaned_data["kinds"], by=request.actor)


@require_http_methods(["GET", "POST"])
def category(request: Request, code: str) -> HttpResponse:
    """One category: names, place, demands."""
    operating(request, Permission.CLUSTER_RULES)
    found = Category.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if found is None:
        missing()
    initial = {name: getattr(found, name) for name in ("code", "name_zh", "name_en", "position")}
    initial["kinds"] = list(found.demands.values_list("kind", flat=True))
    form = CategoryForm(request.POST or None, initial=initial, is_new=False)

    def keep() -> None:
        edit_category(category_id=found.pk, fields=form.category(), by=request.actor)
        set_demands(category_id=found.pk, kinds=form.cleaned_data["kinds"], by=request.actor)

    if request.method == "POST" and form.is_valid() and form.carried_out(keep):
        flash.success(request, _("Saved."))
        return go(request, "categories")
    told = {"here": "operator", "category": found, "form": form}
    return render(request, "web/operator/category.html", told, status=422 if form.errors else 200)
