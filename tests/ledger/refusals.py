"""What the database must refuse, as data: the same cases are run by pytest and against every mutant."""

from collections.abc import Iterator

import psycopg

from tests.ledger import wrong_changes, wrong_transfers
from tests.ledger.attempts import CASES, Case
from tests.ledger.book import NOW, OPENING, Book, Entry, Header, fingerprint, fresh_cluster, opened
from tests.ledger.wrong_transfers import mirror

assert {wrong_changes, wrong_transfers}, "importing them fills CASES"


def runs() -> Iterator[tuple[Case, str]]:
    """Every case with every role that it refuses."""
    for one in CASES:
        for role in ("app", "owner"):
            if one.expected(role):
                yield one, role


def check(one: Case, role: str, connections: dict[str, psycopg.Connection]) -> None:
    """Open a book as the application, try the case as `role`, and demand its exact refusal and that nothing changed."""
    book = opened(connections["app"], fresh_cluster())
    before = fingerprint(connections["owner"], book.cluster)
    connection = connections[role]
    answer = ("", "nothing was refused")
    try:
        one.do(Book(connection, book.cluster, book.ids))
        connection.commit()
    except psycopg.Error as error:
        answer = (error.sqlstate or "", error.diag.constraint_name or "")
    finally:
        connection.rollback()
    assert answer == one.expected(role), f"{one.name} as {role}: {answer}, not {one.expected(role)}"
    assert fingerprint(connections["owner"], book.cluster) == before, f"{one.name} as {role} left a trace"


def check_what_must_go(connections: dict[str, psycopg.Connection]) -> None:
    """The other side: what is right is done, to the cent, by the application role."""
    book = opened(connections["app"], fresh_cluster())
    for kind in ("available", "reserve", "paying_out", "escrow", "debt"):
        assert book.balance(kind) == (OPENING[kind], 1), kind
    assert book.balance("pending") == (0, 0)
    assert mirror(book) > book.ids["paid"]
    book.transfer(Header(), Entry(book.ids["available"], -500), Entry(book.ids["paying_out"], 500))
    book.connection.commit()
    assert (book.balance("available"), book.balance("paying_out")) == ((0, 2), (550, 2))
    locked = book.connection.execute(
        "SELECT balance FROM ledger_lock_accounts(%s, %s)",
        (book.cluster, [book.ids["debt"], book.ids["reserve"]]),
    ).fetchall()
    book.connection.commit()
    assert sorted(locked) == [(-80,), (100,)]
    assert book.one("SELECT ledger_take_snapshot(%s, ledger_settled(), %s)", book.cluster, NOW) == 4
    book.connection.commit()
    noted = book.one(
        "SELECT balance FROM ledger_snapshot WHERE cluster_id = %s AND account_id = %s ORDER BY upto_entry_id DESC",
        *(book.cluster, book.ids["pending"]),
    )
    book.connection.commit()
    assert noted == OPENING["pending"] + 15
