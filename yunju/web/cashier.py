"""Paying a purchase that was placed: by the way this browser can go, or on another device by a signed link.

The gateway says "paid" to us by itself; a browser that comes back proves nothing. The page asks again until it is so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import segno
from django.contrib import messages as flash
from django.core import signing
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import YunjuError
from yunju.orders.actions.start_payment import start_payment
from yunju.orders.models import Line, Order, Purchase
from yunju.orders.queries import purchase_visible_to
from yunju.orders.queries.doors import with_keys
from yunju.payments.browsers import IN_APP, answer_kind
from yunju.payments.contract import Answer, AnswerKind, Form, Jsapi, Qr, Redirect
from yunju.ui import messages
from yunju.web.doors import link_to
from yunju.web.request import Request, missing

LINK_SALT = "yunju.web.cashier"
LINK_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Door:
    """How somebody came to the cashier: as the buyer, or by the link that carries the purchase and nothing else."""

    purchase: Purchase
    payer: Actor
    address: str
    pay_address: str
    state_address: str
    is_buyer: bool


def _by_session(request: Request, code: str) -> Door:
    actor = with_keys(request.actor)
    return Door(
        purchase=purchase_visible_to(actor, code),
        payer=actor,
        address=reverse("cashier", args=[code]),
        pay_address=reverse("cashier_pay", args=[code]),
        state_address=reverse("cashier_state", args=[code]),
        is_buyer=True,
    )


def _by_link(request: Request, signed: str) -> Door:
    """The link opens the cashier of one purchase on any device: pay it, see that it is paid, nothing more."""
    try:
        code = signing.loads(signed, salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        missing()
    payer = system(request.cluster.pk, "pay link")
    return Door(
        purchase=purchase_visible_to(payer, str(code)),
        payer=payer,
        address=reverse("pay_link", args=[signed]),
        pay_address=reverse("pay_link_pay", args=[signed]),
        state_address=reverse("pay_link_state", args=[signed]),
        is_buyer=False,
    )


def link_for(request: Request, purchase: Purchase) -> str:
    """The address that carries a purchase to another device."""
    return request.build_absolute_uri(
        reverse("pay_link", args=[signing.dumps(purchase.code, salt=LINK_SALT)])
    )


@require_GET
def cashier(request: Request, code: str) -> HttpResponse:
    """The page after placing, and the page a buyer comes back to from the gateway."""
    return _page(request, _by_session(request, code))


@require_GET
def pay_link(request: Request, signed: str) -> HttpResponse:
    """The same without the session."""
    return _page(request, _by_link(request, signed))


@require_POST
def cashier_pay(request: Request, code: str) -> HttpResponse:
    """Ask the gateway for a way to pay and go it."""
    return _pay(request, _by_session(request, code))


@require_POST
def pay_link_pay(request: Request, signed: str) -> HttpResponse:
    """The same by link."""
    return _pay(request, _by_link(request, signed))


@require_GET
def cashier_state(request: Request, code: str) -> HttpResponse:
    """For the page's own polling: where to go on once it is paid or over."""
    return _state(_by_session(request, code))


@require_GET
def pay_link_state(request: Request, signed: str) -> HttpResponse:
    """The same by link."""
    return _state(_by_link(request, signed))


def _state(door: Door) -> HttpResponse:
    is_open = door.purchase.payment_state == "unpaid"
    response = JsonResponse({"state": door.purchase.payment_state, "go": "" if is_open else door.address})
    response["Cache-Control"] = "no-store"
    return response


def _pay(request: Request, door: Door) -> HttpResponse:
    """A redirect goes straight on; every other answer needs the page. A gateway's refusal is told on the page."""
    wanted = request.POST.get("kind", "")
    kind = wanted if wanted in set(AnswerKind) else answer_kind(request.headers.get("User-Agent", "")).value
    if door.purchase.payment_state != "unpaid":
        return HttpResponseRedirect(door.address)
    back = request.build_absolute_uri(door.address)
    try:
        _attempt, answer = start_payment(code=door.purchase.code, kind=kind, by=door.payer, return_url=back)
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=door.purchase.currency))
        return HttpResponseRedirect(door.address)
    if isinstance(answer, Redirect):
        return HttpResponseRedirect(answer.url)
    return _page(request, door, answer)


def _page(request: Request, door: Door, answer: Answer | None = None) -> HttpResponse:
    purchase = door.purchase
    orders = list(_orders(purchase))
    is_open = purchase.payment_state == "unpaid" and purchase.expires_at > clock.now()
    link = link_for(request, purchase) if is_open else ""
    in_app = IN_APP in request.headers.get("User-Agent", "")
    told = {
        "purchase": purchase,
        "orders": orders,
        "door": door,
        "is_open": is_open,
        "is_over": not is_open and purchase.payment_state != "paid",
        "in_app": in_app,
        "kind": answer_kind(request.headers.get("User-Agent", "")).value,
        "link": link,
        "link_qr": drawn(link) if link else "",
        "answer": _told(answer),
        "left": _left(purchase),
        "order_links": _order_links(request, door, orders),
        "words_left": _("{left} left to pay"),
    }
    response = render(request, "web/checkout/cashier.html", told)
    response["Cache-Control"] = "no-store"
    return response


def _orders(purchase: Purchase) -> QuerySet[Order]:
    """The orders of a purchase with the lines of their goods."""
    goods = Prefetch("lines", Line.objects.filter(kind="goods").order_by("seq"))
    found = Order.objects.filter(cluster_id=purchase.cluster_id, purchase_id=purchase.pk)
    return found.prefetch_related(goods).order_by("id")


def _order_links(request: Request, door: Door, orders: Sequence[Order]) -> list[str]:
    """A buyer without account takes the way back to each order along."""
    if not door.is_buyer or door.purchase.user_id is not None or door.purchase.payment_state != "paid":
        return []
    return [link_to(request, order) for order in orders]


def _told(answer: Answer | None) -> dict[str, object]:
    """The gateway's answer as the page needs it."""
    if isinstance(answer, Jsapi):
        return {"kind": "jsapi", "url": answer.params.get("url", "")}
    if isinstance(answer, Form):
        return {"kind": "form", "action": answer.action, "fields": answer.fields}
    if isinstance(answer, Qr):
        return {"kind": "qr", "qr": drawn(answer.text), "expires_at": answer.expires_at}
    return {}


def drawn(text: str) -> SafeString:
    """A QR code as inline SVG: no script, no style, four modules of quiet zone."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))  # noqa: S308  (made of numbers)


def _left(purchase: Purchase) -> str:
    left = max(purchase.expires_at - clock.now(), timedelta(0))
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    return f"{minutes}:{seconds:02d}"
