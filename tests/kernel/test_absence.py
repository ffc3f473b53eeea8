"""What counts as PostgreSQL being away, by its own words."""

import pytest
from django.db import DatabaseError, OperationalError, connection

from tests.ledger.clones import django_on
from yunju.kernel import sql
from yunju.kernel.absence import is_away

NOBODY = "postgresql://nobody:none@127.0.0.1:1/none"
"""Where nothing listens."""


def failure(statement: str) -> DatabaseError:
    with pytest.raises(DatabaseError) as raised:
        sql.fetch(statement)
    connection.close()
    return raised.value


@pytest.mark.database
def test_a_server_that_refuses_or_hangs_up_is_away(db_app):
    assert is_away(failure("SELECT pg_terminate_backend(pg_backend_pid())"))
    with django_on(NOBODY):
        assert is_away(failure("SELECT 1"))


@pytest.mark.database
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 / 0",
        "SELECT nothing",
        "DO $$ BEGIN RAISE lock_not_available; END $$",
        "DO $$ BEGIN RAISE query_canceled; END $$",
        "DO $$ BEGIN RAISE disk_full; END $$",
    ],
)
def test_what_a_statement_came_to_is_not(db_app, statement):
    assert not is_away(failure(statement))


def test_nothing_else_is():
    assert not is_away(None)
    assert not is_away(ValueError())
    assert is_away(OperationalError("the connection is closed"))
