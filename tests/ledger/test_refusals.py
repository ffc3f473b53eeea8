"""Attempts as the application role and as the owner, each committed; each refused with its exact constraint."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.ledger import refusals

pytestmark = pytest.mark.database
RUNS = list(refusals.runs())


@pytest.fixture(scope="module")
def connections(db_app) -> Iterator[dict[str, psycopg.Connection]]:
    with psycopg.connect(db_app.app_url) as app, psycopg.connect(db_app.owner_url) as owner:
        yield {"app": app, "owner": owner}


@pytest.mark.parametrize(("case", "role"), RUNS, ids=[f"{case.name}-{role}" for case, role in RUNS])
def test_refused_and_nothing_changed(case, role, connections):
    refusals.check(case, role, connections)


def test_what_is_right_is_done(connections):
    refusals.check_what_must_go(connections)
