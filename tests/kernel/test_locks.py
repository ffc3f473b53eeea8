"""Locks: tried again where that helps, told as busy where it does not."""

import pytest
from django.db import OperationalError, connection, transaction

from yunju.kernel import locks, sql
from yunju.kernel.errors import Busy

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


def raising(sqlstate: str, times: int, tried: list[int]):
    def work():
        tried.append(1)
        if len(tried) <= times:
            sql.execute(f"DO $$ BEGIN RAISE EXCEPTION 'test' USING ERRCODE = '{sqlstate}'; END $$")
        return "done"

    return work


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_two_deadlocks_are_gone_over_a_third_is_busy(sqlstate):
    tried: list[int] = []
    assert locks.with_retries(raising(sqlstate, 2, tried)) == "done"
    assert len(tried) == 3
    with pytest.raises(Busy):
        locks.with_retries(raising(sqlstate, 3, []))


def test_a_lock_that_was_not_to_be_had_is_not_tried_again():
    tried: list[int] = []
    with pytest.raises(Busy):
        locks.with_retries(raising("55P03", 9, tried))
    assert len(tried) == 1


def test_other_faults_are_not_hidden():
    with pytest.raises(OperationalError) as raised:
        locks.with_retries(raising("57014", 1, []))
    assert locks.sqlstate(raised.value) == "57014"
    assert locks.sqlstate(ValueError()) == ""


def test_one_instant_writes_nothing_and_is_the_transactions_own_inside_one():
    with pytest.raises(Exception, match="read-only"), locks.one_instant():
        sql.execute("DELETE FROM kernel_beat WHERE name = 'nobody'")
    with transaction.atomic(), locks.one_instant():
        assert sql.execute("DELETE FROM kernel_beat WHERE name = 'nobody'") == 0


def test_the_wait_ends_with_the_transaction():
    with locks.transaction_with_timeout(123):
        assert sql.fetch("SHOW lock_timeout") == [("123ms",)]
    assert sql.fetch("SHOW lock_timeout") != [("123ms",)]
    assert not connection.in_atomic_block
