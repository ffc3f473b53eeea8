"""What a caller bears of a file, and how it says that a file is more, or no table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Refuse = Callable[[str, Mapping[str, int]], Exception]
"""Makes the caller's error of one of these codes, with `most` or `row` where it speaks of a number: empty, too_large,
binary (a picture), markup (a web page that calls itself a workbook), encoding, csv, too_many_rows, too_many_columns,
archive_parts, archive_size, archive_ratio, workbook_unreadable, workbook_heavy (the child ran out of what it may use)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`file_bytes` as it comes, `unpacked_bytes` by the directory of an archive; the rest is for the child that opens a
    workbook: `memory_bytes`, `cpu_seconds` and `written_bytes`. `rows` are those below the heads."""

    refuse: Refuse
    file_bytes: int
    rows: int
    columns: int = 500
    parts: int = 4_000
    unpacked_bytes: int = 200_000_000
    ratio: int = 100
    memory_bytes: int = 512 << 20
    cpu_seconds: int = 20
    wall_seconds: float = 40
    """Twice the processor seconds that the child has: on a busy machine it waits."""

    written_bytes: int = 200 << 20
    odd_cells: int = 20_000
    """Of so many cells it is told what Excel did to them."""

    is_strict: bool = True
    """Text with quotation marks where none may be is no table; else it is read as well as it goes."""
