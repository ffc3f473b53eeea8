"""What do I ship today: the supplier's parcels with their deadlines, found, filtered, and sent one by one or many at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.modes.ship import waves
from yunju.modes.ship.actions import Packing, pack_many
from yunju.modes.ship.models import Parcel, Wave, WaveOrder
from yunju.modes.ship.words import CARRIERS
from yunju.orders.models import Contact, Line, Order
from yunju.ui import messages
from yunju.web.request import Request, acting_for, go
from yunju.web.words import order_word

PAGE = 50
ON_THE_WAY = ("packed", "in_transit", "out_for_delivery", "at_pickup", "delivered", "returning")
VIEWS = ("today", "to_pack", "late", "presale", "note", "asked", "on_way", "all")
COUNTED = ("today", "to_pack", "late", "presale", "asked")


@dataclass(slots=True)
class ParcelRow:
    """One order of the list, with what was typed for it and what was wrong with that."""

    order: Order
    word: Any
    contact: Contact | None
    ship_by: datetime | None
    wave: Wave | None
    typed: str = ""
    fault: str = ""

    @property
    def can_go(self) -> bool:
        order = self.order
        return (
            order.fulfilment_state == "to_pack" and order.after_sale_state != "open" and not order.disputed_at
        )

    @property
    def is_late(self) -> bool:
        return self.ship_by is not None and self.ship_by < clock.now()

    @property
    def ship_from(self) -> Any:
        """The day of a presale, while it is ahead."""
        days = [line.ship_from for line in self.order.lines.all() if line.ship_from]
        return max(days, default=None)


@dataclass(slots=True)
class Typed:
    """What came back from the form: the carrier, a number by order code, the faults of those refused."""

    carrier: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def to_ship(request: Request, code: str) -> HttpResponse:
    """The list, by view and search; its form sends every row in which a number was entered."""
    if request.method == "POST":
        member = acting_for(request, code, Permission.ORDER_SHIP)
        typed = _send(request, member)
        if not typed.faults:
            return go(request, "to_ship", member.code, view=request.GET.get("view"), q=request.GET.get("q"))
        return _page(request, member, typed)
    return _page(request, acting_for(request, code, Permission.ORDER_SEE), Typed())


def _page(request: Request, member: Member, typed: Typed) -> HttpResponse:
    chosen, words = _asked(request)
    page = Paginator(wanted(request, member), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "work",
        "member": member,
        "chosen": chosen,
        "counts": counts(member),
        "words": words,
        "page": page,
        "rows": _rows(member, list(page.object_list), typed),
        "carriers": [(code, messages.in_language(label)) for code, label in CARRIERS.items()],
        "carrier": typed.carrier or last_carrier(member),
        "may_ship": request.actor.holds(Permission.ORDER_SHIP, member.pk),
    }
    return render(request, "web/supplier/to_ship.html", told, status=422 if typed.faults else 200)


def _asked(request: Request) -> tuple[str, str]:
    return request.GET.get("view", "to_pack"), request.GET.get("q", "").strip()[:80]


def wanted(request: Request, member: Member) -> QuerySet[Order]:
    """The orders that the address asks for: what waits the longest first, of what has left the newest."""
    chosen, words = _asked(request)
    found = chosen_orders(member, chosen if chosen in VIEWS else "all")
    if words:
        found = found_by(found, member.cluster_id, words)
    lines = Prefetch("lines", Line.objects.filter(kind="goods").order_by("seq"))
    ordered = found.select_related("purchase").prefetch_related(lines)
    return ordered.order_by("-id" if chosen in ("on_way", "all") else "id")


def chosen_orders(member: Member, view: str) -> QuerySet[Order]:
    """The paid orders of one view."""
    cluster_id = member.cluster_id
    waiting = waves.to_ship(cluster_id, member.pk)
    if view == "today":
        return waves.due_today(waves.ready(cluster_id, member.pk), cluster_id)
    if view == "to_pack":
        return waiting
    if view == "late":
        return waves.late(waves.ready(cluster_id, member.pk), cluster_id)
    if view == "presale":
        return waves.presold(waiting, cluster_id)
    if view == "note":
        noted = Contact.objects.filter(cluster_id=cluster_id, order_id=OuterRef("pk")).exclude(note="")
        return waiting.filter(Exists(noted))
    if view == "asked":
        return waiting.filter(Q(after_sale_state="open") | Q(disputed_at__isnull=False))
    mine = Order.objects.filter(cluster_id=cluster_id, supplier_id=member.pk).exclude(fulfilment_state="")
    return mine.filter(fulfilment_state__in=ON_THE_WAY) if view == "on_way" else mine


def counts(member: Member) -> dict[str, int]:
    """How many parcels wait in each view: a query each, whatever their number."""
    return {view: chosen_orders(member, view).order_by().count() for view in COUNTED}


def found_by(orders: QuerySet[Order], cluster_id: int, words: str) -> QuerySet[Order]:
    """Orders by number, tracking number, recipient, phone, or the name of a thing in them."""
    contacts = Contact.objects.filter(cluster_id=cluster_id, order_id=OuterRef("pk")).filter(
        Q(name__icontains=words) | Q(phone__contains=words)
    )
    lines = Line.objects.filter(cluster_id=cluster_id, order_id=OuterRef("pk")).filter(
        Q(title__icontains=words) | Q(variant_title__icontains=words)
    )
    parcels = Parcel.objects.filter(
        cluster_id=cluster_id, order_id=OuterRef("pk"), tracking_no=words.upper().replace(" ", "")
    )
    return orders.filter(Q(number__istartswith=words) | Exists(contacts) | Exists(lines) | Exists(parcels))


def last_carrier(member: Member) -> str:
    """With whom the supplier sent last: most send with one."""
    newest = Parcel.objects.filter(
        cluster_id=member.cluster_id, order__supplier_id=member.pk, packed_at__isnull=False
    )
    return newest.order_by("-packed_at").values_list("carrier", flat=True).first() or ""


def _rows(member: Member, orders: list[Order], typed: Typed) -> list[ParcelRow]:
    """Six queries for a page of any size."""
    ids = [order.pk for order in orders]
    cluster_id = member.cluster_id
    places = {
        one.order_id: one
        for one in Contact.objects.filter(cluster_id=cluster_id, order_id__in=ids, erased_at=None)
    }
    ends = waves.deadlines(cluster_id, ids)
    in_waves = {
        row.order_id: row.wave
        for row in WaveOrder.objects.filter(cluster_id=cluster_id, order_id__in=ids).select_related("wave")
    }
    return [
        ParcelRow(
            order=order,
            word=order_word(order, list(order.lines.all())),
            contact=places.get(order.pk),
            ship_by=ends.get(order.pk),
            wave=in_waves.get(order.pk),
            typed=typed.numbers.get(order.code, ""),
            fault=typed.faults.get(order.code, ""),
        )
        for order in orders
    ]


def _send(request: Request, member: Member) -> Typed:
    """Each row for itself: what is right goes, what is not stays with what was typed and why."""
    carrier = request.POST.get("carrier", "")
    numbers = {
        name.removeprefix("no_"): str(text).strip()[:60]
        for name, text in request.POST.items()
        if name.startswith("no_") and str(text).strip()
    }
    orders = list(
        Order.objects.filter(
            cluster_id=member.cluster_id,
            supplier_id=member.pk,
            mode="ship",
            code__in=list(numbers)[: 2 * PAGE],
        )
    )
    items = [Packing(order.pk, carrier, numbers[order.code]) for order in orders]
    answers = pack_many(cluster_id=member.cluster_id, items=items, by=request.actor)
    faults = {
        order.code: messages.of(answer)
        for order, answer in zip(orders, answers, strict=True)
        if isinstance(answer, YunjuError)
    }
    sent = len(orders) - len(faults)
    if sent:
        words = ngettext("%(count)s parcel is sent.", "%(count)s parcels are sent.", sent)
        flash.success(request, words % {"count": sent})
    elif not numbers:
        flash.error(request, _("Enter a tracking number in at least one row."))
    return Typed(carrier, {code: numbers[code] for code in faults}, faults)
