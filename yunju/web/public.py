"""Public pages, kept in memory for a few seconds: what a stranger sees is the same for every stranger.

A view says so by `public_page`. Only somebody of whom nothing is known is served from memory: no sign-in, no browser
cookie (who put something in a cart or on a list has one), no share link, no message waiting. For such a request nothing
private can be on the page, and no cookie that tells people apart is set. The one thing that differs, the token of the
forms, is cut out and put in anew for each.

Kept pages are compressed once, and only that is kept. The token goes between the compressed pieces as it is: it never
meets the compressor, so that the size of an answer says nothing about it.

Lists last YUNJU_PAGE_MEMORY seconds; the pages of studios and shops, of which there are more, LONGER times that. A page
that has a stamp is looked at after as many seconds, and goes on while the stamp says that nothing it shows was written:
to ask that costs a tenth of making the page. After MOST_SECONDS it is made anew whatever the stamp says, for what the
stamp leaves out: what buyers say, the foot of the page.
"""

import re
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import translation

from yunju.kernel.memory import remembered
from yunju.web import wechat
from yunju.web.middleware import BROWSER_COOKIE, SHARE_COOKIE, Answer
from yunju.web.request import Request

__all__ = ["remembered"]

PROVINCE_COOKIE = "yunju_province"
MOST_BYTES = 48_000_000
"""Of all kept pages of a process; the oldest go first."""

LONGER = 4
MOST_SECONDS = 300

_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}(?=")')
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Vary", "X-Frame-Options", "HX-Push-Url")
_PRIVATE_COOKIES = (BROWSER_COOKIE, SHARE_COOKIE, "messages")
_GZIP_HEAD, _GZIP_LAST = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", b"\x03\x00"


View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """The view shows every stranger the same: its answers to strangers may be kept for a moment."""
    return _public(view, 1, None)


def public_home(view: View) -> View:
    """The same for the page of a studio or shop, which is kept longer than lists."""
    return _public(view, LONGER, None)


def public_thing(stamp: Callable[[int, str], str]) -> Callable[[View], View]:
    """The same for the page of a thing that has a code: kept while `stamp(cluster id, code)` is what it was before."""
    return lambda view: _public(view, 1, stamp)


def _public(view: View, times: int, stamp: Callable[[int, str], str] | None) -> View:
    @wraps(view)
    def marked(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        check = None
        if stamp is not None and settings.YUNJU_PAGE_MEMORY and is_stranger(request):
            check = partial(stamp, request.cluster.pk, *args, **kwargs)
        # Before the page reads anything: what is written meanwhile is noticed later.
        seen = check() if check else ""
        response = view(request, *args, **kwargs)
        cast("Any", response).keeping = Keeping(times, check, seen)
        return response

    return marked


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a page may be kept, and what says that it still is what it was."""

    times: int
    check: Callable[[], str] | None = None
    seen: str = ""

    def holds(self) -> bool:
        return self.check is not None and self.check() == self.seen


@dataclass(slots=True)
class Kept:
    """One page, compressed, cut where the token stands. `until`: from then on the next who asks looks, or makes it anew."""

    packed: tuple[bytes, ...]
    headers: dict[str, str]
    made: float
    until: float
    keeping: Keeping = field(default_factory=lambda: Keeping(1))
    is_renewed: bool = False

    @property
    def size(self) -> int:
        return sum(map(len, self.packed)) + 1_000


@dataclass(slots=True)
class Memory:
    """The pages of this process, what was asked for last at the end. Bounded by bytes; safe among threads."""

    pages: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, now: float) -> Kept | None:
        """A page that is fresh; an old one for everybody but the first who asks, who makes it anew."""
        with self.lock:
            kept = self.pages.get(key)
            if kept is None:
                return None
            self.pages.move_to_end(key)
            if now < kept.until:
                return kept
            is_near = now < kept.until + settings.YUNJU_PAGE_MEMORY
            if kept.is_renewed and is_near:
                return kept
            kept.is_renewed = True
            return None

    def held(self, key: Hashable, now: float) -> Kept | None:
        """An old page of which nothing has changed: it is good for as long again."""
        with self.lock:
            kept = self.pages.get(key)
        if kept is None or now >= kept.made + MOST_SECONDS or not kept.keeping.holds():
            return None
        with self.lock:
            kept.until, kept.is_renewed = now + settings.YUNJU_PAGE_MEMORY, False
        return kept

    def drop(self, key: Hashable) -> None:
        with self.lock:
            old = self.pages.pop(key, None)
            self.size -= old.size if old else 0

    def put(self, key: Hashable, kept: Kept) -> None:
        self.drop(key)
        with self.lock:
            self.size += kept.size
            self.pages[key] = kept
            while self.size > MOST_BYTES:
                _, oldest = self.pages.popitem(last=False)
                self.size -= oldest.size

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0


memory = Memory()


class PublicPages:
    """Stands inside the CSRF middleware, which sets the cookie that belongs to the token."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.YUNJU_PAGE_MEMORY or not is_stranger(request):
            return self.get_response(request)
        key, now = _key(request), time.monotonic()
        kept = memory.get(key, now) or memory.held(key, now)
        if kept is not None:
            return _served(request, kept)
        response = self.get_response(request)
        keeping = getattr(response, "keeping", None)
        if keeping is not None and response.status_code == 200:
            response.cookies.pop(BROWSER_COOKIE, None)
            if not response.cookies:
                kept = _cut(response, keeping, now)
                memory.put(key, kept)
                return _served(request, kept)
        memory.drop(key)
        return response


def is_stranger(request: HttpRequest) -> bool:
    """Somebody of whom nothing is known, who only looks."""
    cookies = request.COOKIES
    return (
        request.method == "GET"
        and settings.SESSION_COOKIE_NAME not in cookies
        and not any(name in cookies for name in _PRIVATE_COOKIES)
        and "s" not in request.GET
    )


def _key(request: HttpRequest) -> Hashable:
    """All that a stranger's page may depend on."""
    return (
        request.scheme,
        request.get_host(),
        request.get_full_path(),
        translation.get_language(),
        request.COOKIES.get(PROVINCE_COOKIE, ""),
        request.META.get("HTTP_HX_TARGET", ""),
        request.META.get("HTTP_ACCEPT", "").startswith("application/json"),
        wechat.is_wechat(request),
    )


def _cut(response: HttpResponse, keeping: Keeping, now: float) -> Kept:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    packed = tuple(map(_packed, _TOKEN.split(response.content)))
    return Kept(packed, headers, now, now + keeping.times * settings.YUNJU_PAGE_MEMORY, keeping)


def _packed(piece: bytes) -> bytes:
    """Raw blocks that end at a whole byte and remember nothing: others may follow."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _unpacked(piece: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(piece)


def _served(request: HttpRequest, kept: Kept) -> HttpResponse:
    token = get_token(request).encode() if len(kept.packed) > 1 else b""
    body = token.join(map(_unpacked, kept.packed))
    packs = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    response = HttpResponse(gzipped(kept.packed, token, body) if packs else body, headers=kept.headers)
    if packs:
        response["Content-Encoding"] = "gzip"
    return response


def gzipped(packed: Sequence[bytes], token: bytes, body: bytes) -> bytes:
    """A gzip file of the pieces with the token between them, uncompressed."""
    length = len(token)
    stored = b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + token
    tail = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join((_GZIP_HEAD, stored.join(packed), _GZIP_LAST, tail))
