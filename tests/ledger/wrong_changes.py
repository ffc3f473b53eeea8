"""Changes to what is written, false snapshots, ids of one's own, and ways around the guards."""

from collections.abc import Callable

from tests.ledger.attempts import CASES, NO_RIGHT, Case, Expected, case
from tests.ledger.book import NOW, TABLES, Book, Entry, Header

KEPT: Expected = ("42501", "ledger_append_only")
MOVED: Expected = ("42501", "ledger_account_moved_by_entries")


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


@case(app=NO_RIGHT, owner=("23514", "ledger_snapshot_true"))
def a_snapshot_of_nothing(book: Book) -> None:
    snapshot(book, "1", 0, 0)


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
