"""Telling groups: what waits for a robot, in at most 20 messages a minute, the rest bundled; at most once like texts."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from yunju.kernel import clock
from yunju.members import crypto
from yunju.members.models import Cluster
from yunju.notices import robots, sending, texts
from yunju.notices.models import Delivery, Robot, RobotPost
from yunju.notices.sms import Answer, Outcome
from yunju.notices.words import Channel

log = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
TAKEN = 2_000
"""Deliveries that one message may stand for."""

FAILURES = 10
"""Refusals in a row after which a robot is paused: its address is most likely gone."""


def post_due() -> int:
    """Post to one robot what its minute allows; returns how many messages left."""
    due = Delivery.objects.filter(channel=Channel.ROBOT, state="waiting", due_at__lte=clock.now())
    for robot_id in due.order_by("robot_id").values_list("robot_id", flat=True).distinct():
        posts = _claimed(robot_id)
        for deliveries in posts:
            _post(Robot.objects.get(pk=robot_id), deliveries)
        if posts:
            return len(posts)
    return 0


def forget() -> int:
    """Posts older than the minute that they limit."""
    return RobotPost.objects.filter(at__lt=clock.now() - timedelta(days=1)).delete()[0]


def _claimed(robot_id: int) -> list[list[Delivery]]:
    """The messages of this minute with what each tells, claimed and counted before any leaves."""
    at = clock.now()
    with transaction.atomic():
        robots_free = Robot.objects.select_for_update(skip_locked=True).filter(
            pk=robot_id, ended_at=None, paused_at=None
        )
        robot = robots_free.first()
        if robot is None:
            _drop_ended(robot_id)
            return []
        waiting = Delivery.objects.select_for_update().filter(
            robot=robot, channel=Channel.ROBOT, state="waiting", due_at__lte=at
        )
        rows = list(waiting.order_by("due_at", "pk")[:TAKEN])
        sizes = robots.plan(len(rows), robot.posts.filter(at__gt=at - MINUTE).count())
        posts = []
        for size in sizes:
            post = RobotPost.objects.create(robot=robot, at=at)
            told, rows = rows[:size], rows[size:]
            ids = [one.pk for one in told]
            Delivery.objects.filter(pk__in=ids).update(
                state="sending", tries=F("tries") + 1, claimed_at=at, post=post
            )
            for one in told:
                one.tries += 1
            posts.append(told)
        return posts


def _drop_ended(robot_id: int) -> None:
    if not Robot.objects.filter(pk=robot_id, ended_at=None, paused_at=None).exists():
        Delivery.objects.filter(robot_id=robot_id, state="waiting").update(
            state="dropped", ended_at=clock.now(), error=sending.DROPPED
        )


def _post(robot: Robot, deliveries: list[Delivery]) -> None:
    cluster = Cluster.objects.get(pk=robot.cluster_id)
    lines = [_line(one, robot, cluster) for one in deliveries]
    left = {"count": max(0, len(lines) - robots.BUNDLE_LINES)}
    more = texts.sentence("notices.more", left, robot.language, cluster)
    head = f"【{texts.name_of(cluster, robot.language)}】"
    address = crypto.unseal(robot.address_cipher, about=f"robot:{robot.code}")
    secret = crypto.unseal(robot.secret_cipher, about=f"robot:{robot.code}") if robot.secret_cipher else ""
    answer = robots.post(
        robot.kind, address, secret, head + robots.words_of(lines, more), at=clock.now().timestamp()
    )
    for one in deliveries:
        sending.note(one, answer)
    _note(robot, answer)


def _line(delivery: Delivery, robot: Robot, cluster: Cluster) -> str:
    words = texts.sentence(
        f"notice.{delivery.code}", delivery.params | {"count": delivery.count}, robot.language, cluster
    )
    return f"{words} {texts.absolute(cluster, delivery.link)}" if delivery.link else words


def _note(robot: Robot, answer: Answer) -> None:
    if answer.outcome is Outcome.SENT:
        Robot.objects.filter(pk=robot.pk).update(failures=0, error="")
        return
    failures = robot.failures + (answer.outcome is Outcome.REFUSED)
    paused = clock.now() if failures >= FAILURES else None
    Robot.objects.filter(pk=robot.pk).update(failures=failures, error=answer.error[:200], paused_at=paused)
    if paused:
        log.warning("robot %s is paused after %d refusals in a row", robot.code, failures)
