"""A new offer on one page: what it is, its photos, its price, or the prices of its variants."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions import offers as actions
from yunju.catalog.actions import stock
from yunju.catalog.actions.checks import VariantFields
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import Offer
from yunju.catalog.terms import Terms
from yunju.members.words import Permission
from yunju.web.forms import CountField, MoneyField, PercentField
from yunju.web.offers import SayForm, in_currency
from yunju.web.photos import Photos, add_photos, readable
from yunju.web.request import Request, acting_for, go

ROWS = 40
SHOWN = 6
"""Rows of variants that the page has, and how many of them are not folded away."""
_OF_A_ROW = ("name", "price", "count")


class NewForm(SayForm):
    """A new offer of one variant, or of several that differ in one thing: then each row that is filled is one."""

    photos = Photos(
        label=gettext_lazy("Photos"),
        required=False,
        help_text=gettext_lazy("The first one stands for the offer. Up to nine."),
    )
    price = MoneyField(label=gettext_lazy("Price"), required=False, least=1)
    count = CountField(label=gettext_lazy("Pieces in stock"), required=False, most=stock.MOST)
    weight_g = CountField(label=gettext_lazy("Weight in grams"), required=False, most=1_000_000)
    shop_bp = PercentField(label=gettext_lazy("Commission for shops, in per cent"), required=False)
    option_name = forms.CharField(
        label=gettext_lazy("Variants differ in"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("For example: colour. Empty: there is one variant."),
    )
    listed = forms.BooleanField(
        label=gettext_lazy("Put it on the shelf at once"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        named = category.choices[1:]  # type: ignore[attr-defined]  # a ChoiceField
        category.choices = [("", _("Choose a category")), *named]  # type: ignore[attr-defined]
        category.required = bool(named)
        self.places = range(ROWS)
        for place in self.places:
            self.fields[f"name_{place}"] = forms.CharField(label=_("Variant"), required=False, max_length=100)
            self.fields[f"price_{place}"] = MoneyField(label=_("Price"), required=False, least=1)
            self.fields[f"count_{place}"] = CountField(label=_("Pieces"), required=False, most=stock.MOST)

    def clean(self) -> dict[str, Any]:
        """One price for all, or a name and a price in every row that is begun."""
        given = super().clean()
        begun = [place for place in self.places if any(self._typed(place))]
        if given.get("option_name") and not begun:
            self.add_error("name_0", _("Write at least one variant."))
        if begun and not given.get("option_name") and "option_name" not in self.errors:
            self.add_error("option_name", _("Say what the variants differ in."))
        needed = [f"{what}_{place}" for place in begun for what in ("name", "price")] if begun else ["price"]
        for name in needed:
            if (
                given.get(name) in (None, "")
                and name not in self.errors
                and not self._has_variants_to_come(name)
            ):
                self.add_error(name, self.fields["title"].error_messages["required"])
        self.begun = begun
        return given

    def _has_variants_to_come(self, name: str) -> bool:
        """No price for all is asked of whoever said what the variants differ in."""
        return name == "price" and bool(self.cleaned_data.get("option_name"))

    def _typed(self, place: int) -> Iterator[str]:
        return (self.data.get(f"{what}_{place}", "").strip() for what in _OF_A_ROW)

    def variants(self) -> list[tuple[VariantFields, int]]:
        """Of a valid form: each variant with how many pieces there are."""
        given = self.cleaned_data
        weight = given["weight_g"] or 0
        if not self.begun:
            return [(VariantFields(price_minor=given["price"], weight_g=weight), given["count"] or 0)]
        return [
            (
                VariantFields(
                    price_minor=given[f"price_{place}"], options=(given[f"name_{place}"],), weight_g=weight
                ),
                given[f"count_{place}"] or 0,
            )
            for place in self.begun
        ]

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """The fields as the page shows them: first what every offer has."""
        names = {
            "first": ("title", "photos", "price", "count"),
            "about": ("category", "body_html"),
            "more": ("brand", "weight_g", "shop_bp", "returnable", "after_sale_days", "listed"),
        }
        return {group: [self[name] for name in own] for group, own in names.items()}

    def first_rows(self) -> list[list[forms.BoundField]]:
        """The fields of the variants, row by row."""
        return [self._row(place) for place in self.places[:SHOWN]]

    def further_rows(self) -> list[list[forms.BoundField]]:
        """Those that stand folded until somebody has so many variants."""
        return [self._row(place) for place in self.places[SHOWN:]]

    def _row(self, place: int) -> list[forms.BoundField]:
        return [self[f"{what}_{place}"] for what in _OF_A_ROW]

    @property
    def has_rows(self) -> bool:
        """The rows are in use, or at fault: the page shows them unfolded."""
        is_named = bool(self.data.get("option_name")) or "option_name" in self.errors
        return is_named or self._in_use(self.places)

    @property
    def has_further_rows(self) -> bool:
        return self._in_use(self.places[SHOWN:])

    def _in_use(self, places: Iterable[int]) -> bool:
        names = {f"{what}_{place}" for place in places for what in _OF_A_ROW}
        return any(self.data.get(name) for name in names) or bool(names & set(self.errors))


@require_http_methods(["GET", "POST"])
def new(request: Request, code: str) -> HttpResponse:
    """Make an offer. A photo that cannot be read leaves nothing behind."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    form = NewForm(request.POST or None, request.FILES or None, cluster_id=request.cluster.pk)
    in_currency(form, request)
    if request.method == "POST" and form.is_valid():
        files = readable(form)
        made: list[Offer] = []
        if files is not None and form.carried_out(
            lambda: made.append(
                actions.make_offer(supplier_id=member.pk, new=_wanted(form), by=request.actor)
            )
        ):
            add_photos(request, made[0].pk, files)
            flash.success(
                request, _("The offer is made.") if files else _("The offer is made. Add pictures to it.")
            )
            return go(request, "offer_edit", member.code, made[0].code)
    told = {"here": "work", "member": member, "form": form}
    return render(request, "web/supplier/offer_new.html", told, status=422 if form.errors else 200)


def _wanted(form: NewForm) -> actions.NewOffer:
    given, variants = form.cleaned_data, form.variants()
    return actions.NewOffer(
        fields=form.fields_said(option_names=(given["option_name"],) if form.begun else ()),
        variants=tuple(fields for fields, _count in variants),
        counts=tuple(count for _fields, count in variants),
        rule=RuleTerms(shop=Terms(bp=given["shop_bp"] or 0)),
        listed=given["listed"],
    )
