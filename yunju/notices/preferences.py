"""How people want word, and the robots of a member's groups."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.ids import public_code
from yunju.members import crypto, inputs, policy
from yunju.members.actions.steps import action, lock_member, note
from yunju.members.models import Cluster
from yunju.members.words import Permission
from yunju.notices import leaving, robots
from yunju.notices.leaving import Leaving
from yunju.notices.models import Delivery, Preference, QuietHours, Robot
from yunju.notices.words import Channel

ROBOTS_MOST = 5


@action
def set_preference(
    *, by_sms: bool, by_email: bool, quiet_from: int | None, quiet_until: int | None, by: Actor
) -> Preference:
    """The person's own wishes. Hours go in pairs; none means those of the cluster."""
    user_id = policy.person(by)
    hours = _hours(quiet_from, quiet_until)
    kept, _ = Preference.objects.update_or_create(
        user_id=user_id,
        defaults={"by_sms": by_sms, "by_email": by_email, "quiet_from": hours[0], "quiet_until": hours[1]},
    )
    return kept


@action
def set_quiet_hours(*, quiet_from: int, quiet_until: int, by: Actor) -> QuietHours:
    """The cluster's own hours, for everybody who has set none."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    _hours(quiet_from, quiet_until)
    kept, _ = QuietHours.objects.update_or_create(
        cluster_id=by.cluster_id, defaults={"quiet_from": quiet_from, "quiet_until": quiet_until}
    )
    note(by, "notices.quiet_set", begin=quiet_from, end=quiet_until)
    return kept


@action
def add_robot(*, member_id: int, name: str, address: str, secret: str, language: str, by: Actor) -> Robot:
    """A group of the member's people hears what they are told. Only the providers' own addresses are taken."""
    policy.for_member(by, member_id, Permission.MEMBER_EDIT)
    with inputs.Faults() as check:
        name = check(inputs.text, name, field="name", most=60)
        found = check(robots.checked_address, address)
        secret = check(inputs.text, secret, field="secret", most=120, least=0)
        language = check(inputs.choice, language, field="language", words=("zh-hans", "en"))
    kind, address = found
    if secret and not robots.KINDS[kind].takes_secret:
        raise Invalid("notices.robot_no_secret", field="secret")
    lock_member(by.cluster_id, member_id)
    if Robot.objects.filter(member_id=member_id, ended_at=None).count() >= ROBOTS_MOST:
        raise Refused("notices.robots_most", most=ROBOTS_MOST)
    code = public_code()
    robot = Robot.objects.create(
        cluster_id=by.cluster_id,
        member_id=member_id,
        code=code,
        kind=kind,
        name=name,
        address_cipher=crypto.seal(address, about=f"robot:{code}"),
        secret_cipher=crypto.seal(secret, about=f"robot:{code}") if secret else b"",
        language=language,
        made_at=clock.now(),
    )
    note(by, "robot.added", member_id, robot=robot.pk, kind=kind)
    return robot


@action
def end_robot(*, code: str, by: Actor) -> None:
    """The group hears nothing more; what waited for it is dropped."""
    robot = _own(code, by)
    robot.ended_at = clock.now()
    robot.address_cipher = robot.secret_cipher = b""
    robot.save(update_fields=["ended_at", "address_cipher", "secret_cipher"])
    Delivery.objects.filter(robot=robot, state="waiting").update(state="dropped", ended_at=clock.now())
    note(by, "robot.ended", robot.member_id, robot=robot.pk)


@action
def try_robot(*, code: str, by: Actor) -> Robot:
    """Send a greeting to the group; a paused robot is woken by it."""
    robot = _own(code, by)
    robot.paused_at, robot.failures, robot.error = None, 0, ""
    robot.save(update_fields=["paused_at", "failures", "error"])
    at = clock.now()
    greeting = Leaving("robot.greeting", {}, "", 1, robot.member_id)
    row = leaving.Row(Channel.ROBOT, f"robot:{robot.pk}", greeting, at, robot.pk)
    leaving.insert([(row, 1)], by.cluster_id)
    return robot


def hours_of(cluster: Cluster) -> tuple[int, int]:
    """The quiet hours of a cluster."""
    return leaving.hours_of(cluster)


def _own(code: str, by: Actor) -> Robot:
    robot = (
        Robot.objects.select_for_update().filter(code=code, cluster_id=by.cluster_id, ended_at=None).first()
    )
    if robot is None:
        raise NotFound("notices.no_robot")
    policy.for_member(by, robot.member_id, Permission.MEMBER_EDIT)
    return robot


def _hours(begin: int | None, end: int | None) -> tuple[int | None, int | None]:
    if begin is None and end is None:
        return None, None
    with inputs.Faults() as check:
        first = check(inputs.integer, begin, field="quiet_from", least=0, most=23)
        last = check(inputs.integer, end, field="quiet_until", least=0, most=23)
    return first, last
