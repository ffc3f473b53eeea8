"""Reading a table that a bank sent: the kernel's reader with the limits and the words of a payout's answer."""

import io
from collections.abc import Mapping

from yunju.kernel.errors import Invalid
from yunju.kernel.tables import spool
from yunju.kernel.tables.limits import Limits

ROWS_MAX, COLUMNS_MAX, CELL_MAX = 50_000, 100, 2_000
_TOO_BIG = ("too_large", "archive_parts", "archive_size", "archive_ratio", "workbook_heavy")


def _refused(code: str, params: Mapping[str, int]) -> Invalid:
    said = "too_big" if code in _TOO_BIG else code
    if said not in ("too_big", "too_many_rows", "empty"):
        said = "not_a_table"
    return Invalid(f"payouts.file_{said}", field="file", **{"rows": ROWS_MAX, **params})


LIMITS = Limits(
    _refused,
    file_bytes=5_000_000,
    rows=ROWS_MAX - 1,
    parts=1_000,
    unpacked_bytes=50_000_000,
    wall_seconds=25,
)


def read(content: bytes) -> list[list[str]]:
    """The rows of the table as trimmed text, the heads first. Raises Invalid: `payouts.file_...`."""
    with spool.spooled(io.BytesIO(content), LIMITS) as table:
        rows = [cells for _, cells in table.records()]
    return [[cell.strip()[:CELL_MAX] for cell in row[:COLUMNS_MAX]] for row in rows]
