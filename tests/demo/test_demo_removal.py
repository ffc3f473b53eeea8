"""The demonstration leaves as it came: afterwards every table holds what a fresh installation's holds."""

import os
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from psycopg import sql

from tests.conftest import copy_template
from tests.demo.test_demo import Filled, filled, yunju  # noqa: F401 - the fixture is used by its name
from yunju.cli.demo import removal as demo_removal

RUNNING = ("procrastinate_", "axes_", "kernel_beat", "django_session")
"""What the processes of a house write by themselves."""


def counts(url: str) -> dict[str, int]:
    """Rows of every table that is no partition of another."""
    question = (
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND c.relnamespace = 'public'::regnamespace"
    )
    with psycopg.connect(url) as connection:
        names = [str(name) for (name,) in connection.execute(question) if not str(name).startswith(RUNNING)]
        found = {}
        for name in names:
            [row] = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
            found[name] = int(row[0])
        return found


def test_every_table_leads_to_a_cluster_or_a_person_or_is_of_the_house():
    labels = {way.model._meta.label for way in demo_removal.ways()}
    models = {model._meta.label for model in apps.get_models()}
    assert models - labels == demo_removal.OF_THE_HOUSE & models
    assert models >= demo_removal.OF_THE_HOUSE


def test_nothing_is_left_of_it(filled: Filled, postgres, template):  # noqa: F811
    fresh = copy_template(postgres, f"yunju_fresh_{os.getpid()}")
    empty = counts(fresh.owner_url)
    before = counts(filled.url)
    assert sum(before.values()) > sum(empty.values()) + 1_000
    environment = filled.environment | {"DATABASE_OWNER_URL": filled.url}
    said = yunju(environment, "demo-remove")
    assert said.returncode == 0, said.stderr
    assert "Nothing was changed" in said.stdout
    assert counts(filled.url) == before
    media = [path for path in Path(filled.home, "media").rglob("*") if path.is_file()]
    assert media
    done = yunju(environment, "demo-remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Rows left: 0." in done.stdout
    assert counts(filled.url) == empty
    assert not [path for path in Path(filled.home, "media").rglob("*") if path.is_file()]
    again = yunju(filled.environment, "ledger", "verify", "--all")
    assert again.stdout.rstrip().endswith("invariants broken: 0")
    with psycopg.connect(postgres.url("superuser", "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{fresh.name}" WITH (FORCE)')


@pytest.mark.usefixtures("db_app")
def test_where_there_is_none_it_says_so(clone):
    environment = os.environ | {"DATABASE_URL": clone.app_url, "DATABASE_OWNER_URL": clone.owner_url}
    done = yunju(environment, "demo-remove", "--yes")
    assert done.returncode == 1
    assert "There is no demonstration here." in done.stderr
