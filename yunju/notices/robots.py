"""Group robots of 企业微信, 钉钉 and 飞书: which addresses are theirs, how each is spoken to, what its answer means.

Only the hosts below are ever called, by https, without redirects: an address somebody types leads nowhere else. For
tests and trying out all of them can be one local stand-in (`YUNJU_ROBOT_STANDIN`), which is refused elsewhere.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote_plus, urlsplit

import httpx
from django.conf import settings

from yunju.kernel.errors import Invalid
from yunju.notices.sms import Answer, Outcome

PER_MINUTE = 20
BUNDLE_LINES = 30
TIMEOUT = httpx.Timeout(5, connect=3)
MOST_BYTES = 2_000
"""企业微信 takes 2,048 bytes a text."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of robot lives, and which answer means that it is to be asked later."""

    host: str
    path: re.Pattern[str]
    query: str
    later: frozenset[int]
    takes_secret: bool = True


KINDS = {
    "wecom": Kind(
        "qyapi.weixin.qq.com",
        re.compile(r"/cgi-bin/webhook/send"),
        "key",
        frozenset({-1, 45009}),
        takes_secret=False,
    ),
    "dingtalk": Kind(
        "oapi.dingtalk.com", re.compile(r"/robot/send"), "access_token", frozenset({-1, 130101, 410100})
    ),
    "feishu": Kind(
        "open.feishu.cn",
        re.compile(r"/open-apis/bot/v2/hook/[A-Za-z0-9-]{10,80}"),
        "",
        frozenset({9499, 11232}),
    ),
}
TOKEN = re.compile(r"[A-Za-z0-9_-]{10,200}")


def checked_address(address: str) -> tuple[str, str]:
    """(kind, address) of a webhook address exactly as its provider gives it out, or Invalid."""
    text = address.strip()
    if not (
        text.isascii() and text.isprintable()
    ):  # `urlsplit` passes over line breaks, the caller trips over them
        raise Invalid("notices.robot_address", field="address")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Invalid("notices.robot_address", field="address") from error
    for name, kind in KINDS.items():
        if parts.hostname == kind.host and parts.netloc == kind.host and port is None:
            plain = parts.scheme == "https" and not parts.fragment and kind.path.fullmatch(parts.path)
            if plain and _query_fits(kind, parts.query):
                return name, text
    raise Invalid("notices.robot_address", field="address")


def _query_fits(kind: Kind, query: str) -> bool:
    given = parse_qs(query, keep_blank_values=True)
    if not kind.query:
        return not given
    return set(given) == {kind.query} and bool(TOKEN.fullmatch(given[kind.query][0]))


def plan(waiting: int, posted_last_minute: int) -> list[int]:
    """How many of the waiting each of the next messages tells: alone while there is room, the last one bundles the rest."""
    room = PER_MINUTE - posted_last_minute
    if room <= 0 or waiting <= 0:
        return []
    if waiting <= room:
        return [1] * waiting
    return [*([1] * (room - 1)), waiting - (room - 1)]


def words_of(lines: Sequence[str], more: str) -> str:
    """Many lines as one text; `more` says how many are not shown."""
    shown = "\n".join(lines[:BUNDLE_LINES])
    if len(lines) > BUNDLE_LINES:
        shown += "\n" + more
    while len(shown.encode()) > MOST_BYTES:
        shown = shown[: len(shown) - 20] + "…"
    return shown


def post(kind: str, address: str, secret: str, words: str, *, at: float) -> Answer:
    """Put one text into the group. `at` is the present as seconds, for the signature."""
    url, body = _signed(kind, address, secret, words, at)
    try:
        answer = httpx.post(_where(url), json=body, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Answer(Outcome.AGAIN, error=type(error).__name__)
    except httpx.HTTPError as error:
        return Answer(Outcome.UNKNOWN, error=type(error).__name__)
    return _judged(kind, answer)


def _signed(kind: str, address: str, secret: str, words: str, at: float) -> tuple[str, dict[str, object]]:
    if kind != "feishu":
        body: dict[str, object] = {"msgtype": "text", "text": {"content": words}}
        return (_dingtalk(address, secret, at) if secret else address), body
    body = {"msg_type": "text", "content": {"text": words}}
    if secret:
        stamp = str(int(at))
        key = f"{stamp}\n{secret}".encode()
        sign = base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
        body |= {"timestamp": stamp, "sign": sign}
    return address, body


def _dingtalk(address: str, secret: str, at: float) -> str:
    stamp = str(int(at * 1000))
    digest = hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return f"{address}&timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"


def _where(url: str) -> str:
    """The address itself, or the same path at the stand-in."""
    stand_in = settings.YUNJU_ROBOT_STANDIN
    if not stand_in:
        return url
    parts = urlsplit(url)
    return f"{stand_in}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def _judged(kind: str, answer: httpx.Response) -> Answer:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.status_code in {502, 503, 504}:
        return Answer(Outcome.AGAIN, error=str(answer.status_code))
    if answer.status_code != httpx.codes.OK:
        return Answer(Outcome.REFUSED, error=str(answer.status_code))
    try:
        said = answer.json()
        code = int(said.get("errcode", said.get("code", said.get("StatusCode", -9))))
    except (ValueError, TypeError, AttributeError):
        return Answer(Outcome.UNKNOWN, error="no answer to read")
    if code == 0:
        return Answer(Outcome.SENT)
    return Answer(Outcome.AGAIN if code in KINDS[kind].later else Outcome.REFUSED, error=str(code))
