"""What is put right before anything reads a request: whose address asks, and no NUL in any text.

Every limit per address (codes by text, lock-out of passwords, calls of the API) reads `REMOTE_ADDR`, and nothing else reads
what proxies say. So it is put right once, here: a limit that is written tomorrow has it too.
"""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
NUL = "\0"
SAID_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP", "HTTP_FORWARDED",
)  # fmt: skip
BY_SIGNATURE = ("/api/", "/hooks/")
"""Bodies that are no forms; these doors judge them by themselves."""


class AddressMiddleware:
    """The first of all. `REMOTE_ADDR` becomes the address that the outermost of our proxies saw.

    Headers of proxies count only when they come from an address in YUNJU_TRUSTED_PROXIES and name as many hops as
    YUNJU_PROXIES says: what a client writes in front of them is counted from the other end. From anybody else they are
    dropped, so that nothing later believes them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        meta["REMOTE_ADDR"] = plain(str(meta.get("REMOTE_ADDR", "")))
        hops = [hop.strip() for hop in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
        count = settings.YUNJU_PROXIES
        if not count or not _is_ours(meta["REMOTE_ADDR"]):
            for name in SAID_BY_PROXIES:
                meta.pop(name, None)
        elif len(hops) >= count and (said := plain(hops[-count])):
            meta["REMOTE_ADDR"] = said
        return self.get_response(request)


def plain(text: str) -> str:
    """An address without port and brackets, the form that every limit counts; empty when it is none."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(inner or found)


def _is_ours(address: str) -> bool:
    if not address:
        return False
    found = ipaddress.ip_address(address)
    return any(found in network for network in settings.YUNJU_TRUSTED_PROXIES)


class NulMiddleware:
    """No text of the database can hold a NUL, and no honest browser sends one: it is refused once, for every page.

    Stands before the session, whose key is a text of the database too. A cookie with a NUL (quoted cookies may spell
    one) is dropped as if it had not come. Bodies are looked at after the CSRF middleware has read them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in name + value]:
            del request.COOKIES[name]
        # The API answers for itself, in its own way.
        if not request.path.startswith("/api/"):
            _refuse([request.path, request.META.get("QUERY_STRING", "").replace("%00", NUL)])
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> None:
        if request.method == "POST" and not request.path.startswith(BY_SIGNATURE):
            for name, values in request.POST.lists():
                _refuse([name, *map(str, values)])
            for name, files in request.FILES.lists():
                _refuse([name, *(f"{file.name}{file.content_type}" for file in files)])


def _refuse(texts: Iterable[str]) -> None:
    if any(NUL in text for text in texts):
        raise BadRequest("a NUL in what was sent: no text of the database has one")
