"""Where stock lies and how much: pieces come in, pieces are counted, places are opened and closed, low stock is marked."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions import keeping, places, stock
from yunju.catalog.models import OfferEvent, Place, Stock, Variant
from yunju.kernel.errors import YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web import provinces, stock_places
from yunju.web.forms import CountField, Form
from yunju.web.goods import low_stock_of
from yunju.web.request import Request, acting_for, go, missing

SHOWN = 20


class StockForm(Form):
    """Pieces that came in, or that were counted."""

    what = forms.ChoiceField(label=gettext_lazy("What happened"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=gettext_lazy("Place of stock"))
    pieces = CountField(label=gettext_lazy("Pieces"), most=stock.MOST)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason of the count"),
        required=False,
        help_text=gettext_lazy("Only where the count differs from what stood here."),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = [(str(one.pk), stock_places.shown(one.name, member)) for one in _open(member)]
        self.fields["what"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("receive", _("Pieces came in: they are added")),
            ("count", _("Counted: this many are left to sell")),
        ]
        self.fields["place"].choices = here  # type: ignore[attr-defined]  # a ChoiceField
        reasons = [("", "–"), *((one, messages.word("stock_reason", one)) for one in stock.COUNT_REASONS)]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]  # a ChoiceField

    def carry_out(self, request: Request, variant: Variant) -> bool:
        given = self.cleaned_data
        place_id = int(given["place"])
        if given["what"] == "receive":
            return self.carried_out(
                lambda: stock.receive(
                    variant_id=variant.pk, place_id=place_id, quantity=given["pieces"], by=request.actor
                )
            )
        return self.carried_out(
            lambda: stock.set_count(
                variant_id=variant.pk,
                place_id=place_id,
                count=given["pieces"],
                reason=given["reason"] or "counted",
                by=request.actor,
            )
        )

    def refuse(self, error: YunjuError) -> None:
        """The actions name quantity and count; here both are the pieces."""
        if error.field in ("quantity", "count"):
            self.add_error("pieces", messages.of(error))
        else:
            super().refuse(error)


def _open(member: Member) -> list[Place]:
    return list(Place.objects.filter(supplier=member, closed_at=None).order_by("position", "pk"))


@require_http_methods(["GET", "POST"])
def goods_stock(request: Request, code: str, variant_code: str) -> HttpResponse:
    """One variant at every place, and what was done by hand."""
    member = acting_for(request, code, Permission.STOCK_EDIT)
    variant = (
        Variant.objects.filter(offer__supplier=member, code=variant_code, closed_at=None)
        .select_related("offer")
        .first()
    )
    if variant is None:
        missing()
    if not _open(member):
        places.first_place(member)
    form = StockForm(request.POST or None, member=member, initial={"what": "receive"})
    if request.method == "POST" and form.is_valid() and form.carry_out(request, variant):
        flash.success(request, _("Saved."))
        return go(request, "goods_stock", member.code, variant.code)
    held = {row.place_id: row for row in Stock.objects.filter(variant=variant)}
    told = {
        "here": "work",
        "member": member,
        "variant": variant,
        "form": form,
        "rows": [(place, held.get(place.pk)) for place in _open(member)],
        "events": _events(member, variant),
    }
    return render(request, "web/supplier/stock.html", told, status=422 if form.errors else 200)


def _events(member: Member, variant: Variant) -> list[dict[str, object]]:
    names = dict(Place.objects.filter(supplier=member).values_list("pk", "name"))
    told = OfferEvent.objects.filter(
        cluster_id=member.cluster_id,
        offer_id=variant.offer_id,
        what__in=("stock.received", "stock.counted"),
        params__variant=variant.pk,
    ).order_by("-pk")[:SHOWN]
    return [
        {
            "at": one.at,
            "what": one.what,
            "place": stock_places.shown(names.get(one.params["place"], ""), member),
            "change": f"{one.params['change']:+d}",
            "left": one.params["left"],
            "reason": one.params.get("reason", ""),
            "by": one.by_name,
        }
        for one in told
    ]


class PlaceForm(Form):
    """One more place."""

    name = forms.CharField(label=gettext_lazy("Name of the place"), max_length=80)
    province = forms.ChoiceField(label=gettext_lazy("Province"), required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=40, required=False)
    address = forms.CharField(label=gettext_lazy("Street and number"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = [("", _("Choose a province")), *provinces.choices()]  # type: ignore[attr-defined]  # a ChoiceField


class LowForm(Form):
    """When stock counts as low."""

    low_stock = CountField(
        label=gettext_lazy("Low stock: this many pieces or fewer"), most=keeping.MOST_LOW_STOCK
    )


@require_http_methods(["GET", "POST"])
def storing(request: Request, code: str) -> HttpResponse:
    """The supplier's settings: places, low stock, and the doors to freight, files and helpers."""
    member = acting_for(request, code, Permission.STOCK_EDIT)
    what = request.GET.get("form", "") if request.method == "POST" else ""
    place = PlaceForm(request.POST if what == "place" else None)
    low = LowForm(request.POST if what == "low" else None, initial={"low_stock": low_stock_of(member)})
    if what == "close":
        return _close(request, member)
    if _made(request, member, place) or _set_low(request, member, low):
        flash.success(request, _("Saved."))
        return go(request, "storing", member.code)
    told = {
        "here": "work",
        "member": member,
        "places": _open(member),
        "place_form": place,
        "low_form": low,
        "may_rule": request.actor.holds(Permission.RULE_EDIT, member.pk),
        "may_ship": request.actor.holds(Permission.ORDER_SHIP, member.pk),
        "may_role": request.actor.holds(Permission.ROLES_EDIT, member.pk),
    }
    return render(
        request, "web/supplier/storing.html", told, status=422 if place.errors or low.errors else 200
    )


def _made(request: Request, member: Member, form: PlaceForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    fields = places.PlaceFields(**form.cleaned_data, position=len(_open(member)))
    return form.carried_out(lambda: places.make_place(supplier_id=member.pk, fields=fields, by=request.actor))


def _set_low(request: Request, member: Member, form: LowForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    low = form.cleaned_data["low_stock"]
    return form.carried_out(
        lambda: keeping.set_low_stock(supplier_id=member.pk, low_stock=low, by=request.actor)
    )


class CloseForm(Form):
    """No field: the place is named by the button."""

    place = ""

    def refuse(self, error: YunjuError) -> None:
        """A place that is not empty is called here as the page calls it."""
        error.params = error.params | {"name": self.place}
        super().refuse(error)


def _close(request: Request, member: Member) -> HttpResponse:
    place = next((one for one in _open(member) if str(one.pk) == request.POST.get("place")), None)
    if place is None:
        missing()
    form = CloseForm({})
    form.full_clean()
    form.place = stock_places.shown(place.name, member)
    if form.carried_out(lambda: places.close_place(place_id=place.pk, by=request.actor)):
        flash.success(request, _("“%(name)s” is closed.") % {"name": form.place})
    else:
        flash.error(request, " ".join(map(str, form.non_field_errors())))
    return go(request, "storing", member.code)
