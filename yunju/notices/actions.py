"""Telling people: inside the transaction of what happened; reading marks what was read.

`notify` is called by rooms and by `config` with any number of drafts and takes a fixed number of statements. It sends
nothing: what leaves the house is written beside the notice and sent by the worker.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.members import policy
from yunju.notices import queries, readers
from yunju.notices.words import kind_of


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to tell: to a user, or to those people of a member who may know it.

    `code` has its sentence as `notice.<code>`; `link` is a path of this site. `permission` narrows a code that
    `notices.words` does not know. With `once` a second draft of the same words is silently nothing.
    """

    cluster_id: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    member_id: int | None = None
    user_id: int | None = None
    permission: str = ""
    once: str = ""
    count: int = 1


def notify(*, notices: Sequence[Draft], by: Actor) -> None:
    """Tell all of `notices`, in the caller's transaction or in one of its own."""
    with transaction.atomic():
        told = _addressed(notices, by)
        _write([row for row in told if not row[1].once], by.cluster_id)
        _write_once([row for row in told if row[1].once], by.cluster_id)


def mark_read(*, ids: Sequence[int] | None = None, by: Actor) -> int:
    """Mark some of one's own notices, or all of them, as read; returns how many were unread."""
    policy.person(by)
    mine = queries.visible_to(by).filter(read_at=None)
    if ids is not None:
        mine = mine.filter(pk__in=ids)
    return mine.update(read_at=clock.now())


def _addressed(drafts: Sequence[Draft], by: Actor) -> list[tuple[int, Draft]]:
    """(reader, draft) in the order of the readers, so that two tellers at once never wait for each other in a ring."""
    people = readers.readers(one.member_id for one in drafts if one.member_id is not None)
    told = []
    for draft in drafts:
        assert draft.cluster_id == by.cluster_id, "a notice stays in its cluster"
        assert not draft.link or (draft.link.startswith("/") and not draft.link.startswith("//"))
        if draft.user_id is not None:
            told.append((draft.user_id, draft))
            continue
        assert draft.member_id is not None, "a notice has a reader"
        needed = kind_of(draft.code).permission or draft.permission
        for user_id, role in people.get(draft.member_id, {}).items():
            if readers.may_read(role, needed):
                told.append((user_id, draft))
    return sorted(told, key=lambda row: (row[0], _fold(row[1])))


def _fold(draft: Draft) -> str:
    return f"{draft.code}:{draft.member_id or ''}" if kind_of(draft.code).folds else ""


_COLUMNS = "cluster_id, user_id, member_id, code, params, count, link, fold, once, at"
_ROWS = (
    "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]::jsonb[], %s::int[],"
    " %s::text[], %s::text[], %s::text[], %s::timestamptz[])"
)
_FOLDING = (
    " ON CONFLICT (cluster_id, user_id, fold) WHERE read_at IS NULL AND NOT (fold = '')"
    " DO UPDATE SET count = notices_notice.count + EXCLUDED.count, at = EXCLUDED.at,"
    " params = EXCLUDED.params, link = EXCLUDED.link"
)


def _write(told: list[tuple[int, Draft]], cluster_id: int) -> None:
    """What folds is folded here first: one statement may touch a row only once."""
    alone = [(user_id, draft, draft.count, "") for user_id, draft in told if not _fold(draft)]
    folded: dict[tuple[int, str], tuple[Draft, int]] = {}
    for user_id, draft in told:
        if fold := _fold(draft):
            _, before = folded.get((user_id, fold), (draft, 0))
            folded[user_id, fold] = (draft, before + draft.count)
    _insert(
        [*alone, *((key[0], one, count, key[1]) for key, (one, count) in folded.items())],
        cluster_id,
        _FOLDING,
    )


def _write_once(told: list[tuple[int, Draft]], cluster_id: int) -> None:
    rows = {(user_id, draft.once): (user_id, draft, draft.count, "") for user_id, draft in told}
    _insert(
        list(rows.values()),
        cluster_id,
        " ON CONFLICT (cluster_id, user_id, once) WHERE NOT (once = '') DO NOTHING",
    )


def _insert(rows: Sequence[tuple[int, Draft, int, str]], cluster_id: int, conflict: str) -> None:
    if not rows:
        return
    at = clock.now()
    values = [
        (
            cluster_id,
            user_id,
            one.member_id,
            one.code,
            json.dumps(one.params),
            count,
            one.link,
            fold,
            one.once,
            at,
        )
        for user_id, one, count, fold in rows
    ]
    statement = f"INSERT INTO notices_notice ({_COLUMNS}) {_ROWS}{conflict}"
    sql.execute(statement, [list(column) for column in zip(*values, strict=True)])
