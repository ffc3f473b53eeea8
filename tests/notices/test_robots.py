"""Group robots: which addresses are taken, how each is spoken to, 20 a minute, bundled beyond, never twice."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.factories.members import acts_for, make_cluster, make_member
from tests.notices.standin import groups
from yunju.config import env
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Invalid, Refused
from yunju.notices import actions, posting, preferences, robots
from yunju.notices.actions import Draft
from yunju.notices.models import Delivery, Robot

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/0123456789-abcdef"


@pytest.fixture
def member(db_app):
    Delivery.objects.filter(state="waiting").update(state="dropped")
    return make_member(make_cluster())


def add(member, address=WECOM, secret="", **options) -> Robot:
    values = {"name": "群", "address": address, "secret": secret, "language": "en"} | options
    return preferences.add_robot(member_id=member.pk, by=acts_for(member), **values)


def tell(member, count=1, code="filing.due") -> None:
    drafts = [
        Draft(
            cluster_id=member.cluster_id,
            code=code,
            member_id=member.pk,
            params={"name": f"N{n}", "quarter": "Q"},
        )
        for n in range(count)
    ]
    actions.notify(notices=drafts, by=system(member.cluster_id))


def post_all() -> int:
    total = 0
    while sent := posting.post_due():
        total += sent
    return total


def states(robot) -> dict[str, int]:
    found = list(robot.deliveries.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


@pytest.mark.parametrize("address", [WECOM, DINGTALK, FEISHU])
def test_an_address_of_the_three_is_taken(address):
    kind, kept = robots.checked_address(f" {address} ")
    assert kept == address
    assert robots.KINDS[kind].host == urlsplit(address).hostname


@pytest.mark.parametrize(
    "address",
    [
        "", "x", "http://[", WECOM.replace("https", "http"), WECOM.replace("qyapi.", "evil."),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com:8443"),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com@127.0.0.1"),
        WECOM.replace("qyapi.weixin.qq.com", "me@qyapi.weixin.qq.com"),
        WECOM.replace("qyapi.weixin.qq.com", "qyapi.weixin.qq.com.evil.example"),
        WECOM.replace("/cgi-bin/webhook/send", "/cgi-bin/webhook/send/../../x"),
        WECOM + "&url=http://127.0.0.1/", WECOM + "#x", WECOM.split("?")[0], DINGTALK + "&timestamp=1",
        FEISHU + "/../x", FEISHU + "?a=b", "https://127.0.0.1/robot/send?access_token=0123456789abcdef",
        "https://oapi.dingtalk.com/robot/send?access_token=" + "x" * 300, "file:///etc/passwd",
        WECOM + "\nabc", WECOM.replace("/cgi-bin", "/\tcgi-bin"), WECOM.replace("key=", "key=\u200b"),
    ],
)  # fmt: skip
def test_no_other_address_is_taken(address):
    with pytest.raises(Invalid, match=r"notices\.robot_address"):
        robots.checked_address(address)


@pytest.mark.parametrize(
    ("waiting", "posted", "expected"),
    [(0, 0, []), (3, 0, [1, 1, 1]), (20, 0, [1] * 20), (21, 0, [1] * 19 + [2]), (500, 0, [1] * 19 + [481]),
     (5, 18, [1, 4]), (5, 19, [5]), (5, 20, []), (5, 99, [])],
)  # fmt: skip
def test_the_minute_is_filled_and_the_rest_is_bundled(waiting, posted, expected):
    assert robots.plan(waiting, posted) == expected


def test_words_stay_within_what_a_group_takes():
    many = robots.words_of([f"line {n}" for n in range(100)], "and 70 more")
    assert many.count("\n") == 30
    assert many.endswith("and 70 more")
    assert len(robots.words_of(["云" * 3_000], "").encode()) <= robots.MOST_BYTES


def test_each_kind_is_spoken_to_in_its_own_way(member):
    with groups() as kept, clock.at(NOON):
        for address, secret in ((WECOM, ""), (DINGTALK, "SECdd"), (FEISHU, "feishu-secret")):
            add(member, address, secret)
        tell(member)
        assert post_all() == 3
    (wecom, dingtalk, feishu) = kept.posts
    words = f"【{member.cluster.name_en}】Please hand in “N0” for Q"
    assert wecom == (
        "/qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef",
        {"msgtype": "text", "text": {"content": words}},
    )
    query = parse_qs(urlsplit(dingtalk[0]).query)
    stamp = str(int(NOON.timestamp() * 1000))
    sign = base64.b64encode(hmac.new(b"SECdd", f"{stamp}\nSECdd".encode(), hashlib.sha256).digest()).decode()
    assert (query["timestamp"], query["sign"]) == ([stamp], [sign])
    stamp = str(int(NOON.timestamp()))
    sign = base64.b64encode(
        hmac.new(f"{stamp}\nfeishu-secret".encode(), b"", hashlib.sha256).digest()
    ).decode()
    assert feishu[1] == {"msg_type": "text", "content": {"text": words}, "timestamp": stamp, "sign": sign}


def test_twenty_a_minute_and_the_rest_in_one(member):
    robot = add(member)
    with groups() as kept:
        with clock.at(NOON):
            tell(member, 130)
            assert post_all() == 20
            assert states(robot) == {"sent": 130}
            tell(member, 2)
            assert post_all() == 0
        with clock.at(NOON + timedelta(seconds=61)):
            assert post_all() == 2
    texts = kept.texts()
    assert len(texts) == 22
    assert "and 81 more" in texts[19]
    assert states(robot) == {"sent": 132}


def test_a_provider_that_asks_for_patience_is_asked_again(member):
    robot = add(member)
    with groups() as kept:
        kept.answer = {"errcode": 45009, "errmsg": "api freq out of limit"}
        with clock.at(NOON):
            tell(member)
            assert posting.post_due() == 1
            assert (states(robot), posting.post_due()) == ({"waiting": 1}, 0)
        kept.answer = {"errcode": 0}
        with clock.at(NOON + timedelta(seconds=21)):
            assert posting.post_due() == 1
    assert states(robot) == {"sent": 1}


def test_a_robot_that_is_gone_is_paused_after_ten_refusals_and_woken_by_hand(member):
    robot = add(member)
    with groups() as kept, clock.at(NOON):
        kept.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
        for _ in range(posting.FAILURES):
            tell(member)
            posting.post_due()
        robot.refresh_from_db()
        assert (robot.failures, robot.error, robot.paused_at) == (10, "93000", NOON)
        tell(member)
        assert posting.post_due() == 0
        kept.answer = {"errcode": 0}
    with groups() as kept, clock.at(NOON + timedelta(minutes=2)):
        preferences.try_robot(code=robot.code, by=acts_for(member))
        assert post_all() == 1
    robot.refresh_from_db()
    assert (robot.failures, robot.paused_at) == (0, None)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"null"])
def test_an_answer_that_says_nothing_is_unknown_and_not_repeated(member, answer):
    robot = add(member)
    with groups() as kept, clock.at(NOON):
        kept.answer = answer
        tell(member)
        assert posting.post_due() == 1
    with groups(), clock.at(NOON + timedelta(hours=1)):
        assert posting.post_due() == 0
    assert states(robot) == {"unknown": 1}


def test_no_redirect_is_followed(member):
    robot = add(member)
    with groups() as other, groups() as kept, clock.at(NOON):
        kept.status, kept.leads_to = 302, "http://127.0.0.1:1/elsewhere"
        tell(member)
        posting.post_due()
        assert (len(kept.posts), len(other.posts)) == (1, 0)
    assert states(robot) == {"failed": 1}


def test_nothing_waits_for_a_robot_that_was_removed(member):
    robot = add(member)
    with groups() as kept, clock.at(NOON):
        tell(member)
        preferences.end_robot(code=robot.code, by=acts_for(member))
        tell(member)
        assert posting.post_due() == 0
        assert kept.posts == []
    robot.refresh_from_db()
    assert (states(robot), bytes(robot.address_cipher)) == ({"dropped": 1}, b"")


def test_five_groups_are_enough_and_wecom_has_no_secret(member):
    with pytest.raises(Invalid, match=r"notices\.robot_no_secret"):
        add(member, WECOM, "x")
    for _ in range(preferences.ROBOTS_MOST):
        add(member)
    with pytest.raises(Refused, match=r"notices\.robots_most"):
        add(member)


def test_a_stand_in_is_refused_where_people_really_work(monkeypatch):
    monkeypatch.setenv("YUNJU_ROBOT_STANDIN", "http://127.0.0.1:9")
    assert env.stand_in("YUNJU_ROBOT_STANDIN", allowed=True) == "http://127.0.0.1:9"
    with pytest.raises(ImproperlyConfigured, match="YUNJU_ROBOT_STANDIN"):
        env.stand_in("YUNJU_ROBOT_STANDIN", allowed=False)


def test_a_group_hears_of_orders_and_of_no_money(member):
    robot = add(member)
    drafts = [
        Draft(cluster_id=member.cluster_id, code=code, member_id=member.pk, params=params)
        for code, params in (("order.new", {}), ("payout.paid", {"amount_minor": 12_300, "last4": "4321"}))
    ]
    actions.notify(notices=drafts, by=system(member.cluster_id))
    assert list(robot.deliveries.values_list("code", flat=True)) == ["order.new"]
