"""Rows that say what happened to attempts, payout runs and bills, written in the transaction of the change."""

import json
from collections.abc import Mapping, Sequence

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor

COLUMNS = {
    "cluster_id": "bigint",
    "noun": "text",
    "noun_id": "bigint",
    "what": "text",
    "params": "jsonb",
    "by_user_id": "bigint",
    "by_name": "text",
    "at": "timestamptz",
}
Params = Mapping[str, str | int | bool | None]


def note(noun: str, noun_id: int, what: str, params: Params, by: Actor) -> None:
    """One event of one noun in the actor's cluster."""
    note_many(noun, what, [(by.cluster_id, noun_id, params)], by)


def note_many(noun: str, what: str, rows: Sequence[tuple[int, int, Params]], by: Actor) -> None:
    """The same event of many nouns in one statement; a row is (cluster id, noun id, parameters)."""
    at = clock.now()
    sql.insert_rows(
        "payments_paymentevent",
        COLUMNS,
        [
            (cluster_id, noun, noun_id, what, json.dumps(params), by.user_id, by.name, at)
            for cluster_id, noun_id, params in rows
        ],
    )
