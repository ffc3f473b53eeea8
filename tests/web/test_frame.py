"""The frame around the pages: what the browser may do, htmx and its token, the rail of a journey and the places under the thumb."""

import html
import json
import re

import pytest
from django.test import Client

from tests.factories import members
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.members.models import Cluster, User

PUBLIC = ("/", "/shelf", "/cart", "/fees", "/about", "/sign-in", "/design", "/no-such-page")


@pytest.fixture
def market(cluster: Cluster) -> Market:
    return make_market(cluster)


def bar(page: str) -> list[str]:
    """The words under the thumb."""
    found = re.search(r'<nav class="bar.*?</nav>', page, re.DOTALL)
    assert found
    return re.findall(r"<span>(.*?)</span>", found[0])


def rail(page: str) -> list[str]:
    found = re.search(r'<nav class="rail.*?</nav>', page, re.DOTALL)
    return re.findall(r'<a href="([^"]+)"', found[0]) if found else []


@pytest.mark.parametrize("path", PUBLIC)
def test_no_answer_lets_a_script_or_style_in_that_is_not_ours(browser: Browser, path: str):
    response = browser().get(path)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["base-uri"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)
    hosts = set(re.findall(r'(?:src|href)="https?://([^/"]+)', page))
    assert hosts <= {"beian.miit.gov.cn", "beian.mps.gov.cn"}  # what the law asks a footer to link to


def test_a_page_asks_for_one_style_sheet_and_defers_its_scripts(browser: Browser):
    page = browser().get("/").content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == ["/static/ui/yunju.css"]
    scripts = re.findall(r"<script [^>]*>", page)
    assert len(scripts) == 2
    assert all("defer" in one for one in scripts)


def test_htmx_runs_no_text_and_adds_no_style(browser: Browser):
    page = browser().get("/").content.decode()
    found = re.search(r"name=\"htmx-config\" content='([^']+)'", page)
    assert found
    config = json.loads(html.unescape(found[1]))
    assert config["allowEval"] is config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True
    assert {"code": "422", "swap": True} in config["responseHandling"]


def test_what_htmx_sends_needs_the_token_of_the_page(cluster: Cluster, market: Market):
    client = Client(headers={"host": cluster.host}, enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/cart").content.decode())
    assert token
    data = {"next": "/", "language": "en"}
    bare = client.post("/language", data, headers={"hx-request": "true"})
    assert bare.status_code == 403
    sent = client.post("/language", data, headers={"hx-request": "true", "x-csrftoken": token[1]})
    assert (sent.status_code, sent["Location"]) == (302, "/")


def test_a_stranger_has_the_buyers_places(browser: Browser):
    page = browser().get("/shelf").content.decode()
    assert bar(page) == ["Home", "Shelf", "Cart", "My orders", "Me"]
    assert rail(page) == []


def test_a_suppliers_pages_have_a_rail_and_five_places(browser: Browser, market: Market):
    code = market.suppliers[0].code
    page = browser(market.owner()).get(f"/m/{code}/orders").content.decode()
    assert bar(page) == ["Today", "Goods", "Customers", "Money", "Settings"]
    assert f"/m/{code}/freight" in rail(page)
    assert len(rail(page)) == len(set(rail(page))) > 12
    # The rail knows the page, the bar its room; on a phone the row has the places of that room alone.
    here = re.findall(r'href="([^"]+)" aria-current="page"><svg', page)
    assert here == [f"/m/{code}/orders", f"/m/{code}/today"]
    whole = re.search(r'<nav class="rail.*?</nav>', page, re.DOTALL)
    assert whole
    near = [one for one in rail(page) if f'<li><a href="{one}"' in whole[0]]
    assert near == [f"/m/{code}/{name}" for name in ("today", "orders", "cases", "talks")]


def test_a_shopkeepers_money_lies_beside_the_shop(browser: Browser, market: Market):
    shop, member = market.shop.code, market.shop.member.code
    client = browser(market.keeper)
    for path in (f"/shops/{shop}/today", f"/m/{member}/earnings"):
        page = client.get(path).content.decode()
        assert bar(page) == ["Today", "Pick goods", "Arrange", "Material", "Earnings"], path
        assert {f"/shops/{shop}/share", f"/m/{member}/statement"} <= set(rail(page))
        assert not [one for one in rail(page) if "freight" in one]


def test_every_page_of_ones_work_says_so_above_and_below(browser: Browser, market: Market):
    shop, member = f"/shops/{market.shop.code}", f"/m/{market.shop.member.code}"
    client = browser(market.keeper)
    for path, below in (
        (f"{shop}/today", f"{shop}/today"),
        (f"{shop}/views", f"{shop}/today"),
        (f"{shop}/orders", f"{shop}/today"),
        (f"{shop}/share", f"{shop}/material"),
        (f"{member}/payee", f"{member}/earnings"),
        (f"{member}/statement", f"{member}/earnings"),
    ):
        page = client.get(path).content.decode()
        assert '<a href="/work" aria-current="page">' in page, path
        assert re.findall(r'href="([^"]+)" aria-current="page"><svg', page)[-1] == below, path
    filings = browser(market.owner()).get(f"/m/{market.suppliers[0].code}/filings").content.decode()
    assert '<a href="/work" aria-current="page">' in filings


def test_the_operators_rooms_are_under_the_thumb(browser: Browser, cluster: Cluster):
    page = (
        browser(User.objects.get(pk=members.operator(cluster).user_id))
        .get("/operator/members")
        .content.decode()
    )
    assert bar(page) == ["Today", "Members", "Trade", "Money", "Settings"]
    assert {"/operator", "/operator/payouts", "/operator/rules"} <= set(rail(page))
    found = re.search(r'<nav class="rail.*?</nav>', page, re.DOTALL)
    assert found
    assert 'class="elsewhere"><a href="/operator/payouts"' in found[0]
    assert '<li><a href="/operator/admissions"' in found[0]


def test_the_look_is_shown_in_both_languages(browser: Browser):
    assert "Pairs and their contrast" in browser().get("/design").content.decode()
    page = browser(language="zh-hans").get("/design").content.decode()
    assert "配色与对比度" in page
    assert page.count('class="icon') > 60
