"""Real connections side by side: one balance is spent once, and a snapshot of a moving book is exact."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from tests.ledger.book import NOW, fresh_cluster
from yunju.ledger import actions, errors, queries, subjects, verify
from yunju.ledger.actions import Leg, Posting
from yunju.ledger.kinds import Kind

pytestmark = pytest.mark.database
GATEWAY = subjects.gateway("x")
WITHDRAWALS = 50
WRITERS, ROUNDS = 4, 60


def moved(cluster: int, source_id: int, who: str, kinds: tuple[Kind, Kind], amount: int) -> Posting:
    legs = (Leg(who, kinds[0], -amount), Leg(who, kinds[1], amount))
    return Posting(cluster, "move", "test", source_id, "CNY", legs, NOW)


def paid(cluster: int, source_id: int, who: str, kind: Kind, amount: int) -> Posting:
    legs = (Leg(GATEWAY, Kind.CLEARING, -amount), Leg(who, kind, amount))
    return Posting(cluster, "pay", "test", source_id, "CNY", legs, NOW)


def together(count: int, work: Callable[[int], str]) -> list[str]:
    """Run `work` in as many threads, all starting at once, each with a connection of its own."""
    gate = threading.Barrier(count)

    def one(number: int) -> str:
        try:
            connections["default"].ensure_connection()
            gate.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def commit(*postings: Posting) -> str:
    try:
        with transaction.atomic():
            actions.post(postings)
    except errors.Overdrawn:
        return "overdrawn"
    return "done"


def test_fifty_withdrawals_of_one_balance_and_one_wins(db_app):
    cluster, anna = fresh_cluster(), subjects.member(1)
    commit(paid(cluster, 1, anna, Kind.AVAILABLE, 100))
    answers = together(
        WITHDRAWALS,
        lambda n: commit(moved(cluster, 10 + n, anna, (Kind.AVAILABLE, Kind.PAYING_OUT), 100)),
    )
    assert sorted(answers) == ["done"] + ["overdrawn"] * (WITHDRAWALS - 1)
    assert queries.balances(cluster, [anna], "CNY") == {
        (anna, Kind.AVAILABLE): 0,
        (anna, Kind.PAYING_OUT): 100,
    }


def test_balances_read_under_their_lock_are_never_stale(db_app):
    """Each thread takes what it read under the lock, less one: any stale read would overdraw or lose a cent."""
    cluster, anna = fresh_cluster(), subjects.member(1)
    commit(paid(cluster, 1, anna, Kind.AVAILABLE, 1_000))

    def take_half(number: int) -> str:
        with transaction.atomic():
            held = actions.lock_balances(cluster, "CNY", [(anna, Kind.AVAILABLE)])[anna, Kind.AVAILABLE]
            actions.post([moved(cluster, 10 + number, anna, (Kind.AVAILABLE, Kind.RESERVE), held // 2)])
            return str(held)

    answers = together(8, take_half)
    assert sorted(map(int, answers), reverse=True) == [1_000, 500, 250, 125, 63, 32, 16, 8]
    assert queries.balance(cluster, anna, Kind.RESERVE, "CNY") == 996


def test_the_same_event_at_the_same_time_is_posted_once(db_app):
    cluster, anna = fresh_cluster(), subjects.member(1)

    def once(_: int) -> str:
        try:
            return commit(paid(cluster, 1, anna, Kind.PENDING, 5))
        except errors.AlreadyPosted:
            return "again"

    assert sorted(together(12, once)) == ["again"] * 11 + ["done"]
    assert queries.balance(cluster, anna, Kind.PENDING, "CNY") == 5


def test_snapshot_and_tail_are_the_sum_while_writers_post(db_app):
    cluster = fresh_cluster()
    members = [subjects.member(n) for n in range(5)]

    def write(number: int) -> str:
        if number == WRITERS:
            for _ in range(ROUNDS // 4):
                actions.take_snapshot(cluster)
            return "snapshots"
        for turn in range(ROUNDS):
            source = number * 1_000 + turn
            batch = [
                paid(cluster, source * 10 + n, who, Kind.PENDING, 1 + n) for n, who in enumerate(members)
            ]
            batch += [
                paid(cluster, source * 10 + 5 + n, who, Kind.AVAILABLE, 3) for n, who in enumerate(members)
            ]
            # Crosswise orders of accounts, without retries: the guard sorts its locks, so nobody deadlocks.
            commit(*(batch if number % 2 else batch[::-1]))
        return "done"

    answers = together(WRITERS + 1, write)
    assert answers == ["done"] * WRITERS + ["snapshots"]
    turns = WRITERS * ROUNDS
    for n, who in enumerate(members):
        assert queries.balance(cluster, who, Kind.PENDING, "CNY") == turns * (1 + n)
    assert queries.total(cluster, Kind.AVAILABLE, "CNY") == 15 * turns
    assert queries.total(cluster, Kind.CLEARING, "CNY") == -30 * turns
    report = verify.verify(cluster, whole=True, only=verify.OWN)
    assert [str(breach) for _, result in report.results for breach in result.breaches] == []
    assert verify.since_of(cluster, whole=False) > 0
    assert queries.total(cluster, Kind.CLEARING, "CNY") == -30 * turns
