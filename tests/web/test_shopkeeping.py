"""A keeper's pages: choosing, arranging, sharing, posting, today; whose they are; and what they never tell of a buyer."""

import io

import pytest
import zxingcpp
from django.utils.html import escape
from PIL import Image
from python_calamine import CalamineWorkbook

from tests.factories.catalog import make_offer
from tests.factories.materials import drawn, make_material
from tests.factories.members import acts_for, make_cluster, make_user, operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.catalog.models import Category, Material, Picture
from yunju.kernel import clock
from yunju.members.models import User
from yunju.orders.models import Contact, Order
from yunju.shops import looks
from yunju.shops.attribution import make_token
from yunju.shops.models import Listing, MaterialPost, ShopVisitor, ViewCount

PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari MicroMessenger/8.0.50"}


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster, offers=3)


@pytest.fixture
def client(browser: Browser, market: Market):
    return browser(market.keeper)


@pytest.fixture(autouse=True)
def nothing_noted():
    looks.noted.write()
    yield
    looks.noted.write()


def keeper_pages(market: Market) -> list[str]:
    base = f"/shops/{market.shop.code}"
    listing = Listing.objects.filter(shop=market.shop).earliest("id")
    material = Material.objects.filter(offer=market.offers[0]).first() or make_material(market.offers[0])
    return [
        *(
            f"{base}/{name}"
            for name in ("opened", "today", "views", "orders", "orders.xlsx", "choose", "share")
        ),
        *(f"{base}/{name}" for name in ("material", "material?all=1", "edit", "arrange", "poster.png")),
        f"{base}/share?offer={market.offers[0].code}",
        f"{base}/poster.png?offer={market.offers[0].code}",
        f"{base}/picks/{listing.pk}",
        f"{base}/material/{material.code}",
    ]


def test_a_keepers_pages_are_the_keepers(browser: Browser, market: Market):
    strangers = [
        make_user(),
        market.owner(),
        User.objects.get(pk=operator(market.cluster).user_id),
        User.objects.get(pk=operator(make_cluster()).user_id),
    ]
    for page in keeper_pages(market):
        assert browser(market.keeper).get(page).status_code == 200, page
        assert browser().get(page)["Location"].startswith("/sign-in"), page
        for stranger in strangers:
            assert browser(stranger).get(page).status_code == 404, page


def test_a_stranger_changes_nothing(browser: Browser, market: Market):
    material = make_material(market.offers[0])
    listing = Listing.objects.filter(shop=market.shop).earliest("id")
    base = f"/shops/{market.shop.code}"
    before = list(Listing.objects.filter(shop=market.shop).order_by("id").values())
    for user in (make_user(), market.owner()):
        client = browser(user)
        for path, data in (
            (f"{base}/picks/{listing.pk}/drop", {}),
            (f"{base}/picks/{listing.pk}/restore", {}),
            (f"{base}/picks/{listing.pk}/move", {"step": "down"}),
            (f"{base}/picks/{listing.pk}", {"title": "mine", "picture_id": "0"}),
            (f"{base}/edit?form=shop", {"name": "mine", "intro": ""}),
            (f"{base}/edit?form=service", {"phone": "13800138000"}),
            (f"{base}/material/{material.code}/posted", {"what": "posted"}),
            ("/pick", {"shop": market.shop.code, "offer": market.offers[0].code, "what": "drop"}),
        ):
            assert client.post(path, data).status_code == 404, path
    market.shop.refresh_from_db()
    assert market.shop.name != "mine"
    assert list(Listing.objects.filter(shop=market.shop).order_by("id").values()) == before
    assert not MaterialPost.objects.filter(shop=market.shop).exists()


# --- of a buyer three things ------------------------------------------------------------------------------------------

SECRETS = ("1391234", "139****", "Zhang", "Wanqing", "Elm Road", "Xihu", "ring twice", "Bergmann", "luise")


def bought(browser: Browser, market: Market) -> Order:
    """One cup by a buyer with an account, through the shop's link, paid."""
    person = make_user(name="Luise Bergmann", email=f"luise-{market.shop.pk}@secret.example")
    client = browser(person)
    put_in_cart(client, market.offers[0], s=make_token(market.shop.pk, "link"))
    purchase = place(
        client,
        name="Zhang Wanqing",
        phone="13912345678",
        district="Xihu",
        street="Elm Road 7",
        note="ring twice",
    )
    (order,) = make_paid(purchase)
    Contact.objects.filter(order_id=order.pk).update(city="杭州市")
    return order


def read(answer) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_of_a_buyer_a_keeper_sees_three_things_on_every_page(browser: Browser, market: Market):
    order = bought(browser, market)
    client = browser(market.keeper)
    page = client.get(f"/shops/{market.shop.code}/orders").content.decode()
    assert "L** · 杭州市 · phone …5678" in page
    member = market.shop.member.code
    money = [f"/m/{member}/{name}" for name in ("earnings", "earnings.xlsx", "statement", "statement.xlsx")]
    for address in (*keeper_pages(market), *money, "/work", "/orders", f"/orders/{order.code}", "/notices"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = str(read(answer)) if address.endswith(".xlsx") else answer.content.decode(errors="replace")
        for secret in SECRETS:
            assert secret not in text, f"{secret} on {address}"


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_choosing_shows_price_stock_and_commission_in_money(client, market: Market):
    page = client.get(f"/shops/{market.shop.code}/choose")
    first = {one.card.offer.pk: one for one in page.context["choices"]}[market.offers[0].pk]
    assert (first.earns_minor, first.left, first.is_picked) == (150, 10, True)
    text = page.content.decode()
    for words in ("¥10.00", "earns ¥1.50", "10 in stock"):
        assert words in text


def test_the_best_paying_come_first_when_asked_for(client, market: Market):
    low = make_offer(market.suppliers[0], price_minor=100_000, shop_bp=100)  # 10.00
    capped = make_offer(market.suppliers[0], price_minor=100_000, shop_bp=5_000)  # 500.00, capped at 5.00
    capped.rules.update(shop_cap_minor=500)
    lifted = make_offer(market.suppliers[0], price_minor=1_000, shop_bp=100)  # 0.10, at least 7.00
    lifted.rules.update(shop_floor_minor=700)
    page = client.get(f"/shops/{market.shop.code}/choose?sort=pays")
    assert [one.card.offer.pk for one in page.context["choices"]][:3] == [low.pk, lifted.pk, capped.pk]
    assert [one.earns_minor for one in page.context["choices"]][:3] == [1_000, 700, 500]
    newest = client.get(f"/shops/{market.shop.code}/choose?sort=new").context["choices"]
    assert newest[0].card.offer.pk == lifted.pk


def test_choosing_takes_a_constant_number_of_queries(client, market: Market, django_assert_max_num_queries):
    client.get(f"/shops/{market.shop.code}/choose")
    for _ in range(10):
        make_offer(market.suppliers[0], shop_bp=100)
    with django_assert_max_num_queries(26):
        page = client.get(f"/shops/{market.shop.code}/choose")
    assert len(page.context["choices"]) == 13


def test_one_tap_in_and_one_tap_out(client, market: Market):
    offer = make_offer(market.suppliers[0], title="Bowl")
    data = {"shop": market.shop.code, "offer": offer.code}
    toggled = client.post("/pick", data, headers={"hx-request": "true"})
    assert toggled.status_code == 200
    assert 'aria-pressed="true"' in toggled.content.decode()
    assert "<html" not in toggled.content.decode()
    assert Listing.objects.filter(shop=market.shop, offer=offer, ended_at=None).exists()
    client.post("/pick", data | {"what": "drop"}, headers={"hx-request": "true"})
    assert not Listing.objects.filter(shop=market.shop, offer=offer, ended_at=None).exists()
    answer = client.post("/pick", data | {"next": "//evil.example"})
    assert answer["Location"] == f"/shops/{market.shop.code}/arrange"


def test_a_page_of_offers_is_picked_at_once(client, market: Market):
    made = [make_offer(market.suppliers[0]) for _ in range(3)]
    page = client.get(f"/shops/{market.shop.code}/choose")
    assert set(page.context["unpicked"]) == {one.code for one in made}
    client.post("/pick", {"shop": market.shop.code, "offer": page.context["unpicked"]})
    assert Listing.objects.filter(shop=market.shop, ended_at=None).count() == 6
    assert client.get(f"/shops/{market.shop.code}/choose").context["unpicked"] == []


# --- arranging --------------------------------------------------------------------------------------------------------


def order_of(market: Market) -> list[int]:
    live = Listing.objects.filter(shop=market.shop, ended_at=None).order_by("position", "id")
    return [market.offers.index(one.offer) for one in live.select_related("offer")]


def test_up_down_and_to_the_top_without_dragging(client, market: Market):
    pks = [Listing.objects.get(shop=market.shop, offer=one).pk for one in market.offers]

    def step(which: int, to: str) -> int:
        return client.post(f"/shops/{market.shop.code}/picks/{pks[which]}/move", {"step": to}).status_code

    assert (step(2, "top"), order_of(market)) == (302, [2, 0, 1])
    assert (step(2, "down"), order_of(market)) == (302, [0, 2, 1])
    assert (step(1, "up"), order_of(market)) == (302, [0, 1, 2])
    assert (step(0, "up"), order_of(market)) == (302, [0, 1, 2])
    assert (step(2, "down"), order_of(market)) == (302, [0, 1, 2])
    assert step(0, "sideways") == 422


def test_what_is_taken_out_comes_back_as_it_was(client, market: Market):
    listing = Listing.objects.get(shop=market.shop, offer=market.offers[1])
    client.post(f"/shops/{market.shop.code}/picks/{listing.pk}", {"title": "My own", "picture_id": "0"})
    client.post(f"/shops/{market.shop.code}/picks/{listing.pk}/move", {"step": "top"})
    away = client.post(f"/shops/{market.shop.code}/picks/{listing.pk}/drop")
    page = client.get(away["Location"])
    assert page.context["dropped"] == listing
    assert "Undo" in page.content.decode()
    assert order_of(market) == [0, 2]
    client.post(f"/shops/{market.shop.code}/picks/{listing.pk}/restore")
    listing.refresh_from_db()
    assert (order_of(market), listing.title) == ([1, 0, 2], "My own")
    client.post(f"/shops/{market.shop.code}/picks/{listing.pk}/restore")
    assert order_of(market) == [1, 0, 2]


def test_an_own_title_promises_nothing(client, market: Market):
    listing = Listing.objects.get(shop=market.shop, offer=market.offers[0])
    address = f"/shops/{market.shop.code}/picks/{listing.pk}"
    refused = client.post(address, {"title": "买它躺赚", "picture_id": "0"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["title"])
    listing.refresh_from_db()
    assert listing.title == ""


def test_name_words_and_contact_of_the_shop(client, browser: Browser, market: Market):
    address = f"/shops/{market.shop.code}/edit"
    assert client.post(f"{address}?form=shop", {"name": "招代理", "intro": ""}).status_code == 422
    assert client.post(f"{address}?form=shop", {"name": "Tea", "intro": "Only <b>"}).status_code == 422
    client.post(f"{address}?form=shop", {"name": "Tea", "intro": "Leaves\nand cups"})
    client.post(f"{address}?form=service", {"phone": "13800138000", "picture": drawn()})
    page = browser().get(f"/shops/{market.shop.code}").content.decode()
    for words in ("Tea", "Leaves<br>and cups", "tel:", "Ask the shop", "QR code to reach Tea"):
        assert words in page, words


# --- sharing ----------------------------------------------------------------------------------------------------------


def code_on(answer) -> str:
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("RGB"))
    assert len(found) == 1
    return found[0].text


def test_posters_lead_to_the_shop_and_to_one_thing(client, market: Market):
    base = f"/shops/{market.shop.code}/poster.png"
    token = make_token(market.shop.pk, "poster")
    host = f"http://{market.cluster.host}"
    assert code_on(client.get(base)) == f"{host}/shops/{market.shop.code}?s={token}"
    offer = market.offers[0].code
    assert code_on(client.get(f"{base}?offer={offer}")) == f"{host}/offers/{offer}?s={token}"
    assert client.get(f"{base}?offer=NOSUCH").status_code == 404
    assert client.get(base)["Content-Type"] == "image/png"


def test_the_card_of_a_shared_page(browser: Browser, market: Market):
    Picture.objects.create(offer=market.offers[0], file="offers/x.webp")
    market.shop.intro = "Cups & bowls"
    market.shop.save()
    page = browser().get(f"/shops/{market.shop.code}").content.decode()
    host = f"http://{market.cluster.host}"
    for name, text in (
        ("title", market.shop.name),
        ("description", "Cups & bowls"),
        ("url", f"{host}/shops/{market.shop.code}"),
        ("image", f"{host}/media/offers/x.webp"),
    ):
        assert f'<meta property="og:{name}" content="{escape(text)}">' in page


def test_a_shop_is_searched_by_words_and_by_category(browser: Browser, market: Market):
    one, other, third = market.offers
    cups, bowls = (
        Category.objects.create(cluster=market.cluster, code=code, name_zh=code, name_en=code)
        for code in ("cups", "bowls")
    )
    for offer, category in ((one, cups), (other, bowls), (third, bowls)):
        offer.category = category
        offer.save()
    Listing.objects.filter(shop=market.shop, offer=third).update(title="Grandmother's favourite")
    client, base = browser(), f"/shops/{market.shop.code}"

    def shown(query: str) -> set[int]:
        return {card.offer.pk for card in client.get(f"{base}?{query}").context["cards"]}

    assert shown("") == {one.pk, other.pk, third.pk}
    assert shown("category=bowls") == {other.pk, third.pk}
    assert shown("q=grandmother") == {third.pk}
    assert shown("q=nothing+like+this") == set()
    token = make_token(market.shop.pk, "link")
    page = client.get(f"{base}?s={token}&q=nothing+like+this").content.decode()
    assert "Nothing fits" in page
    assert page.count("s=") >= 3  # categories, the way to everything, the next search


# --- posting ----------------------------------------------------------------------------------------------------------


def test_material_is_copied_with_her_link_and_marked_as_posted(client, market: Market):
    material = make_material(market.offers[0], "Two days for one cup", pictures=3)
    address = f"/shops/{market.shop.code}/material/{material.code}"
    page = client.get(address)
    link = (
        f"http://{market.cluster.host}/offers/{market.offers[0].code}?s={make_token(market.shop.pk, 'link')}"
    )
    assert page.context["words"] == f"Two days for one cup\n{link}"
    assert page.content.decode().count('class="album"') == 1
    assert page.content.decode().count("/media/materials/") == 3
    assert client.post(f"{address}/posted", {"what": "posted"}).status_code == 302
    post = MaterialPost.objects.get(shop=market.shop)
    assert (post.material, post.offer_id, post.by_user_id) == (
        material,
        market.offers[0].pk,
        market.keeper.pk,
    )
    assert "Posted on" in client.get(f"/shops/{market.shop.code}/material").content.decode()
    client.post(f"{address}/posted", {"what": "undo"})
    assert not MaterialPost.objects.filter(shop=market.shop).exists()


def test_what_is_posted_stands_in_the_shop(client, market: Market):
    material = make_material(make_offer(market.suppliers[0], shop_bp=100))
    client.post(f"/shops/{market.shop.code}/material/{material.code}/posted", {"what": "posted"})
    assert Listing.objects.filter(shop=market.shop, offer=material.offer, ended_at=None).exists()


# --- today ------------------------------------------------------------------------------------------------------------


def test_today_in_figures(browser: Browser, market: Market):
    bought(browser, market)
    token = make_token(market.shop.pk, "link")
    visitor = browser()
    for _ in range(2):
        visitor.get(f"/shops/{market.shop.code}?s={token}", headers=PHONE)
    visitor.get(f"/offers/{market.offers[0].code}?s={token}", headers=PHONE)
    looks.noted.write()
    page = browser(market.keeper).get(f"/shops/{market.shop.code}/today")
    assert (page.context["looked"].views, page.context["looked"].visitors) == (3, 1)
    sold = page.context["sold"]
    assert (sold.placed, sold.paid, sold.earned_minor) == (1, 1, 150)
    text = page.content.decode()
    for words in ("3 views", "1 person", "1 order", "¥1.50", "¥0.00", "Yesterday 0 views"):
        assert words in text, words


def test_today_takes_a_constant_number_of_queries(client, market: Market, django_assert_max_num_queries):
    for offer in market.offers:
        make_material(offer, pictures=2)
    with django_assert_max_num_queries(42):
        page = client.get(f"/shops/{market.shop.code}/today")
    assert len(page.context["to_post"]) == 3


def test_what_to_post_is_not_posted_yet_and_ones_own_first(client, market: Market):
    elsewhere = make_material(make_offer(market.suppliers[0], price_minor=900_000, shop_bp=5_000))
    mine = [make_material(offer) for offer in market.offers[:2]]
    page = client.get(f"/shops/{market.shop.code}/today")
    assert [one.material for one in page.context["to_post"]] == [mine[1], mine[0], elsewhere]
    assert [one.is_picked for one in page.context["to_post"]] == [True, True, False]
    client.post(f"/shops/{market.shop.code}/material/{mine[1].code}/posted", {"what": "posted"})
    page = client.get(f"/shops/{market.shop.code}/today")
    assert [one.material for one in page.context["to_post"]] == [mine[0], elsewhere]


def test_staff_without_sight_of_money_sees_none(browser: Browser, market: Market):
    staff = User.objects.get(pk=acts_for(market.shop.member, "staff").user_id)
    page = browser(staff).get(f"/shops/{market.shop.code}/today").content.decode()
    assert "Can be taken" not in page
    assert "¥" not in page.split("To post today")[0]


# --- looks through the pages ------------------------------------------------------------------------------------------


def views(market: Market) -> dict[tuple[int, str], int]:
    looks.noted.write()
    rows = ViewCount.objects.filter(shop_id=market.shop.pk)
    return {(row.offer_id, row.source): row.views for row in rows}


def test_pages_count_for_the_shop_whose_link_stands_in_the_address(browser: Browser, market: Market):
    offer, client = market.offers[0], browser()
    poster = make_token(market.shop.pk, "poster")
    client.get(f"/shops/{market.shop.code}", headers=PHONE)
    client.get(f"/shops/{market.shop.code}?s={poster}", headers=PHONE)
    client.get(f"/offers/{offer.code}?s={poster}", headers=PHONE)
    client.get(f"/offers/{offer.code}", headers=PHONE)  # the cookie remembers, the address does not say so
    client.get(f"/offers/NOSUCH?s={poster}", headers=PHONE)
    client.get(f"/offers/{offer.code}?s=forged", headers=PHONE)
    assert views(market) == {(0, "none"): 1, (0, "poster"): 1, (offer.pk, "poster"): 1}


def test_own_visits_bots_and_prefetches_do_not_count(browser: Browser, market: Market):
    token = make_token(market.shop.pk, "link")
    address = f"/shops/{market.shop.code}?s={token}"
    browser(market.keeper).get(address, headers=PHONE)
    browser().get(address, headers={"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"})
    browser().get(address, headers=PHONE | {"sec-purpose": "prefetch"})
    browser().get(address, headers=PHONE | {"hx-request": "true"})
    browser().head(address, headers=PHONE)
    assert views(market) == {}
    assert not ShopVisitor.objects.filter(shop_id=market.shop.pk).exists()


def test_a_page_out_of_memory_counts_too_and_no_look_asks_the_database(
    browser: Browser, market: Market, settings, django_assert_num_queries
):
    settings.YUNJU_PAGE_MEMORY = 5
    address = f"/shops/{market.shop.code}"
    browser().get(address, headers=PHONE)
    with django_assert_num_queries(0):
        browser().get(address, headers=PHONE)
    assert views(market) == {(0, "none"): 2}
    assert ShopVisitor.objects.get(shop_id=market.shop.pk).day == clock.local_day(
        clock.now(), market.cluster.timezone
    )


# --- earnings ---------------------------------------------------------------------------------------------------------


def test_earnings_by_state_as_a_page_and_as_a_workbook(browser: Browser, market: Market):
    bought(browser, market)
    client, base = browser(market.keeper), f"/m/{market.shop.member.code}"
    assert len(client.get(f"{base}/earnings").context["rows"]) == 1
    assert len(client.get(f"{base}/earnings?state=expected").context["rows"]) == 1
    empty = client.get(f"{base}/earnings?state=released")
    assert empty.context["rows"] == []
    assert "No line is in this state." in empty.content.decode()
    heads, row = read(client.get(f"{base}/earnings.xlsx"))
    assert dict(zip(heads, row, strict=True))["Amount"] == 1.5
    assert browser(make_user()).get(f"{base}/earnings.xlsx").status_code == 404


def test_what_is_missing_for_a_payout_is_said_in_words(client, market: Market):
    page = client.get(f"/m/{market.shop.member.code}/earnings").content.decode()
    assert "Before the first payout something is missing:" in page
    assert "Nothing can be taken yet." in page
    assert f"/m/{market.shop.member.code}/payee" in page
