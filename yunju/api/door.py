"""The door: purchases of programs and payments that gateways tell of, answered without a thread of their own.

Whoever knocks with a token and a well-formed body waits in the gatherer; the batch reads who they are in its own
statements, places them, and all are answered after the commit. Everything else (cookies, faults of form, other hosts'
questions) is answered by the same route behind it, which says the same in the same words.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.utils import translation
from msgspec import DecodeError
from msgspec.json import encode

from yunju.api import hooks, limits, problems, tokens
from yunju.api.scopes import Scope
from yunju.api.v1 import wanted
from yunju.api.v1.purchases import at_lines, wanted_line
from yunju.api.waiting import Answer, Head, answered, headers_of, is_ours
from yunju.catalog.queries import variants_asked
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Busy, Forbidden, Invalid, SignInNeeded, YunjuError
from yunju.kernel.memory import remembered
from yunju.members import queries as members
from yunju.members.models import Cluster
from yunju.orders.actions.gathering import Unread, payments, purchases
from yunju.orders.draft import Placed, PlaceRequest, WantedLine
from yunju.payments import registry
from yunju.shops import queries as shops
from yunju.shops.attribution import Attribution

PATH = "/api/v1/purchases"
MOST_BYTES = 64 * 1024
_LENGTH = re.compile(r"\d{1,6}", re.ASCII)
HOST_SECONDS = 2


@dataclass(slots=True)
class _Wish:
    """One knock: what was sent, and what the batch found out about it."""

    host: str
    secret: str
    key: str
    body: wanted.Wanted
    currency: str = "CNY"
    lines: tuple[WantedLine, ...] = field(default=())


def is_for(method: str, path: str, headers: Head) -> bool:
    """A program's purchase with a token and a key, or a gateway's notification; with a body of a known, modest length."""
    length = headers.get("content-length") or ""
    return (
        method == "POST"
        and (_is_purchase(path, headers) or hooks.PATH.fullmatch(path) is not None)
        and _LENGTH.fullmatch(length) is not None
        and int(length) <= MOST_BYTES
    )


def _is_purchase(path: str, headers: Head) -> bool:
    return (
        path == PATH
        and (headers.get("authorization") or "")[:7].lower() == "bearer "
        and bool(headers.get("idempotency-key"))
    )


async def answer(path: str, headers: Head, content: bytes) -> Answer | None:
    """Status, headers and body; None leaves the request to the route behind the door."""
    told = hooks.PATH.fullmatch(path)
    if told is not None:
        return await _booked(told[1], headers, content)
    wish = _read(headers, content)
    if wish is None:
        return None
    try:
        found = await answered(purchases, Unread(wish, read_batch), size=len(content))
    except Busy as full:
        found = full
    language = problems.language_of(headers.get("accept-language") or "")
    if isinstance(found, Placed):
        return _placed(found, language)
    with translation.override(language):
        return _refused(wish, found if isinstance(found, YunjuError) else Busy("busy.try_again"), language)


async def _booked(code: str, headers: Head, content: bytes) -> Answer | None:
    """A payment that was booked with the others of its batch. The route has the words for everything else."""
    if not is_ours(headers.get("host") or ""):
        return None
    event = hooks.payment_of(code, dict(headers.items()), content)
    try:
        verdict = event and await answered(payments, event, size=len(content))
    except Busy:
        return None
    if not isinstance(verdict, str):
        return None
    return 200, headers_of("application/json", settings.LANGUAGE_CODE), encode({"verdict": verdict})


def _read(headers: Head, content: bytes) -> _Wish | None:
    host = headers.get("host") or ""
    if not is_ours(host) or b"\\u0000" in content:
        return None
    try:
        body = wanted.read(content)
    except (DecodeError, UnicodeDecodeError):
        return None
    secret = (headers.get("authorization") or "")[7:].strip()
    return _Wish(host, secret, headers.get("idempotency-key") or "", body)


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
        contact=wish.body.contact.draft(),
        gateway=wish.body.gateway or registry.default(),
    )


def _line(
    position: int, line: wanted.Line, variants: Mapping[str, int], brought: Brought, user_id: int
) -> WantedLine:
    if line.variant not in variants:
        raise Invalid("offer.unknown", field=f"lines.{position}.variant")
    found = None if line.share == "" else brought[(user_id, line.share or "")]
    return wanted_line(line, variants[line.variant], found)


def _placed(found: Placed, language: str) -> Answer:
    told = {
        "code": found.code,
        "currency": found.currency,
        "total_minor": found.total_minor,
        "orders": [
            {"code": one.code, "number": one.number, "total_minor": one.total_minor} for one in found.orders
        ],
    }
    headers = headers_of("application/json; charset=utf-8", language)
    if found.is_replay:
        headers.append(("idempotent-replay", "true"))
    return 201, headers, encode(told)


def _refused(wish: _Wish, refusal: YunjuError, language: str) -> Answer:
    if isinstance(refusal, Invalid) and wish.lines:
        refusal = at_lines(refusal, wish.lines)
    status, extra, body = problems.told(refusal, wish.currency)
    headers = headers_of("application/problem+json", language)
    return (
        status,
        headers + [(name.lower(), value) for name, value in extra.items()],
        json.dumps(body).encode(),
    )
