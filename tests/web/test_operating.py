"""The operator's desk as people use it: who may, exact figures, and what did not happen."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests.factories.members import acts_for, make_cluster, make_member, make_user, operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.catalog.models import Category, Offer
from yunju.insight import figures, todo
from yunju.kernel import clock
from yunju.members.models import (
    Acceptance,
    Agreement,
    Capacity,
    ClusterPapers,
    Licence,
    Member,
    MemberEvent,
    Unmasking,
    User,
    Visit,
)
from yunju.members.queries import actor_for, operator_of
from yunju.members.words import CapacityKind, EndReason, RoleKind

PAGES = (
    "",
    "/members",
    "/members.xlsx",
    "/licences",
    "/orders",
    "/orders.xlsx",
    "/disputes",
    "/disputes?view=soon",
    "/refunds?view=stuck",
    "/threads",
    "/figures",
    "/figures?unit=month",
    "/figures.xlsx?unit=week",
    "/setup",
    "/papers",
    "/agreements",
    "/agreements/terms",
    "/categories",
    "/wording",
    "/looks",
    "/alarms",
)
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


def bought(browser: Browser, market: Market, **contact: str):
    client = browser()
    put_in_cart(client, market.offers[0])
    return make_paid(place(client, **contact))[0]


@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_the_operators(browser: Browser, market: Market, page: str):
    assert browser(runner(market.cluster)).get(f"/operator{page}").status_code == 200
    assert browser(market.owner()).get(f"/operator{page}").status_code == 404
    assert browser(runner(make_cluster())).get(f"/operator{page}").status_code == 404
    assert browser().get(f"/operator{page}").status_code == 302


@pytest.mark.parametrize("page", ["/setup", "/papers", "/agreements", "/categories", "/wording", "/looks"])
def test_only_who_makes_the_rules_sees_the_settings(browser: Browser, cluster, page: str):
    assert browser(runner(cluster, RoleKind.MANAGER)).get(f"/operator{page}").status_code == 403


def test_today_counts_in_a_bounded_number_of_statements(browser: Browser, market: Market):
    by = operator(market.cluster)
    with CaptureQueriesContext(
        connection,
    ) as few:
        waiting = {one.entry.code: one.count for one in todo.today(by)}
    assert set(waiting) == set(todo.registered)
    assert waiting["applications"] == 0
    for _ in range(5):
        member = make_member(market.cluster)
        Capacity.objects.create(member=member, kind=CapacityKind.MAKER, asked_at=clock.now())
    with CaptureQueriesContext(connection) as many:
        assert {one.entry.code: one.count for one in todo.today(by)}["applications"] == 5
    assert len(many) == len(few) <= 2 * len(todo.registered)
    page = browser(User.objects.get(pk=by.user_id)).get("/operator").content.decode()
    assert 'href="/operator/admissions"' in page


def test_somebody_without_the_right_is_told_of_less(browser: Browser, cluster):
    mine = {one.entry.code for one in todo.today(operator(cluster, RoleKind.STAFF))}
    assert mine == {"alarms", "disputes", "threads", "cases_soon"}


def test_members_are_found_and_taken_away_in_excel(browser: Browser, market: Market):
    client = browser(runner(market.cluster))
    name = market.suppliers[0].name
    page = client.get("/operator/members", {"q": name[-6:]}).content.decode()
    assert name in page
    assert market.suppliers[1].name not in page
    page = client.get("/operator/members", {"capacity": "supplier"}).content.decode()
    assert name in page
    assert "Without" not in page.split("<tbody>")[1]
    assert client.get("/operator/members", {"q": "nobody-is-called-this"}).context["rows"] == []
    sheet = client.get("/operator/members.xlsx", {"capacity": "supplier"})
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")
    assert sheet.content[:2] == b"PK"


def test_500_members_cost_no_more_statements_than_one_page(browser: Browser, market: Market):
    client = browser(runner(market.cluster))
    with CaptureQueriesContext(connection) as few:
        client.get("/operator/members")
    Member.objects.bulk_create(
        Member(cluster=market.cluster, kind="person", name=f"单位 {n}", created_at=clock.now())
        for n in range(500)
    )
    with CaptureQueriesContext(connection) as many:
        page = client.get("/operator/members")
    assert page.context["page"].paginator.count == 500 + 4
    assert len(page.context["rows"]) == 50
    assert len(many) <= len(few)


def test_a_member_is_admitted_with_what_was_missing_said_first(browser: Browser, cluster):
    client = browser(runner(cluster))
    member = make_member(cluster, gateway_merchant="")
    Capacity.objects.create(member=member, kind=CapacityKind.SUPPLIER, asked_at=clock.now())
    base = f"/operator/members/{member.code}"
    assert "a phone number" in client.get(base).content.decode()
    client.post(f"{base}/do", {"what": "admit", "kind": "supplier", "merchant": "m-1"})
    assert not Capacity.objects.get(member=member).admitted_at
    client.post(f"{base}/do", {"what": "refuse", "kind": "supplier", "reason": "documents_missing"})
    assert Capacity.objects.get(member=member).ended_at
    client.post(f"{base}/do", {"what": "close", "reason": EndReason.DUPLICATE})
    member.refresh_from_db()
    assert member.closed_at
    assert client.post(f"{base}/do", {"what": "anything"}).status_code == 404
    assert browser(make_user()).post(f"{base}/do", {"what": "close", "reason": "moved"}).status_code == 404


def test_an_order_is_found_by_number_phone_and_name_and_the_latter_two_are_kept(
    browser: Browser, market: Market
):
    order = bought(browser, market, name="张三丰", phone="13912345678")
    client = browser(runner(market.cluster))
    assert (
        client.post("/operator/orders", {"q": order.number})["Location"] == f"/operator/orders/{order.code}"
    )
    assert client.post("/operator/orders", {"q": order.purchase.code})["Location"].endswith(order.code)
    assert Unmasking.objects.filter(cluster_id=market.cluster.pk).count() == 0
    for words in ("5678", "张三丰"):
        assert [one for one, _ in client.post("/operator/orders", {"q": words}).context["rows"]] == [order]
    assert client.post("/operator/orders", {"q": "5679"}).context["rows"] == []
    kept = Unmasking.objects.filter(cluster_id=market.cluster.pk).values_list("what", "reason")
    assert sorted(kept) == [
        ("order.search", "search by name"),
        ("order.search", "search by phone"),
        ("order.search", "search by phone"),
    ]


def test_an_order_shows_all_of_its_money_and_covers_the_buyer(browser: Browser, market: Market):
    order = bought(browser, market, name="张三丰", phone="13912345678", street="Hidden road 9")
    user = runner(market.cluster)
    client, address = browser(user), f"/operator/orders/{order.code}"
    found = client.get(address)
    page = found.content.decode()
    assert "Hidden road 9" not in page
    assert "13912345678" not in page
    assert "张＊＊" in page
    file = found.context["file"]
    assert sum(share.amount_minor for shares in file.shares.values() for share in shares) == order.total_minor
    assert [[leg.amount for leg in legs] for legs in file.posted]
    assert all(sum(leg.amount for leg in legs) == 0 for legs in file.posted)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not Unmasking.objects.filter(noun_id=order.pk).exists()
    page = client.post(address, {"reason": "asked by the courier"}).content.decode()
    assert "Hidden road 9" in page
    assert "13912345678" in page
    kept = Unmasking.objects.get(noun_id=order.pk, cluster_id=market.cluster.pk)
    assert (kept.what, kept.reason, kept.by_user_id) == ("order.contact", "asked by the courier", user.pk)
    assert browser(runner(make_cluster())).get(address).status_code == 404


def test_figures_count_exactly_and_are_counted_by_the_loop(browser: Browser, market: Market):
    client = browser(runner(market.cluster))
    assert "within five minutes" in client.get("/operator/figures").content.decode()
    paid = bought(browser, market)
    second = browser()
    put_in_cart(second, market.offers[1], 2)
    unpaid = place(second)
    today = clock.local_day(clock.now(), market.cluster.timezone)
    for unit in ("day", "week", "month"):
        figures.count(market.cluster, unit, figures.start_of(unit, today))
        (found,) = figures.periods(operator(market.cluster), market.cluster, unit, today)
        assert (found.orders, found.gmv_minor) == (2, paid.total_minor + unpaid.total_minor)
        assert (found.paid_orders, found.paid_minor) == (1, paid.total_minor)
        assert (found.refunded_minor, found.active_shops) == (0, 0)
        assert found.new_members == Member.objects.filter(cluster=market.cluster).count()
    assert "within five minutes" not in client.get("/operator/figures").content.decode()


def test_a_visit_lends_the_eyes_for_reading_only(browser: Browser, market: Market):
    user, visited = runner(market.cluster), market.owner()
    client = browser(user)
    member = market.suppliers[0]
    begin = f"/operator/members/{member.code}/visit/{visited.pk}"
    client.post(begin, {"reason": "no"})
    assert not Visit.objects.filter(by_user=user).exists()
    client.post(begin, {"reason": "asked by phone for help"})
    visit = Visit.objects.get(by_user=user)
    assert (visit.as_user_id, visit.member_id) == (visited.pk, member.pk)
    page = client.get(f"/m/{member.code}/offers")
    assert page.status_code == 200
    assert "reading only" in page.content.decode()
    assert client.get("/operator").status_code == 403
    assert client.post(f"/m/{member.code}/offers/new", {"title": "x"}).status_code == 403
    assert client.post("/cart/add", {}).status_code == 403
    assert client.post("/me/password", {}).status_code == 403
    assert Offer.objects.filter(title="x").count() == 0
    assert user.name in browser(visited).get("/me/visits").content.decode()
    assert user.name not in browser(market.owner(1)).get("/me/visits").content.decode()
    client.post("/visit/end")
    visit.refresh_from_db()
    assert visit.ended_at
    assert client.get("/operator").status_code == 200
    whats = MemberEvent.objects.filter(member_id=member.pk, what__startswith="visit.").order_by("pk")
    assert [event.what for event in whats] == ["visit.began", "visit.ended"]


def test_a_visit_ends_by_itself_and_with_the_right(browser: Browser, market: Market):
    user = runner(market.cluster)
    client, member = browser(user), market.suppliers[0]
    begin = f"/operator/members/{member.code}/visit/{market.owner().pk}"
    client.post(begin, {"reason": "asked by phone"})
    Visit.objects.filter(by_user=user).update(ends_at=clock.now() - dt.timedelta(seconds=1))
    assert client.get("/operator").status_code == 200
    client.post(begin, {"reason": "asked by phone"})
    user.roles.update(kind=RoleKind.MANAGER)
    assert client.get("/operator").status_code == 200
    assert client.get(f"/m/{member.code}/offers").status_code == 404


def test_nobody_looks_as_an_operator_or_without_the_right(browser: Browser, market: Market):
    boss = runner(market.cluster)
    second = acts_for(Member.objects.get(pk=operator_of(market.cluster.pk)))
    code = Member.objects.get(pk=operator_of(market.cluster.pk)).code
    browser(boss).post(f"/operator/members/{code}/visit/{second.user_id}", {"reason": "asked by phone"})
    manager = runner(market.cluster, RoleKind.MANAGER)
    address = f"/operator/members/{market.suppliers[0].code}/visit/{market.owner().pk}"
    assert browser(manager).post(address, {"reason": "asked by phone"}).status_code == 403
    assert browser(market.owner(1)).post(address, {"reason": "asked by phone"}).status_code == 404
    assert not Visit.objects.filter(cluster_id=market.cluster.pk).exists()


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
    from django.test import Client  # noqa: PLC0415 - one use

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
    from yunju.ledger.kinds import Kind  # noqa: PLC0415
    from yunju.ledger.queries import total  # noqa: PLC0415 - one use
    from yunju.orders.models import Order, Refund  # noqa: PLC0415

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
    assert (
        client.post(f"/m/{code}/roles", {"email": "nobody@example.com", "kind": "manager"}).status_code == 422
    )
    assert client.post(f"/m/{code}/roles", {"email": second.email, "kind": "manager"}).status_code == 302
    assert actor_for(second, cluster).is_operator
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
