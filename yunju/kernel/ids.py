"""Identifiers: bigint keys from sequences reserved per batch; random public codes; order numbers people can read out."""

import secrets
from collections.abc import Mapping
from datetime import date

from django.db import connection

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
    total = sum((2 * position + 1) * _VALUE[char] for position, char in enumerate(reversed(text), start=1))
    return ALPHABET[total % len(ALPHABET)]


def order_number(day: date, random_part: str | None = None) -> str:
    """A readable number: YYMMDD, six random characters, one check character, e.g. `261122-K7QP4M-X`.

    Unique per cluster by constraint; 32**6 numbers a day make a clash rare, and a clash is drawn again.
    """
    body = random_part or public_code(6)
    digits = f"{day:%y%m%d}".replace("0", "Z").replace("1", "Y")
    return f"{day:%y%m%d}-{body}-{check_character(digits + body)}"


def is_order_number(text: str) -> bool:
    """True when the check character of a typed order number fits."""
    parts = text.strip().upper().split("-")
    if len(parts) != 3 or len(parts[0]) != 6 or not parts[0].isascii() or not parts[0].isdigit():
        return False
    if len(parts[1]) != 6 or len(parts[2]) != 1 or not set(parts[1] + parts[2]) <= set(ALPHABET):
        return False
    return check_character(parts[0].replace("0", "Z").replace("1", "Y") + parts[1]) == parts[2]


def reserve_many(counts: Mapping[str, int]) -> list[list[int]]:
    """The same of several sequences, in one round trip, in their order."""
    asked = ", ".join("ARRAY(SELECT nextval(%s::regclass) FROM generate_series(1, %s))" for _ in counts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [value for pair in counts.items() for value in pair])
        return list(cursor.fetchone())


def reserve(sequence: str, count: int) -> list[int]:
    """`count` fresh ids of a sequence in one round trip. Gaps are normal; order within the answer is ascending."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]
