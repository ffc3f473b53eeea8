"""Sharing, posting, the day in figures, looks through the pages, earnings: what a keeper has of it."""

import io
from datetime import UTC, datetime

import pytest
import zxingcpp
from django.utils.html import escape
from django.utils.translation import override
from PIL import Image

from tests.factories.catalog import make_offer
from tests.factories.materials import make_material
from tests.factories.members import acts_for, make_payable, make_user, operator
from tests.factories.payments import give
from tests.web.conftest import Browser
from tests.web.keeping import PHONE, bought, read
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.catalog.models import Category, Picture
from yunju.kernel import clock
from yunju.members.models import PayoutAccount, User
from yunju.members.queries import actor_for
from yunju.orders.actions import cases
from yunju.payments import payouts
from yunju.shops import looks
from yunju.shops.attribution import make_token
from yunju.shops.models import Listing, MaterialPost, ShopVisitor, ViewCount
from yunju.shops.poster_words import poster_of


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


def test_a_poster_of_a_text_in_two_languages_speaks_the_readers(market: Market):
    market.shop.intro = "只选我自己用过的东西。\n\nI only pick what I use."
    with override("zh-hans"):
        assert poster_of(market.shop, None, link="https://x.example").title == "只选我自己用过的东西。"
    with override("en"):
        assert poster_of(market.shop, None, link="https://x.example").title == "I only pick what I use."
    market.shop.intro = "杯子。\n茶叶。"
    with override("en"):
        assert poster_of(market.shop, None, link="https://x.example").title == "杯子。 茶叶。"


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
    assert "Nothing found" in page
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
    for said in ('src="/media/materials/', 'href="/media/materials/', f'download="{material.code}-'):
        assert page.content.decode().count(said) == 3, said
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


def test_the_only_picture_of_a_set_cannot_be_taken_away(browser: Browser, market: Market):
    offer, client = market.offers[0], browser(market.owner())
    one, two = make_material(offer), make_material(offer, pictures=2)
    base = f"/m/{market.suppliers[0].code}/offers/{offer.code}/material"
    assert "Take the picture away" not in client.get(f"{base}/{one.code}").content.decode()
    assert client.get(f"{base}/{two.code}").content.decode().count("Take the picture away") == 2
    alone = one.pictures.get()
    refused = client.post(f"{base}/{one.code}/remove", {"picture": alone.pk})
    assert refused.status_code == 409
    assert one.pictures.count() == 1


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
    for words in (
        "3 views",
        "1 person",
        "1 order",
        "Yesterday 0 views",
        "1 paid",
        "Yesterday 0 orders",
        "Expected from today",
        "¥1.50",
        "Yesterday ¥0.00",
    ):
        assert words in text, words


def test_what_is_on_its_way_has_the_names_and_sums_of_the_earnings(browser: Browser, market: Market):
    bought(browser, market)
    client = browser(market.keeper)
    page = client.get(f"/shops/{market.shop.code}/today")
    money = page.context["money"]
    earned = client.get(f"/m/{market.shop.member.code}/earnings").context
    assert (money.waiting_minor, money.expected_minor) == (earned["waiting_minor"], earned["expected_minor"])
    assert (money.waiting_minor, money.expected_minor) == (0, 150)
    text = page.content.decode()
    for words in ("Waiting ¥0.00", "Expected ¥1.50", "As soon as buyers have received"):
        assert words in text, words


def test_an_order_that_was_never_paid_earns_nothing(browser: Browser, market: Market):
    buyer = browser()
    put_in_cart(buyer, market.offers[0], s=make_token(market.shop.pk, "link"))
    purchase = place(buyer)
    client, address = browser(market.keeper), f"/shops/{market.shop.code}/orders"
    page = client.get(address).content.decode()
    assert '<span class="soft">¥1.50</span>' in page  # not yet hers
    purchase.payment_state = "expired"
    purchase.save()
    page = client.get(address).content.decode()
    assert '<s class="struck">¥1.50</s> <span>¥0.00</span>' in page
    assert 'class="income"' not in page
    heads, row = read(client.get(f"/export/shop_orders/{market.shop.code}"))
    assert str(heads[-1]).startswith("Commission")
    assert row[-1] == 0


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


def test_with_nothing_to_post_the_page_says_what_to_do(client, market: Market):
    address = f"/shops/{market.shop.code}/today"
    page = client.get(address).content.decode()
    assert "No supplier has written material yet. Share your poster meanwhile." in page
    assert f'href="/shops/{market.shop.code}/share"' in page.split("To post today")[1]
    material = make_material(market.offers[0])
    client.post(f"/shops/{market.shop.code}/material/{material.code}/posted", {"what": "posted"})
    page = client.get(address).content.decode()
    assert "Everything there is has been posted." in page
    assert "No supplier has written material yet." not in page


def test_staff_without_sight_of_money_sees_none(browser: Browser, market: Market):
    staff = User.objects.get(pk=acts_for(market.shop.member, "staff").user_id)
    page = browser(staff).get(f"/shops/{market.shop.code}/today").content.decode()
    assert "Available to withdraw" not in page
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
    heads, row = read(client.get(f"/export/earnings/{market.shop.member.code}"))
    assert dict(zip(heads, row, strict=True))["Amount (CNY)"] == 1.5
    assert browser(make_user()).get(f"/export/earnings/{market.shop.member.code}").status_code == 404


def test_a_deduction_says_its_day_and_reason_and_is_found_by_it(browser: Browser, market: Market):
    order = bought(browser, market)
    other = browser(make_user())
    put_in_cart(other, market.offers[0], s=make_token(market.shop.pk, "link"))
    (whole,) = make_paid(place(other))
    line = order.lines.get(kind="goods")
    seller = actor_for(market.owner(), market.cluster)
    cases.refund_by_supplier(order_id=order.pk, amounts={line.pk: 400}, words="", by=seller)
    client, base = browser(market.keeper), f"/m/{market.shop.member.code}"
    page = client.get(f"{base}/earnings?state=deducted")
    assert [row.earning.order for row in page.context["rows"]] == [order]
    text = page.content.decode()
    assert "¥0.60 deducted, refund to the buyer. Reason: Goodwill" in text
    assert "¥0.90" in text
    assert whole.number not in text


def test_the_way_to_the_payout_stands_with_the_money(browser: Browser, market: Market):
    member = market.shop.member
    give(market.cluster, {member.pk: 5_000})
    client, base = browser(market.keeper), f"/m/{member.code}"
    page = client.get(f"{base}/earnings").content.decode()
    assert "Request a payout" not in page  # nobody is known to be paid
    make_payable(member)
    page = client.get(f"{base}/earnings").content.decode()
    assert "¥50.00" in page
    assert "Request a payout" in page
    assert "account ending in" in page
    client.post(f"{base}/payout")
    page = client.get(f"{base}/earnings").content.decode()
    assert "Request a payout" not in page
    assert "Payout requested" in page


def test_a_payout_has_its_day_and_an_account_without_bank_its_channel(browser: Browser, market: Market):
    member = market.shop.member
    give(market.cluster, {member.pk: 5_000})
    make_payable(member)
    client, address = browser(market.keeper), f"/m/{member.code}/earnings"
    PayoutAccount.objects.filter(member=member).update(channel="alipay", bank="")
    assert "To Alipay, account ending in" in client.get(address).content.decode()
    item = payouts.make_run(channel="alipay", by=operator(market.cluster)).run.items.get()
    item.run.made_at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    item.run.save()
    assert "5 Mar 2026" in client.get(address).content.decode()
    item.settled_at = datetime(2026, 3, 8, 12, tzinfo=UTC)
    item.save()
    page = client.get(address).content.decode()
    assert "8 Mar 2026" in page
    assert "5 Mar 2026" not in page


def test_what_is_missing_for_a_payout_is_said_in_words(client, market: Market):
    page = client.get(f"/m/{market.shop.member.code}/earnings").content.decode()
    assert "Before the first payout something is missing:" in page
    assert "Nothing to withdraw yet." in page
    assert f"/m/{market.shop.member.code}/payee" in page
