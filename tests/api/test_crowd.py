"""500 clients fall on 50 pieces at once, over two processes of the web, with it and with its door.

Each has a token and a key of its own, and all connections are open before the first word is said.
"""

import asyncio
import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from bench import figures
from tests.api.test_buying import CONTACT
from tests.factories.markets import Market, make_market
from tests.factories.members import make_user
from tests.served import served
from yunju.api import tokens
from yunju.catalog.models import Stock
from yunju.cli.installation import WEB_POOL
from yunju.ledger import verify
from yunju.ledger.verify import checks
from yunju.members.queries import actor_for
from yunju.orders.models import Line, Purchase

CLIENTS, PIECES = 500, 50
LONGEST_SECONDS = 5
"""A promise to the person who waits, not a figure of this machine."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one client got: status, body, whether it was told before, and how long it waited."""

    status: int
    body: dict[str, Any]
    again: bool
    seconds: float


@pytest.fixture
def market(db_app):
    return make_market(prices=(990,), stock=PIECES)


@pytest.fixture(params=[(), ("--door",)], ids=["web", "door"])
def server(market, request):
    pool = {"YUNJU_DB_POOL": str(WEB_POOL)}
    with served(market.cluster.host, "--workers", "2", *request.param, **pool) as found:
        yield found


def clients(market: Market) -> list[bytes]:
    """A whole request each."""
    (variant,) = market.variants
    line = {"variant": variant.code, "quantity": 1, "shown_minor": variant.price_minor}
    body = json.dumps({"lines": [line], "contact": CONTACT})
    found = []
    for number in range(CLIENTS):
        by = actor_for(make_user(), market.cluster)
        secret = tokens.make_token(name="till", scopes=["purchase:write"], days=1, by=by)[1]
        head = (
            f"POST /api/v1/purchases HTTP/1.1\r\nHost: {market.cluster.host}\r\nAuthorization: Bearer {secret}\r\n"
            f"Idempotency-Key: one-of-the-crowd-{number:04}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        found.append(head.encode())
    return found


async def fall(port: int, requests: list[bytes]) -> list[Told]:
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in requests]
    begun = time.perf_counter()
    try:
        return await asyncio.gather(
            *(ask(*line, sent, begun) for line, sent in zip(lines, requests, strict=True))
        )
    finally:
        for _, writer in lines:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in lines), return_exceptions=True)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes, begun: float) -> Told:
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    body = json.loads(await reader.readexactly(length))
    seconds = time.perf_counter() - begun
    return Told(int(head.split(" ", 2)[1]), body, "idempotent-replay: true" in head, seconds)


def longest(told: list[Told], figure: figures.Figure) -> float:
    """The longest wait, in seconds of a machine that does nothing else: what others used of it meanwhile is not ours."""
    cores = os.cpu_count() or 1
    return max(one.seconds for one in told) * max(1 - figure.other / cores, 0)


@pytest.mark.timeout(240)
def test_fifty_are_sold_and_all_others_are_told_so(market, server):
    crowd = clients(market)
    watch, used = figures.Watch(), server.processor_seconds() + time.process_time()
    first = asyncio.run(fall(server.port, crowd))
    figure = watch.stop(CLIENTS, server.processor_seconds() + time.process_time() - used)
    assert Counter((one.status, one.body.get("code") if one.status != 201 else None) for one in first) == {
        (201, None): PIECES,
        (409, "stock.sold_out"): CLIENTS - PIECES,
    }
    assert longest(first, figure) < LONGEST_SECONDS

    again = asyncio.run(fall(server.port, crowd))
    assert [(one.status, one.body, one.again) for one in again] == [
        (one.status, one.body, one.status == 201) for one in first
    ]
    codes = {one.body["code"] for one in first if one.status == 201}
    own = Purchase.objects.filter(cluster_id=market.cluster.pk)
    assert (set(own.values_list("code", flat=True)), own.count()) == (codes, PIECES)
    lines = Line.objects.filter(cluster_id=market.cluster.pk)
    assert Counter(lines.values_list("quantity", "stock_state")) == {(1, "reserved"): PIECES}
    stock = Stock.objects.get(variant=market.variants[0])
    assert (stock.received, stock.reserved, stock.sold, stock.remaining) == (PIECES, PIECES, 0, 0)
    assert verify.verify(market.cluster.pk, whole=True, only=checks()).broken == 0
