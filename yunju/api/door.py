"""The door: `POST /api/v1/purchases` of programs, answered without a thread of its own.

Whoever knocks with a token and a well-formed body waits in the gatherer; the batch reads who they are in its own
statements, places them, and all are answered after the commit. Everything else (cookies, faults of form, other hosts'
questions) is answered by the same route behind it, which says the same in the same words.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from pydantic import ValidationError

from yunju.api import limits, problems, tokens
from yunju.api.scopes import Scope
from yunju.api.v1.purchases import PurchaseBody, WantedBody, at_lines, wanted_line
from yunju.catalog.queries import variants_asked
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Busy, Forbidden, Invalid, SignInNeeded, YunjuError
from yunju.kernel.memory import remembered
from yunju.members import queries as members
from yunju.members.models import Cluster
from yunju.orders.actions.gathering import Unread, purchases
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.payments import registry
from yunju.shops import queries as shops
from yunju.shops.attribution import Attribution

PATH = "/api/v1/purchases"
MOST_BYTES = 64 * 1024
_LENGTH = re.compile(r"\d{1,6}", re.ASCII)
HOST_SECONDS = 2
Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]


@dataclass(slots=True)
class _Wish:
    """One knock: what was sent, and what the batch found out about it."""

    host: str
    secret: str
    key: str
    body: PurchaseBody
    currency: str = "CNY"
    lines: tuple[WantedLine, ...] = field(default=())


class Head(Protocol):
    """The headers of a request, by their names in small letters."""

    def get(self, key: str, default: Any = None) -> Any: ...


def is_for(method: str, path: str, headers: Head) -> bool:
    """A program's purchase with a token, a key and a body of a known, modest length."""
    length = headers.get("content-length") or ""
    return (
        method == "POST"
        and path == PATH
        and (headers.get("authorization") or "")[:7].lower() == "bearer "
        and bool(headers.get("idempotency-key"))
        and _LENGTH.fullmatch(length) is not None
        and int(length) <= MOST_BYTES
    )


async def answer(headers: Head, content: bytes) -> Answer | None:
    """Status, headers and body; None leaves the request to the route behind the door."""
    wish = _read(headers, content)
    if wish is None:
        return None
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Any] = loop.create_future()
    try:
        purchases.ask(Unread(wish, read_batch), ticket=(loop, waiting), told=_tell, size=len(content))
        found = await waiting
    except Busy as full:
        found = full
    with translation.override(problems.language_of(headers.get("accept-language") or "")):
        if isinstance(found, Placed):
            return _placed(found)
        return _refused(wish, found if isinstance(found, YunjuError) else Busy("busy.try_again"))


def _read(headers: Head, content: bytes) -> _Wish | None:
    host = headers.get("host") or ""
    domain, _port = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS) or b"\\u0000" in content:
        return None
    try:
        body = PurchaseBody.model_validate_json(content)
    except (ValidationError, YunjuError):
        return None
    secret = (headers.get("authorization") or "")[7:].strip()
    return _Wish(host, secret, headers.get("idempotency-key") or "", body)


def _tell(found: Sequence[tuple[tuple[asyncio.AbstractEventLoop, asyncio.Future[Any]], Any]]) -> None:
    """One call to each loop for all of a batch."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(list)
    for (loop, waiting), answered in found:
        by_loop[loop].append((waiting, answered))
    for loop, pairs in by_loop.items():
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for waiting, answered in pairs:
        if not waiting.done():  # the caller may have gone
            waiting.set_result(answered)


def read_batch(wishes: Sequence[_Wish]) -> list[PlaceRequest | YunjuError]:
    """Who they are and what they mean, cluster by cluster, in a fixed number of statements. A role or a token that was
    taken away a moment ago counts for nothing here."""
    answers: list[PlaceRequest | YunjuError] = [SignInNeeded("api.token_unknown")] * len(wishes)
    by_host: dict[str, list[int]] = defaultdict(list)
    for position, wish in enumerate(wishes):
        by_host[wish.host].append(position)
    for host, positions in by_host.items():
        own = [wishes[position] for position in positions]
        try:
            cluster = remembered(("host", host), HOST_SECONDS, partial(members.cluster_for_host, host))
            found = _read_in_cluster(cluster, own)
        except YunjuError as refusal:  # no cluster is shown under this host
            found = [refusal for _ in own]
        for position, one in zip(positions, found, strict=True):
            answers[position] = one
    return answers


def _read_in_cluster(cluster: Cluster, wishes: Sequence[_Wish]) -> list[PlaceRequest | YunjuError]:
    bearers, variants = sql.answers(
        tokens.found_asked(cluster.pk, {wish.secret for wish in wishes}),
        variants_asked(cluster.pk, {line.variant for wish in wishes for line in wish.body.lines}),
    )
    tokens.note_uses(bearers.values())
    brought = _brought(cluster, wishes, bearers)
    answers: list[PlaceRequest | YunjuError] = []
    for wish in wishes:
        wish.currency = cluster.currency
        try:
            answers.append(_request(cluster, wish, bearers.get(wish.secret), variants, brought))
        except YunjuError as refusal:
            answers.append(refusal)
    return answers


Brought = Mapping[tuple[int, str], Attribution | None]


def _brought(cluster: Cluster, wishes: Sequence[_Wish], bearers: Mapping[str, tokens.Bearer]) -> Brought:
    """(user, token of a share link) -> which shop brought that buyer."""
    asked = list(
        {
            (bearers[wish.secret].user_id, line.share or "")
            for wish in wishes
            if wish.secret in bearers
            for line in wish.body.lines
            if line.share != ""
        }
    )
    return dict(zip(asked, shops.attributions_of(cluster, asked), strict=True))


def _request(
    cluster: Cluster,
    wish: _Wish,
    bearer: tokens.Bearer | None,
    variants: Mapping[str, int],
    brought: Brought,
) -> PlaceRequest:
    if bearer is None:
        raise SignInNeeded("api.token_unknown")
    if Scope.PURCHASE not in bearer.scopes:
        raise Forbidden("api.scope_missing", scope=Scope.PURCHASE.value)
    # Who buys needs no grant: the actor holds none here, whatever roles the person has.
    by = Actor(cluster_id=cluster.pk, kind="user", user_id=bearer.user_id, name=bearer.name[:60])
    limits.count(by, "")
    wish.lines = tuple(
        _line(position, line, variants, brought, bearer.user_id)
        for position, line in enumerate(wish.body.lines)
    )
    return PlaceRequest(
        by=by,
        key=wish.key,
        lines=wish.lines,
        contact=ContactDraft(**wish.body.contact.__dict__),
        gateway=wish.body.gateway or registry.default(),
    )


def _line(
    position: int, line: WantedBody, variants: Mapping[str, int], brought: Brought, user_id: int
) -> WantedLine:
    if line.variant not in variants:
        raise Invalid("offer.unknown", field=f"lines.{position}.variant")
    found = None if line.share == "" else brought[(user_id, line.share or "")]
    return wanted_line(line, variants[line.variant], found)


def _placed(found: Placed) -> Answer:
    told = {
        "code": found.code,
        "currency": found.currency,
        "total_minor": found.total_minor,
        "orders": [
            {"code": one.code, "number": one.number, "total_minor": one.total_minor} for one in found.orders
        ],
    }
    headers = _headers("application/json; charset=utf-8")
    if found.is_replay:
        headers.append(("idempotent-replay", "true"))
    return 201, headers, json.dumps(told).encode()


def _refused(wish: _Wish, refusal: YunjuError) -> Answer:
    if isinstance(refusal, Invalid) and wish.lines:
        refusal = at_lines(refusal, wish.lines)
    status, extra, body = problems.told(refusal, wish.currency)
    headers = _headers("application/problem+json")
    return (
        status,
        headers + [(name.lower(), value) for name, value in extra.items()],
        json.dumps(body).encode(),
    )


def _headers(content_type: str) -> Headers:
    """What the pages' middleware says of every answer."""
    found = [
        ("content-type", content_type),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", settings.SECURE_REFERRER_POLICY),
        ("cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        ("x-frame-options", settings.X_FRAME_OPTIONS),
        ("content-language", translation.get_language() or settings.LANGUAGE_CODE),
    ]
    if settings.SECURE_HSTS_SECONDS:
        found.append(("strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return found
