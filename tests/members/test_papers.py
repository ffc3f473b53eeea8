"""Papers, agreements, licences, looks: who may, and what each leaves behind."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from PIL import Image

from tests.factories import members as make
from tests.members import scene
from tests.members.scene import Scene
from tests.members.test_who_may import ADMITTING, EDITING, PEOPLE, RULING
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded
from yunju.members import actions, papers, queries
from yunju.members.models import Acceptance, Agreement, Licence, Unmasking, Visit
from yunju.members.words import RoleKind

pytestmark = pytest.mark.usefixtures("db_app")
BODY = "# 一、总则\n本协议由测试公司发布，约定双方的权利和义务，共同遵守，诚实守信，合法经营，互利共赢，特此公布，敬请知悉。"
TODAY = dt.date(2026, 11, 22)
LICENCE = actions.LicenceDraft(
    "food", "JY11105", TODAY - dt.timedelta(days=30), TODAY + dt.timedelta(days=3_000)
)
SEEING = {"operator owner", "operator manager", "operator staff", "operator auditor", "system"}
Act = Callable[[Scene, Actor], object]


def picture() -> io.BytesIO:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "PNG")
    drawn.seek(0)
    return drawn


def waiting(at: Scene, state: str = "waiting") -> Licence:
    """A licence of the scene's member, written as a row."""
    return Licence.objects.create(
        cluster_id=at.cluster.pk,
        member=at.member,
        kind="food",
        number="JY1",
        valid_from=LICENCE.valid_from,
        valid_until=LICENCE.valid_until,
        handed_at=clock.now(),
        state=state,
        checked_at=None if state == "waiting" else clock.now(),
    )


def set_papers(_at: Scene, by: Actor) -> object:
    return actions.set_papers(draft=actions.PapersDraft(firm="云上公司"), by=by)


def set_papers_picture(_at: Scene, by: Actor) -> object:
    return actions.set_papers_picture(file=picture(), by=by)


def set_face(_at: Scene, by: Actor) -> object:
    return actions.set_face(face=actions.ClusterFace("新名字", "New name", "Asia/Shanghai"), by=by)


def publish_agreement(_at: Scene, by: Actor) -> object:
    return actions.publish_agreement(draft=actions.AgreementDraft("terms", BODY), by=by)


def note_trial(_at: Scene, by: Actor) -> object:
    return actions.note_trial(what="tried", by=by)


def set_live(_at: Scene, by: Actor) -> object:
    return actions.set_live(live=True, by=by)


def hand_in_licence(at: Scene, by: Actor) -> object:
    return actions.hand_in_licence(member_id=at.member.pk, draft=LICENCE, file=picture(), by=by)


def check_licence(at: Scene, by: Actor) -> object:
    return actions.check_licence(licence_id=waiting(at).pk, by=by)


def end_licence(at: Scene, by: Actor) -> object:
    return actions.end_licence(licence_id=waiting(at, "valid").pk, by=by)


def begin_visit(at: Scene, by: Actor) -> object:
    return actions.begin_visit(
        as_user_id=at.victim.pk, member_id=at.member.pk, reason="asked by phone", by=by
    )


def unmask(_at: Scene, by: Actor) -> object:
    return actions.unmask(what="order.contact", noun_id=1, reason="asked by phone", by=by)


TABLE: list[tuple[Act, set[str]]] = [
    (set_papers, RULING),
    (set_papers_picture, RULING),
    (set_face, RULING),
    (publish_agreement, RULING),
    (note_trial, RULING),
    (set_live, RULING),
    (hand_in_licence, EDITING | ADMITTING),
    (check_licence, ADMITTING),
    (end_licence, ADMITTING),
    (begin_visit, {"operator owner"}),
    (unmask, SEEING),
]


@pytest.mark.parametrize(("act", "allowed"), TABLE, ids=lambda part: getattr(part, "__name__", ""))
def test_who_may(act: Act, allowed: set[str]) -> None:
    for who in PEOPLE:
        at = scene.set_up()
        if who == "foreign operator" and act in {set_papers, set_papers_picture, set_face, publish_agreement}:
            act(at, at.actors[who])  # of their own cluster
            assert not Agreement.objects.filter(cluster=at.cluster).exists()
            continue
        if who == "foreign operator" and act in {note_trial, set_live, unmask}:
            continue
        if who in allowed:
            act(at, at.actors[who])
            continue
        with pytest.raises((Forbidden, NotFound, SignInNeeded)):
            act(at, at.actors[who])
        assert not Visit.objects.filter(cluster_id=at.cluster.pk).exists()
        assert not Unmasking.objects.filter(cluster_id=at.cluster.pk).exists()
        assert (
            not Licence.objects.filter(cluster_id=at.cluster.pk)
            .exclude(state__in=("waiting", "valid"))
            .exists()
        )


def test_somebody_agrees_once_to_what_holds_and_again_to_what_follows() -> None:
    cluster = make.make_cluster()
    boss, buyer, browser = (
        make.operator(cluster),
        make.buyer(cluster),
        queries.anonymous(cluster.pk, "secret" * 4),
    )
    assert actions.accept(kinds=("terms", "privacy"), at_step="checkout", by=buyer) == 0
    first = actions.publish_agreement(draft=actions.AgreementDraft("terms", BODY), by=boss)
    later = clock.now() + dt.timedelta(days=7)
    second = actions.publish_agreement(
        draft=actions.AgreementDraft("terms", BODY + "\n新的一条。", effective_at=later), by=boss
    )
    assert (first.version, second.version) == (1, 2)
    for by in (buyer, browser):
        assert actions.accept(kinds=("terms", "privacy"), at_step="checkout", by=by) == 1
        assert actions.accept(kinds=("terms",), at_step="checkout", by=by) == 0
    kept = Acceptance.objects.filter(cluster_id=cluster.pk).order_by("pk")
    assert [(one.agreement_id, one.user_id, bool(one.holder)) for one in kept] == [
        (first.pk, buyer.user_id, False),
        (first.pk, None, True),
    ]
    with clock.at(later + dt.timedelta(minutes=1)):
        assert papers.to_accept(buyer, ["terms"]) == [second]
        assert actions.accept(kinds=("terms",), at_step="sign_up", by=buyer) == 1
    nobody = queries.anonymous(cluster.pk)
    assert actions.accept(kinds=("terms",), at_step="checkout", by=nobody) == 0


@pytest.mark.parametrize("row", [Agreement, Acceptance, Unmasking])
def test_what_was_agreed_or_seen_is_never_rewritten(row) -> None:
    cluster = make.make_cluster()
    boss = make.operator(cluster)
    actions.publish_agreement(draft=actions.AgreementDraft("terms", BODY), by=boss)
    actions.accept(kinds=("terms",), at_step="x", by=boss)
    actions.unmask(what="order.contact", noun_id=1, reason="asked by phone", by=boss)
    here, table = row.objects.filter(cluster_id=cluster.pk), row._meta.db_table
    assert here.count() == 1
    for wrong in (f"UPDATE {table} SET cluster_id = 0", f"DELETE FROM {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            sql.execute(wrong)
    assert here.count() == 1


def test_agreements_are_refused_when_they_are_blank_past_or_the_same() -> None:
    boss = make.operator(make.make_cluster())

    def publish(**changes: object) -> object:
        values: dict[str, object] = {"kind": "terms", "body_zh": BODY}
        return actions.publish_agreement(draft=actions.AgreementDraft(**(values | changes)), by=boss)  # type: ignore[arg-type]

    with pytest.raises(Invalid, match=r"agreement\.blank"):
        publish(body_zh=BODY + actions.BLANK)
    with pytest.raises(Invalid, match=r"agreement\.past"):
        publish(effective_at=clock.now() - dt.timedelta(days=1))
    publish()
    with pytest.raises(Refused, match=r"agreement\.same"):
        publish()
    assert Agreement.objects.filter(cluster_id=boss.cluster_id).count() == 1


def test_papers_are_checked_and_the_zone_stays_once_live() -> None:
    boss = make.operator(make.make_cluster())
    for name, value in (
        ("icp_no", "12345"),
        ("police_no", "京公网安备"),
        ("credit_code", "91350100M000100Y44"),
        ("complaint_phone", "call me"),
        ("complaint_email", "nobody"),
    ):
        with pytest.raises(Invalid) as fault:
            actions.set_papers(draft=actions.PapersDraft(**{name: value}), by=boss)
        assert fault.value.field == name
    actions.set_live(live=True, by=boss)
    with pytest.raises(Refused, match=r"papers\.timezone_fixed"):
        actions.set_face(face=actions.ClusterFace("甲", "A", "Europe/Paris"), by=boss)
    actions.set_live(live=False, by=boss)
    assert (
        actions.set_face(face=actions.ClusterFace("甲", "A", "Europe/Paris"), by=boss).timezone
        == "Europe/Paris"
    )


def test_a_newer_licence_replaces_the_older_and_only_the_last_is_said_to_end() -> None:
    cluster = make.make_cluster()
    boss, member = make.operator(cluster), make.make_member(cluster, capacities=("supplier",))
    today = clock.local_day(clock.now(), cluster.timezone)

    def handed(days: int, starts: int = -1) -> Licence:
        draft = actions.LicenceDraft(
            "food", f"N{days:04}", today + dt.timedelta(days=starts), today + dt.timedelta(days=days)
        )
        made = actions.hand_in_licence(member_id=member.pk, draft=draft, file=picture(), by=boss)
        return actions.check_licence(licence_id=made.pk, by=boss)

    first = handed(5)
    assert list(papers.ending(cluster.pk, 7, today)) == [first]
    assert papers.holders(cluster.pk, [member.pk], "food", today) == {member.pk}
    handed(400, starts=5)
    assert list(papers.ending(cluster.pk, 7, today)) == []
    assert Licence.objects.get(pk=first.pk).state == "valid", "the next one holds from later only"
    handed(600)
    assert Licence.objects.get(pk=first.pk).state == "replaced"
    with pytest.raises(Refused):
        actions.check_licence(licence_id=first.pk, by=boss)
    late = actions.LicenceDraft("art", "OLD1", today - dt.timedelta(days=9), today - dt.timedelta(days=1))
    over = actions.hand_in_licence(member_id=member.pk, draft=late, file=picture(), by=boss)
    with pytest.raises(Refused, match=r"licence\.over"):
        actions.check_licence(licence_id=over.pk, by=boss)
    assert actions.check_licence(licence_id=over.pk, reason="ended", by=boss).state == "refused"


def test_a_visit_is_one_at_a_time_and_ends_with_its_person() -> None:
    cluster = make.make_cluster()
    boss = make.operator(cluster)
    member = make.make_member(cluster, capacities=("supplier",))
    users = [make.owner_of(member), make.make_user()]
    member.roles.create(user=users[1], kind=RoleKind.STAFF, granted_at=clock.now())

    def begin(user_id: int) -> Visit:
        return actions.begin_visit(as_user_id=user_id, member_id=member.pk, reason="asked by phone", by=boss)

    def goes_on(visit: Visit) -> bool:
        assert boss.user_id is not None
        return bool(actions.going_on(visit_id=visit.pk, visitor_id=boss.user_id, cluster_id=cluster.pk))

    first, second = begin(users[0].pk), begin(users[1].pk)
    assert [goes_on(first), goes_on(second)] == [False, True]
    assert not actions.going_on(visit_id=second.pk, visitor_id=users[0].pk, cluster_id=cluster.pk)
    with clock.at(second.ends_at):
        assert not goes_on(second)
    users[1].is_active = False
    users[1].save()
    assert not goes_on(second)
    with pytest.raises(NotFound):
        actions.end_visit(visit_id=second.pk, by=make.operator(cluster))
    with pytest.raises(NotFound):
        begin(make.make_user().pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(
            cluster_id=cluster.pk, by_user=users[0], as_user=users[0], member_id=member.pk, reason="x",
            began_at=clock.now(), ends_at=clock.now(),
        )  # fmt: skip
