"""What payment providers tell us. The adapter verifies, the action decides; 200 is answered after the commit only.

A provider repeats what was not answered with 200. So what is booked already, or can never be, is 200 with its verdict;
a forged or stale message is 401, one that cannot be meant 422, and 503 asks for the message again.
Payments that say what their attempts say are booked with the others that arrive at the moment.
"""

import re
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yunju.api import problems
from yunju.kernel.errors import Invalid, NotFound, YunjuError
from yunju.orders.actions import pay, sending
from yunju.orders.actions.gathering import payments
from yunju.payments import registry
from yunju.payments.contract import Gateway, VerifiedEvent

PATH = re.compile(r"/hooks/gateways/([-\w]{1,20})", re.ASCII)


@csrf_exempt  # its signature says who speaks, better than a cookie could
@require_POST
def gateway(request: HttpRequest, code: str) -> HttpResponse:
    """A notification of the gateway `code`."""
    try:
        adapter, headers = _gateway(code), dict(request.headers)
        event = adapter.read(headers, request.body)
        verdict = payments.wait_for(event, size=len(request.body)) if event.kind == "paid" else None
        return JsonResponse({"verdict": verdict or book(adapter.verify(headers, request.body))})
    except YunjuError as refusal:
        return problems.answer(request, refusal)


def book(event: VerifiedEvent) -> str:
    """Hand a verified event to the action it is for; its verdict word."""
    return (pay.pay if event.kind == "paid" else sending.confirm)([event])[0]


def payment_of(code: str, headers: Mapping[str, str], content: bytes) -> VerifiedEvent | None:
    """The payment that a notification tells of, read but not verified; None where it is another kind, or none at all."""
    try:
        event = _gateway(code).read(headers, content)
    except YunjuError:
        return None
    return event if event.kind == "paid" else None


def _gateway(code: str) -> Gateway:
    try:
        return registry.gateway(code)
    except Invalid as unknown:
        raise NotFound("api.no_route") from unknown


urlpatterns = [path("gateways/<slug:code>", gateway, name="gateway_hook")]
