"""`docs/operations/distribute.sql` gives the hot tables keys that can be distributed, and the market runs on them."""

import re
from pathlib import Path

import psycopg
import pytest

from tests.clusters import tables
from tests.clusters.day import Day
from tests.ledger.clones import django_on
from yunju.kernel import guards
from yunju.ledger import verify as books

pytestmark = pytest.mark.database
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "operations" / "distribute.sql"
SPLIT = (
    "SELECT c.relname, i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
    " JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE x.indisunique AND c.relname = ANY(%s) AND NOT EXISTS (SELECT FROM pg_attribute a"
    "  WHERE a.attrelid = c.oid AND a.attname = 'cluster_id' AND a.attnum = ANY(x.indkey))"
)
"""Unique indexes without the cluster, which Citus refuses."""
KEYS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'orders_line'::regclass"


def test_a_market_runs_on_keys_that_begin_with_the_cluster(db_app, clone):
    moved = sorted(tables.HOT | set(tables.BESIDE) - {"payments_notification"})
    with psycopg.connect(clone.owner_url) as owner:
        assert owner.execute(SPLIT, [moved]).fetchall()
        owner.execute(SCRIPT.read_text(encoding="utf-8"))
        left = owner.execute(SPLIT, [moved]).fetchall()
        assert {table for table, _ in left} == {"payments_notification"}
        assert owner.execute(KEYS).fetchall() == [
            (
                "FOREIGN KEY (cluster_id, order_id) REFERENCES orders_order(cluster_id, id) DEFERRABLE INITIALLY DEFERRED",
            )
        ]
    with django_on(clone.app_url):
        assert guards.find_missing() == []
        day = Day()
        day.run()
        assert books.verify(day.cluster_id, whole=True).broken == 0


def test_the_script_names_every_hot_table_that_has_a_cluster():
    named = set(re.findall(r"'([a-z]+_[a-z]+)'", SCRIPT.read_text(encoding="utf-8"))) - {"cluster_id"}
    assert named == (tables.HOT | tables.BESIDE) - {"payments_notification", "kernel_idempotency"}
