"""Own goods as a table: found, filtered, sorted, many rows changed in one form, the last change taken back."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from yunju.catalog import text
from yunju.catalog.actions import bulk, stock
from yunju.catalog.actions.bulk import Edit
from yunju.catalog.models import BulkEdit, Category, Keeping, Place, Presale, Stock, Variant
from yunju.catalog.selling import sent_from
from yunju.kernel.errors import InvalidMany, Refused, YunjuError
from yunju.kernel.money import decimal_text
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.cards import first_pictures
from yunju.web.forms import CountField, MoneyField
from yunju.web.request import Request, acting_for, go

PAGE = 50
LOW_STOCK = 5
SHELF = {"on": True, "off": False}
SORTS = {
    "new": ("-offer_id", "position", "pk"),
    "title": ("offer__title", "offer_id", "position", "pk"),
    "price": ("price_minor", "pk"),
    "-price": ("-price_minor", "pk"),
    "stock": ("left", "pk"),
    "-stock": ("-left", "pk"),
}
VIEWS = ("all", "on", "off", "sold_out", "low", "presale")


@dataclass(slots=True)
class GoodsRow:
    """A variant as a row; `cells` hold what is shown in each field: what was typed, or what is kept."""

    variant: Variant
    left: int
    here: int
    picture: str
    is_first: bool
    is_low: bool
    ship_from: date | None
    cells: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def goods(request: Request, code: str) -> HttpResponse:
    """The table; its form keeps all cells or none."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    if request.method == "GET":
        return _page(request, member, {}, {})
    faults, edits = _read(request, member)
    made: BulkEdit | None = None
    if not faults:
        try:
            made = bulk.edit_many(supplier_id=member.pk, edits=edits, by=request.actor)
        except InvalidMany as many:
            faults = {
                fault.field or "": messages.of(fault, currency=request.cluster.currency)
                for fault in many.faults
            }
        except YunjuError as refused:
            faults = {"": messages.of(refused)}
    if faults:
        return _page(request, member, request.POST.dict(), faults)
    if made is None:
        flash.info(request, _("Nothing was changed."))
    else:
        words = ngettext("%(count)s cell is changed.", "%(count)s cells are changed.", len(made.changes))
        flash.success(request, words % {"count": len(made.changes)})
    return go(request, "goods", member.code, **request.GET.dict())


@require_POST
def goods_undo(request: Request, code: str) -> HttpResponse:
    """The newest edit back to what was before it."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    try:
        undone = bulk.undo(supplier_id=member.pk, code=request.POST.get("edit", ""), by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
    else:
        words = ngettext("%(count)s cell is as it was.", "%(count)s cells are as they were.", undone.restored)
        flash.success(request, words % {"count": undone.restored})
        if undone.left:
            words = ngettext(
                "%(count)s cell was changed since and stays.",
                "%(count)s cells were changed since and stay.",
                undone.left,
            )
            flash.warning(request, words % {"count": undone.left})
    return go(request, "goods", member.code, **request.GET.dict())


def low_stock_of(member: Member) -> int:
    """From how many pieces on this supplier wants to be told."""
    kept = Keeping.objects.filter(supplier=member).values_list("low_stock", flat=True).first()
    return LOW_STOCK if kept is None else kept


def variants_of(member: Member) -> QuerySet[Variant]:
    """Open variants of open offers, each with what is `left` of it over all open places, and its presale day."""
    left = (
        Stock.objects.filter(variant_id=OuterRef("pk"), cluster_id=member.cluster_id, place__closed_at=None)
        .order_by()
        .values("variant_id")
        .annotate(sum=Sum("remaining"))
        .values("sum")
    )
    mine = Variant.objects.filter(offer__supplier=member, closed_at=None, offer__closed_at=None)
    return mine.annotate(
        left=Coalesce(Subquery(left), 0), sent_from=sent_from("pk", "offer_id")
    ).select_related("offer", "offer__category")


def _chosen(member: Member, view: str, low: int) -> QuerySet[Variant]:
    rows: QuerySet[Any] = variants_of(member)
    on_shelf = Q(offer__listed_at__isnull=False, offer__withdrawn_at=None)
    if view in ("on", "off"):
        return rows.filter(on_shelf if view == "on" else ~on_shelf)
    if view == "sold_out":
        return rows.filter(left=0)
    if view == "low":
        return rows.filter(left__gt=0, left__lte=low)
    return (
        rows.filter(Q(presale__isnull=False) | Q(offer__in=_presold(member))) if view == "presale" else rows
    )


def _presold(member: Member) -> QuerySet[Presale, int]:
    whole = Presale.objects.filter(offer__supplier=member, variant=None)
    return whole.values_list("offer_id", flat=True)


def _asked(request: Request) -> tuple[str, str, str]:
    given = request.GET
    return given.get("view", "all"), given.get("sort", "new"), given.get("q", "").strip()[:80]


def wanted(request: Request, member: Member) -> QuerySet[Variant]:
    """The variants that the address asks for, in its order."""
    view, sort, words = _asked(request)
    found = _chosen(member, view, low_stock_of(member))
    for word in text.words(words):
        found = found.filter(
            Q(offer__title__icontains=word) | Q(offer__brand__icontains=word) | Q(sku__icontains=word)
        )
    return found.order_by(*SORTS.get(sort, SORTS["new"]))


def _page(request: Request, member: Member, typed: dict[str, Any], faults: dict[str, str]) -> HttpResponse:
    low, places = low_stock_of(member), _places(member)
    view, sort, words = _asked(request)
    place = next(
        (one for one in places if str(one.pk) == request.GET.get("place")), places[0] if places else None
    )
    page = Paginator(wanted(request, member), PAGE).get_page(request.GET.get("page"))
    rows = _rows(list(page.object_list), place, low, request.cluster.currency)
    _put_back(rows, typed, faults)
    newest = BulkEdit.objects.filter(supplier=member, undone_at=None).order_by("-pk").first()
    told = {
        "here": "work",
        "member": member,
        "page": page,
        "rows": rows,
        "view": view if view in VIEWS else "all",
        "counts": {name: _chosen(member, name, low).order_by().count() for name in ("sold_out", "low")},
        "sort": sort,
        "words": words,
        "low": low,
        "places": places,
        "place": place,
        "categories": [(one.code, messages.local_name(one)) for one in _categories(member)],
        "newest": newest,
        "faults": len(faults),
        "fault": faults.get("", ""),
    }
    return render(request, "web/supplier/goods.html", told, status=422 if faults else 200)


def _places(member: Member) -> list[Place]:
    return list(Place.objects.filter(supplier=member, closed_at=None).order_by("position", "pk"))


def _categories(member: Member) -> QuerySet[Category]:
    return Category.objects.filter(cluster_id=member.cluster_id).order_by("position", "pk")


def _rows(variants: list[Any], place: Place | None, low: int, currency: str) -> list[GoodsRow]:
    here = dict(
        Stock.objects.filter(place=place, variant_id__in=[one.pk for one in variants]).values_list(
            "variant_id", "remaining"
        )
        if place
        else ()
    )
    pictures = first_pictures({one.offer_id for one in variants})
    seen: set[int] = set()
    rows = []
    for variant in variants:
        offer, code = variant.offer, variant.code
        row = GoodsRow(
            variant=variant,
            left=variant.left,
            here=here.get(variant.pk, 0),
            picture=pictures.get(variant.offer_id, ""),
            is_first=variant.offer_id not in seen,
            is_low=0 < variant.left <= low,
            ship_from=variant.sent_from,
            cells={
                f"price_{code}": decimal_text(variant.price_minor, currency),
                f"count_{code}": str(here.get(variant.pk, 0)),
                f"title_{offer.code}": offer.title,
                f"category_{offer.code}": offer.category.code if offer.category else "",
                f"shelf_{offer.code}": "on" if offer.on_shelf else "off",
            },
        )
        seen.add(variant.offer_id)
        rows.append(row)
    return rows


def _put_back(rows: list[GoodsRow], typed: dict[str, Any], faults: dict[str, str]) -> None:
    for row in rows:
        row.was = {name: str(typed.get(f"was_{name}", kept)) for name, kept in row.cells.items()}
        for name in row.cells:
            if name in typed:
                row.cells[name] = str(typed[name])
            if name in faults:
                row.faults[name] = faults[name]


def _read(request: Request, member: Member) -> tuple[dict[str, str], list[Edit]]:
    """The cells of the form. `was_...` beside each is what the page showed: untouched cells are not sent on, so that a
    sale meanwhile is not counted away."""
    price, count = MoneyField(least=1), CountField(most=stock.MOST)
    price.currency = request.cluster.currency
    place = next((one for one in _places(member) if str(one.pk) == request.POST.get("place")), None)
    faults: dict[str, str] = {}
    edits: list[Edit] = []
    for name, typed in request.POST.items():
        kind, _sign, code = name.partition("_")
        if kind not in bulk.OF_VARIANT + bulk.OF_OFFER or request.POST.get(f"was_{name}") == typed:
            continue
        try:
            value = _value(kind, typed, price if kind == "price" else count)
        except forms.ValidationError as error:
            faults[name] = str(error.messages[0])
            continue
        edits.append(Edit(kind, code, value, place.pk if place and kind == "count" else None))
    return faults, edits


def _value(kind: str, typed: object, number: forms.Field) -> Any:
    if kind in bulk.OF_VARIANT:
        value = number.clean(typed)
        if value is None:
            raise forms.ValidationError(_("Please fill this in."))
        return value
    return SHELF.get(str(typed), False) if kind == "shelf" else str(typed).strip()
