"""Pages under 32 clients: a server as `yunju up` starts it, a full shelf, visitors who go where people go.

Every client asks again as soon as it has its answer. Strangers are served from memory where a page was made and still is
what it was: at first they open a few pages that were just shared, then, after a minute, whatever is popular. Buyers have a
cookie, each page is theirs; and strangers once more with nothing remembered.
"""

import asyncio
import contextlib
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import psutil

from bench import figures, goods
from bench.search import Times
from tests.factories.members import make_member
from tests.factories.shops import make_shop
from yunju.cli.installation import WEB_POOL
from yunju.kernel import sql

CLIENTS = 32
LIMIT_MS = 100
SHOPS, PICKS = 50, 40
KINDS = (("offer", 50), ("shelf", 30), ("shop", 10), ("home", 10))
"""Where visitors go, in per cent."""

WARMING = 60
"""Seconds of strangers before they are measured: what is popular is then in memory, as in a house that has been open."""


@dataclass(slots=True)
class Stage:
    """Addresses of each kind, the popular first."""

    host: str
    addresses: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Tally:
    """What came back: milliseconds by kind, answers that were none, bytes on the wire."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: int = 0
    bytes: int = 0


def stage(count: int) -> Stage:
    """`count` offers, shops that list some, and the addresses of all of it."""
    shelf = goods.make(count, whole=True)
    codes = [
        row[0]
        for row in sql.fetch(
            "SELECT code FROM catalog_offer WHERE cluster_id = %s ORDER BY id", [shelf.cluster.pk]
        )
    ]
    dice = random.Random(5)  # noqa: S311 - the same ways in every run
    dice.shuffle(codes)
    shops = [
        make_shop(make_member(shelf.cluster, capacities=("shopkeeper",))) for _ in range(min(SHOPS, count))
    ]
    for shop in shops:
        sql.execute(
            "INSERT INTO shops_listing (cluster_id, shop_id, offer_id, title, position, picked_at)"
            " SELECT %s, %s, id, '', row_number() OVER (), now() FROM catalog_offer WHERE cluster_id = %s"
            " AND id >= %s ORDER BY id LIMIT %s",
            [shelf.cluster.pk, shop.pk, shelf.cluster.pk, shelf.first + dice.randrange(count), PICKS],
        )
    words = [goods.word(dice) for _ in range(60)]
    lists = [
        "/shelf",
        *(f"/shelf?page={n}" for n in range(2, 6)),
        *(f"/shelf?category={code}" for code in shelf.categories),
        *(f"/shelf?sort={sort}" for sort in ("sold", "cheap", "dear")),
        *(f"/shelf?q={quote(word)}" for word in words),
    ]
    dice.shuffle(lists)
    return Stage(
        shelf.cluster.host,
        {
            "home": ["/"],
            "shelf": lists,
            "shop": [f"/shops/{shop.code}" for shop in shops],
            "offer": [f"/offers/{code}" for code in codes],
        },
    )


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and its first process."""

    port: int
    process: psutil.Process


@contextlib.contextmanager
def server(memory: int, host: str, *options: str, gateway: str = "") -> Iterator[Server]:
    """`yunju web` with the settings that `yunju up` gives it, and `options`; the port it listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "YUNJU_DB_POOL": str(WEB_POOL),
        "YUNJU_PAGE_MEMORY": str(memory),
        "YUNJU_PORT": str(port),
        "YUNJU_HOSTS": host,
    }
    if gateway:
        environment["YUNJU_GATEWAY_URL"] = gateway
    command = [sys.executable, "-m", "yunju.cli.main", "web", "--port", str(port), *options]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _await(port)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server does not answer")


def measure(count: int, seconds: float) -> Iterator[str]:
    """Lines as they are known; `seconds` of each kind of visitor after 5 of warming up, WARMING for the whole shelf."""
    begun = time.perf_counter()
    stand = stage(count)
    yield f"pages: {count:,} offers, {CLIENTS} clients, made in {time.perf_counter() - begun:.0f} s"
    with server(5, stand.host) as house:
        yield from _visits(house, _hot(stand), "strangers, hot pages", seconds, cookie="")
        yield from _visits(house, stand, "strangers", seconds, cookie="", warming=WARMING)
        yield from _visits(house, stand, "buyers with a cookie", seconds, cookie="yunju_browser=" + "b" * 43)
    with server(0, stand.host) as house:
        yield from _visits(house, stand, "strangers, memory off", seconds, cookie="")
        yield from _alone(house.port, stand)
    yield f"pages limit: p99 {LIMIT_MS} ms"


def used(process: psutil.Process) -> float:
    """Processor time of the server and its workers."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def _visits(
    house: Server, stand: Stage, who: str, seconds: float, cookie: str, warming: float = 5
) -> Iterator[str]:
    port, process = house.port, house.process
    asyncio.run(_crowd(port, stand, warming, cookie))
    watch, before = figures.Watch(), used(process)
    tally = asyncio.run(_crowd(port, stand, seconds, cookie))
    every = tuple(sorted(one for taken in tally.taken.values() for one in taken))
    figure = watch.stop(max(len(every), 1), used(process) - before)
    yield f"pages, {who}: {Times(every).told()}, wrong answers {tally.wrong}"
    yield f"pages, {who}, processor: {figure.told('a page')}"
    for kind, taken in sorted(tally.taken.items()):
        yield f"pages, {who}, {kind}: {Times(tuple(sorted(taken))).told()}"
    yield f"pages, {who}, bytes of a page: {tally.bytes // max(len(every), 1):,} compressed"


def _hot(stand: Stage) -> Stage:
    """What was shared in a big group a minute ago: a few pages that everybody opens."""
    return Stage(stand.host, {kind: addresses[:5] for kind, addresses in stand.addresses.items()})


def _alone(port: int, stand: Stage) -> Iterator[str]:
    """One client, nothing in memory: what making a page takes."""
    for kind, addresses in stand.addresses.items():
        tally = asyncio.run(_crowd(port, Stage(stand.host, {kind: addresses}), 1.5, "", clients=1))
        yield f"page made for one, {kind}: {statistics.median(tally.taken[kind]):.1f} ms"


async def _crowd(port: int, stand: Stage, seconds: float, cookie: str, clients: int = CLIENTS) -> Tally:
    tally = Tally()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_client(port, stand, until, cookie, tally, n) for n in range(clients)))
    return tally


async def visit(port: int, host: str, address: str) -> tuple[int, int]:
    """One page on a connection of its own: status and bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        head = f"Host: {host}\r\nAccept-Encoding: gzip\r\nAccept: text/html\r\nCookie: django_language=zh-hans\r\n\r\n"
        writer.write(f"GET {address} HTTP/1.1\r\n{head}".encode())
        return await _answer(reader)
    finally:
        writer.close()


async def _client(port: int, stand: Stage, until: float, cookie: str, tally: Tally, number: int) -> None:
    dice = random.Random(number)  # noqa: S311
    kinds = [kind for kind, weight in KINDS for _ in range(weight) if kind in stand.addresses]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    head = f"Host: {stand.host}\r\nAccept-Encoding: gzip\r\nAccept: text/html\r\nCookie: django_language=zh-hans; {cookie}\r\n\r\n"
    while time.perf_counter() < until:
        kind = dice.choice(kinds)
        address = _popular(stand.addresses[kind], dice)
        begun = time.perf_counter()
        writer.write(f"GET {address} HTTP/1.1\r\n{head}".encode())
        status, length = await _answer(reader)
        tally.taken[kind].append((time.perf_counter() - begun) * 1_000)
        tally.wrong += status != 200
        tally.bytes += length
    writer.close()


def _popular(addresses: Sequence[str], dice: random.Random) -> str:
    """By Zipf's law, nearly: the first are asked for most, the last now and then."""
    return addresses[min(int((len(addresses) + 1) ** dice.random()) - 1, len(addresses) - 1)]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), length
