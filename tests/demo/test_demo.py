"""The demonstration fills an empty installation with every state, in a book without a fault, once."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Clone, copy_template
from tests.payments.provider import Ear, Provider, free_port
from yunju.cli.demo import people as demo_people
from yunju.cli.postgres import Postgres

CPU_SECONDS_MAX = 25
"""Of the command itself: how long that takes by the clock depends on who else is at work."""


@dataclass
class Filled:
    """What came of `yunju demo`, and a way to ask the database."""

    lines: list[str]
    cpu_seconds: float
    home: Path
    environment: dict[str, str]
    url: str
    provider: Provider

    def rows(self, question: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(question).fetchall()

    def count(self, question: str) -> dict[str, int]:
        return {str(key): int(str(number)) for key, number in self.rows(question)}

    def yunju(self, *words: str) -> subprocess.CompletedProcess[str]:
        return yunju(self.environment, *words)


def yunju(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yunju.cli.main", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def filled(postgres: Postgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made: Clone = copy_template(postgres, f"yunju_demo_{os.getpid()}")
    home = tmp_path_factory.mktemp("demo")
    provider = Provider(home / "gateway", free_port(), Ear())
    provider.start()
    environment = os.environ | {
        "YUNJU_HOME": str(home),
        "DATABASE_URL": made.app_url,
        "YUNJU_GATEWAY_URL": provider.url,
        "YUNJU_PUBLIC_URL": provider.ear.url,
        "YUNJU_STATEMENT_TIMEOUT_MS": "60000",
    }
    before = os.times()
    done = yunju(environment, "demo", "--small")
    seconds = os.times().children_user - before.children_user
    try:
        assert done.returncode == 0, done.stderr
        yield Filled(done.stdout.splitlines(), seconds, home, environment, made.owner_url, provider)
    finally:
        provider.stop()
        provider.ear.server.shutdown()
        provider.ear.server.server_close()
        with psycopg.connect(postgres.url("superuser", "postgres"), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{made.name}" WITH (FORCE)')


def test_it_prints_its_log_ins_and_nothing_else(filled):
    assert filled.lines == [who.line() for who in demo_people.SHOWN]
    words = [line.split(":")[0] for line in filled.lines[:4]]
    assert words == ["运营 operator", "商家 supplier", "店主 shopkeeper", "买家 buyer"]
    for line in filled.lines:
        assert re.fullmatch(r".+: \S+@\S+  \S+(  \d{11})?", line)


def test_it_is_quick(filled):
    assert filled.cpu_seconds < CPU_SECONDS_MAX


def test_every_state_is_there(filled):
    paid = filled.count("SELECT payment_state, count(*) FROM orders_purchase GROUP BY 1")
    assert set(paid) == {"unpaid", "paid", "expired", "cancelled"}
    assert 55 <= sum(paid.values()) <= 75
    states = filled.count("SELECT fulfilment_state, count(*) FROM orders_order GROUP BY 1")
    wanted = {"", "to_pack", "packed", "in_transit", "delivered", "received", "cancelled", "lost", "returned"}
    assert set(states) >= wanted
    cases = filled.count("SELECT state, count(*) FROM orders_case GROUP BY 1")
    assert set(cases) >= {"asked", "returning", "refused_by", "disputed", "settled"}
    refunds = filled.count("SELECT state, count(*) FROM orders_refund GROUP BY 1")
    assert refunds.get("confirmed", 0) >= 5
    assert set(refunds) <= {"confirmed", "sent", "decided"}


def test_money_waits_and_money_was_released(filled):
    lines = filled.count(
        "SELECT CASE WHEN released_at IS NOT NULL THEN 'released' WHEN release_due_at IS NOT NULL THEN 'waiting'"
        " ELSE 'expected' END, count(*) FROM orders_line GROUP BY 1"
    )
    assert min(lines["released"], lines["waiting"], lines["expected"]) >= 5


def test_a_payout_run_is_done_and_one_bank_sent_the_money_back(filled):
    assert filled.rows("SELECT state FROM payments_payoutrun") == [("done",)]
    items = filled.count("SELECT state, count(*) FROM payments_payoutitem GROUP BY 1")
    assert items["failed"] == 1
    assert items["paid"] >= 5


def test_the_shown_people_have_something_to_see(filled):
    buyer = filled.rows(
        "SELECT count(*) FROM orders_purchase p JOIN members_user u ON u.id = p.user_id"
        f" WHERE u.email = '{demo_people.BUYER.email}'"
    )
    assert buyer[0][0] >= 8
    supplier = filled.count(
        "SELECT o.fulfilment_state, count(*) FROM orders_order o JOIN members_role r ON r.member_id = o.supplier_id"
        f" JOIN members_user u ON u.id = r.user_id WHERE u.email = '{demo_people.SUPPLIER.email}' GROUP BY 1"
    )
    assert {"to_pack", "packed", "in_transit", "delivered", "received"} <= set(supplier)
    assert filled.count("SELECT 'offers', count(*) FROM catalog_offer") == {"offers": 40}
    assert filled.rows("SELECT count(*) FROM shops_shop")[0][0] == 3
    pictures = [row[0] for row in filled.rows("SELECT file FROM catalog_picture")]
    assert len(pictures) >= 40
    assert all((filled.home / "media" / str(name)).stat().st_size > 1_000 for name in pictures)


def test_one_payee_still_lacks_its_papers_and_one_supplier_waits(filled):
    shops = filled.rows(
        "SELECT s.name FROM shops_shop s LEFT JOIN members_payee p ON p.member_id = s.member_id WHERE p.id IS NULL"
    )
    assert shops == [(demo_people.SHOPS[2][1],)]
    waiting = "SELECT count(*) FROM members_capacity WHERE kind = 'supplier' AND admitted_at IS NULL"
    assert filled.rows(waiting)[0][0] == 1


def test_the_books_are_without_a_fault(filled):
    done = filled.yunju("ledger", "verify", "--all")
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith("invariants broken: 0")


def test_the_provider_agrees_and_its_clock_shows_the_present(filled):
    ours = filled.rows("SELECT out_no, paid_minor FROM payments_attempt WHERE state = 'paid' ORDER BY id")
    assert len(ours) >= 50
    for out_no, amount in ours[:3]:
        theirs = filled.provider.state(str(out_no))
        assert (theirs["state"], theirs["paid_amount"], theirs["held"]) == ("paid", amount, 0)
    assert set_back(filled)


def set_back(filled: Filled) -> bool:
    """The offset of the provider's clock, out of its own file."""
    with sqlite3.connect(filled.home / "gateway" / "book.sqlite3") as book:
        found = book.execute("SELECT value FROM setting WHERE name = 'clock_offset'").fetchone()
    return float(found[0]) == 0


def test_a_second_run_is_refused_in_a_sentence_and_changes_nothing(filled):
    before = filled.rows("SELECT count(*) FROM orders_purchase")
    done = filled.yunju("demo", "--small")
    assert done.returncode == 1
    assert "There is a cluster here already" in done.stderr
    assert done.stdout == ""
    assert filled.rows("SELECT count(*) FROM orders_purchase") == before


@pytest.mark.parametrize(
    ("email", "goes_on"), [(demo_people.OPERATOR.email, True), ("somebody@example.com", False)]
)
def test_a_demonstration_that_was_killed_on_its_way_is_kept_and_nobody_elses_cluster(clone, email, goes_on):
    environment = os.environ | {"DATABASE_URL": clone.app_url}
    names = ("--code", demo_people.CODE, "--name-zh", "云上", "--name-en", "Cloud", "--operator-email", email)
    command = [sys.executable, "-m", "yunju.cli.main", "cluster", "make", *names]
    subprocess.run(
        command, env=environment, input="jade-lantern-418\n", text=True, check=True, stdout=subprocess.DEVNULL
    )
    done = yunju(environment, "demo")
    assert done.returncode == (0 if goes_on else 1)
    assert len(done.stdout.splitlines()) == (len(demo_people.SHOWN) if goes_on else 0)
