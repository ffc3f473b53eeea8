"""Waiting in an event loop for a gatherer's answer, and what every answer of the door says besides."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.core.signals import setting_changed
from django.http.request import split_domain_port, validate_host

from yunju.kernel.gather import Gatherer

_LONGEST_HOST = 260  # a name has 253 characters, a port five
Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]


class Head(Protocol):
    """The headers of a request, by their names in small letters."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def items(self) -> Any: ...


async def answered(gatherer: Gatherer[Any, Any], item: Any, *, size: int) -> Any:
    """What the batch of this item answered it, a refusal or failure too. Raises Busy where too many wait."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Any] = loop.create_future()
    gatherer.ask(item, ticket=(loop, waiting), told=_tell, size=size)
    return await waiting


def _tell(found: Sequence[tuple[tuple[asyncio.AbstractEventLoop, asyncio.Future[Any]], Any]]) -> None:
    """One call to each loop for all of a batch."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(list)
    for (loop, waiting), answer in found:
        by_loop[loop].append((waiting, answer))
    for loop, pairs in by_loop.items():
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for waiting, answer in pairs:
        if not waiting.done():  # the caller may have gone
            waiting.set_result(answer)


def headers_of(content_type: str, language: str) -> Headers:
    """What the pages' middleware says of every answer."""
    return [("content-type", content_type), ("content-language", language), *_of_all()]


@cache
def _of_all() -> Headers:
    found = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", settings.SECURE_REFERRER_POLICY),
        ("cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        ("x-frame-options", settings.X_FRAME_OPTIONS),
    ]
    if settings.SECURE_HSTS_SECONDS:
        found.append(("strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return found


def is_ours(host: str) -> bool:
    """True for a host that this installation answers for."""
    return len(host) <= _LONGEST_HOST and _is_ours(host)


@lru_cache(maxsize=1_024)
def _is_ours(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _forget(**_setting: object) -> None:
    _of_all.cache_clear()
    _is_ours.cache_clear()


setting_changed.connect(_forget)  # settings change in tests alone
