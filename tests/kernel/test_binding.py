"""Values beside the statement: any number of them, and what is planned once is still planned for what it meets."""

import pytest
from django.db import connection

from tests.factories.members import make_cluster, make_member
from yunju.kernel import locks, sql
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


def test_only_what_says_so_is_planned_once():
    """A plan that is kept is blind for tables that grow: it is for pages that everybody opens, and for nothing else."""
    for number in range(8):
        assert sql.fetch_kept("SELECT %s::bigint * 2 AS is_kept", [number]) == [(number * 2,)]
        assert sql.fetch("SELECT %s::bigint * 2 AS is_planned_anew", [number]) == [(number * 2,)]
        assert sql.fetch("SELECT %(n)s::bigint * 2 AS is_planned_anew", {"n": number}) == [(number * 2,)]
        assert Member.objects.filter(pk=-1, name="planned anew").first() is None
    rows = sql.fetch(
        "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%is_%' OR statement LIKE '%member%'"
    )
    assert rows == [("SELECT $1::bigint * 2 AS is_kept",)]
    with locks.hot_transaction(1_000):
        assert sql.fetch("SELECT %s::bigint * 3 AS is_hot", [5]) == [(15,)]
        assert sql.fetch("SELECT current_setting('enable_seqscan'), current_setting('lock_timeout')") == [
            ("off", "1s")
        ]
    found = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
    assert sql.fetch(found, ["%AS is_hot%"]) == [(1,)]
    assert sql.fetch("SELECT current_setting('enable_seqscan')") == [("on",)]
    assert sql.fetch("SELECT %s::bigint * 4 AS is_cold", [5]) == [(20,)]
    assert sql.fetch(found, ["%AS is_cold%"]) == [(0,)]
    assert connection.settings_dict["OPTIONS"]["server_side_binding"] is True
