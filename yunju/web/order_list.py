"""The buyer's orders: searched, filtered by state."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.kernel import clock
from yunju.orders.models import Line, Order
from yunju.orders.queries import orders_visible_to
from yunju.orders.queries.doors import with_keys
from yunju.talks import queries as talks
from yunju.web.cards import first_pictures
from yunju.web.request import Request
from yunju.web.words import order_word

PAGE = 20
STATES: dict[str, Q] = {
    "to_pay": Q(purchase__payment_state="unpaid"),
    "to_send": Q(fulfilment_state="to_pack"),
    "on_the_way": Q(
        fulfilment_state__in=(
            "packed",
            "in_transit",
            "out_for_delivery",
            "at_pickup",
            "delivered",
            "returning",
        )
    ),
    "received": Q(fulfilment_state="received"),
    "after_sale": Q(after_sale_state__in=("open", "settled")) | Q(disputed_at__isnull=False),
}


@require_GET
def orders(request: Request) -> HttpResponse:
    """The buyer's own orders, the newest first; with an account, by this browser's secret, or opened by link."""
    request.actor = with_keys(request.actor)
    words, state = _asked(request)
    page = Paginator(wanted(request), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    rows = [(order, order_word(order, list(order.lines.all()))) for order in shown]
    lines = [line for order in shown for line in order.lines.all()]
    told = {
        "here": "orders",
        "page": page,
        "rows": rows,
        "words": words,
        "chosen": state if state in STATES else "",
        "states": list(STATES),
        "is_filtered": bool(words or state in STATES),
        "pictures": first_pictures({line.offer_id for line in lines if line.offer_id}),
        "unread": talks.unread_orders(request.actor, shown),
    }
    return render(request, "web/buyer/orders.html", told)


def wanted(request: Request) -> QuerySet[Order]:
    """The person's orders that the address asks for, with the lines of their goods."""
    return _found(_mine(request), *_asked(request))


def _asked(request: Request) -> tuple[str, str]:
    return " ".join(request.GET.get("q", "").split())[:60], request.GET.get("state", "")


def _mine(request: Request) -> QuerySet[Order]:
    mine = Q(purchase__holder=request.actor.holder) & ~Q(purchase__holder="")
    mine |= Q(purchase__user_id=None, purchase_id__in=request.actor.keys)
    if request.actor.user_id is not None:
        mine |= Q(purchase__user_id=request.actor.user_id)
    lines = Prefetch("lines", Line.objects.filter(kind="goods").order_by("seq"))
    found = orders_visible_to(request.actor).filter(mine)
    return found.select_related("purchase").prefetch_related(lines).order_by("-id")


def _found(orders: QuerySet[Order], words: str, state: str) -> QuerySet[Order]:
    """By number, supplier or what was bought. An order given up unpaid long ago is in nobody's way."""
    if state in STATES:
        orders = orders.filter(STATES[state])
    elif not words:
        given_up = Q(purchase__payment_state__in=("expired", "cancelled"))
        orders = orders.exclude(given_up & Q(placed_at__lt=clock.now() - timedelta(days=7)))
    if words:
        lines = Line.objects.filter(order_id=OuterRef("pk"), title__icontains=words)
        orders = orders.filter(Q(number__icontains=words) | Q(supplier_name__icontains=words) | Exists(lines))
    return orders
