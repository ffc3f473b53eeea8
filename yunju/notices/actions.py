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
from yunju.members.models import Cluster
from yunju.members.words import RoleKind
from yunju.notices import queries, readers
from yunju.notices.leaving import Leaving
from yunju.notices.leaving import write as write_leaving
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
    """Tell all of `notices`, in the caller's transaction or in one of its own. Nothing is sent here."""
    if not notices:
        return
    with transaction.atomic():
        told = _addressed(notices, by)
        _write([row for row in told if not row.draft.once], by.cluster_id)
        fresh = _write_once([row for row in told if row.draft.once], by.cluster_id)
        new = [row for row in told if not row.draft.once or (row.user_id, row.draft.once) in fresh]
        _let_leave(notices, new, by.cluster_id)


def mark_read(*, ids: Sequence[int] | None = None, by: Actor) -> int:
    """Mark some of one's own notices, or all of them, as read; returns how many were unread."""
    policy.person(by)
    mine = queries.visible_to(by).filter(read_at=None)
    if ids is not None:
        mine = mine.filter(pk__in=ids)
    return mine.update(read_at=clock.now())


@dataclass(frozen=True, slots=True)
class Told:
    """A draft and one of its readers, with their role when it is told for a member."""

    user_id: int
    draft: Draft
    role: RoleKind | None = None


def _addressed(drafts: Sequence[Draft], by: Actor) -> list[Told]:
    """In the order of the readers, so that two tellers at once never wait for each other in a ring."""
    people = readers.readers(one.member_id for one in drafts if one.member_id is not None)
    told = []
    for draft in drafts:
        assert draft.cluster_id == by.cluster_id, "a notice stays in its cluster"
        assert not draft.link or (draft.link.startswith("/") and not draft.link.startswith("//"))
        if draft.user_id is not None:
            told.append(Told(draft.user_id, draft))
            continue
        assert draft.member_id is not None, "a notice has a reader"
        needed = kind_of(draft.code).permission or draft.permission
        for user_id, role in people.get(draft.member_id, {}).items():
            if readers.may_read(role, needed):
                told.append(Told(user_id, draft, role))
    return sorted(told, key=lambda row: (row.user_id, _fold(row.draft)))


def _let_leave(drafts: Sequence[Draft], told: Sequence[Told], cluster_id: int) -> None:
    """Texts and mails for readers; robots once for each draft that is new to anybody."""
    new = {id(row.draft) for row in told}
    leaving = [
        Leaving(
            one.draft.code,
            one.draft.params,
            one.draft.link,
            one.draft.count,
            one.draft.member_id,
            one.user_id,
            one.role,
        )
        for one in told
    ]
    leaving += [
        Leaving(one.code, one.params, one.link, one.count, one.member_id)
        for one in drafts
        if one.member_id is not None and (not one.once or id(one) in new)
    ]
    if leaving:
        write_leaving(leaving, Cluster.objects.get(pk=cluster_id))


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


def _write(told: Sequence[Told], cluster_id: int) -> None:
    """What folds is folded here first: one statement may touch a row only once."""
    alone = [(one, one.draft.count, "") for one in told if not _fold(one.draft)]
    folded: dict[tuple[int, str], tuple[Told, int]] = {}
    for one in told:
        if fold := _fold(one.draft):
            _, before = folded.get((one.user_id, fold), (one, 0))
            folded[one.user_id, fold] = (one, before + one.draft.count)
    together = [(one, count, fold) for (_, fold), (one, count) in folded.items()]
    _insert([*alone, *together], cluster_id, _FOLDING)


def _write_once(told: Sequence[Told], cluster_id: int) -> set[tuple[int, str]]:
    """(reader, once) of what had not been told before."""
    rows = {(one.user_id, one.draft.once): (one, one.draft.count, "") for one in told}
    conflict = " ON CONFLICT (cluster_id, user_id, once) WHERE NOT (once = '') DO NOTHING"
    return _insert(list(rows.values()), cluster_id, conflict)


def _insert(rows: Sequence[tuple[Told, int, str]], cluster_id: int, conflict: str) -> set[tuple[int, str]]:
    if not rows:
        return set()
    at = clock.now()
    values = [
        (cluster_id, one.user_id, one.draft.member_id, one.draft.code, json.dumps(one.draft.params), count,
         one.draft.link, fold, one.draft.once, at)
        for one, count, fold in rows
    ]  # fmt: skip
    statement = f"INSERT INTO notices_notice ({_COLUMNS}) {_ROWS}{conflict} RETURNING user_id, once"
    return set(sql.fetch(statement, [list(column) for column in zip(*values, strict=True)]))
