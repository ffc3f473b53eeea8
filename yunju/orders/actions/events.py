"""Event rows of purchases and cases, written in the transaction of their change, set-based."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yunju.kernel import sql
from yunju.kernel.actor import Actor

COLUMNS = {
    "cluster_id": "bigint", "noun": "text", "noun_id": "bigint", "version": "int", "axis": "text", "event": "text",
    "before": "text", "after": "text", "who": "text", "by_user_id": "bigint", "by_name": "text", "params": "jsonb",
    "at": "timestamptz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one axis: `version` is the noun's new version, so that a second writer of it is refused."""

    noun: str
    noun_id: int
    version: int
    axis: str
    event: str
    before: str
    after: str
    who: str
    params: dict[str, Any] = field(default_factory=dict)


def write(changes: Sequence[Change], *, by: Actor, at: datetime) -> None:
    """Write all changes in one statement. `params` carry codes and ids, never contact data."""
    sql.insert_rows(
        "orders_event",
        COLUMNS,
        [
            (by.cluster_id, c.noun, c.noun_id, c.version, c.axis, c.event, c.before, c.after, c.who, by.user_id,
             by.name[:60], json.dumps(c.params), at)
            for c in changes
        ],
    )  # fmt: skip
