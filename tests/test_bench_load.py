"""The generator of load, what it tells, and the looks for what was lost: each finds what differs."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench import crowd, load, page, paying, person, served
from bench.intake import place_batch
from bench.market import requests
from yunju.catalog.models import Stock
from yunju.orders.models import Purchase

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="the generator is built by a C compiler"
)


@pytest.fixture
def listener(monkeypatch):
    """Answers a path that is a number with that status, and remembers what came."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, body))
            if self.path == "/break":
                self.close_connection = True
                return
            self.send_response(int(self.path[1:]))
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(load, "WARMING", 0)
    yield server.server_port, heard
    server.shutdown()
    server.server_close()


def wire(*paths):
    return [crowd._post("a.test", path, {}, f"{n}".encode()) for n, path in enumerate(paths)]


@needs_compiler
def test_each_request_is_sent_once_and_each_answer_told(listener, tmp_path):
    port, heard = listener
    paths = ["/201", "/201", "/409", "/break", "/201"] * 20
    load.write(wire(*paths), tmp_path / "requests")
    run = load.run(port, 4, 30, tmp_path / "requests")
    assert sorted(heard) == sorted((path, f"{n}".encode()) for n, path in enumerate(paths))
    told = {one.request: one.status for one in run.every}
    assert told == {n: 0 if path == "/break" else int(path[1:]) for n, path in enumerate(paths)}
    assert 0 < run.seconds < 30, "it ended when the requests were used up"
    assert 0 < run.rate(409) < run.rate(201)
    assert 0 < run.p(0.5) <= run.p(0.99) <= run.p(1)


@needs_compiler
def test_the_seconds_that_count_begin_after_the_warming_up(listener, tmp_path, monkeypatch):
    port, _heard = listener
    monkeypatch.setattr(load, "WARMING", 1)
    load.write(wire(*["/200"] * 50_000), tmp_path / "requests")
    begun = []
    run = load.run(port, 2, 1, tmp_path / "requests", counts=lambda: begun.append(1))
    assert begun == [1]
    assert 0 < len(run.counted) < len(run.every)
    assert max(one.at for one in run.counted) - min(one.at for one in run.counted) <= 1_000_000


def test_what_was_lost_unpaid_or_sold_twice_is_found(db_app):
    people = crowd.make(suppliers=1, buyers=2)
    cluster_id = people.market.cluster.pk
    batch = requests(people.market, 3)
    place_batch(batch)
    keys = [one.key for one in batch]
    assert served.lost(people, keys) == 0
    assert served.lost(people, [*keys, "bench-never-placed-000"]) == 1
    assert served.oversold(cluster_id) == 0
    events = paying.arrive(list(Purchase.objects.filter(cluster_id=cluster_id).order_by("pk")))
    assert served.unpaid(people, [one.out_no for one in events]) == 3
    paying.pay_batch(events)
    assert served.unpaid(people, [one.out_no for one in events]) == 0
    row = Stock.objects.filter(cluster_id=cluster_id, reserved__gt=0).order_by("pk").first()
    Stock.objects.filter(pk=row.pk).update(reserved=row.reserved + 1, remaining=row.remaining - 1)
    assert served.oversold(cluster_id) == 1
    Stock.objects.filter(pk=row.pk).update(reserved=row.reserved, remaining=row.remaining)


def test_requests_say_what_they_should(db_app):
    people = crowd.make(suppliers=2, buyers=2)
    (hot,) = crowd.purchases(people, ["bench-key-0000000001"], hot=True)
    head, _, body = hot.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/purchases HTTP/1.1\r\nHost: " + people.host.encode())
    assert f"Content-Length: {len(body)}".encode() in head
    assert people.codes[people.market.goods[0][0][0]].encode() in body


def test_forms_are_filled_in_as_a_browser_would():
    parser = person._Forms()
    parser.feed(
        '<form action="/a"><input name="t" type="hidden" value="1"><input type="radio" name="r" value="x">'
        '<input type="radio" name="r" value="y" checked><select name="s"><option value="1"><option value="2" selected>'
        "</select><textarea name=n>hi</textarea><button name=step value=look>Look</button></form><input name=out>"
    )
    (form,) = parser.found
    assert form.fields == {"t": "1", "r": "y", "s": "2", "n": "hi"}
    assert (form.action, form.buttons) == ("/a", [("step", "look")])


def test_the_page_says_what_is_not_met():
    text = page.made(["ratio placed 128: 0.35", "machine: 2 cores", "placed 128: 5000", "p99 ms 32: 36"])
    assert "| placed over HTTP, 128 clients, as a part of the limit | at least 0.4 | 0.35 (not met) |" in text
    assert "| placed over HTTP a second, 128 clients | at least 4,325 | 5000 |" in text
    assert "| p99 of 32 clients, ms | at most 35 | 36 (not met) |" in text
    assert "The machine: 2 cores; PostgreSQL unknown." in text
