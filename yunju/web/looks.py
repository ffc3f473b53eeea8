"""Notes looks at shops after the page is answered: one entry in memory, no statement (see `shops.looks`).

It stands outside the memory of public pages, so that a page served from there counts as well.
"""

import re
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members.words import Permission
from yunju.shops.attribution import Attribution
from yunju.shops.looks import Look, is_person, noted
from yunju.web.middleware import BROWSER_COOKIE
from yunju.web.request import Request

_COUNTED = re.compile(r"/(shops|offers)/([0-9A-Za-z_-]{1,40})", re.ASCII)


class LookMiddleware:
    """A shop's own page counts for the shop; an offer's page for the shop whose link stands in its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        page = _COUNTED.fullmatch(request.path)
        if (
            page is not None
            and request.method == "GET"
            and response.status_code == 200
            and "HX-Request" not in request.headers
            and is_person(request.headers)
        ):
            has_cookie = BROWSER_COOKIE in request.COOKIES or BROWSER_COOKIE in response.cookies
            browser = _holder(request) if has_cookie else ""
            _note(request, page[1] == "shops", page[2], browser or _browser(request))
        return response


def _holder(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    return actor.holder if actor else ""


def _note(request: HttpRequest, is_shop: bool, code: str, browser: str) -> None:  # noqa: FBT001  (one of two pages)
    led = _led(request)
    if led is None and not is_shop:
        return
    actor: Actor | None = getattr(request, "actor", None)
    look = Look(
        shop=code if is_shop or led is None else led.shop_id,
        offer="" if is_shop else code,
        source=led.source if led else "none",
        browser=browser,
        keeps=tuple(actor.members_with(Permission.SHOP_EDIT)) if actor else (),
    )
    noted.note(look, clock.now())


def _led(request: HttpRequest) -> Attribution | None:
    """The shop whose link stands in the address; not the one that a cookie remembers of another day."""
    ours = cast("Request", request)
    return ours.attribution if getattr(request, "share_token", "") else None


def _browser(request: HttpRequest) -> str:
    """Of somebody who carries no cookie yet: network address and kind of browser, under our key, never as they are."""
    said = f"{request.META.get('REMOTE_ADDR', '')} {request.headers.get('User-Agent', '')}"
    return salted_hmac("yunju.looks", said, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
