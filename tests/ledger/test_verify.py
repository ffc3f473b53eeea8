"""`verify` finds what is broken. Only a superuser with triggers off can break a book: done here, in a clone."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.factories.members import make_cluster
from tests.ledger.book import Book, Entry, Header, fresh_cluster, opened
from tests.ledger.clones import django_on
from yunju.cli import ledger as command
from yunju.cli.main import main
from yunju.ledger import verify


def of(report: verify.Report) -> dict[str, int]:
    """Broken rows per title."""
    return {check.title: len(result.breaches) for check, result in report.results if result.breaches}


@pytest.fixture
def broken(clone, postgres, own_transactions, django_db_blocker) -> Iterator[Book]:
    """A book of two clusters in a database of its own, on a connection that no trigger watches."""
    with (
        closing(psycopg.connect(clone.app_url)) as app,
        closing(psycopg.connect(postgres.url("superuser", clone.name))) as superuser,
        django_db_blocker.unblock(),
        django_on(clone.app_url),
    ):
        book = opened(app, fresh_cluster())
        superuser.execute("SET session_replication_role = replica")
        superuser.commit()
        yield Book(superuser, book.cluster, book.ids)


def drop(book: Book, table: str, constraint: str) -> None:
    book.run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def unbalance(book: Book) -> None:
    book.run(
        "UPDATE ledger_entry SET amount = amount - 1 WHERE transfer_id = %s AND seq = 2", book.ids["paid"]
    )


def zero(book: Book) -> None:
    drop(book, "ledger_entry", "entry_not_zero")
    book.run("UPDATE ledger_entry SET amount = 0 WHERE transfer_id = %s", book.ids["paid"])


def lose_an_entry(book: Book) -> None:
    book.run("DELETE FROM ledger_entry WHERE transfer_id = %s AND seq > 2", book.ids["twice two"])


def lose_a_header(book: Book) -> None:
    book.run("DELETE FROM ledger_transfer WHERE id = %s", book.ids["paid"])


def leave_a_header_empty(book: Book) -> None:
    book.header(Header(), 2)


def change_a_currency(book: Book) -> None:
    book.run("UPDATE ledger_entry SET currency = 'USD' WHERE transfer_id = %s", book.ids["paid"])


def move_a_balance(book: Book) -> None:
    book.run("UPDATE ledger_account SET balance = balance + 1 WHERE id = %s", book.ids["available"])


def skip_a_version(book: Book) -> None:
    book.run("UPDATE ledger_account SET version = version + 1 WHERE id = %s", book.ids["available"])


def sink_below_the_floor(book: Book) -> None:
    drop(book, "ledger_account", "account_floor")
    book.run("UPDATE ledger_account SET balance = -1 WHERE id = %s", book.ids["available"])


def falsify_a_snapshot(book: Book) -> None:
    book.run("UPDATE ledger_snapshot SET balance = balance + 1 WHERE account_id = %s", book.ids["pending"])


def reverse_by_half(book: Book) -> None:
    header = Header(kind="reversal", reverses=book.ids["paid"])
    book.transfer(header, Entry(book.ids["clearing"], 15), Entry(book.ids["pending"], -15))


def book_an_event_twice(book: Book) -> None:
    drop(book, "ledger_transfer", "transfer_once_per_event")
    book.transfer(Header(source_id=101), Entry(book.ids["clearing"], -1), Entry(book.ids["pending"], 1))


SUM, ZERO = "the book sums to zero in each currency", "every transfer sums to zero"
LEGS, KEPT = "every transfer has exactly its legs", "every kept balance is the sum of its entries"
SNAPSHOTS, COUNTED = "every snapshot is the sum of its entries", "every kept balance counts all its entries"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (unbalance, {SUM: 1, ZERO: 1, SNAPSHOTS: 1}),
        (zero, {"every amount is in range and none is zero": 2, SNAPSHOTS: 2}),
        (lose_an_entry, {LEGS: 1, SNAPSHOTS: 2}),
        (lose_a_header, {LEGS: 1}),
        (leave_a_header_empty, {LEGS: 1}),
        (change_a_currency, {"every entry is in the currency of its account": 2}),
        (move_a_balance, {KEPT: 1}),
        (skip_a_version, {COUNTED: 1}),
        (sink_below_the_floor, {KEPT: 1, "no account is below its floor, no debt above zero": 1}),
        (falsify_a_snapshot, {SNAPSHOTS: 1}),
        (reverse_by_half, {"every reversal mirrors its original, once": 1}),
        (book_an_event_twice, {"every business event is booked once": 1}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_damage_is_found_by_its_check(broken, damage, found):
    damage(broken)
    broken.connection.commit()
    assert of(verify.verify(broken.cluster, whole=True, only=verify.OWN)) == found


def test_a_sound_book_is_verified_from_its_last_snapshot(broken):
    first = verify.verify(broken.cluster, only=verify.OWN)
    looked = {check.title: result.looked_at for check, result in first.results}
    assert (first.broken, looked[ZERO]) == (0, 0), "the opening has a snapshot"
    assert SNAPSHOTS not in looked
    whole = verify.verify(broken.cluster, whole=True, only=verify.OWN)
    looked = {check.title: result.looked_at for check, result in whole.results}
    assert (whole.broken, looked[ZERO], looked[SNAPSHOTS], looked[KEPT]) == (0, 3, 7, 5)


def test_what_is_broken_is_not_called_verified(broken):
    before = verify.since_of(broken.cluster, whole=False)
    broken.transfer(Header(), Entry(broken.ids["clearing"], -1), Entry(broken.ids["pending"], 2))
    broken.connection.commit()
    report = verify.verify(broken.cluster, only=verify.OWN)
    assert of(report) == {SUM: 1, ZERO: 1}
    assert verify.since_of(broken.cluster, whole=False) == before


def test_the_command_prints_each_invariant_and_fails_when_one_is_broken(broken, capsys, monkeypatch):
    monkeypatch.setattr(verify, "checks", lambda: list(verify.OWN))
    parser_words = ["ledger", "verify", "--all"]
    monkeypatch.setattr("yunju.cli.environment.require_database", lambda role: None)
    assert main(parser_words) == 0
    printed = capsys.readouterr().out
    assert f"cluster {broken.cluster}, the whole book" in printed
    for check in verify.OWN:
        assert f"{check.code:4} {check.title}" in printed
    assert printed.endswith("invariants broken: 0\n")
    unbalance(broken)
    broken.connection.commit()
    assert main(parser_words) == 1
    printed = capsys.readouterr().out
    assert "CNY sums to -1" in printed
    assert f"transfer {broken.ids['paid']}: CNY sums to -1" in printed
    assert printed.endswith("invariants broken: 3\n")


def test_the_command_knows_no_such_cluster(broken, capsys):
    assert main(["ledger", "verify", "--cluster", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_the_command_takes_one_cluster(db_app, capsys):
    cluster = make_cluster()
    assert main(["ledger", "verify", "--cluster", cluster.code]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == f"cluster {cluster.code}, the whole book"
    assert last == "invariants broken: 0"


def test_lines_name_the_broken_rows():
    check = verify.Check("I99", "all is well", lambda cluster, whole: verify.Result(0))
    result = verify.Result(1_234, [verify.Breach("order", 7, "is not")])
    assert command.lines(verify.Report(1, 0, [(check, result)])) == [
        f"  I99  {'all is well':60} looked at     1,234   broken 1",
        "         order 7: is not",
    ]


def test_a_room_registers_a_check_once():
    before = verify.checks()
    check = verify.Check("I7", "a test's own", lambda cluster, whole: verify.Result(0))
    try:
        verify.register(check)
        verify.register(check)
        codes = [one.code for one in verify.checks()]
        assert len(codes) == len(before) + 1
        assert codes == sorted(codes, key=lambda code: int(code[1:]))
    finally:
        del verify._checks[check.code, check.title]
