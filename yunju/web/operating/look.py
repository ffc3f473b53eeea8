"""Looking into any order: found by number, phone or name; its money line by line; what is covered only for a reason."""

from collections.abc import Sequence

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.fulfilment import registry
from yunju.insight import look
from yunju.ledger.queries import Posted
from yunju.members.words import Permission
from yunju.modes.ship.words import CARRIERS
from yunju.orders.models import Contact, Order
from yunju.orders.queries import orders_visible_to
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, go, operating
from yunju.web.words import Word, order_word

PAGE = 30
VIEWS = ("", "unpaid", "to_pack", "sent", "disputed", "refunded")


class SearchForm(Form):
    """One field for all. It is posted: a name or number of a buyer stands in no address and no log."""

    q = forms.CharField(
        label=gettext_lazy("Number, last four digits of the phone, or the buyer's name"),
        max_length=60,
        help_text=gettext_lazy(
            "Also the number of a payment, refund or parcel. A search by phone or name is on record."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )


@require_http_methods(["GET", "POST"])
def orders_look(request: Request) -> HttpResponse:
    """The newest orders, and a search in all of them."""
    operating(request, Permission.CLUSTER_ORDERS)
    form = SearchForm(request.POST or None)
    found: look.Found | None = None

    def search() -> None:
        nonlocal found
        found = look.search(request.actor, form.cleaned_data["q"])

    if request.method == "POST" and form.is_valid() and form.carried_out(search) and found is not None:
        if found.by == "number" and len(found.orders) == 1:
            return go(request, "order_file", found.orders[0].code)
        told = {"here": "operator", "form": form, "found": found, "rows": _with_buyers(found.orders)}
        response = render(request, "web/operator/orders.html", told)
        response["Cache-Control"] = "no-store"
        return response
    view = request.GET.get("view", "")
    page = Paginator(wanted(request), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "operator",
        "form": form,
        "page": page,
        "view": view if view in VIEWS else "",
        "views": VIEWS,
        "rows": _with_buyers(list(page.object_list)),
    }
    return render(request, "web/operator/orders.html", told, status=422 if form.errors else 200)


def wanted(request: Request) -> QuerySet[Order]:
    """The orders of the view that the address asks for, the newest first."""
    view = request.GET.get("view", "")
    found = orders_visible_to(request.actor)
    if view == "unpaid":
        found = found.filter(purchase__payment_state="unpaid")
    elif view == "to_pack":
        found = found.filter(fulfilment_state="to_pack")
    elif view == "sent":
        found = found.filter(dispatched_at__isnull=False, received_at=None)
    elif view == "disputed":
        found = found.filter(disputed_at__isnull=False)
    elif view == "refunded":
        found = found.exclude(after_sale_state="none")
    return found.select_related("purchase").prefetch_related("lines").order_by("-pk")


def rows_of(orders: Sequence[Order]) -> list[tuple[Order, Word]]:
    """Orders with the words for their states."""
    return [(order, order_word(order, list(order.lines.all()))) for order in orders]


def _with_buyers(orders: Sequence[Order]) -> list[tuple[Order, Word, str]]:
    """The same with the buyer's name as the page of an order shows it before it is uncovered."""
    ids = [order.pk for order in orders]
    contacts = Contact.objects.filter(order_id__in=ids, erased_at=None)
    names = dict(contacts.values_list("order_id", "name"))
    return [(order, word, covered(names.get(order.pk, ""))) for order, word in rows_of(orders)]


def covered(name: str) -> str:
    """`周**`: enough to recognise an order by, too little to find somebody."""
    return f"{name.strip()[:1]}**" if name.strip() else ""


class UncoverForm(Form):
    """Why somebody wants to see name, phone and address."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you need the address?"),
        max_length=200,
        help_text=gettext_lazy("It is kept with your name."),
    )


@require_http_methods(["GET", "POST"])
def order_file(request: Request, code: str) -> HttpResponse:
    """One order with all its money. A POST with a reason shows whom it goes to, this once."""
    operating(request, Permission.CLUSTER_ORDERS)
    found = look.file_of(request.actor, code)
    form = UncoverForm(request.POST or None)
    uncovered = (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: look.uncover(request.actor, found.order, form.cleaned_data["reason"]))
    )
    told = {
        "here": "operator",
        "file": found,
        "order": found.order,
        "word": order_word(found.order, found.lines),
        "lines": [
            (line, found.shares.get(line.pk, []), found.shops.get(line.shop_id or 0)) for line in found.lines
        ],
        "posted": [(legs[0], [(leg, _whose(found, leg)) for leg in legs]) for legs in found.posted],
        "refunds": [(one, found.parts.get(one.pk, [])) for one in found.refunds],
        "happened": [(row, _did(found.order, row)) for row in reversed(found.happened)],
        "carrier": CARRIERS.get(found.parcel.carrier if found.parcel else "", CARRIERS["other"]),
        "form": form,
        "uncovered": uncovered,
    }
    response = render(request, "web/operator/order.html", told, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _did(order: Order, row: look.Happened) -> str:
    """What an event says: in the words of the order's own flow where it has them."""
    if row.noun == "order":
        for state in registry.mode(order.mode).flow.states.values():
            if row.what in state.moves:
                return messages.in_language(state.moves[row.what].label)
    return messages.word("did", row.what)


def _whose(found: look.File, leg: Posted) -> str:
    kind, _sep, name = leg.subject.partition(":")
    if kind == "member":
        return found.names.get(int(name), name)
    if kind == "gateway":
        return messages.word("gateway", name)
    return _("Order %(number)s") % {"number": found.order.number}
