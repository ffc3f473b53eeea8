"""A file of products or members that somebody uploaded: the kernel's reader with the limits and the words of an import."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO

from yunju.kernel.errors import Invalid
from yunju.kernel.tables import spool
from yunju.kernel.tables.limits import Limits
from yunju.kernel.tables.spool import Record, Spooled

__all__ = ["LIMITS", "MOST_BYTES", "MOST_ROWS", "Record", "Spooled", "spooled", "too_long"]

MOST_BYTES, MOST_ROWS, MOST_CELL_BYTES = 50_000_000, 50_000, 100_000


def _refused(code: str, params: Mapping[str, int]) -> Invalid:
    return Invalid(f"import.{code}", field="file", **params)


LIMITS = Limits(_refused, file_bytes=MOST_BYTES, rows=MOST_ROWS)


def spooled(upload: BinaryIO) -> AbstractContextManager[Spooled]:
    """Copy an upload and find out what it is. Raises Invalid at the field `file`: `import.empty`, `import.encoding` ..."""
    return spool.spooled(upload, LIMITS)


def too_long(cell: str) -> bool:
    return len(cell) * 4 > MOST_CELL_BYTES and len(cell.encode()) > MOST_CELL_BYTES
