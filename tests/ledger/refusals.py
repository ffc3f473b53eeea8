"""What the database must refuse, as data: the same cases are run by pytest and against every mutant.

A case does its statements and is then committed. `app` and `owner` say with which SQLSTATE and constraint each role is
refused; an empty constraint with 42501 means that the right itself is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from tests.ledger.book import NOW, OPENING, TABLES, Book, Entry, Header, fingerprint, fresh_cluster, opened

Expected = tuple[str, str]
NO_RIGHT: Expected = ("42501", "")
KEPT: Expected = ("42501", "ledger_append_only")
MOVED: Expected = ("42501", "ledger_account_moved_by_entries")


@dataclass(frozen=True)
class Case:
    name: str
    do: Callable[[Book], object]
    app: Expected | None
    owner: Expected | None

    def expected(self, role: str) -> Expected | None:
        return self.app if role == "app" else self.owner


CASES: list[Case] = []


def case(
    *refusal: str, app: Expected | None = None, owner: Expected | None = None
) -> Callable[[Callable[[Book], object]], Callable[[Book], object]]:
    """Register a function; `refusal` (SQLSTATE, constraint) holds for both roles."""

    def note(do: Callable[[Book], object]) -> Callable[[Book], object]:
        both = (refusal[0], refusal[1]) if refusal else None
        CASES.append(Case(do.__name__, do, app or both, owner or both))
        return do

    return note


# --- a transfer that is no transfer --------------------------------------------------------------------------------
@case("23514", "ledger_balanced")
def unbalanced(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10), Entry(book.ids["pending"], 9))


@case("23514", "ledger_balanced")
def balanced_only_across_currencies(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10), Entry(book.ids["pending usd"], 10, "USD"))


@case("23514", "ledger_balanced")
def balanced_only_across_transfers(book: Book) -> None:
    first, second = book.header(Header(), 2), book.header(Header(source_id=2), 2)
    clearing, pending = book.ids["clearing"], book.ids["pending"]
    book.run(
        "INSERT INTO ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount) VALUES"
        " (%s, %s, 1, %s, 'CNY', -9), (%s, %s, 2, %s, 'CNY', 8), (%s, %s, 1, %s, 'CNY', -5), (%s, %s, 2, %s, 'CNY', 6)",
        *(book.cluster, first, clearing, book.cluster, first, pending),
        *(book.cluster, second, clearing, book.cluster, second, pending),
    )


@case("23514", "ledger_balanced")
def unbalanced_by_copy(book: Book) -> None:
    transfer = book.header(Header(), 2)
    with (
        book.connection.cursor() as cursor,
        cursor.copy(
            "COPY ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount) FROM STDIN"
        ) as copy,
    ):
        copy.write_row((book.cluster, transfer, 1, book.ids["clearing"], "CNY", -10))
        copy.write_row((book.cluster, transfer, 2, book.ids["pending"], "CNY", 11))


@case("23514", "ledger_legs")
def too_few_legs(book: Book) -> None:
    book.transfer(Header(legs=3), Entry(book.ids["clearing"], -10), Entry(book.ids["pending"], 10))


@case("23514", "ledger_legs")
def too_many_legs(book: Book) -> None:
    pairs = [Entry(book.ids["clearing"], -1), Entry(book.ids["pending"], 1)]
    book.transfer(Header(legs=2), *pairs, *pairs)


@case("23514", "ledger_legs")
def in_two_statements(book: Book) -> None:
    transfer = book.header(Header(), 4)
    book.entries(transfer, [Entry(book.ids["clearing"], -1), Entry(book.ids["pending"], 1)])
    book.entries(transfer, [Entry(book.ids["clearing"], -1, seq=3), Entry(book.ids["pending"], 1, seq=4)])


@case("23514", "ledger_legs")
def numbered_from_two(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10, seq=2), Entry(book.ids["pending"], 10, seq=3))


@case("23505", "entry_seq_once")
def numbered_twice(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10, seq=1), Entry(book.ids["pending"], 10, seq=1))


@case("23514", "transfer_two_legs")
def one_leg(book: Book) -> None:
    book.header(Header(), 1)


@case("23514", "ledger_filled")
def an_empty_header(book: Book) -> None:
    book.header(Header(), 2)


@case("23514", "ledger_legs")
def no_header(book: Book) -> None:
    book.entries(2**60, [Entry(book.ids["clearing"], -10), Entry(book.ids["pending"], 10)])


@case("23514", "ledger_legs")
def a_header_of_another_cluster(book: Book) -> None:
    book.transfer(
        Header(cluster=book.cluster + 1), Entry(book.ids["clearing"], -10), Entry(book.ids["pending"], 10)
    )


# --- a written transfer is closed ----------------------------------------------------------------------------------
@case("23514", "ledger_legs")
def reopened(book: Book) -> None:
    book.entries(
        book.ids["paid"],
        [Entry(book.ids["clearing"], -1, seq=3), Entry(book.ids["pending"], 1, seq=4)],
    )


@case("23505", "entry_seq_once")
def written_again(book: Book) -> None:
    book.entries(book.ids["paid"], [Entry(book.ids["clearing"], -1), Entry(book.ids["pending"], 1)])


# --- amounts, currencies, accounts ---------------------------------------------------------------------------------
@case("23514", "entry_not_zero")
def amount_zero(book: Book) -> None:
    pair = (Entry(book.ids["clearing"], -1), Entry(book.ids["pending"], 1))
    book.transfer(Header(), *pair, Entry(book.ids["reserve"], 0))


@case("23514", "entry_in_range")
def amount_too_large(book: Book) -> None:
    book.transfer(
        Header(), Entry(book.ids["clearing"], -(10**12) - 1), Entry(book.ids["pending"], 10**12 + 1)
    )


@case("23514", "ledger_currency")
def wrong_currency(book: Book) -> None:
    book.transfer(
        Header(), Entry(book.ids["clearing"], -10, "USD"), Entry(book.ids["pending usd"], 10, "USD")
    )


@case("23514", "ledger_currency")
def unknown_account(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10), Entry(2**60, 10))


@case("23514", "ledger_currency")
def an_account_of_another_cluster(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10), Entry(book.ids["elsewhere"], 10))


@case("23514", "account_kind")
def unknown_kind_of_account(book: Book) -> None:
    book.account("member:1", "pocket")


@case("23505", "account_unique")
def the_same_account_twice(book: Book) -> None:
    book.account("member:1", "available")


@case(app=NO_RIGHT, owner=("42501", "ledger_account_empty"))
def an_opening_balance(book: Book) -> None:
    book.run(
        "INSERT INTO ledger_account (cluster_id, subject, kind, currency, balance)"
        " VALUES (%s, 'member:9', 'available', 'CNY', 5)",
        book.cluster,
    )


@case(app=NO_RIGHT, owner=("42501", "ledger_account_empty"))
def an_opening_version(book: Book) -> None:
    book.run(
        "INSERT INTO ledger_account (cluster_id, subject, kind, currency, version)"
        " VALUES (%s, 'member:9', 'available', 'CNY', 5)",
        book.cluster,
    )


# --- floors --------------------------------------------------------------------------------------------------------
def overdraw(kind: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        amount = OPENING[kind] + 1
        book.transfer(Header(), Entry(book.ids[kind], -amount), Entry(book.ids["clearing"], amount))

    do.__name__ = f"overdrawn_{kind}"
    return do


for _kind in ("available", "reserve", "paying_out", "escrow"):
    case("23514", "account_floor")(overdraw(_kind))


@case("23514", "account_debt")
def debt_above_zero(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -81), Entry(book.ids["debt"], 81))


# --- events and reversals ------------------------------------------------------------------------------------------
@case("23505", "transfer_once_per_event")
def the_same_event_twice(book: Book) -> None:
    book.transfer(Header(source_id=101), Entry(book.ids["clearing"], -10), Entry(book.ids["pending"], 10))


def mirror(book: Book, **header: object) -> int:
    return book.transfer(
        Header(kind="reversal", reverses=book.ids["paid"], **header),  # type: ignore[arg-type]
        Entry(book.ids["clearing"], 30),
        Entry(book.ids["pending"], -30),
    )


@case("23505", "transfer_reversed_once")
def reversed_twice(book: Book) -> None:
    mirror(book)
    mirror(book, step=1)


@case("23514", "ledger_mirror")
def reversed_by_another_amount(book: Book) -> None:
    header = Header(kind="reversal", reverses=book.ids["paid"])
    book.transfer(header, Entry(book.ids["clearing"], 29), Entry(book.ids["pending"], -29))


@case("23514", "ledger_mirror")
def reversed_on_another_account(book: Book) -> None:
    header = Header(kind="reversal", reverses=book.ids["paid"])
    book.transfer(header, Entry(book.ids["clearing"], 30), Entry(book.ids["available"], -30))


@case("23514", "ledger_mirror")
def reversed_in_part(book: Book) -> None:
    header = Header(kind="reversal", reverses=book.ids["twice two"])
    book.transfer(header, Entry(book.ids["clearing"], 10), Entry(book.ids["pending"], -10))


@case("23514", "ledger_mirror")
def reversal_of_nothing(book: Book) -> None:
    header = Header(kind="reversal", reverses=2**60)
    book.transfer(header, Entry(book.ids["clearing"], 10), Entry(book.ids["pending"], -10))


# --- what is written stays -----------------------------------------------------------------------------------------
EDITS = {
    "ledger_account": "subject = subject",
    "ledger_transfer": "kind = 'edited'",
    "ledger_entry": "amount = amount + 1",
    "ledger_snapshot": "balance = balance + 1",
}


def statement(name: str, text: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        book.run(text, *([book.cluster] * text.count("%s")))

    do.__name__ = name
    return do


for _table in TABLES:
    _edit = f"UPDATE {_table} SET {EDITS[_table]} WHERE cluster_id = %s"
    case(app=NO_RIGHT, owner=MOVED if _table == "ledger_account" else KEPT)(
        statement(f"{_table}_edited", _edit)
    )
    case(app=NO_RIGHT, owner=KEPT)(
        statement(f"{_table}_deleted", f"DELETE FROM {_table} WHERE cluster_id = %s")
    )
    case(app=NO_RIGHT, owner=KEPT)(statement(f"{_table}_truncated", f"TRUNCATE {_table}"))


@case(app=NO_RIGHT, owner=MOVED)
def a_balance_updated(book: Book) -> None:
    book.run("UPDATE ledger_account SET balance = balance + 1 WHERE id = %s", book.ids["available"])


def through_a_trigger(change: str) -> Callable[[Book], None]:
    """An UPDATE that comes out of somebody's own trigger, as the guard's does."""

    def do(book: Book) -> None:
        book.run("CREATE TEMP TABLE lever (id bigint) ON COMMIT DROP")
        book.run(
            "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" UPDATE public.ledger_account SET {change} WHERE id = NEW.id; RETURN NULL; END $$"
        )
        book.run("CREATE TRIGGER pull AFTER INSERT ON lever FOR EACH ROW EXECUTE FUNCTION pg_temp.pull()")
        book.run("INSERT INTO lever VALUES (%s)", book.ids["pending"])

    return do


@case(app=NO_RIGHT, owner=("42501", "ledger_account_identity"))
def an_account_handed_over(book: Book) -> None:
    through_a_trigger("subject = 'member:2'")(book)


@case(app=NO_RIGHT, owner=("23514", "account_uncached_stays_zero"))
def a_balance_where_none_is_kept(book: Book) -> None:
    through_a_trigger("balance = 1")(book)


@case(app=NO_RIGHT, owner=KEPT)
def an_entry_replaced(book: Book) -> None:
    book.run(
        "INSERT INTO ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount)"
        " VALUES (%s, %s, 1, %s, 'CNY', -31) ON CONFLICT (cluster_id, transfer_id, seq)"
        " DO UPDATE SET amount = EXCLUDED.amount",
        book.cluster,
        book.ids["paid"],
        book.ids["clearing"],
    )


# --- snapshots and ids ---------------------------------------------------------------------------------------------
def snapshot(book: Book, upto: str, balance: int, entries: int, name: str = "escrow") -> None:
    book.run(
        "INSERT INTO ledger_snapshot (cluster_id, account_id, upto_entry_id, balance, entries, verified_at)"
        f" SELECT %s, %s, {upto}, %s, %s, %s",
        *(book.cluster, book.ids[name], balance, entries, NOW),
    )


@case(app=NO_RIGHT, owner=("23514", "ledger_snapshot_true"))
def a_snapshot_of_a_false_balance(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -1), Entry(book.ids["escrow"], 1))
    snapshot(book, "ledger_settled()", 200, 2)


@case(app=NO_RIGHT, owner=("23514", "ledger_snapshot_true"))
def a_snapshot_of_a_false_count(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -1), Entry(book.ids["escrow"], 1))
    snapshot(book, "ledger_settled()", 201, 1)


@case(app=NO_RIGHT, owner=("23514", "ledger_snapshot_settled"))
def a_snapshot_of_the_future(book: Book) -> None:
    snapshot(book, "ledger_settled() + 1000000", 200, 1)


@case("23514", "ledger_snapshot_settled")
def a_snapshot_taken_of_the_future(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -1), Entry(book.ids["escrow"], 1))
    book.run("SELECT ledger_take_snapshot(%s, ledger_settled() + 1000000, %s)", book.cluster, NOW)


@case(app=NO_RIGHT, owner=("23505", "snapshot_once"))
def a_snapshot_twice(book: Book) -> None:
    snapshot(
        book, f"(SELECT max(upto_entry_id) FROM ledger_snapshot WHERE cluster_id = {book.cluster})", 200, 1
    )


@case(app=NO_RIGHT, owner=("23514", "snapshot_counts"))
def a_snapshot_of_more_entries_than_there_are(book: Book) -> None:
    snapshot(book, "1", 200, 2)


def entries_with_ids(how: str) -> Callable[[Book], None]:
    def do(book: Book) -> None:
        transfer = book.header(Header(), 2)
        book.run(
            "INSERT INTO ledger_entry (id, cluster_id, transfer_id, seq, account_id, currency, amount)"
            f" {how} VALUES (%s, %s, %s, 1, %s, 'CNY', -1), (%s, %s, %s, 2, %s, 'CNY', 1)",
            *(-book.cluster, book.cluster, transfer, book.ids["clearing"]),
            *(-book.cluster - 1, book.cluster, transfer, book.ids["pending"]),
        )

    return do


@case("428C9", "")
def an_entry_with_an_id_of_its_own(book: Book) -> None:
    entries_with_ids("")(book)


# The owner may: a restored backup comes with its ids.
CASES.append(
    Case("an_entry_id_insisted_on", entries_with_ids("OVERRIDING SYSTEM VALUE"), app=NO_RIGHT, owner=None)
)


@case("25001", "")
def settled_in_an_old_snapshot(book: Book) -> None:
    book.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    book.run("SELECT ledger_settled()")


# --- ways around ---------------------------------------------------------------------------------------------------
@case(app=NO_RIGHT, owner=("42501", ""))
def triggers_switched_off_for_a_session(book: Book) -> None:
    book.run("SET LOCAL session_replication_role = replica")


# The owner of a table may do these: start-up looks for them instead (yunju.kernel.guards).
for _table in TABLES:
    CASES.append(
        Case(
            f"{_table}_with_a_trigger_of_the_app",
            statement(
                "",
                f"CREATE TRIGGER mine BEFORE INSERT ON {_table} FOR EACH ROW"
                " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            ),
            app=NO_RIGHT,
            owner=None,
        )
    )
CASES.append(
    Case(
        "a_trigger_switched_off",
        statement("", "ALTER TABLE ledger_entry DISABLE TRIGGER ALL"),
        app=NO_RIGHT,
        owner=None,
    )
)
CASES.append(
    Case(
        "rows_locked_by_the_app",
        statement("", "SELECT 1 FROM ledger_account WHERE cluster_id = %s FOR UPDATE"),
        app=NO_RIGHT,
        owner=None,
    )
)


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
