"""Many clusters can be spread over machines: no hot table and no hot statement needs rows of two clusters at once (DESIGN 9)."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.clusters import tables
from tests.clusters.day import Day
from tests.clusters.exceptions import CATALOGUE, JOINED, STATEMENTS
from tests.clusters.statements import Planner, Sent, Touch, conjuncts, recorded
from tests.ledger.clones import django_on
from yunju.kernel import sql
from yunju.ledger import queries as ledger

pytestmark = pytest.mark.database


def require_same(found: set, allowed: set) -> None:
    """Tell what is new, and which exceptions nobody needs any more."""
    lines = [f"breaks the rule: {one}" for one in sorted(found - allowed)]
    lines += [f"no longer needed: {one}" for one in sorted(allowed - found)]
    if lines:
        raise AssertionError("\n".join(lines))


# --- the catalogue -------------------------------------------------------------------------------------------------
def test_hot_tables_are_ready_to_be_distributed(clone):
    with psycopg.connect(clone.owner_url) as session:
        found = set(tables.breaches(session))
    require_same(found, set(CATALOGUE))


SPOILED = """
CREATE TABLE orders_gift (id bigint PRIMARY KEY);
ALTER TABLE orders_event ALTER cluster_id DROP NOT NULL;
CREATE INDEX line_by_title ON orders_line (title, cluster_id);
CREATE UNIQUE INDEX share_of_payee ON orders_share ((payee_id + 1), cluster_id) WHERE id < 0;
ALTER TABLE orders_line ADD CONSTRAINT line_offer FOREIGN KEY (offer_id) REFERENCES catalog_offer (id);
CREATE FUNCTION count_lines() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    UPDATE orders_order o SET version = o.version FROM fresh f WHERE o.cluster_id = f.cluster_id AND o.id = f.order_id;
    RETURN NULL;
END $f$;
CREATE TRIGGER count_lines AFTER INSERT ON orders_line REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION count_lines();
CREATE FUNCTION all_sold(c bigint) RETURNS bigint LANGUAGE sql AS $f$
    SELECT count(*) FROM orders_line AS l JOIN orders_order AS o ON o.id = l.order_id WHERE l.cluster_id = c
$f$;
"""
"""One of each way to break a rule."""


def test_the_walk_sees_each_way_to_break_a_rule(clone, monkeypatch):
    monkeypatch.setattr(tables, "HOT", tables.HOT | {"orders_gift", "orders_gone"})
    with psycopg.connect(clone.owner_url) as session:
        session.execute(SPOILED)
        found = set(tables.breaches(session))
    assert found - set(CATALOGUE) == {
        "function all_sold: orders_order of all clusters",
        "orders_event: cluster_id may be empty",
        "orders_gift: no cluster_id",
        "orders_gone: is not there",
        "orders_line: index line_by_title begins with title",
        "orders_line: key line_offer leads to catalog_offer",
        "orders_line: trigger count_lines joins fresh",
        "orders_share: index share_of_payee begins with an expression",
    }


# --- the statements ------------------------------------------------------------------------------------------------
@pytest.fixture
def planner(clone) -> Iterator[Planner]:
    with psycopg.connect(clone.app_url, autocommit=True) as session:
        yield Planner(session)


def test_a_day_of_a_market_asks_for_one_cluster_at_a_time(db_app, clone, planner):
    with django_on(clone.app_url), recorded() as sent:
        Day().run()
    touched = [(one.where, planner.touches(one.text)) for one in sent if _is_planned(one)]
    wrong, joined, written = set(), set(), set()
    for where, touches in touched:
        hot = [touch for touch in touches if touch.table in tables.HOT]
        wrong |= {(where, touch.table) for touch in hot if not touch.one_cluster}
        joined |= {(where, touch.table) for touch in touches if hot and not _may_be_joined(touch)}
        written |= {touch.table for touch in touches if touch.writes}
    require_same(wrong, set(STATEMENTS))
    require_same(joined, set(JOINED))
    require_same(written - tables.HOT, set(tables.WARM))


def _is_planned(one: Sent) -> bool:
    return one.text.split(maxsplit=1)[0] not in {"SAVEPOINT", "RELEASE", "ROLLBACK", "SET"}


def _may_be_joined(touch: Touch) -> bool:
    """What lies on every machine, or with the same cluster on the same machine."""
    if touch.table in tables.HOT | tables.REFERENCE:
        return True
    return touch.table in tables.BESIDE and touch.one_cluster


ALONE = {
    "SELECT * FROM orders_line WHERE cluster_id = 7": True,
    "SELECT * FROM orders_line WHERE id = 7": False,
    "SELECT * FROM orders_line WHERE cluster_id = 7 OR id = 7": False,
    "SELECT * FROM orders_line WHERE cluster_id IN (7, 8)": False,
    "SELECT * FROM orders_line WHERE cluster_id <> 7": False,
    "SELECT * FROM orders_line WHERE cluster_id = order_id": False,
    "DELETE FROM orders_flowtimer WHERE noun_id = 7": False,
    "UPDATE orders_line SET seq = 1 WHERE id = 7": False,
}
OTHER = "orders_order o ON o.id = l.order_id"
JOINS = {
    f"SELECT 1 FROM orders_line l JOIN {OTHER} WHERE o.cluster_id = 7": False,
    f"SELECT 1 FROM orders_line l JOIN {OTHER} AND o.cluster_id = l.cluster_id WHERE o.cluster_id = 7": True,
    f"SELECT 1 FROM orders_line l LEFT JOIN {OTHER} AND o.cluster_id = l.cluster_id WHERE l.cluster_id = 7": True,
    "SELECT 1 FROM orders_order WHERE cluster_id = 7 AND id IN (SELECT order_id FROM orders_line)": False,
}
"""Each with whether it looks at one cluster, in all of its tables."""


@pytest.mark.parametrize(("text", "is_fine"), [*ALONE.items(), *JOINS.items()])
def test_a_statement_of_all_clusters_is_seen(planner, text, is_fine):
    assert all(touch.one_cluster for touch in planner.touches(text)) is is_fine


def test_what_is_written_has_a_cluster_and_parts_of_a_table_are_the_table(planner):
    note = "INSERT INTO payments_notification (gateway, event_id, kind, verdict, body_sha256, received_at)"
    copy = "INSERT INTO kernel_outbox (cluster_id, topic, noun_id, created_at, available_at)"
    assert planner.touches(f"{note} VALUES ('g', 'e', 'k', 'v', '', now())") == [
        Touch("payments_notification", False, writes=True)
    ]
    touches = planner.touches(f"{copy} SELECT 7, topic, 1, now(), now() FROM kernel_outbox")
    assert touches[0] == Touch("kernel_outbox", True, writes=True)
    assert Touch("kernel_outbox", False) in touches


def test_conditions_are_taken_apart_where_all_must_hold():
    assert conjuncts("(a = 1)") == ["a = 1"]
    assert conjuncts("((a = 1) AND ((b = 2) OR (c = 3)))") == ["(a = 1)", "((b = 2) OR (c = 3))"]
    assert conjuncts("(a = 1) OR (b = 2)") == ["(a = 1) OR (b = 2)"]


def test_what_is_sent_is_told_by_who_sent_it(db_app):
    with recorded() as sent:
        ledger.balances(7, ["member:1"], "CNY")
        sql.fetch("SELECT 1")
    assert [one.where for one in sent] == ["ledger.queries.balances"]
    assert "k.cluster_id = 7" in sent[0].text


def test_an_exception_that_nobody_needs_any_more_fails():
    require_same({"a"}, {"a"})
    with pytest.raises(AssertionError, match="no longer needed: b"):
        require_same({"a"}, {"a", "b"})
    with pytest.raises(AssertionError, match="breaks the rule: c"):
        require_same({"a", "c"}, {"a"})
