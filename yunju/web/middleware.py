"""Who is asking, in which cluster, led here by which shop; and refusals turned into pages."""

import secrets
from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, NotFound, SignInNeeded, YunjuError
from yunju.kernel.memory import remembered
from yunju.members import queries as members
from yunju.members import sessions, waking
from yunju.members.models import Cluster, User
from yunju.shops import attribution
from yunju.ui import messages
from yunju.web import wechat
from yunju.web.request import Request

Answer = Callable[[HttpRequest], HttpResponse]
BROWSER_COOKIE = "yunju_browser"
SHARE_COOKIE = "yunju_share"
BROWSER_SECONDS = 180 * 24 * 3600
HOST_SECONDS = 2
"""A cluster that is closed, or whose rules change, is met anew after these."""

DESK = "/desk/"
OUTSIDE = ("/static/", "/healthz", "/media/", "/art/", "/hooks/")
"""Paths that belong to no cluster: no look-up, no cookie."""


class ClusterMiddleware:
    """Sets `request.cluster` by host, and the time zone in which its days are cut."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OUTSIDE):
            return self.get_response(request)
        try:
            host = request.get_host()
            cluster = remembered(("host", host), HOST_SECONDS, lambda: members.cluster_for_host(host))
        except YunjuError as error:
            return refusal(request, error)
        cast("Request", request).cluster = cluster
        with timezone.override(cluster.timezone):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that no form caught becomes a page with its sentence."""
        if not isinstance(exception, YunjuError):
            return None
        if isinstance(exception, SignInNeeded) and not wants_json(request):
            words = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})
            return HttpResponseRedirect(f"{reverse('sign_in')}?{words}")
        if _could_more(request, exception):
            return to_confirm(request)
        return refusal(request, exception)


def _could_more(request: HttpRequest, exception: YunjuError) -> bool:
    """Somebody whose powers sleep looks at a page that is refused: with the password the answer may be another.

    A firm's own pages say that one may not; those of the operator are not there. A page that is gone stays gone for all
    but the operator.
    """
    ours = cast("Request", request)
    if not getattr(ours, "is_asleep", False) or request.method != "GET" or wants_json(request):
        return False
    operates = isinstance(exception, NotFound) and ours.powers.is_operator
    return operates or (isinstance(exception, Forbidden) and waking.has_weight(ours.powers))


class ActorMiddleware:
    """Sets `request.actor` from live roles, the browser's secret for buyers without account, and the attribution."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OUTSIDE):
            return self.get_response(request)
        ours = cast("Request", request)
        secret = request.COOKIES.get(BROWSER_COOKIE, "")
        fresh = not 20 <= len(secret) <= 100
        if fresh:
            secret = secrets.token_urlsafe(32)
        ours.powers = members.actor_for(request.user, ours.cluster, holder=members.holder_hash(secret))
        ours.is_asleep = not _is_awake(request)
        ours.actor = waking.asleep(ours.powers) if ours.is_asleep else ours.powers
        if ours.is_asleep and request.path.startswith(DESK) and _is_of_staff(request):
            return to_confirm(request)
        ours.in_wechat = wechat.is_wechat(request)
        _read_share(ours)
        response = wechat.instead_of_download(ours, self.get_response(request))
        if (
            fresh
            and BROWSER_COOKIE not in response.cookies
            and "text/html" in response.get("Content-Type", "")
        ):
            set_cookie(response, BROWSER_COOKIE, secret, BROWSER_SECONDS)
        _keep_share(ours, response)
        return response


def _is_awake(request: HttpRequest) -> bool:
    """True when the password was typed in this session, and counts already."""
    user = request.user
    return isinstance(user, User) and sessions.knows_password(request.session) and waking.is_ripe(user)


def _is_of_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff


def to_confirm(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the password, and back here."""
    return HttpResponseRedirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")


def set_cookie(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    """A cookie that scripts cannot read and other sites do not send."""
    response.set_cookie(
        name, value, max_age=seconds, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def _read_share(request: Request) -> None:
    days, now = request.cluster.attribution_days, clock.now()
    by_address = attribution.read_token(request.GET.get("s", ""), now, days)
    by_cookie = attribution.read_token(request.COOKIES.get(SHARE_COOKIE, ""), now, days)
    request.attribution = attribution.newest([by_address, by_cookie])
    request.share_token = attribution.stamp(by_address) if by_address else ""


def _keep_share(request: Request, response: HttpResponse) -> None:
    seconds = attribution.cookie_seconds(request.cluster.attribution_days)
    if not request.attribution or not seconds:
        return
    token = attribution.stamp(request.attribution)
    if request.COOKIES.get(SHARE_COOKIE) != token:
        set_cookie(response, SHARE_COOKIE, token, seconds)


def wants_json(request: HttpRequest) -> bool:
    """True for programs: the API and our own polling."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def refusal(request: HttpRequest, error: YunjuError) -> HttpResponse:
    """A refusal as a page (or JSON for programs), with its status."""
    cluster = getattr(request, "cluster", None)
    currency = cluster.currency if isinstance(cluster, Cluster) else "CNY"
    sentence = messages.of(error, currency=currency)
    if wants_json(request):
        return JsonResponse({"code": error.code, "detail": sentence}, status=error.status)
    response = render(
        request, "web/refusal.html", {"sentence": sentence, "status": error.status}, status=error.status
    )
    if error.retryable:
        response["Retry-After"] = "5"
    return response
