"""A transaction that is sent whole: all of it or nothing, alone and inside another; and ids that wait for no disk."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from yunju.kernel import ids, sql
from yunju.kernel.ids import public_code

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]

COLUMNS = {
    "cluster_id": "bigint",
    "scope": "text",
    "key": "text",
    "payload_hash": "bytea",
    "created_at": "timestamptz",
}
NOW = "2026-01-01T00:00:00Z"


def add(key: str) -> None:
    sql.insert_rows("kernel_idempotency", COLUMNS, [(1, "test", key, b"", NOW)])


def held(key: str) -> bool:
    return bool(sql.fetch("SELECT 1 FROM kernel_idempotency WHERE cluster_id = 1 AND key = %s", [key]))


def send(keys: list[str], *statements: str) -> None:
    """All of it in one transaction."""
    with sql.at_once():
        for key in keys:
            add(key)
        for statement in statements:
            sql.execute(statement)


def add_and_fail(key: str) -> None:
    add(key)
    raise ZeroDivisionError


def test_all_of_it_is_there_when_the_block_is_left():
    one, two = public_code(), public_code()
    send([one, two])
    assert (held(one), held(two), connection.in_atomic_block) == (True, True, False)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_nothing_is_there_whichever_statement_fails(place):
    keys = [public_code() for _ in range(3)]
    add(keys[place])
    with pytest.raises(IntegrityError):
        send(keys)
    assert [held(key) for key in keys] == [n == place for n in range(3)]
    send([public_code()])  # the connection goes on


def test_what_is_expected_must_be_so():
    key = public_code()
    for statement in ("SELECT kernel_expect(false)", "SELECT kernel_expect(NULL)"):
        with pytest.raises(DatabaseError, match="not as expected"):
            send([key], statement)
    assert not held(key)
    send([key], "SELECT kernel_expect(true)")
    assert held(key)


def test_inside_another_transaction_only_its_own_part_is_undone():
    mine, other = public_code(), public_code()
    with transaction.atomic():
        add(mine)
        with pytest.raises(IntegrityError):
            send([other, mine])
        assert held(mine)
    assert (held(mine), held(other)) == (True, False)


def test_a_fault_of_the_block_itself_undoes_what_was_sent():
    key = public_code()
    with pytest.raises(ZeroDivisionError), sql.at_once():
        add_and_fail(key)
    assert not held(key)
    send([key])
    assert held(key)


def test_ids_are_fresh_and_only_their_own_transaction_does_not_wait_for_the_disk():
    first = ids.reserve_many({"orders_purchase_id_seq": 3, "orders_line_id_seq": 2})
    second = ids.reserve_many({"orders_purchase_id_seq": 1, "orders_line_id_seq": 0})
    assert [len(one) for one in (*first, *second)] == [3, 2, 1, 0]
    assert second[0][0] > max(first[0])
    assert sql.fetch("SHOW synchronous_commit") == [("on",)]
    with transaction.atomic():
        ids.reserve_many({"orders_purchase_id_seq": 1})
        assert sql.fetch("SHOW synchronous_commit") == [("on",)]
