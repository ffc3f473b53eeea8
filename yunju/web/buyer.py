"""Orders as people meet them: the buyer's list, the page of one order with its timeline, and what may be done on it."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog.models import Offer
from yunju.fulfilment import registry
from yunju.fulfilment.contract import Who
from yunju.kernel.errors import Invalid, YunjuError
from yunju.modes.ship import actions as ship
from yunju.modes.ship import queries as parcels
from yunju.modes.ship.words import CARRIERS
from yunju.orders import transitions
from yunju.orders.actions import cases
from yunju.orders.flow import actions as flow
from yunju.orders.flow import queries as flows
from yunju.orders.flow.policy import may_see, whos_of
from yunju.orders.models import Case, Contact, Line, Order, Refund
from yunju.orders.queries import order_visible_to, orders_visible_to
from yunju.ui import messages
from yunju.web.after_sale import may_refund
from yunju.web.forms import Form
from yunju.web.request import Request, go
from yunju.web.words import order_word

PAGE = 20
WITH_FORM = {"pack", "correct", "say_in_transit", "say_out_for_delivery", "say_at_pickup", "say_delivered"}
"""Moves that need more than a button, or that the supplier's tracking page makes."""


@require_GET
def orders(request: Request) -> HttpResponse:
    """The buyer's own orders, the newest first; with an account or by this browser's secret."""
    mine = Q(purchase__holder=request.actor.holder) & ~Q(purchase__holder="")
    if request.actor.user_id is not None:
        mine |= Q(purchase__user_id=request.actor.user_id)
    lines = Prefetch("lines", Line.objects.filter(kind="goods").order_by("seq"))
    found = (
        orders_visible_to(request.actor)
        .filter(mine)
        .select_related("purchase")
        .prefetch_related(lines)
        .order_by("-id")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(order, order_word(order, list(order.lines.all()))) for order in page.object_list]
    return render(request, "web/buyer/orders.html", {"here": "orders", "page": page, "rows": rows})


@require_GET
def order(request: Request, code: str) -> HttpResponse:
    """One order: what, where, how far, what happened, what may be done by whoever looks."""
    return _page(request, order_visible_to(request.actor, code))


def _page(request: Request, found: Order, broken: Form | None = None) -> HttpResponse:
    whos = whos_of(request.actor, flows.parties_of(found))
    lines = list(Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("seq"))
    view = flows.view(request.actor, found)
    case = Case.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("-id").first()
    packs = any(button.event == "pack" for button in view.buttons)
    parcel = parcels.parcel_of(request.actor, found.pk) if _may_look(request, found) else None
    told = {
        "order": found,
        "lines": [line for line in lines if line.kind == "goods"],
        "offers": dict(
            Offer.objects.filter(pk__in=[line.offer_id for line in lines]).values_list("pk", "code")
        ),
        "word": order_word(found, lines),
        "view": view,
        "buttons": [one for one in view.buttons if one.event not in WITH_FORM],
        "as_buyer": Who.BUYER in whos,
        "contact": _contact(found, sees=bool(whos) or request.actor.is_operator),
        "timeline": list(reversed(_timeline(request, found))),
        "parcel": parcel,
        "carrier": CARRIERS.get(parcel.carrier if parcel else "", CARRIERS["other"]),
        "pack": broken if isinstance(broken, PackForm) else PackForm() if packs else None,
        "case": case,
        "answers": _answers(case, whos),
        "may_refund": may_refund(request, found)
        and any(line.refunded_minor < line.amount_minor for line in lines),
        "may_claim": Who.BUYER in whos and _claimable(found, case),
        "refunds": list(Refund.objects.filter(cluster_id=found.cluster_id, order_id=found.pk).order_by("id")),
    }
    response = render(request, "web/buyer/order.html", told, status=422 if broken else 200)
    response["Cache-Control"] = "no-store"
    return response


def _may_look(request: Request, found: Order) -> bool:
    """A shop that brought the buyer sees the state of the order, not its parcel."""
    return may_see(request.actor, flows.parties_of(found))


def _timeline(request: Request, found: Order) -> list[Any]:
    if not _may_look(request, found):
        return []
    return (
        list(parcels.timeline(request.actor, found.pk))
        if found.mode == "ship"
        else list(flows.happenings(found))
    )


def _contact(found: Order, *, sees: bool) -> Contact | None:
    """Who to send to: for the buyer, the supplier and the operator, until it is erased."""
    if not sees:
        return None
    return Contact.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, erased_at=None).first()


def _claimable(found: Order, case: Case | None) -> bool:
    """An after-sale case may be asked for: something is paid, and no other case is open."""
    is_open = case is not None and case.state not in transitions.CASE_ENDS
    return bool(found.fulfilment_state) and not is_open


def _answers(case: Case | None, whos: frozenset[Who]) -> list[tuple[str, str]]:
    """(event, who) that the person may say to the open case now."""
    if case is None:
        return []
    wanted = transitions.CASE.get(case.state, {})
    return [
        (event, who.value)
        for event in wanted
        for who in (Who.BUYER, Who.SUPPLIER, Who.OPERATOR)
        if who in whos and who in cases.WHO_SAYS.get(event, frozenset())
    ]


@require_POST
def move(request: Request, code: str) -> HttpResponse:
    """A button of the flow: confirm receipt, extend, ask to cancel, ..."""
    found = order_visible_to(request.actor, code)
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
    found = order_visible_to(request.actor, code)
    form = PackForm(request.POST)
    if form.is_valid() and form.carried_out(
        lambda: ship.pack(
            cluster_id=found.cluster_id, order_id=found.pk, **form.cleaned_data, by=request.actor
        )
    ):
        flash.success(request, _("Dispatched. The buyer sees it now."))
        return go(request, "order", code)
    return _page(request, found, form)
