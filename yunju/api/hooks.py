"""What payment providers tell us. The adapter verifies, the action decides; 200 is answered after the commit only.

A provider repeats what was not answered with 200. So what is booked already, or can never be, is 200 with its verdict;
a forged or stale message is 401, one that cannot be meant 422, and 503 asks for the message again.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yunju.api import problems
from yunju.kernel.errors import Invalid, NotFound, YunjuError
from yunju.orders.actions import pay, sending
from yunju.payments import registry
from yunju.payments.contract import Gateway, VerifiedEvent


@csrf_exempt  # its signature says who speaks, better than a cookie could
@require_POST
def gateway(request: HttpRequest, code: str) -> HttpResponse:
    """A notification of the gateway `code`."""
    try:
        event = _gateway(code).verify(dict(request.headers), request.body)
        return JsonResponse({"verdict": book(event)})
    except YunjuError as refusal:
        return problems.answer(request, refusal)


def book(event: VerifiedEvent) -> str:
    """Hand a verified event to the action it is for; its verdict word."""
    return (pay.pay if event.kind == "paid" else sending.confirm)([event])[0]


def _gateway(code: str) -> Gateway:
    try:
        return registry.gateway(code)
    except Invalid as unknown:
        raise NotFound("api.no_route") from unknown


urlpatterns = [path("gateways/<slug:code>", gateway, name="gateway_hook")]
