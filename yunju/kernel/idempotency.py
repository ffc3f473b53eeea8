"""Idempotency keys (MONEY A5): the first statement of the business transaction, stored with its effect.

Same key and payload: the stored answer. Another payload: KeyConflict (422). Still running elsewhere: the caller waits
for the lock, and gets InFlight (409) when that takes too long. Stored answers carry ids, never personal data.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct

from yunju.kernel import clock, sql
from yunju.kernel.binding import KeptText
from yunju.kernel.errors import Invalid

KEY = re.compile(r"[\x21-\x7e]{16,255}", re.ASCII)
KEEP_DAYS = 30
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode
Answer = dict[str, Any]


class Key(Struct, frozen=True, gc=False):
    """One request's key within its scope (principal, method, route) and the hash of its canonical payload."""

    scope: str
    key: str
    payload_hash: bytes

    def order(self) -> tuple[str, str]:
        return (self.scope, self.key)


class Claim(Struct, frozen=True, gc=False):
    """What the table said: `fresh` may go on; otherwise `answer` is the stored one, or `conflict` is set."""

    fresh: bool
    conflict: bool = False
    answer: Answer | None = None


def payload_hash(payload: object) -> bytes:
    """SHA-256 over canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(_canonical(payload).encode(errors="surrogatepass")).digest()


def make(*, scope: str, key: str, payload: object) -> Key:
    """Check the key's form (16 to 255 printable ASCII characters) and hash its payload."""
    if not KEY.fullmatch(key):
        raise Invalid("idempotency.key_form", field="idempotency_key")
    return Key(scope=scope, key=key, payload_hash=payload_hash(payload))


def claim(
    cluster_id: int, keys: Sequence[Key], expected: Mapping[tuple[str, str], Answer] | None = None
) -> dict[tuple[str, str], Claim]:
    """Claim all keys in sorted order, in two statements. Blocks on a key that another transaction holds.

    `expected`: the answers of those that go well, by the key's `order()`; they are stored at once, and whoever expected
    wrongly says so by `finish` or `forget` before the commit.
    Precondition: no (scope, key) stands twice in `keys`; the caller answers its own duplicates.
    """
    taken = sql.answer(taking(cluster_id, keys, expected))
    return claims(cluster_id, keys, taken)


def taking(
    cluster_id: int, keys: Sequence[Key], expected: Mapping[tuple[str, str], Answer] | None = None
) -> sql.Asked[set[tuple[str, str]]]:
    """The first half of `claim`, to be asked before other locks: which keys were free. `claims` is the second."""
    return sql.Asked(_TAKE_FREE, _rows(cluster_id, keys, expected or {}), set)


def taking_all(
    cluster_id: int, keys: Sequence[Key], expected: Mapping[tuple[str, str], Answer]
) -> sql.Asked[None]:
    """The same where all keys are taken to be free: one that is not raises IntegrityError, and nothing happened."""
    return sql.Asked(_TAKE_ALL, _rows(cluster_id, keys, expected), lambda _rows: None)


_TAKE_ALL = KeptText(
    "INSERT INTO kernel_idempotency (cluster_id, scope, key, payload_hash, created_at, answer)"
    " SELECT %s, s, k, h, %s, a::jsonb FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[]) AS rows(s, k, h, a)"
)
_TAKE_FREE = KeptText(f"{_TAKE_ALL} ON CONFLICT DO NOTHING RETURNING scope, key")


def _rows(cluster_id: int, keys: Sequence[Key], expected: Mapping[tuple[str, str], Answer]) -> list[Any]:
    """The values of new keys, in their order."""
    ordered = sorted(keys, key=Key.order)
    if len({key.order() for key in ordered}) != len(ordered):
        raise ValueError("a key stands twice in one batch")
    return [
        cluster_id,
        clock.now(),
        [k.scope for k in ordered],
        [k.key for k in ordered],
        [k.payload_hash for k in ordered],
        [json.dumps(expected[k.order()]) if k.order() in expected else None for k in ordered],
    ]


def claims(
    cluster_id: int, keys: Sequence[Key], taken: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Claim]:
    """What the table says of each key: those just `taken` are fresh."""
    fresh = {key.order(): Claim(fresh=True) for key in keys if key.order() in taken}
    return fresh | _stored(cluster_id, [key for key in keys if key.order() not in taken])


def _stored(cluster_id: int, keys: Sequence[Key]) -> dict[tuple[str, str], Claim]:
    if not keys:
        return {}
    rows = sql.fetch(
        "SELECT i.scope, i.key, i.payload_hash, i.answer FROM unnest(%s::text[], %s::text[]) AS wanted(s, k)"
        " CROSS JOIN LATERAL (SELECT * FROM kernel_idempotency"
        "  WHERE cluster_id = %s AND scope = s AND key = k LIMIT 1) AS i",
        [[k.scope for k in keys], [k.key for k in keys], cluster_id],
    )
    found = {(scope, key): (bytes(stored), answer) for scope, key, stored, answer in rows}
    claims = {}
    for key in keys:
        stored, answer = found[key.order()]
        same = stored == key.payload_hash
        parsed = json.loads(answer) if isinstance(answer, str) else answer
        claims[key.order()] = Claim(fresh=False, conflict=not same, answer=parsed if same else None)
    return claims


def finish(cluster_id: int, answers: Sequence[tuple[Key, Answer]]) -> None:
    """Store the answers of fresh keys, in one statement, in the same transaction as their effects.

    The rows are there: the conflict finds each by its index. A plain UPDATE joined to 64 keys read the whole table
    (16 ms of 50,000 rows) because the planner does not count on partitions that it can skip.
    """
    if not answers:
        return
    sql.execute(
        "INSERT INTO kernel_idempotency (cluster_id, scope, key, payload_hash, created_at, answer)"
        " SELECT %s, s, k, h, %s, a::jsonb FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[]) AS rows(s, k, h, a)"
        " ON CONFLICT (cluster_id, scope, key) DO UPDATE SET answer = EXCLUDED.answer",
        [
            cluster_id,
            clock.now(),
            [key.scope for key, _ in answers],
            [key.key for key, _ in answers],
            [key.payload_hash for key, _ in answers],
            [json.dumps(answer) for _, answer in answers],
        ],
    )


def forget(cluster_id: int, keys: Sequence[Key]) -> None:
    """Give keys back whose request was refused for its input: such answers are not stored, the key may come again."""
    if keys:
        sql.execute(
            "DELETE FROM kernel_idempotency i USING unnest(%s::text[], %s::text[]) AS rows(s, k)"
            " WHERE i.cluster_id = %s AND i.scope = s AND i.key = k",
            [[key.scope for key in keys], [key.key for key in keys], cluster_id],
        )


def purge(limit: int = 5_000) -> int:
    """Delete up to `limit` rows older than 30 days; returns how many. Called again while it finds some."""
    return sql.execute(
        "DELETE FROM kernel_idempotency WHERE (cluster_id, scope, key) IN"
        " (SELECT cluster_id, scope, key FROM kernel_idempotency WHERE created_at < %s LIMIT %s)",
        [clock.now() - timedelta(days=KEEP_DAYS), limit],
    )
