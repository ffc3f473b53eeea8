"""What of a notice leaves the house, to whom and when: rows, in a fixed number of statements, in the cause's transaction."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from yunju.kernel import clock, sql
from yunju.members import crypto
from yunju.members.models import Cluster, User
from yunju.members.words import Permission, RoleKind
from yunju.notices import quiet
from yunju.notices.models import Delivery, Preference, QuietHours, Robot
from yunju.notices.words import Channel, kind_of

SEALED_ABOUT = "delivery"
SMS_EVERY = timedelta(hours=1)
"""Of what folds, a person gets a text at most this often: a hundred thousand orders are not as many texts."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One thing that may leave: for a user (with their role there), or for the robots of a member."""

    code: str
    params: dict[str, Any]
    link: str
    count: int
    member_id: int | None
    user_id: int | None = None
    role: RoleKind | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery to be written."""

    channel: Channel
    target: str
    leaving: Leaving
    due_at: datetime
    robot_id: int | None = None


def write(leaving: Sequence[Leaving], cluster: Cluster) -> None:
    """All that leaves, as rows that wait."""
    to_people = [one for one in leaving if one.user_id is not None]
    to_groups = [one for one in leaving if one.user_id is None]
    rows = [*_to_people(to_people, cluster), *_to_groups(to_groups, cluster)]
    if rows:
        insert(_folded(rows), cluster.pk)


def send_text(
    *, cluster_id: int, phone: str, code: str, params: dict[str, Any], language: str, expires_at: datetime
) -> Delivery:
    """A text to a number, account or not: never held back by quiet hours. Number and parameters are sealed until it ended."""
    at = clock.now()
    sealed = crypto.seal(json.dumps({"phone": phone, "params": params}), about=SEALED_ABOUT)
    return Delivery.objects.create(
        cluster_id=cluster_id,
        channel=Channel.SMS,
        target=f"phone:{hashlib.sha256(crypto.blind_index(phone)).hexdigest()[:32]}",
        code=code,
        language=language,
        sealed=sealed,
        at=at,
        due_at=at,
        expires_at=expires_at,
    )


def _to_people(leaving: Sequence[Leaving], cluster: Cluster) -> list[Row]:
    """Texts go to a member's owners and to whom a thing is told personally; mail to whoever asked for it."""
    wanted = [one for one in leaving if kind_of(one.code).by_sms or settings.YUNJU_MAILS]
    if not wanted:
        return []
    ids = {one.user_id for one in wanted if one.user_id is not None}
    users = {user.pk: user for user in User.objects.filter(pk__in=ids, is_active=True)}
    likes = {one.user_id: one for one in Preference.objects.filter(user_id__in=ids)}
    common, at = hours_of(cluster), clock.now()
    rows = []
    for one in wanted:
        user, like = users.get(one.user_id or 0), likes.get(one.user_id or 0) or Preference()
        if user is None:
            continue
        hours = (like.quiet_from, like.quiet_until) if like.quiet_from is not None else common
        kind = kind_of(one.code)
        due = quiet.next_moment(at, _whole(hours, common), cluster.timezone) if kind.waits else at
        is_theirs = one.role in (None, RoleKind.OWNER)
        if kind.by_sms and like.by_sms and is_theirs and user.phone_verified_at:
            rows.append(Row(Channel.SMS, f"user:{user.pk}", one, due))
        if settings.YUNJU_MAILS and like.by_email and user.email:
            rows.append(Row(Channel.EMAIL, f"user:{user.pk}", one, due))
    return rows


def _to_groups(leaving: Sequence[Leaving], cluster: Cluster) -> list[Row]:
    """Who sits in a group is not known here: sums are told to those alone who may see money."""
    leaving = [one for one in leaving if kind_of(one.code).permission is not Permission.MONEY_SEE]
    members = {one.member_id for one in leaving if one.member_id is not None}
    robots = Robot.objects.filter(member_id__in=members, cluster_id=cluster.pk, ended_at=None, paused_at=None)
    found = list(robots.order_by("pk"))
    hours, at = hours_of(cluster), clock.now()
    quiet_end = quiet.next_moment(at, hours, cluster.timezone) if found else at
    return [
        Row(Channel.ROBOT, f"robot:{robot.pk}", one, quiet_end if kind_of(one.code).waits else at, robot.pk)
        for one in leaving
        for robot in found
        if robot.member_id == one.member_id
    ]


def hours_of(cluster: Cluster) -> tuple[int, int]:
    """The cluster's quiet hours."""
    own = QuietHours.objects.filter(cluster_id=cluster.pk).values_list("quiet_from", "quiet_until").first()
    return own or quiet.DEFAULT


def _whole(hours: tuple[int | None, int | None], otherwise: tuple[int, int]) -> tuple[int, int]:
    begin, end = hours
    return otherwise if begin is None or end is None else (begin, end)


def _fold(row: Row) -> str:
    one = row.leaving
    return f"{one.code}:{one.member_id or ''}" if kind_of(one.code).folds else ""


def _folded(rows: Iterable[Row]) -> list[tuple[Row, int]]:
    """One statement may touch a row only once: what folds is counted here first."""
    alone: list[tuple[Row, int]] = []
    together: dict[tuple[str, str, str], tuple[Row, int]] = {}
    for row in rows:
        fold = _fold(row)
        if not fold:
            alone.append((row, row.leaving.count))
            continue
        key = (row.channel.value, row.target, fold)
        together[key] = (row, together.get(key, (row, 0))[1] + row.leaving.count)
    return sorted(
        [*alone, *together.values()], key=lambda one: (one[0].target, one[0].channel, _fold(one[0]))
    )


_INSERT = """
INSERT INTO notices_delivery (cluster_id, channel, target, user_id, member_id, robot_id, code, params, count, link, fold,
  language, sealed, state, tries, error, reference, at, due_at)
SELECT %(cluster)s, r.channel, r.target, r.user_id, r.member_id, r.robot_id, r.code, r.params::jsonb, r.count, r.link,
  r.fold, '', ''::bytea, 'waiting', 0, '', '', %(at)s,
  greatest(r.due_at, CASE WHEN r.channel = 'sms' AND r.fold <> '' THEN (
    SELECT max(d.ended_at) + %(every)s FROM notices_delivery d
    WHERE d.target = r.target AND d.fold = r.fold AND d.channel = 'sms' AND d.state IN ('sent', 'unknown')
  ) END)
FROM unnest(%(channels)s::text[], %(targets)s::text[], %(users)s::bigint[], %(members)s::bigint[], %(robots)s::bigint[],
  %(codes)s::text[], %(params)s::text[], %(counts)s::int[], %(links)s::text[], %(folds)s::text[],
  %(due)s::timestamptz[])
  AS r(channel, target, user_id, member_id, robot_id, code, params, count, link, fold, due_at)
ON CONFLICT (cluster_id, channel, target, fold) WHERE state = 'waiting' AND NOT (fold = '')
DO UPDATE SET count = notices_delivery.count + EXCLUDED.count, params = EXCLUDED.params, link = EXCLUDED.link
"""


def insert(rows: Sequence[tuple[Row, int]], cluster_id: int) -> None:
    """Write rows with how many of a kind each stands for, in one statement."""
    sql.execute(
        _INSERT,
        {
            "cluster": cluster_id,
            "at": clock.now(),
            "every": SMS_EVERY,
            "channels": [row.channel.value for row, _ in rows],
            "targets": [row.target for row, _ in rows],
            "users": [row.leaving.user_id for row, _ in rows],
            "members": [row.leaving.member_id for row, _ in rows],
            "robots": [row.robot_id for row, _ in rows],
            "codes": [row.leaving.code for row, _ in rows],
            "params": [json.dumps(row.leaving.params) for row, _ in rows],
            "counts": [count for _, count in rows],
            "links": [row.leaving.link for row, _ in rows],
            "folds": [_fold(row) for row, _ in rows],
            "due": [row.due_at for row, _ in rows],
        },
    )
