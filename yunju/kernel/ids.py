"""Identifiers: bigint keys from sequences reserved per batch; random public codes; order numbers people can read out."""

import secrets
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import count
from operator import mul

from django.db import connection

from yunju.kernel.binding import KeptText

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters without 0/O and 1/I, so that a code can be read out and typed."""


_BY_BYTE = (ALPHABET * (256 // len(ALPHABET))).encode()
_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def public_code(length: int = 16) -> str:
    """A random code for URLs and people; 16 characters carry 80 bits.

    One call to the system's generator a code: a choice per character was a tenth of the intake's time.
    """
    return (
        secrets.token_bytes(length).translate(_BY_BYTE).decode("ascii")
    )  # 256 is 8 * 32: every one as likely


def check_character(text: str) -> str:
    """One check character over `text` (ISO 7064 style, modulus 32, weights odd): finds every single wrong character."""
    values = [_VALUE[char] for char in reversed(text)]
    return ALPHABET[sum(map(mul, count(3, 2), values)) % len(ALPHABET)]


_NUMBER_LENGTH = 7
_NUMBER_BITS = 5 * _NUMBER_LENGTH
_FIRST_NUMBERS = 6  # characters, drawn at random, of the orders before numbers came from ids


def order_number(day: date, order_id: int) -> str:
    """A readable number: YYMMDD, seven characters, one check character, e.g. `261122-K7QP4MX-W`.

    The characters are the order's id, mixed by a bijection: no two of 34 billion orders in a row have the same, and none
    says how many there were before it.
    """
    return numbered(day, _written(_mixed(order_id % 2**_NUMBER_BITS)))


def numbered(day: date, body: str) -> str:
    """The number of these characters, with its check character."""
    written, digits = _of_day(day)
    return f"{written}-{body}-{check_character(digits + body)}"


@lru_cache(maxsize=16)
def _of_day(day: date) -> tuple[str, str]:
    """A day as numbers begin with it, and the same in characters of the alphabet."""
    written = f"{day:%y%m%d}"
    return written, written.replace("0", "Z").replace("1", "Y")


def _mixed(number: int) -> int:
    """A number of 35 bits for each number of 35 bits: odd factors and shifted halves can both be undone."""
    for factor in (0x5DEECE66D, 0x2545F4915):
        number = number * factor % 2**_NUMBER_BITS
        number ^= number >> 18
    return number


def _written(number: int) -> str:
    return "".join([ALPHABET[number >> shift & 31] for shift in range(_NUMBER_BITS - 5, -1, -5)])


def is_order_number(text: str) -> bool:
    """True when the check character of a typed order number fits."""
    parts = text.strip().upper().split("-")
    if len(parts) != 3 or len(parts[0]) != 6 or not parts[0].isascii() or not parts[0].isdigit():
        return False
    if (
        len(parts[1]) not in (_FIRST_NUMBERS, _NUMBER_LENGTH)
        or len(parts[2]) != 1
        or not set(parts[1] + parts[2]) <= set(ALPHABET)
    ):
        return False
    return check_character(parts[0].replace("0", "Z").replace("1", "Y") + parts[1]) == parts[2]


def reserve_many(counts: Mapping[str, int]) -> list[list[int]]:
    """The same of several sequences, in one round trip, in their order.

    Outside a transaction it is one that does not wait for the disk: what a sequence gave is on it no later than the first
    row that was written with it, whose commit waits for all that was written before.
    """
    asked = ", ".join("ARRAY(SELECT nextval(%s::regclass) FROM generate_series(1, %s))" for _ in counts)
    hurry = "true" if connection.in_atomic_block else "set_config('synchronous_commit', 'off', true)"
    with connection.cursor() as cursor:
        cursor.execute(
            KeptText(f"SELECT {asked}, {hurry}"), [value for pair in counts.items() for value in pair]
        )
        return list(cursor.fetchone())[:-1]


def reserve(sequence: str, count: int) -> list[int]:
    """`count` fresh ids of a sequence in one round trip. Gaps are normal; order within the answer is ascending."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]
