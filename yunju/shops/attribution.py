"""Who brought a buyer: signed tokens in links, and which of several counts. Pure but for the signing key.

A *link* token has no time: a poster may hang for years, and a link counts from the moment it is opened. Opening
stamps it; the *stamped* token goes into the address of every page, into the cookie (its value is the token itself)
and, after sign-in, with the buyer. A stamped token is good for the cluster's N days from its stamp; re-reading it
does not make it younger. The newest stamp wins, wherever it came from.

N = 0 means: no attribution beyond the visit. A stamped token is then good for 30 minutes in the address, no cookie
is set, and nothing is kept with the buyer.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac
from msgspec import Struct

SOURCES = ("link", "poster", "plate", "search")
VISIT = timedelta(minutes=30)
CLOCK_SKEW = timedelta(minutes=5)  # several web servers never agree to the second
MAX_SHOP_ID = 2**40 - 1
SHARE_CODE_LENGTH = 8

_SALT = "yunju.shops.attribution"
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_VERSION, _STAMPED, _SOURCE_BITS = 0x10, 0x08, 0x07
_HEAD, _STAMP, _MAC = 6, 4, 12
_LONGEST = 4 * (_HEAD + _STAMP + SHARE_CODE_LENGTH + _MAC) // 3 + 4


class Attribution(Struct, frozen=True, gc=False):
    """That a shop brought the buyer, how, by whose share code, and when the link was opened."""

    shop_id: int
    source: str
    share_code: str
    at: datetime


def make_token(shop_id: int, source: str, share_code: str = "", issued_at: datetime | None = None) -> str:
    """A signed token of 24 to 40 characters; without `issued_at` it is a link, which counts from its opening."""
    if not 0 < shop_id <= MAX_SHOP_ID:
        raise ValueError("a shop id has 40 bits")
    if len(share_code) > SHARE_CODE_LENGTH or not share_code.isascii():
        raise ValueError("a share code has at most 8 ASCII characters")
    flags = _VERSION | SOURCES.index(source) | (_STAMPED if issued_at else 0)
    body = bytes([flags]) + shop_id.to_bytes(5, "big")
    if issued_at:
        body += int((issued_at - _EPOCH).total_seconds()).to_bytes(_STAMP, "big")
    body += share_code.encode("ascii")
    return base64.urlsafe_b64encode(body + _mac(body, settings.SECRET_KEY)).decode("ascii").rstrip("=")


def stamp(found: Attribution) -> str:
    """The token of an opened link, for the address, the cookie and the account."""
    return make_token(found.shop_id, found.source, found.share_code, found.at)


def read_token(text: str, now: datetime, days: int) -> Attribution | None:
    """What a token says, or None when it is forged, damaged, too old or from the future. Never raises.

    `days` is the cluster's `attribution_days`. A link token reads as opened `now`.
    """
    body = _verified(text)
    if body is None or body[0] & ~(_STAMPED | _SOURCE_BITS) != _VERSION:
        return None
    source = body[0] & _SOURCE_BITS
    if source >= len(SOURCES):
        return None
    stamped = bool(body[0] & _STAMPED)
    rest = body[_HEAD + (_STAMP if stamped else 0) :]
    at = _EPOCH + timedelta(seconds=int.from_bytes(body[_HEAD : _HEAD + _STAMP], "big")) if stamped else now
    if now - at > lifetime(days) or at - now > CLOCK_SKEW:
        return None
    return Attribution(int.from_bytes(body[1:_HEAD], "big"), SOURCES[source], rest.decode("ascii"), at)


def lifetime(days: int) -> timedelta:
    """How long an opened link counts."""
    return timedelta(days=days) if days > 0 else VISIT


def cookie_seconds(days: int) -> int:
    """The age of the cookie; 0 means: set none, and keep nothing with the buyer."""
    return days * 86_400


def newest(found: Iterable[Attribution | None]) -> Attribution | None:
    """The last link wins; of equal stamps the first given (give address, cookie, account in this order)."""
    present = [one for one in found if one is not None]
    return max(present, key=lambda one: one.at) if present else None


def _verified(text: str) -> bytes | None:
    if not 0 < len(text) <= _LONGEST:
        return None
    # Printed posters outlive a change of keys.
    return _verified_by(text, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4_096)
def _verified_by(text: str, keys: tuple[str | bytes, ...]) -> bytes | None:
    """The same links are opened and sent with purchases again and again."""
    if not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if len(body) < _HEAD + (_STAMP if body and body[0] & _STAMPED else 0):
        return None
    return body if any(hmac.compare_digest(mac, _mac(body, key)) for key in keys) else None


def _mac(body: bytes, key: str | bytes) -> bytes:
    return salted_hmac(_SALT, body, secret=key, algorithm="sha256").digest()[:_MAC]
