"""Sheets to print: the pick list by place and thing, a slip for each parcel, its address as a label."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog.models import Place, Variant
from yunju.kernel import clock
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.modes.ship import waves
from yunju.modes.ship.actions import mark_printed, own_wave
from yunju.modes.ship.jobs import sender_of
from yunju.modes.ship.models import Wave
from yunju.orders.models import Contact, Line, Order
from yunju.web import stock_places
from yunju.web.request import Request, acting_for, missing

PER_PRINT = 500
"""Sheets of one page: a browser lays out no more than that with pleasure."""

KINDS = ("pick", "slips", "labels")


@dataclass(frozen=True, slots=True)
class Picked:
    """So many pieces of a thing at a place."""

    title: str
    variant_title: str
    sku: str
    pieces: int
    orders: int


@require_GET
def sheets(request: Request, code: str, what: str) -> HttpResponse:
    """Of a wave, of the orders that were ticked, or of all that is ready."""
    member = acting_for(request, code, Permission.ORDER_SHIP)
    if what not in KINDS:
        missing()
    wave = own_wave(request.GET["wave"], request.actor) if request.GET.get("wave") else None
    if wave is not None and wave.supplier_id != member.pk:
        missing()
    orders = _wanted(request, member, wave)
    told: dict[str, Any] = {
        "member": member,
        "wave": wave,
        "what": what,
        "kinds": KINDS,
        "now": clock.now(),
        "query": _query(request),
    }
    if what == "pick":
        told |= {"places": pick_list(member, orders), "count": orders.count()}
    else:
        page = Paginator(orders, PER_PRINT).get_page(request.GET.get("page"))
        told |= {
            "page": page,
            "parcels": _parcels(member, [order.pk for order in page.object_list]),
            "sender": sender_of(member),
            "prices": request.GET.get("prices") == "1",
        }
        if wave is not None and wave.printed_at is None:
            mark_printed(code=wave.code, by=request.actor)
    return render(request, f"web/supplier/sheet_{what}.html", told)


def _query(request: Request) -> str:
    """What the sheets are of, for the links from one kind to the other."""
    kept = request.GET.copy()
    for name in ("prices", "page"):
        kept.pop(name, None)
    return kept.urlencode()


def _wanted(request: Request, member: Member, wave: Wave | None) -> QuerySet[Order]:
    if wave is not None:
        return waves.in_wave(wave).filter(fulfilment_state="to_pack")
    codes = request.GET.getlist("order")[:PER_PRINT]
    if codes:
        mine = Order.objects.filter(cluster_id=member.cluster_id, supplier_id=member.pk, mode="ship")
        return mine.filter(code__in=codes).exclude(fulfilment_state="").order_by("pk")
    return waves.ready(member.cluster_id, member.pk)


def pick_list(member: Member, orders: QuerySet[Order]) -> list[tuple[str, list[Picked]]]:
    """What to take from where: three queries for any number of orders, places in the order in which stock is taken."""
    rows = (
        Line.objects.filter(
            cluster_id=member.cluster_id, kind="goods", order_id__in=orders.order_by().values("pk")
        )
        .filter(quantity__gt=F("refunded_quantity"))
        .values("place_id", "variant_id", "title", "variant_title")
        .annotate(pieces=Sum(F("quantity") - F("refunded_quantity")), number=Count("order_id", distinct=True))
        .order_by("title", "variant_title")
    )
    found = list(rows)
    skus = dict(
        Variant.objects.filter(pk__in=[row["variant_id"] or 0 for row in found]).values_list("pk", "sku")
    )
    names = Place.objects.filter(supplier=member).order_by("position", "pk").values_list("pk", "name")
    picked: dict[int | None, list[Picked]] = {pk: [] for pk, _name in names} | {None: []}
    for row in found:
        sku = skus.get(row["variant_id"] or 0, "")
        one = Picked(row["title"], row["variant_title"], sku, row["pieces"], row["number"])
        picked.setdefault(row["place_id"], []).append(one)
    shown: dict[int | None, str] = dict(names)
    return [
        (stock_places.shown(shown.get(pk, ""), member), things) for pk, things in picked.items() if things
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One parcel on paper."""

    order: Order
    lines: Sequence[Line]
    contact: Contact | None

    @property
    def pieces(self) -> int:
        return sum(line.quantity - line.refunded_quantity for line in self.lines)


def _parcels(member: Member, ids: Sequence[int]) -> list[Sheet]:
    """Three queries for a page of any size."""
    goods = Line.objects.filter(kind="goods", quantity__gt=F("refunded_quantity")).order_by("seq")
    orders = Order.objects.filter(pk__in=ids).prefetch_related(Prefetch("lines", goods)).order_by("pk")
    contacts = {
        one.order_id: one
        for one in Contact.objects.filter(cluster_id=member.cluster_id, order_id__in=ids, erased_at=None)
    }
    return [Sheet(order, list(order.lines.all()), contacts.get(order.pk)) for order in orders]
