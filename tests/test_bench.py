"""`make bench` still runs: every measurement, tiny. How long anything takes is asserted nowhere."""

import asyncio
import contextlib
import re

import pytest

from bench import __main__ as whole
from bench import bare, goods, intake, market, pages, volume
from tests.ledger.clones import django_on
from yunju.catalog import finding
from yunju.catalog.actions import indexing
from yunju.catalog.models import Offer, ShelfEntry, Variant
from yunju.orders.models import Line, Order, Purchase

pytestmark = [pytest.mark.timeout(400), pytest.mark.usefixtures("db_app")]
TINY = {
    "orders": 2,
    "payments": 64,
    "lines": 40,
    "payees": 12,
    "transfers": 4,
    "suppliers": 2,
    "rounds": 1,
} | {
    "found": 30,
    "queries": 4,
    "visits": 0,
    "parcels": 80,
    "lives": 0,
}


def test_every_figure_is_printed():
    lines = list(whole.run(whole.parse([f"--{name}={size}" for name, size in TINY.items()])))
    names = [line.partition(": ")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert {name for name in names if name.startswith("ratio ")} >= {
        "ratio placed, batches of 1, 1 writer",
        "ratio placed, batches of 64, 2 writers",
        "ratio placed hot, batches of 64, 2 writers",
        "ratio paid, batches of 64, 1 writer",
    }
    assert {"released", "posted, 64 to a transaction", "payout of 12, whole"} <= set(names)
    assert all(re.search(r"[0-9]", line.partition(": ")[2]) for line in lines)
    assert "invariants broken: 0" in lines
    assert {
        f"parcels of one supplier, 80, {step}" for step in ("list", "group", "export", "read back")
    } <= set(names)
    assert {"search, best match", "search, while typing", "shelf without words"} <= set(names)


def test_a_shelf_is_made_as_the_product_would_make_it():
    shelf = goods.make(50, whole=True)
    entries = list(ShelfEntry.objects.filter(cluster_id=shelf.cluster.pk).order_by("pk"))
    assert [entry.pk for entry in entries] == list(range(shelf.first, shelf.first + 50))
    offers = {offer.pk: offer for offer in Offer.objects.filter(cluster=shelf.cluster)}
    prices = dict(Variant.objects.filter(cluster=shelf.cluster).values_list("offer_id", "price_minor"))
    before = {entry.pk: (entry.words, entry.least_minor, entry.most_minor) for entry in entries}
    assert {pk: least for pk, (_, least, most) in before.items() if least == most} == prices
    indexing.index(list(offers.values()))
    again = ShelfEntry.objects.filter(cluster_id=shelf.cluster.pk)
    assert {entry.pk: entry.words for entry in again} == {pk: words for pk, (words, *_) in before.items()}
    assert finding.find(shelf.cluster.pk, finding.Wanted(in_stock=True)).total == 50


def test_visitors_walk_and_are_answered(monkeypatch):
    """The crowd against a server that answers everything: what is wrong or slow is told, nothing is asserted of time."""
    stand = pages.Stage("host.test", {"home": ["/"], "shelf": ["/a", "/b", "/c"]})
    answers = {"/": (200, b"x" * 10), "/a": (200, b"y"), "/b": (200, b"z"), "/c": (500, b"")}

    async def walk() -> pages.Tally:
        async def serve(reader, writer):
            with contextlib.suppress(asyncio.IncompleteReadError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    status, body = answers[head.split(" ")[1]]
                    writer.write(
                        f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                    )
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await pages._crowd(server.sockets[0].getsockname()[1], stand, 0.2, "", clients=2)

    tally = asyncio.run(walk())
    assert set(tally.taken) == {"home", "shelf"}
    assert 0 < tally.wrong < sum(map(len, tally.taken.values()))
    assert tally.bytes >= 10 * len(tally.taken["home"])


def test_what_is_sent_bare_is_what_the_intake_would_have_written():
    stage = market.make(suppliers=2, offers=2, shops=1)
    batch = market.requests(stage, 3)
    recorded = bare.record(lambda: intake.place_batch(batch))
    assert not Purchase.objects.filter(cluster_id=stage.cluster.pk).exists()
    bare.send([recorded])
    bare.hang_up()
    through = market.requests(stage, 3)
    intake.place_batch(through)
    assert Purchase.objects.filter(cluster_id=stage.cluster.pk).count() == 6
    assert Order.objects.filter(purchase__holder__in=[one.by.holder for one in batch]).count() >= 3
    assert whole.broken(stage) == 0


def test_what_an_order_leaves_is_counted_step_by_step(clone, monkeypatch):
    """In a database of its own: it lives a month ahead, and would release what other tests left."""
    monkeypatch.setenv(volume.OWNER, clone.owner_url)
    monkeypatch.delenv(volume.ADMIN, raising=False)
    with django_on(clone.app_url):
        lines = dict(line.split(": ") for line in volume.measure(64))
        paid = Purchase.objects.filter(payment_state="paid").count()
        released = Line.objects.exclude(released_at=None).count()
    assert paid == 64
    assert released >= 64
    assert [name.partition(", ")[0] for name in lines] == ["WAL of an order"] * 9 + ["files of an order"] * 2
    assert all(float(told.removesuffix(" kB")) > 0 for name, told in lines.items() if "files" not in name)
