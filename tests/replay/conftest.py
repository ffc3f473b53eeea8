"""A database of this folder's own: a replay ends a year before the other tests begin, and pauses every loop."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from tests.conftest import Clone, copy_template
from tests.ledger.clones import django_on
from yunju.cli import main, replay
from yunju.cli.postgres import Postgres


@dataclass(frozen=True)
class Told:
    """What a replay said: its exit code, the named lines, the quirks, the states, the error output."""

    code: int
    named: dict[str, str]
    quirks: dict[str, int]
    states: dict[str, int]
    errors: str

    @property
    def lasting(self) -> dict[str, str]:
        return {name: value for name, value in self.named.items() if name != "seconds"}


@pytest.fixture(scope="module")
def replay_database(postgres: Postgres, template: str, django_db_blocker) -> Iterator[Clone]:
    made = copy_template(postgres, f"yunju_replay_{os.getpid()}_{os.urandom(4).hex()}")
    yield made
    with psycopg.connect(postgres.url("superuser", "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made.name)))


@pytest.fixture
def on_replay(replay_database: Clone, own_transactions, django_db_blocker) -> Iterator[Clone]:
    """Django's connection leads to the database of the replays."""
    with django_db_blocker.unblock(), django_on(replay_database.app_url):
        yield replay_database


@pytest.fixture
def run(on_replay, capsys) -> Callable[..., Told]:
    """`yunju replay olist ...` as the command line runs it, in this process."""

    def run_it(*words: object) -> Told:
        capsys.readouterr()
        code = told_code([str(word) for word in words])
        output = capsys.readouterr()
        return told(code, output.out, output.err)

    return run_it


def told_code(words: list[str]) -> int:
    parser = main.argparse.ArgumentParser(prog="yunju replay")
    replay.add_arguments(parser)
    try:
        return replay.run(parser.parse_args(["olist", *words]))
    except replay.Stop as reason:
        replay.complain(f"yunju replay: {reason}")
        return 1


def told(code: int, out: str, errors: str) -> Told:
    named: dict[str, str] = {}
    counted: dict[str, dict[str, int]] = {"quirk": {}, "state": {}}
    for line in out.splitlines():
        name, value = line.split(": ", 1)
        if name in counted:
            words, count = value.rsplit(": ", 1)
            counted[name][words] = int(count)
        else:
            assert name not in named
            named[name] = value
    return Told(code, named, counted["quirk"], counted["state"], errors)
