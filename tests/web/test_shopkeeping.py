"""A keeper's pages: choosing, arranging, sharing, posting, today; whose they are; and what they never tell of a buyer."""

import pytest

from tests.factories.catalog import make_offer
from tests.factories.materials import drawn, make_material
from tests.factories.members import make_cluster, make_user, operator
from tests.web.conftest import Browser
from tests.web.keeping import bought, read
from tests.web.market import Market, make_market
from yunju.catalog.models import Material
from yunju.members.models import User
from yunju.shops import looks
from yunju.shops.models import Listing, MaterialPost
from yunju.web.listed import shopkeepers


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
        *(f"{base}/{name}" for name in ("opened", "today", "views", "orders", "choose", "share")),
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
            (f"{base}/picks/{listing.pk}/move", {"step": "place", "place": "2"}),
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


def test_of_a_buyer_a_keeper_sees_three_things_on_every_page(browser: Browser, market: Market):
    order = bought(browser, market)
    client = browser(market.keeper)
    page = client.get(f"/shops/{market.shop.code}/orders").content.decode()
    assert '<span class="nowrap">L** · Hangzhou</span> <span class="nowrap">phone …5678</span>' in page
    member = market.shop.member.code
    money = [f"/m/{member}/earnings", f"/m/{member}/statement"]
    money += [f"/export/{name}/{member}" for name in ("earnings", "payouts", "statement")]
    files = [f"/export/{one.name}/{market.shop.code}" for one in shopkeepers.LISTS]
    for address in (
        *keeper_pages(market),
        *money,
        *files,
        "/work",
        "/orders",
        f"/orders/{order.code}",
        "/notices",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = str(read(answer)) if address.startswith("/export") else answer.content.decode(errors="replace")
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


def test_the_whole_page_is_picked_above_it_and_below(client, market: Market):
    for _ in range(2):
        make_offer(market.suppliers[0])
    page = client.get(f"/shops/{market.shop.code}/choose").content.decode()
    above, below = page.split('<ul class="grid picking">')
    assert 'id="whole-page"' in above
    assert 'form="whole-page"' in below
    assert page.count("Put all 2 of this page into my shop") == 2


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


def test_a_pick_goes_to_the_place_of_a_number(client, market: Market):
    pks = [Listing.objects.get(shop=market.shop, offer=one).pk for one in market.offers]

    def place(which: int, at: str):
        return client.post(
            f"/shops/{market.shop.code}/picks/{pks[which]}/move", {"step": "place", "place": at}
        )

    moved = place(0, "2")
    assert order_of(market) == [1, 0, 2]
    assert "is now number 2." in client.get(moved["Location"]).content.decode()
    assert (place(0, "99").status_code, order_of(market)) == (302, [1, 2, 0])
    assert (place(0, "0").status_code, order_of(market)) == (302, [0, 1, 2])
    for wrong in ("", "-1", "two", "２", "9" * 30):
        assert (place(2, wrong).status_code, order_of(market)) == (422, [0, 1, 2]), wrong


def test_what_leads_nowhere_is_not_offered(client, market: Market):
    first, middle, last = (Listing.objects.get(shop=market.shop, offer=one).pk for one in market.offers)
    page = client.get(f"/shops/{market.shop.code}/arrange").content.decode()

    def off(step: str, pk: int) -> bool:
        return f'id="{step}-{pk}" disabled' in page

    assert [off("up", pk) for pk in (first, middle, last)] == [True, False, False]
    assert [off("down", pk) for pk in (first, middle, last)] == [False, False, True]
    assert [off("top", pk) for pk in (first, middle, last)] == [True, False, False]


def test_a_pick_is_found_by_either_title_and_keeps_its_number(client, market: Market):
    for offer, title in zip(market.offers, ("Cup", "Bowl", "Plate"), strict=True):
        type(offer).objects.filter(pk=offer.pk).update(title=title)
    own = Listing.objects.get(shop=market.shop, offer=market.offers[1])
    Listing.objects.filter(pk=own.pk).update(title="Grandmother's cup")
    base = f"/shops/{market.shop.code}"

    def found(words: str) -> list[tuple[str, int]]:
        rows = client.get(f"{base}/arrange", {"q": words}).context["rows"]
        return [(card.title, place) for _, card, place in rows]

    assert found("cup") == [("Cup", 1), ("Grandmother's cup", 2)]
    assert found("bowl") == [("Grandmother's cup", 2)]
    assert found("spoon") == []
    back = client.post(f"{base}/picks/{own.pk}/move", {"step": "top", "q": "bowl"})["Location"]
    assert [place for *_, place in client.get(back).context["rows"]] == [1]
    assert "q=bowl" in back
    _, *rows = read(client.get(f"/export/shop_picks/{market.shop.code}?q=bowl"))
    assert len(rows) == 1


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
    for words in ("Tea", "Leaves</p>", "and cups</p>", "tel:", "Ask the shop", "QR code to reach Tea"):
        assert words in page, words
