"""The shelf, the page of an offer, studios and hearts, as a buyer meets them."""

import re
from datetime import timedelta

import pytest

from tests.factories import catalog
from tests.factories.members import make_cluster, make_member, make_user
from tests.factories.sales import make_sale
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.actions import favourites
from yunju.catalog.models import Category, Favourite, Offer, Presale, ShelfEntry
from yunju.kernel import clock
from yunju.kernel.errors import NotFound, Refused
from yunju.members.queries import actor_for
from yunju.members.words import CapacityKind
from yunju.shops import attribution


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def shown(answer) -> list[str]:
    return [card.title for card in answer.context["cards"]]


def test_words_filters_and_order_are_the_address(browser: Browser, cluster, market: Market):
    label = Category.objects.create(cluster=cluster, code="tea", name_zh="茶器", name_en="Tea ware")
    supplier = market.suppliers[0]
    catalog.make_offer(supplier, title="Celadon cup", category=label, price_minor=2_000)
    catalog.make_offer(supplier, title="Celadon pot", category=label, price_minor=9_000, stock=0)
    client = browser()
    assert shown(client.get("/shelf", {"q": "celadon", "sort": "cheap"})) == ["Celadon cup", "Celadon pot"]
    assert shown(client.get("/shelf", {"q": "celadon", "max": "￥50"})) == ["Celadon cup"]
    assert shown(client.get("/shelf", {"q": "celadon", "min": "50.5"})) == ["Celadon pot"]
    answer = client.get("/shelf", {"q": "celadon", "category": "tea", "in_stock": "1", "page": "1"})
    assert shown(answer) == ["Celadon cup"]
    chips = {chip.label: chip.without for chip in answer.context["chips"]}
    assert chips == {"Tea ware": "/shelf?q=celadon&in_stock=1", "In stock": "/shelf?q=celadon&category=tea"}
    for odd in (
        {"min": "x"},
        {"max": "-1"},
        {"from": "Atlantis"},
        {"sort": "x"},
        {"after": "x"},
        {"max": "9" * 40},
    ):
        assert client.get("/shelf", odd).status_code == 200


def test_while_one_types_only_the_list_is_sent(browser: Browser, market: Market):
    catalog.make_offer(market.suppliers[0], title="Celadon cup")
    client = browser()
    part = client.get("/shelf", {"q": "cel", "min": "", "s": ""}, headers={"HX-Target": "found"})
    text = part.content.decode()
    assert text.lstrip().startswith('<div id="found"')
    assert "Celadon cup" in text
    assert part["HX-Push-Url"] == "/shelf?q=cel"
    assert "HX-Target" in part["Vary"]
    found = client.get("/shelf/suggest", {"q": "cel"}).content.decode()
    assert "Celadon cup" in found
    assert "<html" not in found
    assert client.get("/shelf/suggest").content.decode().strip() == ""


def test_links_keep_the_shop_that_led_here(browser: Browser, market: Market):
    token = attribution.make_token(market.shop.pk, "link")
    visitor = browser()
    page = visitor.get("/shelf", {"s": token, "q": market.offers[0].title}).content.decode()
    stamped = re.search(r'name="s" value="([^"]+)"', page)[1]
    assert f"/offers/{market.offers[0].code}?s={stamped}" in page


def test_an_empty_answer_helps(browser: Browser, market: Market):
    catalog.make_offer(market.suppliers[0], title="Celadon cup")
    answer = browser().get("/shelf", {"q": "celadom vase"})
    assert answer.context["cards"] == []
    assert [card.title for card in answer.context["near"]] == ["Celadon cup"]
    text = answer.content.decode()
    assert "/shelf?q=vase" in text
    assert "See everything" in text
    filtered = browser().get("/shelf", {"q": "celadon", "free_freight": "1", "min": "99999"}).content.decode()
    assert "Clear all filters" in filtered


def test_pages_have_numbers(browser: Browser, market: Market):
    for n in range(60):
        catalog.make_offer(market.suppliers[0], title=f"thing {n}")
    answer = browser().get("/shelf", {"q": "thing", "page": "2"})
    assert (answer.context["found"].pages, answer.context["found"].page) == (3, 2)
    assert "?q=thing&amp;page=3" in answer.content.decode()
    assert browser().get("/shelf", {"q": "thing", "page": "99"}).context["found"].page == 3


def test_the_price_follows_the_choice(browser: Browser, market: Market):
    offer = catalog.make_offer(market.suppliers[0], title="Bowl", option_names=["Size", "Glaze"], stock=None)
    offer.variants.update(closed_at=clock.now())
    small = catalog.make_variant(
        offer, price_minor=1_100, options=["small", "blue"], title="small / blue", position=1
    )
    large = catalog.make_variant(
        offer, price_minor=2_200, options=["large", "blue"], title="large / blue", position=2
    )
    gone = catalog.make_variant(offer, price_minor=3_300, options=["large", "red"], stock=0, position=3)
    client = browser()
    page = client.get(f"/offers/{offer.code}")
    assert page.context["chosen"].variant == small
    options = {
        name: [(one.label, one.code, one.is_chosen, one.is_left) for one in values]
        for name, values in page.context["options"]
    }
    assert options == {
        "Size": [("small", small.code, True, True), ("large", large.code, False, True)],
        "Glaze": [("blue", small.code, True, True), ("red", gone.code, False, False)],
    }
    other = client.get(f"/offers/{offer.code}", {"v": large.code})
    assert f'value="{large.code}:2200"' in other.content.decode()
    assert "¥22.00" in other.content.decode()
    sold_out = client.get(f"/offers/{offer.code}", {"v": gone.code}).content.decode()
    assert "This one is sold out" in sold_out
    assert "/cart/add" not in sold_out
    assert client.get(f"/offers/{offer.code}", {"v": "nonsense"}).context["chosen"].variant == small


def test_arrival_rests_on_what_it_says(browser: Browser, market: Market):
    offer = market.offers[0]
    client = browser()
    assert client.get(f"/offers/{offer.code}").context["promise"] is None
    page = client.get(f"/offers/{offer.code}", {"province": "浙江"})
    assert page.context["promise"].parcels == 0
    assert "usual for this distance" in page.content.decode()
    today = clock.now().date()
    Presale.objects.create(offer=offer, ship_from=today + timedelta(days=20))
    later = client.get(f"/offers/{offer.code}", {"province": "浙江"})
    assert later.context["promise"].first > today + timedelta(days=20)
    assert "Presale: ships from" in later.content.decode()


def test_a_studio_shows_itself_and_all_its_things(browser: Browser, cluster, market: Market):
    supplier = market.suppliers[0]
    supplier.story = "Two kilns."
    supplier.save()
    page = browser().get(f"/studios/{supplier.code}")
    assert set(shown(page)) == {one.title for one in market.offers if one.supplier_id == supplier.pk}
    assert "Two kilns." in page.content.decode()
    nobody = make_member(cluster, capacities=(CapacityKind.SUPPLIER,))
    assert browser().get(f"/studios/{nobody.code}").status_code == 404, "nothing on the shelf"
    elsewhere = make_market(make_cluster()).suppliers[0]
    assert browser().get(f"/studios/{elsewhere.code}").status_code == 404


def test_hearts_of_a_browser_go_with_the_person(browser: Browser, market: Market):
    one, two = market.offers
    client = browser()
    assert "No favourites yet" in client.get("/favourites").content.decode()
    assert (
        client.post(f"/offers/{one.code}/heart", {"heart": "on", "next": "/favourites"})["Location"]
        == "/favourites"
    )
    client.post(f"/offers/{one.code}/heart", {"heart": "on", "next": "//evil.example/"})
    assert shown(client.get("/favourites")) == [one.title]
    assert 'aria-pressed="true"' in client.get(f"/offers/{one.code}").content.decode()
    assert shown(browser().get("/favourites")) == [], "another browser has none"
    person = make_user()
    by = actor_for(person, market.cluster)
    favourites.add(offer_code=two.code, by=by)
    favourites.take_over(holder=Favourite.objects.get(user_id=None).holder, by=by)
    assert set(shown(browser(person).get("/favourites"))) == {one.title, two.title}
    assert shown(client.get("/favourites")) == []
    Offer.objects.filter(pk=two.pk).update(withdrawn_at=clock.now())
    assert "Not for sale at the moment" in browser(person).get("/favourites").content.decode()
    browser(person).post(f"/offers/{two.code}/heart", {"heart": "off"})
    assert shown(browser(person).get("/favourites")) == [one.title]


def test_hearts_are_bounded_and_only_on_what_one_sees(browser: Browser, market: Market, monkeypatch):
    by = actor_for(make_user(), market.cluster)
    hidden = catalog.make_offer(market.suppliers[0], listed=False)
    with pytest.raises(NotFound):
        favourites.add(offer_code=hidden.code, by=by)
    monkeypatch.setattr(favourites, "MOST", 1)
    favourites.add(offer_code=market.offers[0].code, by=by)
    favourites.add(offer_code=market.offers[0].code, by=by)
    with pytest.raises(Refused, match=r"favourite\.too_many"):
        favourites.add(offer_code=market.offers[1].code, by=by)
    assert browser().post(f"/offers/{hidden.code}/heart", {"heart": "on"}).status_code == 404


def test_the_home_shows_what_there_is(browser: Browser, cluster, market: Market):
    label = Category.objects.create(cluster=cluster, code="tea", name_zh="茶器", name_en="Tea ware")
    Category.objects.create(cluster=cluster, code="void", name_zh="空", name_en="Void")
    catalog.make_offer(market.suppliers[0], title="Cup", category=label)
    page = browser().get("/")
    assert [one["category"].code for one in page.context["categories"]] == ["tea"]
    assert page.context["counts"] == {"offers": 3, "studios": 2, "shops": 1}
    assert {one["member"].pk for one in page.context["studios"]} == {one.pk for one in market.suppliers}


def test_statements_do_not_grow(browser: Browser, market: Market, django_assert_max_num_queries):
    for n in range(30):
        catalog.make_offer(market.suppliers[n % 2], title=f"cup {n}")
    ShelfEntry.objects.filter(offer__supplier__in=market.suppliers).update(sold=5)
    make_sale(market.offers[0].variants.get())
    client = browser()
    client.get("/shelf")
    offer = market.offers[0]
    for address, most in (
        ("/", 23),
        ("/shelf", 10),
        ("/shelf?q=cup", 10),
        (f"/offers/{offer.code}?province=浙江", 24),
        (f"/studios/{market.suppliers[0].code}", 11),
        ("/favourites", 4),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_one_studio_that_sells_a_lot_does_not_fill_the_front_page(browser: Browser, market: Market):
    for n in range(9):
        catalog.make_offer(market.suppliers[0], title=f"vase {n}")
    for n, entry in enumerate(ShelfEntry.objects.filter(offer__supplier=market.suppliers[0]).order_by("pk")):
        ShelfEntry.objects.filter(pk=entry.pk).update(sold=50 - n)
    ShelfEntry.objects.filter(offer=market.offers[1]).update(sold=1)
    best = [card.offer.pk for card in browser().get("/").context["best"]]
    first, *rest = (
        ShelfEntry.objects.filter(offer__supplier=market.suppliers[0])
        .order_by("-sold")
        .values_list("pk", flat=True)
    )
    assert best == [first, market.offers[1].pk, *rest[:6]]


def test_words_in_two_languages_show_the_reader_its_own(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    supplier.story, supplier.province, supplier.city = (
        "三个人的小窑。\n\nA kiln of three.",
        "江西",
        "景德镇市",
    )
    supplier.save()
    offer = catalog.make_offer(supplier, title="青花茶杯")
    english = browser().get(f"/offers/{offer.code}").content.decode()
    assert "A kiln of three." in english
    assert "小窑" not in english
    assert "Jiangxi · Jingdezhen" in english
    assert '<span lang="zh-Hans">青花茶杯</span></h1>' in english
    chinese = browser(language="zh-hans").get(f"/offers/{offer.code}").content.decode()
    assert "三个人的小窑。" in chinese
    assert "A kiln" not in chinese
    assert "景德镇市" in chinese
    whole = browser().get(f"/studios/{supplier.code}").content.decode()
    assert "A kiln of three." in whole
    assert '<span lang="zh-Hans">三个人的小窑。</span>' in whole
