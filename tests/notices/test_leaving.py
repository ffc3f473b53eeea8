"""What leaves the house by text: to whom, when, how often, and never twice."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.members import acts_for, make_cluster, make_member, make_user
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, SignInNeeded
from yunju.members.models import Role, User
from yunju.members.queries import actor_for
from yunju.members.words import CapacityKind, RoleKind
from yunju.notices import actions, leaving, preferences, quiet, sending, sms
from yunju.notices.actions import Draft
from yunju.notices.models import Delivery, ShownText
from yunju.notices.sms import Answer, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 23:00


class Provider:
    """An adapter that keeps what it is given and answers as told."""

    def __init__(self) -> None:
        self.texts: list[sms.Text] = []
        self.answer: Answer | Exception = Answer(Outcome.SENT, reference="r1")

    def send(self, text: sms.Text) -> Answer:
        self.texts.append(text)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def provider(monkeypatch, db_app):
    Delivery.objects.filter(state="waiting").update(state="dropped")
    made = Provider()
    monkeypatch.setattr(sms, "sender", lambda: made)
    return made


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def person_of(member, kind=RoleKind.OWNER, **fields) -> User:
    tag = f"{User.objects.count():08}"
    values = {"phone": f"+86138{tag[-8:]}", "phone_verified_at": NOON, "language": "zh-hans"}
    user = make_user(**(values | fields))
    Role.objects.create(user=user, member=member, kind=kind, granted_at=clock.now())
    return user


def tell(member, code="order.new", **options) -> None:
    draft = Draft(cluster_id=member.cluster_id, code=code, member_id=member.pk, **options)
    actions.notify(notices=[draft], by=system(member.cluster_id))


def send_all() -> int:
    count = 0
    while sending.send_due():
        count += 1
    return count


def states(member) -> list[str]:
    return list(Delivery.objects.filter(member_id=member.pk).order_by("id").values_list("state", flat=True))


def test_owners_with_a_shown_number_get_a_text_in_their_language(supplier, provider):
    owner, english = person_of(supplier), person_of(supplier, language="en")
    person_of(supplier, kind=RoleKind.STAFF)
    person_of(supplier, phone_verified_at=None)
    with clock.at(NOON):
        tell(supplier, count=3)
        assert provider.texts == []
        assert send_all() == 2
    assert [(one.phone, one.words) for one in provider.texts] == [
        (owner.phone, f"【{supplier.cluster.name_zh}】您有 3 个新订单待发货"),
        (english.phone, f"【{supplier.cluster.name_en}】New orders to ship: 3"),
    ]
    assert states(supplier) == ["sent", "sent"]


def test_only_four_kinds_of_things_are_texted(supplier, provider):
    person_of(supplier)
    with clock.at(NOON):
        for code in ("case.asked", "case.answered", "filing.due"):
            tell(supplier, code)
    assert states(supplier) == []


def test_a_hundred_thousand_orders_are_one_text_an_hour(supplier, provider):
    person_of(supplier)
    with clock.at(NOON):
        tell(supplier, count=99_999)
        tell(supplier)
        assert send_all() == 1
        tell(supplier, count=2)
        tell(supplier, count=5)
        assert send_all() == 0
    with clock.at(NOON + timedelta(minutes=59)):
        assert send_all() == 0
    with clock.at(NOON + timedelta(minutes=61)):
        assert send_all() == 1
    assert [one.words.split("】")[1] for one in provider.texts] == [
        "您有 100000 个新订单待发货",
        "您有 7 个新订单待发货",
    ]


def test_what_can_wait_waits_for_the_morning_and_a_code_does_not(supplier, provider):
    person_of(supplier)
    with clock.at(NIGHT):
        tell(supplier)
        leaving.send_text(
            cluster_id=supplier.cluster_id, phone="+8613800138000", code="sms.code", params={"code": "123456"},
            language="zh-hans", expires_at=NIGHT + timedelta(minutes=5),
        )  # fmt: skip
        assert send_all() == 1
    assert "123456" in provider.texts[0].words
    assert Delivery.objects.get(member_id=supplier.pk).due_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    with clock.at(datetime(2026, 11, 23, 0, 1, tzinfo=UTC)):
        assert send_all() == 1


@pytest.mark.parametrize(
    ("hour", "hours", "expected"),
    [(21, (22, 8), False), (22, (22, 8), True), (3, (22, 8), True), (8, (22, 8), False), (13, (12, 14), True),
     (14, (12, 14), False), (5, (7, 7), False)],
)  # fmt: skip
def test_quiet_hours_cross_midnight_or_not(hour, hours, expected):
    moment = datetime(2026, 11, 22, hour, 30, tzinfo=UTC)
    assert quiet.is_quiet(moment, hours, "UTC") is expected
    after = quiet.next_moment(moment, hours, "UTC")
    assert not quiet.is_quiet(after, hours, "UTC")
    assert (after == moment) is not expected


def test_a_person_s_own_hours_and_wishes_count(supplier, provider):
    owner = person_of(supplier)
    actor = actor_for(owner, supplier.cluster_id)
    preferences.set_preference(by_sms=True, by_email=False, quiet_from=0, quiet_until=0, by=actor)
    with clock.at(NIGHT):
        tell(supplier)
        assert send_all() == 1
    preferences.set_preference(by_sms=False, by_email=False, quiet_from=None, quiet_until=None, by=actor)
    with clock.at(NOON):
        tell(supplier, "payout.paid")
        assert send_all() == 0
    assert states(supplier) == ["sent"]
    for wrong in ((1, None), (24, 3), (-1, 3)):
        with pytest.raises(Invalid):
            preferences.set_preference(
                by_sms=True, by_email=False, quiet_from=wrong[0], quiet_until=wrong[1], by=actor
            )
    with pytest.raises(SignInNeeded):
        preferences.set_preference(
            by_sms=True, by_email=False, quiet_from=1, quiet_until=2, by=actor_for(None, supplier.cluster_id)
        )


def test_the_cluster_s_hours_are_the_operator_s_to_set(supplier):
    with pytest.raises(Forbidden):
        preferences.set_quiet_hours(quiet_from=1, quiet_until=2, by=acts_for(supplier))
    assert preferences.hours_of(supplier.cluster) == (22, 8)
    preferences.set_quiet_hours(quiet_from=1, quiet_until=2, by=system(supplier.cluster_id))
    assert preferences.hours_of(supplier.cluster) == (1, 2)


def test_what_surely_did_not_leave_is_tried_again_with_growing_pauses(supplier, provider):
    person_of(supplier)
    provider.answer = Answer(Outcome.AGAIN, error="429")
    at = NOON
    with clock.at(at):
        tell(supplier, "payout.paid")
    pauses = []
    for _ in range(sending.TRIES):
        with clock.at(at):
            assert send_all() == 1
            row = Delivery.objects.get(member_id=supplier.pk)
            pauses.append(int((row.due_at - at).total_seconds()))
            at = max(row.due_at, at)
    assert (row.state, row.tries, pauses[:5]) == ("failed", 6, [20, 40, 80, 160, 320])


@pytest.mark.parametrize("answer", [Answer(Outcome.UNKNOWN, error="silent"), RuntimeError("broke")])
def test_what_may_have_arrived_is_never_sent_again(supplier, provider, answer):
    person_of(supplier)
    provider.answer = answer
    with clock.at(NOON):
        tell(supplier, "payout.paid")
        assert send_all() == 1
    with clock.at(NOON + timedelta(days=1)):
        assert send_all() == 0
    assert states(supplier) == ["unknown"]


def test_a_sender_killed_while_sending_leaves_it_unknown(supplier, provider):
    class Killed(BaseException):
        pass

    person_of(supplier)

    def killed(_text):
        raise Killed

    provider.send = killed
    with clock.at(NOON):
        tell(supplier, "payout.paid")
        with pytest.raises(Killed):
            sending.send_due()
        assert states(supplier) == ["sending"]
        assert sending.send_due() == 0
        sending.settle_lost()
        assert states(supplier) == ["sending"], "somebody may still be at it"
    with clock.at(NOON + timedelta(minutes=4)):
        sending.settle_lost()
        assert sending.send_due() == 0
    assert states(supplier) == ["unknown"]


def test_a_code_that_is_too_late_is_dropped_and_its_seal_goes(supplier, provider):
    row = leaving.send_text(
        cluster_id=supplier.cluster_id, phone="+8613800138000", code="sms.code", params={"code": "1"},
        language="en", expires_at=clock.now() - timedelta(seconds=1),
    )  # fmt: skip
    assert row.sealed
    send_all()
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed), provider.texts) == ("dropped", b"", [])


def test_no_number_and_no_code_is_in_a_row_or_in_a_log(supplier, provider, caplog):
    caplog.set_level(logging.DEBUG)
    provider.answer = Answer(Outcome.REFUSED, error="template")
    row = leaving.send_text(
        cluster_id=supplier.cluster_id, phone="+8613812345678", code="sms.code", params={"code": "998877"},
        language="en", expires_at=clock.now() + timedelta(minutes=5),
    )  # fmt: skip
    before = {name: str(value) for name, value in vars(row).items()}
    send_all()
    row.refresh_from_db()
    for text in [*before.values(), *map(str, vars(row).values()), caplog.text]:
        assert "13812345678" not in text
        assert "998877" not in text
    assert row.state == "failed"


def test_the_stand_in_shows_texts_only_where_things_are_tried_out(db_app, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    cluster = make_cluster()
    text = sms.Text("k", cluster.pk, "+8613812345678", "sms.code", {}, "123456 is your code", "en")
    assert sms.Shown().send(text).outcome is Outcome.SENT
    shown = ShownText.objects.get(cluster_id=cluster.pk)
    assert (shown.phone, shown.words) == ("138****5678", "123456 is your code")
    assert (tmp_path / sms.SHOWN_FILE).read_text() == "SMS 138****5678: 123456 is your code\n"
    assert sms.shows()
    settings.YUNJU_TRYING_OUT = False
    assert (sms.shows(), sms.can_send()) == (False, False)
    assert sms.Shown().send(text).outcome is Outcome.REFUSED
    assert ShownText.objects.filter(cluster_id=cluster.pk).count() == 1


def test_mail_is_off_until_it_is_set_up_and_asked_for(supplier, settings, mailoutbox):
    Delivery.objects.filter(state="waiting").update(state="dropped")
    owner = person_of(supplier, phone_verified_at=None)
    actor = actor_for(owner, supplier.cluster_id)
    preferences.set_preference(by_sms=False, by_email=True, quiet_from=None, quiet_until=None, by=actor)
    with clock.at(NOON):
        tell(supplier, "case.asked", link="/orders/x")
        assert states(supplier) == []
        settings.YUNJU_MAILS = True
        tell(supplier, "case.asked", link="/orders/x")
        assert send_all() == 1
    (mail,) = mailoutbox
    assert mail.to == [owner.email]
    assert mail.body.startswith("有 1 个售后申请等您处理\n\nhttp://")
    assert mail.body.strip().endswith("/orders/x")


def test_only_those_who_may_edit_a_member_see_its_robots(supplier):
    robot = preferences.add_robot(
        member_id=supplier.pk, name="群", address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcdefghij",
        secret="", language="en", by=acts_for(supplier),
    )  # fmt: skip
    stranger = acts_for(make_member(make_cluster()))
    with pytest.raises(NotFound):
        preferences.end_robot(code=robot.code, by=stranger)
    with pytest.raises(Forbidden):
        preferences.try_robot(code=robot.code, by=acts_for(supplier, RoleKind.STAFF))
    robot.refresh_from_db()
    assert robot.ended_at is None
