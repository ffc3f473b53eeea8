"""The operator's desk as people use it: who may, exact figures, and what did not happen."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.members import acts_for, make_cluster, make_member, make_user, operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.catalog.models import Offer
from yunju.insight import figures, todo
from yunju.kernel import clock
from yunju.members.models import (
    Capacity,
    CarryLink,
    Member,
    MemberEvent,
    Unmasking,
    User,
    Visit,
)
from yunju.members.queries import operator_of
from yunju.members.words import CapacityKind, EndReason, RoleKind
from yunju.talks.models import Thread

PAGES = (
    "",
    "/members",
    "/licences",
    "/orders",
    "/disputes",
    "/disputes?view=soon",
    "/refunds?view=stuck",
    "/threads",
    "/figures",
    "/figures?unit=month",
    "/setup",
    "/papers",
    "/agreements",
    "/agreements/terms",
    "/categories",
    "/wording",
    "/looks",
    "/alarms",
)


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def runner(cluster, kind: RoleKind = RoleKind.OWNER) -> User:
    return User.objects.get(pk=operator(cluster, kind).user_id)


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
    sheet = client.get("/export/members", {"capacity": "supplier"})
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")
    assert sheet.content[:2] == b"PK"
    kept = Unmasking.objects.get(cluster_id=market.cluster.pk)
    assert (kept.what, kept.reason) == ("member.phone", "list of members as a file")


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
    page = client.get(base).content.decode()
    assert "a phone number" in page
    assert 'value="admit"' not in page, "refused until the member has handed it in"
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
        rows = client.post("/operator/orders", {"q": words}).context["rows"]
        assert [(one, buyer) for one, _word, buyer in rows] == [(order, "张**")]
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
    assert not any(shown in page for shown in ("13912345678", "139 1234 5678"))
    assert "张**" in page
    file = found.context["file"]
    assert sum(share.amount_minor for shares in file.shares.values() for share in shares) == order.total_minor
    assert [[leg.amount for leg in legs] for legs in file.posted]
    assert all(sum(leg.amount for leg in legs) == 0 for legs in file.posted)
    of_all = client.get(f"/orders/{order.code}").content.decode()
    assert "Hidden road 9" not in of_all, (
        "the page that buyer and supplier see uncovers nothing for the operator"
    )
    assert "13912345678" not in of_all
    assert client.post(address, {"reason": ""}).status_code == 422
    assert not Unmasking.objects.filter(noun_id=order.pk).exists()
    page = client.post(address, {"reason": "asked by the courier"}).content.decode()
    assert "Hidden road 9" in page
    assert "139 1234 5678" in page
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
    assert not Offer.objects.filter(supplier=member, title="x").exists()
    assert user.name in browser(visited).get("/me/visits").content.decode()
    assert user.name not in browser(market.owner(1)).get("/me/visits").content.decode()
    client.post("/visit/end")
    visit.refresh_from_db()
    assert visit.ended_at
    assert client.get("/operator").status_code == 200
    whats = MemberEvent.objects.filter(member_id=member.pk, what__startswith="visit.").order_by("pk")
    assert [event.what for event in whats] == ["visit.began", "visit.ended"]


def test_a_visit_takes_no_file_and_no_sign_in_along(browser: Browser, market: Market):
    """In WeChat's browser a download becomes a link that signs in as whoever asked: never as the visited person."""
    client, visited, member = browser(runner(market.cluster)), market.owner(), market.suppliers[0]
    sheet = f"/export/sellers/{member.code}"
    assert browser(visited).get(sheet).status_code == 200
    begin = f"/operator/members/{member.code}/visit/{visited.pk}"
    client.post(begin, {"reason": "asked by phone for help"})
    for agent in ("Mozilla/5.0 (iPhone) MicroMessenger/8.0.50", "Mozilla/5.0 (iPhone) Safari"):
        client.defaults["HTTP_USER_AGENT"] = agent
        assert client.get(sheet).status_code == 403
        for path in ("/me/phone", "/me/devices", "/notices/1", f"/m/{member.code}/print/slips"):
            assert client.get(path).status_code == 403
    assert not CarryLink.objects.filter(user=visited).exists()


def test_a_visit_reads_for_nobody(browser: Browser, market: Market):
    buyer, supplier, member = browser(), market.owner(), market.suppliers[0]
    put_in_cart(buyer, market.offers[0])
    order = make_paid(place(buyer))[0]
    page = f"/orders/{order.code}"
    buyer.post(f"{page}/talk", {"words": "Where is it?", "side": "buyer"})
    client = browser(runner(market.cluster))
    client.post(f"/operator/members/{member.code}/visit/{supplier.pk}", {"reason": "asked by phone for help"})
    assert "Where is it?" in client.get(page).content.decode()
    thread = Thread.objects.get(order_id=order.pk)
    assert thread.read_by_supplier_id == 0
    browser(supplier).get(page)
    thread.refresh_from_db()
    assert thread.read_by_supplier_id == thread.messages.get().pk


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
