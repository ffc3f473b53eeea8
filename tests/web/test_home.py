import pytest
from django.test import Client

from tests.factories import catalog
from tests.factories.members import make_cluster, make_member, make_user
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Category, FreightRule
from yunju.kernel import clock
from yunju.members.words import CapacityKind


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def test_the_cluster_is_the_face_of_the_site(browser: Browser, cluster):
    page = browser(language="zh-hans").get("/")
    assert page.status_code == 200
    assert cluster.name_zh in page.content.decode()
    assert 'lang="zh-Hans"' in page.content.decode()


def test_chinese_comes_first_and_english_is_whole(browser: Browser):
    client = browser()
    del client.cookies["django_language"]
    assert 'lang="zh-Hans"' in client.get("/sign-in").content.decode()
    assert 'lang="en"' in client.get("/sign-in", headers={"accept-language": "en"}).content.decode()


def test_an_empty_shelf_says_so(browser: Browser):
    assert "Nothing is on the shelf yet" in browser().get("/shelf").content.decode()


def test_the_shelf_is_found_by_words_and_category(browser: Browser, cluster, market: Market):
    label = Category.objects.create(cluster=cluster, code="tea", name_zh="茶", name_en="Tea")
    supplier = market.suppliers[0]
    catalog.make_offer(supplier, title="Celadon cup", category=label)
    client = browser()
    found = client.get("/shelf", {"q": "celadon"})
    assert [card.title for card in found.context["cards"]] == ["Celadon cup"]
    assert [card.title for card in client.get("/shelf", {"category": "tea"}).context["cards"]] == [
        "Celadon cup"
    ]
    assert "Nothing found for" in client.get("/shelf", {"q": "no such thing"}).content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "2"])
def test_any_page_number_is_answered(browser: Browser, market: Market, page: str):
    assert browser().get("/shelf", {"page": page}).status_code == 200


def test_what_is_not_on_the_shelf_is_not_there(browser: Browser, cluster, market: Market):
    hidden = catalog.make_offer(market.suppliers[0], listed=False)
    assert browser().get(f"/offers/{hidden.code}").status_code == 404
    assert browser(market.owner()).get(f"/offers/{hidden.code}").status_code == 200
    elsewhere = make_market(make_cluster()).offers[0]
    assert browser().get(f"/offers/{elsewhere.code}").status_code == 404


def test_the_offer_page_shows_freight_to_the_province(browser: Browser, market: Market):
    offer = market.offers[0]
    FreightRule.objects.create(
        supplier=offer.supplier, kind="flat", flat_minor=800, surcharges={"新疆": 500}, not_served=["西藏"]
    )
    client = browser()
    assert client.get(f"/offers/{offer.code}").context["freight"] == {}
    assert client.get(f"/offers/{offer.code}", {"province": "新疆"}).context["freight"] == {"minor": 1_300}
    assert "refusal" in client.get(f"/offers/{offer.code}", {"province": "西藏"}).context["freight"]
    assert client.get(f"/offers/{offer.code}").context["province"] == "西藏", "the choice is remembered"
    assert client.get(f"/offers/{offer.code}", {"province": "Atlantis"}).status_code == 200


def test_only_a_shopkeeper_sees_the_commission(browser: Browser, market: Market):
    address = f"/offers/{market.offers[0].code}"
    assert "Commission 15%" not in browser().get(address).content.decode()
    assert "Commission 15%" in browser(market.keeper).get(address).content.decode()


def test_the_page_of_an_offer_is_safe_and_strict(browser: Browser, market: Market):
    offer = catalog.make_offer(market.suppliers[0], title="<script>alert(1)</script>")
    page = browser().get(f"/offers/{offer.code}")
    assert "<script>alert" not in page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert page["X-Content-Type-Options"] == "nosniff"


def test_a_host_without_cluster_gets_a_sentence(db_app):
    make_cluster(closed_at=clock.now(), host="gone.test")
    page = Client(headers={"host": "gone.test"}).get("/")
    assert page.status_code in (200, 404)  # 200 where the database has a cluster for every host


def test_lost_pages_are_sentences_in_both_languages(browser: Browser):
    page = browser().get("/no/such/page")
    assert (page.status_code, "This page does not exist." in page.content.decode()) == (404, True)
    assert "页面不存在" in browser(language="zh-hans").get("/no/such/page").content.decode()


def test_a_supplier_elsewhere_is_no_door_here(browser: Browser, cluster):
    other = make_member(make_cluster(), capacities=(CapacityKind.SUPPLIER,))
    assert browser(make_user()).get(f"/m/{other.code}/offers").status_code == 404
