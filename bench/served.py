"""Complete purchases and payments over HTTP: the door as it is served, a generator of load, everything on one machine.

After every run it is asked whether each purchase that was acknowledged is there, once; in the end, whether more was sold
than there was, and whether the book is in order.
"""

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from bench import crowd, figures, intake, load, pages, paying, volume
from bench.crowd import Crowd
from bench.intake import place_batch
from bench.market import requests
from bench.search import Times
from yunju.kernel import sql
from yunju.kernel.ids import public_code
from yunju.ledger import verify
from yunju.ledger.verify import checks
from yunju.orders.models import Purchase
from yunju.payments.contract import VerifiedEvent

MOST_A_SECOND = 8_000
"""Requests are made beforehand: more than any server here answers."""

MOST_PAID = 5_000
PAGES_A_SECOND = 20
PROCESSES = (1, 2)
CLIENTS = (32, 128)
PROMISED = ("placed 32", "placed 128", "placed hot 128", "placed 128 beside pages", "paid", "placed and paid")


@dataclass(slots=True)
class Served:
    """What was found out: figures by name, lines with more words, and what went wrong."""

    figures: dict[str, float] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    oversold: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a run is done: so many clients, by so many processes, everybody the same thing or not."""

    name: str
    clients: int
    processes: int
    seconds: int

    @property
    def whole(self) -> str:
        return f"{self.name}, {self.processes} process{'es' if self.processes > 1 else ''}"


def lines(people: Crowd, seconds: int, due: int) -> Iterator[str]:
    """`seconds` of each kind of load; what there is to say of it, the names that are promised first."""
    found = measure(people, seconds)
    through, limit = intake.measure(people.market, intake.Case(64, 2, 3_200 if seconds > 1 else 64))
    released = paying.measure_release(people.market, due)
    yield f"ratio placed 128: {found.figures['placed 128, 2 processes'] / limit.rate:.2f}"
    yield f"ratio placed hot 128: {found.figures['placed hot 128, 2 processes'] / found.figures['placed 128, 2 processes']:.2f}"
    yield f"limit placed: {limit.rate:.0f}"
    yield f"limit placed, told: {limit.told('a purchase')}; the intake alone {through.told('a purchase')}"
    for name in PROMISED:
        yield f"{name}: {found.figures[f'{name}, 2 processes']:.0f}"
    yield f"released: {released.rate:.0f}"
    yield f"released, told: {released.told('a line')}"
    for name, of in (("placed", "placed 128"), ("paid", "paid")):
        yield f"pg us per {name}: {found.figures[f'pg us, {of}, 2 processes']:.0f}"
    for clients in CLIENTS:
        yield f"p99 ms {clients}: {found.figures[f'p99 ms, placed {clients}, 2 processes']:.0f}"
    yield f"p99 ms 128, 20 pages a second beside: {found.figures['p99 ms, placed 128 beside pages, 2 processes']:.0f}"
    for name, value in found.figures.items():
        yield f"{name}: {value:.0f}"
    for name, words in found.told.items():
        yield f"{name}: {words}"
    yield f"lost: {found.lost} oversold: {found.oversold} ledger: {found.broken}"


def measure(people: Crowd, seconds: int) -> Served:
    """`seconds` of each kind, after a warm-up."""
    found = Served()
    volume.take_statistics()
    for processes in PROCESSES:
        with _door(people, processes) as house:
            for clients in CLIENTS:
                _placed(found, house, people, _Kind(f"placed {clients}", clients, processes, seconds))
            most = CLIENTS[-1]
            _placed(found, house, people, _Kind(f"placed hot {most}", most, processes, seconds), hot=True)
            if processes == PROCESSES[-1]:
                _placed_beside_pages(
                    found, house, people, _Kind(f"placed {most} beside pages", most, processes, seconds)
                )
                _paid(found, house, people, _Kind("paid", most, processes, seconds))
                _placed_and_paid(found, house, people, _Kind("placed and paid", most, processes, seconds))
    found.oversold += oversold(people.market.cluster.pk)
    report = verify.verify(people.market.cluster.pk, whole=True, only=checks())
    found.broken += sum(len(result.breaches) for _, result in report.results)
    return found


@contextlib.contextmanager
def _door(people: Crowd, processes: int) -> Iterator[pages.Server]:
    with pages.server(5, people.host, "--door", "--workers", str(processes)) as house:
        yield house


def _placed(found: Served, house: pages.Server, people: Crowd, kind: _Kind, *, hot: bool = False) -> load.Run:
    keys = _keys(kind.seconds)
    run = _run(found, house, kind, crowd.purchases(people, keys, hot=hot), "a purchase", 201)
    found.lost += lost(people, [keys[one.request] for one in run.every if one.status == 201])
    return run


def _placed_beside_pages(found: Served, house: pages.Server, people: Crowd, kind: _Kind) -> None:
    """The same while pages are made at a steady pace by the same processes: strangers open offers, one after the other."""
    cluster_id = people.market.cluster.pk
    rows = sql.fetch("SELECT code FROM catalog_offer WHERE cluster_id = %s ORDER BY id", [cluster_id])
    addresses = [f"/offers/{row[0]}" for row in rows]
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        visits = pool.submit(asyncio.run, _visit(house.port, people.host, addresses, stop))
        try:
            _placed(found, house, people, kind)
        finally:
            stop.set()
        taken = visits.result()
    found.told[f"pages beside, {PAGES_A_SECOND} a second"] = Times(tuple(sorted(taken))).told()


async def _visit(port: int, host: str, addresses: Sequence[str], stop: threading.Event) -> list[float]:
    """Milliseconds of each page."""
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    visits: set[asyncio.Task[None]] = set()
    begun, n = loop.time(), 0
    while not stop.is_set():
        n += 1
        visits.add(asyncio.create_task(_open(port, host, addresses[n % len(addresses)], taken)))
        await asyncio.sleep(max(begun + n / PAGES_A_SECOND - loop.time(), 0))
    await asyncio.gather(*visits)
    return taken


async def _open(port: int, host: str, address: str, taken: list[float]) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    status, _length = await pages.visit(port, host, address)
    if status != 200:
        raise RuntimeError(f"{address} was answered {status}")
    taken.append((loop.time() - begun) * 1_000)


def _paid(found: Served, house: pages.Server, people: Crowd, kind: _Kind) -> None:
    events = _announced(people, MOST_PAID * (kind.seconds + load.WARMING))
    volume.take_statistics()
    run = _run(found, house, kind, crowd.payments(people, events), "a payment", 200)
    told = [events[one.request].out_no for one in run.every if one.status == 200]
    found.lost += unpaid(people, told)


def _placed_and_paid(found: Served, house: pages.Server, people: Crowd, kind: _Kind) -> None:
    """Requests of both kinds in turn; what counts is how many of each a second: the pairs."""
    keys = _keys(kind.seconds, MOST_PAID)
    events = _announced(people, len(keys))
    placing, telling = crowd.purchases(people, keys, hot=False), crowd.payments(people, events)
    both = chain.from_iterable(zip(placing, telling, strict=True))
    run = _run(found, house, kind, both, "a request", None)
    found.figures[kind.whole] = min(run.rate(201), run.rate(200))
    found.lost += lost(people, [keys[one.request // 2] for one in run.every if one.status == 201])
    found.lost += unpaid(people, [events[one.request // 2].out_no for one in run.every if one.status == 200])


def _keys(seconds: int, a_second: int = MOST_A_SECOND) -> list[str]:
    return [f"bench-{public_code(20)}" for _ in range(a_second * (seconds + load.WARMING))]


def _announced(people: Crowd, count: int) -> list[VerifiedEvent]:
    """Purchases that wait for their payment, placed without HTTP, and what the provider will say of them."""
    batches = [requests(people.market, 64) for _ in range(count // 64 + 1)]
    before = (
        Purchase.objects.filter(cluster_id=people.market.cluster.pk)
        .order_by("-pk")
        .values_list("pk", flat=True)[:1]
    )
    last = next(iter(before), 0)
    for batch in batches:
        place_batch(batch)
    fresh = Purchase.objects.filter(cluster_id=people.market.cluster.pk, pk__gt=last).order_by("pk")[:count]
    return paying.arrive(list(fresh))


def _run(
    found: Served, house: pages.Server, kind: _Kind, wire: Iterator[bytes], noun: str, status: int | None
) -> load.Run:
    """One run: its rate, what it cost whom, how long the callers waited."""
    with tempfile.TemporaryDirectory(prefix="yunju-load-") as folder:
        path = Path(folder) / "requests"
        load.write(wire, path)
        looks: list[tuple[figures.Watch, float]] = []
        run = load.run(
            house.port,
            kind.clients,
            kind.seconds,
            path,
            counts=lambda: looks.append((figures.Watch(), pages.used(house.process))),
        )
        watch, used = looks[0]
        figure = watch.stop(max(len(run.counted), 1), pages.used(house.process) - used + run.seconds_used)
    server_us = figure.python_us - run.seconds_used * figures.MICRO / max(len(run.counted), 1)
    loader_us = figure.python_us - server_us
    if status is not None:
        found.figures[kind.whole] = run.rate(status)
    found.figures[f"pg us, {kind.whole}"] = figure.postgres_us
    found.figures[f"p99 ms, {kind.whole}"] = run.p(0.99)
    wrong = sum(one.status not in (200, 201) for one in run.every)
    found.told[f"{kind.whole}, told"] = (
        f"server {server_us:.0f} us, PostgreSQL {figure.postgres_us:.0f} us, generator {loader_us:.0f} us {noun};"
        f" p50 {run.p(0.5):.1f} ms, p99 {run.p(0.99):.1f} ms, longest {run.p(1):.0f} ms;"
        f" other answers {wrong}; others used {figure.other:.1f} cores"
    )
    return run


def lost(people: Crowd, keys: Sequence[str]) -> int:
    """Acknowledged purchases that are not there, or there twice: keys whose answer names no purchase of its own."""
    rows = sql.fetch(
        "SELECT count(DISTINCT p.id) FROM kernel_idempotency i"
        " JOIN orders_purchase p ON p.cluster_id = i.cluster_id AND p.id = (i.answer->>'purchase')::bigint"
        " WHERE i.cluster_id = %s AND i.key = ANY(%s::text[])",
        [people.market.cluster.pk, list(keys)],
    )
    return len(keys) - int(rows[0][0])


def unpaid(people: Crowd, out_nos: Sequence[str]) -> int:
    """Payments that were acknowledged and are not in the book as one transfer for each order."""
    rows = sql.fetch(
        "SELECT count(*) FROM payments_attempt a JOIN orders_purchase p ON p.id = a.purchase_id"
        " WHERE a.cluster_id = %s AND a.out_no = ANY(%s::text[]) AND p.payment_state = 'paid' AND p.attempt_id = a.id",
        [people.market.cluster.pk, list(out_nos)],
    )
    return len(out_nos) - int(rows[0][0])


def oversold(cluster_id: int) -> int:
    """Variants of which more is promised than there was, or another number than their stock says."""
    rows = sql.fetch(
        "SELECT count(*) FROM (SELECT variant_id, sum(reserved + sold) AS held, sum(received) AS had FROM catalog_stock"
        " WHERE cluster_id = %(c)s GROUP BY variant_id) s"
        " LEFT JOIN (SELECT variant_id, sum(quantity) AS promised FROM orders_line WHERE cluster_id = %(c)s"
        " AND stock_state IN ('reserved', 'taken') GROUP BY variant_id) l USING (variant_id)"
        " WHERE held <> coalesce(promised, 0) OR held > had",
        {"c": cluster_id},
    )
    return int(rows[0][0])
