"""Transfers, accounts, amounts, events and reversals that are wrong in themselves."""

from collections.abc import Callable

from tests.ledger.attempts import NO_RIGHT, case
from tests.ledger.book import OPENING, Book, Entry, Header


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


@case("23514", "ledger_legs")
def numbered_from_zero(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10, seq=0), Entry(book.ids["pending"], 10, seq=2))


@case("23514", "ledger_legs")
def numbered_past_the_end(book: Book) -> None:
    book.transfer(Header(), Entry(book.ids["clearing"], -10, seq=1), Entry(book.ids["pending"], 10, seq=3))


@case("23514", "ledger_legs")
def a_gap_in_the_numbers(book: Book) -> None:
    pair = (Entry(book.ids["clearing"], -10, seq=1), Entry(book.ids["pending"], 10, seq=3))
    book.transfer(Header(legs=3), *pair)


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
