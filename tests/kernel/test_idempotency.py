"""Idempotency keys on two real connections: claimed once, answered ever after, given back with a rollback."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from yunju.kernel import clock, idempotency, locks, sql
from yunju.kernel.errors import Busy, Invalid
from yunju.kernel.ids import public_code

CLUSTER = 900_000_001
database = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


def key(text: str | None = None, *, scope: str = "place user:1", payload: object = "x") -> idempotency.Key:
    return idempotency.make(scope=scope, key=text or f"test-{public_code(16)}", payload=payload)


def claim(*keys: idempotency.Key, cluster: int = CLUSTER) -> list[idempotency.Claim]:
    found = idempotency.claim(cluster, keys)
    return [found[one.order()] for one in keys]


@pytest.mark.parametrize(
    "text",
    ["", "short", "x" * 15, "x" * 256, "with space 123456", "１２３４５６７８９０１２３４５６", "a\n" * 10],
)
def test_the_form_of_a_key(text):
    with pytest.raises(Invalid, match=r"key_form"):
        idempotency.make(scope="s", key=text, payload=None)


def test_the_shortest_and_the_longest_key():
    assert idempotency.make(scope="s", key="!" * 16, payload=None).key == "!" * 16
    assert idempotency.make(scope="s", key="~" * 255, payload=None)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_the_order_of_a_payload_does_not_matter(payload):
    turned = dict(reversed(list(payload.items())))
    assert idempotency.payload_hash(payload) == idempotency.payload_hash(turned)


@given(st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), min_size=1))
def test_a_payload_of_half_characters_has_a_hash(text):
    assert len(idempotency.payload_hash([text])) == 32


class TestInTheDatabase:
    pytestmark = database

    def test_fresh_then_answered_then_conflict(self):
        one = key()
        with transaction.atomic():
            assert claim(one)[0].fresh
            idempotency.finish(CLUSTER, [(one, {"purchase": 7})])
        with transaction.atomic():
            assert claim(one) == [idempotency.Claim(fresh=False, answer={"purchase": 7})]
            other = key(one.key, payload="y")
            assert claim(other) == [idempotency.Claim(fresh=False, conflict=True)]

    def test_another_scope_or_cluster_is_another_key(self):
        one = key()
        with transaction.atomic():
            assert claim(one, key(one.key, scope="place user:2"))[1].fresh
            assert claim(one, cluster=CLUSTER + 1)[0].fresh

    def test_a_rollback_gives_the_key_back(self):
        one = key()
        with transaction.atomic():
            claim(one)
            transaction.set_rollback(True)
        with transaction.atomic():
            assert claim(one)[0].fresh

    def test_forgotten_keys_may_come_again(self):
        one, kept = key(), key()
        with transaction.atomic():
            claim(one, kept)
            idempotency.forget(CLUSTER, [one])
            idempotency.forget(CLUSTER, [])
        with transaction.atomic():
            assert [found.fresh for found in claim(one, kept)] == [True, False]

    def test_a_key_twice_in_a_batch_is_the_callers_fault(self):
        one = key()
        with pytest.raises(ValueError, match="twice"), transaction.atomic():
            claim(one, one)

    def test_no_keys_no_answers(self):
        with transaction.atomic():
            assert idempotency.claim(CLUSTER, []) == {}
            idempotency.finish(CLUSTER, [])

    def test_of_two_at_once_the_second_waits_and_gets_the_answer_of_the_first(self):
        one, claimed, go_on = key(), Signal(), Signal()

        def first():
            try:
                with transaction.atomic():
                    assert claim(one)[0].fresh
                    claimed.set()
                    go_on.wait(10)
                    idempotency.finish(CLUSTER, [(one, {"n": 1})])
            finally:
                connection.close()

        def second():
            try:
                with locks.transaction_with_timeout(10_000):
                    return claim(one)[0]
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            running = pool.submit(first)
            assert claimed.wait(10)
            waiting = pool.submit(second)
            assert not waiting.done()
            go_on.set()
            running.result(10)
            assert waiting.result(10) == idempotency.Claim(fresh=False, answer={"n": 1})

    def test_still_running_is_busy_after_the_wait(self):
        one, claimed, go_on = key(), Signal(), Signal()

        def first():
            try:
                with transaction.atomic():
                    claim(one)
                    claimed.set()
                    go_on.wait(10)
            finally:
                connection.close()

        def second():
            with locks.transaction_with_timeout(100):
                claim(one)

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(first)
            assert claimed.wait(10)
            with pytest.raises(OperationalError):
                second()
            with pytest.raises(Busy):
                locks.with_retries(second)
            go_on.set()
            running.result(10)

    def test_crossing_batches_do_not_deadlock(self):
        keys = [key() for _ in range(40)]

        def take(order):
            try:
                with transaction.atomic():
                    return sum(found.fresh for found in claim(*order))
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            fresh = list(pool.map(take, [keys, keys[::-1], keys[20:] + keys[:20], keys]))
        assert sum(fresh) == 40

    def test_old_keys_go_in_batches_and_young_ones_stay(self):
        old, young = [key() for _ in range(3)], key()
        with clock.at(clock.now() - timedelta(days=31)), transaction.atomic():
            claim(*old)
        with transaction.atomic():
            claim(young)
        while idempotency.purge(limit=2):
            pass
        names = [one.key for one in (*old, young)]
        left = sql.fetch("SELECT key FROM kernel_idempotency WHERE key = ANY(%s)", [names])
        assert left == [(young.key,)]
