"""Papers, agreements, licences, going live, fees: the pages on which an operator puts a market in order."""

import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.factories.members import make_cluster, make_user, operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Category, Offer
from yunju.kernel import clock
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import total
from yunju.members.models import (
    Acceptance,
    Agreement,
    ClusterPapers,
    Licence,
    Member,
    Role,
    RoleOffer,
    Unmasking,
    User,
)
from yunju.members.queries import actor_for, operator_of
from yunju.members.words import RoleKind
from yunju.orders.models import Order, Refund

BODY = "# 一、总则\n本协议由测试公司发布，约定双方的权利和义务，共同遵守，诚实守信，合法经营，互利共赢。\n\n- 第一条\n- 第二条\n\n<script>alert(1)</script>"


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def runner(cluster, kind: RoleKind = RoleKind.OWNER) -> User:
    return User.objects.get(pk=operator(cluster, kind).user_id)


def paper() -> io.BytesIO:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(drawn, "PNG")
    drawn.seek(0)
    drawn.name = "licence.png"
    return drawn


def test_papers_stand_in_the_footer_of_every_page(browser: Browser, cluster):
    client = browser(runner(cluster))
    form = {"firm": "云上公司", "credit_code": "91350100M000100Y43", "icp_no": "京ICP备12345678号-1",
            "police_no": "京公网安备11010502030123号", "telecom_no": "京B2-20260001", "address": "高碑店路 1 号",
            "other_nos": "出版物：新出发京零字第 1 号", "complaint_phone": "010-8888 6666",
            "complaint_email": "help@example.com"}  # fmt: skip
    assert client.post("/operator/papers?form=papers", form | {"icp_no": "12345"}).status_code == 422
    assert client.post("/operator/papers?form=papers", form | {"licence": paper()}).status_code == 302
    page = browser().get("/").content.decode()
    for words in (
        "京ICP备12345678号-1",
        "京公网安备11010502030123号",
        "010-8888 6666",
        "91350100M000100Y43",
        "京B2-20260001",
    ):
        assert words in page
    about = browser().get("/about").content.decode()
    assert "新出发京零字第 1 号" in about
    assert ClusterPapers.objects.get(cluster=cluster).licence.name in about
    assert "京ICP备12345678号-1" not in browser_of(make_cluster()).get("/").content.decode()
    assert (
        browser(runner(cluster, RoleKind.MANAGER)).post("/operator/papers?form=papers", form).status_code
        == 403
    )


def browser_of(cluster):
    return Client(headers={"host": cluster.host})


def test_an_agreement_is_published_once_and_read_by_all(browser: Browser, cluster):
    client = browser(runner(cluster))
    assert "【请填写】" in client.get("/operator/agreements/terms").content.decode()
    assert client.post("/operator/agreements/terms", {"body_zh": BODY + "【请填写】"}).status_code == 422
    assert client.post("/operator/agreements/terms", {"body_zh": BODY}).status_code == 302
    page = browser().get("/agreements/terms").content.decode()
    assert "<h2>一、总则</h2>" in page
    assert "<li>第一条</li>" in page
    assert "<script>alert" not in page
    assert 'href="/agreements/terms"' in browser().get("/").content.decode()
    assert client.post("/operator/agreements/terms", {"body_zh": BODY}).status_code == 422
    tomorrow = clock.local_day(clock.now(), cluster.timezone) + dt.timedelta(days=1)
    form = {"body_zh": BODY + "\n\n新的一条。", "from_day": tomorrow.isoformat(), "summary": "新增一条"}
    assert client.post("/operator/agreements/terms", form).status_code == 302
    assert "新的一条" not in browser().get("/agreements/terms").content.decode()
    assert "新的一条" in browser().get("/agreements/terms?version=2").content.decode()
    assert browser().get("/agreements/terms?version=3").status_code == 404
    assert browser().get("/agreements/other").status_code == 404
    assert Agreement.objects.filter(cluster=cluster).count() == 2
    assert not Acceptance.objects.filter(cluster_id=cluster.pk).exists()


def test_a_licence_goes_from_the_member_to_the_operator_and_back(browser: Browser, market: Market):
    member, client = market.suppliers[0], browser(market.owner())
    today = clock.local_day(clock.now(), market.cluster.timezone)
    form = {"kind": "food", "number": "JY1110", "valid_from": today.isoformat(), "valid_until": "2020-01-01"}
    assert client.post(f"/m/{member.code}/papers", form | {"file": paper()}).status_code == 422
    form |= {"valid_until": (today + dt.timedelta(days=5)).isoformat()}
    assert client.post(f"/m/{member.code}/papers", form | {"file": paper()}).status_code == 302
    made = Licence.objects.get(member=member)
    picture = f"/licences/{made.code}.webp"
    assert b"".join(client.get(picture).streaming_content)[:4] == b"RIFF"
    assert browser(market.owner(1)).get(picture).status_code == 404
    assert browser().get(picture).status_code == 404
    assert not Unmasking.objects.filter(cluster_id=market.cluster.pk).exists()
    desk = browser(runner(market.cluster))
    assert b"".join(desk.get(picture).streaming_content)[:4] == b"RIFF"
    assert Unmasking.objects.get(cluster_id=market.cluster.pk).what == "licence.picture"
    assert (
        browser(market.owner()).post(f"/operator/licences/{made.pk}", {"what": "accept"}).status_code == 404
    )
    desk.post(f"/operator/licences/{made.pk}", {"what": "accept"})
    made.refresh_from_db()
    assert made.state == "valid"
    assert "JY1110" in desk.get("/operator/licences?view=7").content.decode()
    assert "JY1110" not in desk.get("/operator/licences?view=30").content.decode()
    assert "JY1110" in browser().get(f"/suppliers/{member.code}/info").content.decode()


def test_a_category_may_demand_a_licence(browser: Browser, market: Market):
    desk = browser(runner(market.cluster))
    form = {"code": "tea", "name_zh": "茶", "name_en": "Tea", "kinds": ["food"]}
    assert desk.post("/operator/categories", form).status_code == 302
    tea = Category.objects.get(cluster=market.cluster, code="tea")
    assert [one.kind for one in tea.demands.all()] == ["food"]
    client, member = browser(market.owner()), market.suppliers[0]
    offer = market.offers[0]
    Offer.objects.filter(pk=offer.pk).update(category=tea, withdrawn_at=clock.now())
    client.post(f"/m/{member.code}/offers/{offer.code}/shelf", {"what": "list"})
    offer.refresh_from_db()
    assert offer.withdrawn_at
    assert desk.post("/operator/categories/tea", form | {"kinds": []}).status_code == 302
    client.post(f"/m/{member.code}/offers/{offer.code}/shelf", {"what": "list"})
    offer.refresh_from_db()
    assert offer.withdrawn_at is None


def test_a_suppliers_page_shows_a_firms_code_and_no_persons_number(browser: Browser, market: Market):
    assert browser().get(f"/suppliers/{market.suppliers[0].code}/info").status_code == 200
    keeper = market.shop.member
    assert browser().get(f"/suppliers/{keeper.code}/info").status_code == 404


def test_going_live_is_refused_with_each_reason_and_trial_says_so_on_every_page(
    browser: Browser, market: Market
):
    client = browser(runner(market.cluster))
    assert "Trial" in browser().get("/").content.decode()
    answer = client.post("/operator/setup/live", {"what": "live"})
    wrong = {one.code for one in answer.context["found"] if not one.is_well}
    assert {"papers", "filing", "agreements", "gateway", "texts", "backup", "https"} <= wrong
    assert not ClusterPapers.objects.filter(cluster=market.cluster, live_at__isnull=False).exists()
    assert browser(runner(market.cluster, RoleKind.MANAGER)).post("/operator/setup/live").status_code == 403


def test_the_trial_order_leaves_nothing(browser: Browser, market: Market):

    client = browser(runner(market.cluster))
    client.post("/operator/setup/try")
    kept = ClusterPapers.objects.get(cluster=market.cluster)
    assert kept.tried_at
    here = {"cluster_id": market.cluster.pk}
    assert (Order.objects.filter(**here).count(), Refund.objects.filter(**here).count()) == (0, 0)
    assert [total(market.cluster.pk, kind, "CNY") for kind in Kind] == [0 for _ in Kind]
    client.post("/operator/setup/backup", {"backup_note": "Nightly to another city; Li restored one in May"})
    found = {one.code: one.is_well for one in client.get("/operator/setup").context["found"]}
    assert (found["trial"], found["backup"], found["papers"]) == (True, True, False)


def test_an_owner_lets_a_second_person_in(browser: Browser, cluster):
    boss = runner(cluster)
    code = Member.objects.get(pk=operator_of(cluster.pk)).code
    second = make_user()
    client = browser(boss)
    Role.objects.filter(member__code=code).exclude(user=boss).update(ended_at=clock.now())
    alone = client.get(f"/m/{code}/roles").content.decode()
    assert "The only owner: name another one first." in alone
    assert f"/roles/{boss.pk}/end" not in alone
    assert client.post(f"/m/{code}/roles", {"email": second.email, "kind": ""}).status_code == 422
    assert client.post(f"/m/{code}/roles", {"email": second.email, "kind": "manager"}).status_code == 302
    assert not actor_for(second, cluster).is_operator, "offered, not taken up yet"
    offer = RoleOffer.objects.get(email=second.email)
    browser(second).post(reverse("offer_answer", args=[offer.pk]), {"answer": "take"})
    assert actor_for(second, cluster).is_operator
    both = client.get(f"/m/{code}/roles").content.decode()
    assert f"/roles/{second.pk}/end" in both
    assert f"/roles/{boss.pk}/end" not in both, "still the only owner"
    client.post(f"/m/{code}/roles/{second.pk}/end")
    assert not actor_for(second, cluster).is_operator
    second.refresh_from_db()  # its sessions ended with the role
    assert browser(second).get(f"/m/{code}/roles").status_code == 404


def test_a_raise_of_the_fees_is_announced_a_week_before_once_live(browser: Browser, cluster):
    client = browser(runner(cluster))
    form = {"platform_bp": "3", "park_bp": "1"}

    def publish(days: int | None = None, **changes: str) -> int:
        day = clock.local_day(clock.now(), cluster.timezone) + dt.timedelta(days=days or 0)
        when = {} if days is None else {"from_day": day.isoformat()}
        return client.post("/operator/rules?form=fees", form | when | changes).status_code

    assert publish() == 302, "in trial anything goes"
    ClusterPapers.objects.update_or_create(cluster=cluster, defaults={"live_at": clock.now()})
    assert publish(platform_bp="4") == 422
    assert publish(days=6, platform_bp="4") == 422
    assert publish(days=8, platform_bp="4") == 302
    assert publish(platform_bp="4") == 422, "what is announced for next week is not for today"
    assert publish(platform_bp="2") == 302
    kept = cluster.fee_rules.order_by("version").values_list("version", "platform_bp")
    assert list(kept) == [(1, 300), (2, 400), (3, 200)]
