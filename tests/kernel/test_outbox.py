"""The outbox on real connections: told after the commit, in batches, at least once; the guilty event waits alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from yunju.kernel import clock, outbox, sql
from yunju.kernel.outbox import ATTEMPTS, Event

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
_clusters = count(900_000_000)


@pytest.fixture
def topic(request, monkeypatch) -> Iterator[str]:
    """A topic of this test's own, the only one that waits while the test runs."""
    name = f"test.{abs(hash(request.node.nodeid)) % 10**9}"
    parked = sql.fetch(
        "UPDATE kernel_outbox SET done_at = now() WHERE done_at IS NULL RETURNING id"
    )  # what other tests left
    monkeypatch.setattr(outbox, "handlers", outbox.defaultdict(list))
    yield name
    sql.execute("UPDATE kernel_outbox SET done_at = now() WHERE topic = %s AND done_at IS NULL", [name])
    sql.execute("UPDATE kernel_outbox SET done_at = NULL WHERE id = ANY(%s)", [[row[0] for row in parked]])


def write(topic: str, *nouns: int, cluster: int = 1) -> None:
    with transaction.atomic():
        outbox.write([Event(cluster, topic, noun, {"n": noun}) for noun in nouns])


def rows(topic: str) -> list[tuple[int, int, bool, str]]:
    return sql.fetch(
        "SELECT noun_id, attempts, done_at IS NOT NULL, error FROM kernel_outbox WHERE topic = %s ORDER BY id",
        [topic],
    )


def test_a_batch_is_told_once_in_the_order_written(topic):
    told = []
    outbox.subscribe(topic, lambda events: told.append([(e.noun_id, e.payload["n"]) for e in events]))
    write(topic, 3, 1, 2)
    assert outbox.drain() == 3
    assert outbox.drain() == 0
    assert told == [[(3, 3), (1, 1), (2, 2)]]


def test_the_same_handler_twice_is_one(topic):
    told = []

    def hear(events):
        told.extend(events)

    outbox.subscribe(topic, hear)
    outbox.subscribe(topic, hear)
    write(topic, 1)
    outbox.drain()
    assert len(told) == 1


def test_what_was_rolled_back_is_never_told(topic):
    with transaction.atomic():
        outbox.write([Event(1, topic, 1, {})])
        transaction.set_rollback(True)
    assert outbox.drain() == 0


def test_one_topic_of_one_cluster_a_transaction(topic):
    told = []
    outbox.subscribe(topic, lambda events: told.append({e.cluster_id for e in events}))
    write(topic, 1, 2, cluster=1)
    write(topic, 3, cluster=2)
    while outbox.drain():
        pass
    assert told == [{1}, {2}]


def test_an_event_that_nobody_hears_is_done(topic):
    write(topic, 1)
    assert outbox.drain() == 1
    assert rows(topic) == [(1, 0, True, "")]


def test_a_poisoned_event_waits_alone_and_its_half_done_work_is_undone(topic):
    told = []

    def hear(events):
        sql.execute("UPDATE kernel_outbox SET error = 'touched' WHERE id = ANY(%s)", [[e.id for e in events]])
        if any(e.noun_id == 2 for e in events):
            raise ValueError("poison")
        told.extend(e.noun_id for e in events)

    outbox.subscribe(topic, hear)
    write(topic, 1, 2, 3)
    assert outbox.drain() == 3
    assert told == [1, 3]
    assert rows(topic) == [
        (1, 0, True, "touched"),
        (2, 1, False, "ValueError: poison"),
        (3, 0, True, "touched"),
    ]


def test_a_second_handler_that_fails_undoes_the_first(topic):
    def first(events):
        sql.execute(
            "UPDATE kernel_outbox SET payload = '{\"seen\": 1}' WHERE id = ANY(%s)", [[e.id for e in events]]
        )

    def second(events):
        raise RuntimeError("no")

    outbox.subscribe(topic, first)
    outbox.subscribe(topic, second)
    write(topic, 1)
    outbox.drain()
    assert sql.fetch("SELECT payload ->> 'seen' FROM kernel_outbox WHERE topic = %s", [topic]) == [(None,)]


@pytest.mark.parametrize("words", ["a\x00b", "\ud800", "x" * 10_000])
def test_whatever_an_error_says_it_is_noted(topic, words):
    def hear(events):
        raise ValueError(words)

    outbox.subscribe(topic, hear)
    write(topic, 1)
    assert outbox.drain() == 1
    [(_, attempts, is_done, error)] = rows(topic)
    assert (attempts, is_done) == (1, False)
    assert error.startswith("ValueError: ")
    assert len(error) <= 500


def test_a_database_error_in_a_handler_harms_no_other_event(topic):
    def hear(events):
        if any(e.noun_id == 1 for e in events):
            sql.execute("SELECT 1 / 0")

    outbox.subscribe(topic, hear)
    write(topic, 1, 2)
    assert outbox.drain() == 2
    assert [(noun, is_done) for noun, _, is_done, _ in rows(topic)] == [(1, False), (2, True)]


def test_pauses_grow_and_in_the_end_it_is_dead_and_an_alarm(topic):
    def hear(events):
        raise ValueError("always")

    outbox.subscribe(topic, hear)
    before, start = outbox.dead(), clock.now()
    with clock.at(start):
        write(topic, 1)
    waits, moment = [], start
    for _ in range(ATTEMPTS):
        with clock.at(moment):
            assert outbox.drain() == 1
        [(available,)] = sql.fetch("SELECT available_at FROM kernel_outbox WHERE topic = %s", [topic])
        waits.append((available - moment).total_seconds())
        with clock.at(available - timedelta(milliseconds=1)):
            assert outbox.drain() == 0
        moment = available
    assert waits == [min(2**n, 3_600) for n in range(1, ATTEMPTS + 1)]
    with clock.at(moment + timedelta(days=30)):
        assert outbox.drain() == 0
    assert outbox.dead() == before + 1


def test_two_workers_tell_each_event_once_and_wait_for_nobody(topic):
    told, entered, go_on = [], Signal(), Signal()

    def hear(events):
        told.extend(e.noun_id for e in events)
        if not entered.is_set():
            entered.set()
            go_on.wait(10)

    outbox.subscribe(topic, hear)
    write(topic, *range(10))

    def drain_some():
        try:
            return outbox.drain(limit=5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(drain_some)
        assert entered.wait(10)
        assert outbox.drain(limit=50) == 5
        go_on.set()
        assert other.result(10) == 5
    assert sorted(told) == list(range(10))


def test_a_worker_killed_in_the_middle_has_told_nothing(topic):
    told = []

    def hear(events):
        told.append(len(events))
        if len(told) == 1:
            raise KeyboardInterrupt

    outbox.subscribe(topic, hear)
    write(topic, 1, 2)
    with pytest.raises(KeyboardInterrupt):
        outbox.drain()
    assert [is_done for _, _, is_done, _ in rows(topic)] == [False, False]
    assert outbox.drain() == 2
    assert told == [2, 2]


def test_days_are_made_ahead_once():
    far = clock.now() + timedelta(days=4_000)
    with clock.at(far):
        assert outbox.maintain(days_ahead=0) in (0, 1)
        assert outbox.maintain(days_ahead=0) == 0
