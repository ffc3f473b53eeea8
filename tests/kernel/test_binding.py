"""Values beside the statement: any number of them, and what is planned once is still planned for what it meets."""

import pytest
from django.db import connection

from tests.factories.members import make_cluster, make_member
from yunju.kernel import sql
from yunju.members.models import Member

pytestmark = [pytest.mark.usefixtures("db_app"), pytest.mark.database]
MANY = 70_000


def test_more_values_than_a_message_carries():
    member = make_member(make_cluster())
    ids = [*range(10**9, 10**9 + MANY), member.pk]
    assert list(Member.objects.filter(pk__in=ids)) == [member]
    values = ['100 % it\'s \\ "quoted" 茶', *map(str, range(MANY))]
    places = ", ".join(["(%s)"] * len(values))
    rows = sql.fetch(f"SELECT v, '%%' FROM (VALUES {places}) AS x (v) LIMIT 1", values)
    assert rows == [(values[0], "%")]


def test_a_repeated_statement_is_prepared():
    for number in range(8):
        assert sql.fetch("SELECT %s::bigint * 2 AS seen_by_this_test", [number]) == [(number * 2,)]
    rows = sql.fetch(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::bigint * 2%%'"
    )
    assert rows == [(1,)]
    assert connection.settings_dict["OPTIONS"]["server_side_binding"] is True


def test_statements_with_lists_are_planned_each_time():
    """A list may have ten members or a hundred thousand: no plan is right for both."""
    for _ in range(8):
        assert sql.fetch("SELECT sum(n) AS of_this_list FROM unnest(%s::bigint[]) AS x (n)", [[1, 2]]) == [(3,)]
        sql.fetch("SELECT sum(n) AS of_named_list FROM unnest(%(n)s::bigint[]) AS x (n)", {"n": [1, 2]})
    rows = sql.fetch("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%of_%%_list%%'")
    assert rows == [(0,)]
