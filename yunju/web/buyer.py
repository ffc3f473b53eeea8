"""Orders as people meet them: the page of one order, what happens next, what may be done by whoever looks."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog.models import Offer
from yunju.fulfilment import registry
from yunju.fulfilment.contract import Who
from yunju.kernel.errors import Invalid, YunjuError
from yunju.members.words import Permission
from yunju.modes.ship import actions as ship
from yunju.modes.ship import queries as parcels
from yunju.modes.ship.words import CARRIERS
from yunju.orders.flow import actions as flow
from yunju.orders.flow import queries as flows
from yunju.orders.flow.policy import may_see, whos_of
from yunju.orders.models import Contact, Line, Order, Refund, RefundPart
from yunju.shops.models import Shop
from yunju.talks import queries as talks
from yunju.ui import messages
from yunju.web import talk
from yunju.web.after_sale import may_refund, told_case
from yunju.web.cards import first_pictures
from yunju.web.doors import link_to, seen_order
from yunju.web.forms import Form
from yunju.web.request import Request, go
from yunju.web.words import order_word

WITH_FORM = {"pack", "correct", "say_in_transit", "say_out_for_delivery", "say_at_pickup", "say_delivered"}
"""Moves that need more than a button, or that the supplier's tracking page makes."""


@require_GET
def order(request: Request, code: str) -> HttpResponse:
    """One order: what, where, how far, what happened, what may be done by whoever looks."""
    return _page(request, seen_order(request, code))


def _page(request: Request, found: Order, broken: Form | None = None) -> HttpResponse:
    whos = whos_of(request.actor, flows.parties_of(found))
    lines = list(Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("seq"))
    view = flows.view(request.actor, found)
    packs = any(button.event == "pack" for button in view.buttons)
    is_party = may_see(request.actor, flows.parties_of(found))
    if not is_party:  # a shop: what else the buyer took is not its business
        sees = request.actor.members_with(Permission.ORDER_SEE)
        own = set(Shop.objects.filter(member_id__in=sees).values_list("pk", flat=True))
        lines = [line for line in lines if line.shop_id in own]
    offers = [line.offer_id for line in lines if line.offer_id]
    told = {
        "here": "orders",
        "order": found,
        "lines": [line for line in lines if line.kind == "goods"],
        "offers": dict(Offer.objects.filter(pk__in=offers).values_list("pk", "code")),
        "pictures": first_pictures(offers),
        "word": order_word(found, lines),
        "view": view,
        "next": view.awaited[0] if view.awaited else None,
        "buttons": [one for one in view.buttons if one.event not in WITH_FORM],
        "as_buyer": Who.BUYER in whos,
        "contact": _contact(found, sees=bool(whos - {Who.OPERATOR})),
        "timeline": list(reversed(_timeline(request, found))) if is_party else [],
        "pack": broken if isinstance(broken, PackForm) else PackForm() if packs else None,
        "may_refund": may_refund(request, found)
        and any(line.refunded_minor < line.amount_minor for line in lines),
        "is_party": is_party,
        "refunds": _refunds(found, lines) if is_party else [],
        "link": link_to(request, found) if _needs_link(request, found, whos) else "",
        "cards": talks.cards(
            found.cluster_id,
            supplier_id=found.supplier_id,
            shop_id=next((line.shop_id for line in lines if line.shop_id), None),
        ),
    }
    told |= told_case(request, found, whos) | _parcel(request, found, is_party=is_party)
    told |= talk.told(request, found, lines)
    response = render(request, "web/buyer/order.html", told, status=422 if broken else 200)
    response["Cache-Control"] = "no-store"
    return response


def _needs_link(request: Request, found: Order, whos: frozenset[Who]) -> bool:
    """A buyer without account keeps the link; whoever has an account finds the order there."""
    return Who.BUYER in whos and found.purchase.user_id is None and request.actor.kind != "system"


def _timeline(request: Request, found: Order) -> list[Any]:
    if found.mode == "ship":
        return list(parcels.timeline(request.actor, found.pk))
    return list(flows.happenings(found))


def _parcel(request: Request, found: Order, *, is_party: bool) -> dict[str, object]:
    """A shop that brought the buyer sees the state of the order, not its parcel."""
    parcel = parcels.parcel_of(request.actor, found.pk) if is_party else None
    return {
        "parcel": parcel,
        "carrier": CARRIERS.get(parcel.carrier if parcel else "", CARRIERS["other"]),
        "copied": _("Copied"),
    }


def _contact(found: Order, *, sees: bool) -> Contact | None:
    """Who to send to: for the buyer and the supplier, until it is erased. The operator uncovers it in the order's file."""
    if not sees:
        return None
    return Contact.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, erased_at=None).first()


def _refunds(found: Order, lines: list[Line]) -> list[dict[str, object]]:
    """Each refund with what it gives back of which line, in words a buyer can add up."""
    refunds = list(Refund.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("id"))
    if not refunds:
        return []
    names = {line.pk: line for line in lines}
    sums: dict[tuple[int, int], int] = {}
    parts = RefundPart.objects.filter(refund__in=refunds).order_by("id")
    for refund_id, line_id, pending, released in parts.values_list(
        "refund_id", "line_id", "from_pending_minor", "from_released_minor"
    ):
        sums[refund_id, line_id] = sums.get((refund_id, line_id), 0) + pending + released
    return [
        {
            "row": refund,
            "parts": [
                (names[line_id], minor)
                for (refund_id, line_id), minor in sums.items()
                if refund_id == refund.pk and line_id in names
            ],
        }
        for refund in refunds
    ]


@require_POST
def move(request: Request, code: str) -> HttpResponse:
    """A button of the flow: confirm receipt, extend, ask to cancel, ..."""
    found = seen_order(request, code)
    event, who = request.POST.get("event", "")[:40], request.POST.get("who", "")
    if who not in {Who.BUYER, Who.SUPPLIER, Who.OPERATOR}:
        raise Invalid("input.choice", field="who")
    answer = flow.move(
        cluster_id=found.cluster_id, order_ids=[found.pk], event=event, who=Who(who), by=request.actor
    )[0]
    if isinstance(answer, YunjuError):
        flash.error(request, messages.of(answer, currency=found.currency))
    else:
        done = registry.mode(found.mode).flow.states[answer.before].moves[event].label
        flash.success(request, _("Done: %(what)s") % {"what": messages.in_language(done)})
    return go(request, "order", code)


class PackForm(Form):
    """Which carrier has the parcel, under which number."""

    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))
    tracking_no = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(code, messages.in_language(label)) for code, label in CARRIERS.items()]
        self.fields["carrier"].choices = named  # type: ignore[attr-defined]  # a ChoiceField


@require_POST
def pack(request: Request, code: str) -> HttpResponse:
    """The supplier hands the parcel over."""
    found = seen_order(request, code)
    form = PackForm(request.POST)
    if form.is_valid() and form.carried_out(
        lambda: ship.pack(
            cluster_id=found.cluster_id, order_id=found.pk, **form.cleaned_data, by=request.actor
        )
    ):
        flash.success(request, _("Dispatched. The buyer sees it now."))
        return go(request, "order", code)
    return _page(request, found, form)
