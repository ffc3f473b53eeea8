"""From the cart to the address: changes without script, undo, pasted addresses, what must be agreed."""

import pytest

from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import CONTACT, Market, make_market, make_paid, place, put_in_cart, variant_of
from yunju.catalog.models import FreightRule, Offer
from yunju.kernel import clock
from yunju.members.models import Address, Agreement
from yunju.orders.models import CartLine, Contact, Purchase
from yunju.shops.attribution import make_token

KEY = {"key": "k" * 24}


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.fixture
def client(browser: Browser, market: Market):
    found = browser()
    put_in_cart(found, market.offers[0])
    return found


def text(answer) -> str:
    return answer.content.decode()


def test_each_supplier_has_its_sum_and_what_sending_costs(client, market: Market):
    FreightRule.objects.create(
        supplier=market.suppliers[0], kind="flat", flat_minor=900, free_over_minor=5_000
    )
    put_in_cart(client, market.offers[1], 2)
    groups = client.get("/cart").context["groups"]
    assert [(one.goods_minor, one.freight_minor, one.more_minor) for one in groups] == [
        (1_000, 900, 4_000),
        (2_002, 0, None),
    ]


def test_freight_that_hangs_on_the_province_is_said_when_it_is_known(client, market: Market):
    FreightRule.objects.create(
        supplier=market.suppliers[0],
        kind="flat",
        flat_minor=900,
        surcharges={"西藏": 2_000},
        not_served=["新疆"],
    )
    assert client.get("/cart").context["groups"][0].freight_minor is None
    client.cookies["yunju_province"] = "西藏".encode().hex()
    assert client.get("/cart").context["groups"][0].freight_minor == 2_900
    client.cookies["yunju_province"] = "新疆".encode().hex()
    group = client.get("/cart").context["groups"][0]
    assert group.freight_minor is None
    assert group.refusal in text(client.get("/cart"))


def test_what_was_taken_out_comes_back_with_its_shop(browser: Browser, market: Market):
    client = browser()
    client.get("/", {"s": make_token(market.shop.pk, "link")})
    put_in_cart(client, market.offers[0], 3)
    variant = variant_of(market.offers[0])
    gone = client.post("/cart/change", {"variant": variant.pk, "what": "remove"}, follow=True)
    assert not CartLine.objects.filter(variant_id=variant.pk).exists()
    token = gone.context["undo"]["token"]
    assert market.offers[0].title in text(gone)
    client.post("/cart/put-back", {"token": token})
    line = CartLine.objects.get(variant_id=variant.pk)
    assert (line.quantity, line.shop_id) == (3, market.shop.pk)
    assert client.get("/cart", {"undo": token}).context["undo"] == {}, "what is there is not offered again"
    assert client.post("/cart/put-back", {"token": f"{token}x"}).status_code == 404


def test_a_line_says_what_is_wrong_with_it(browser: Browser, client, market: Market):
    client.post("/cart/change", {"variant": variant_of(market.offers[0]).pk, "what": "set", "quantity": "5"})
    for pieces, words in ((8, "Only 2 left"), (2, "Sold out")):
        other = browser()
        put_in_cart(other, market.offers[0], pieces)
        place(other)
        assert words in text(client.get("/cart"))
    Offer.objects.filter(pk=market.offers[0].pk).update(withdrawn_at=clock.now(), listed_at=None)
    assert "No longer for sale" in text(client.get("/cart"))


def test_the_cart_adds_up_with_what_sending_costs_once_that_is_known(browser: Browser, market: Market):
    for supplier in market.suppliers:
        FreightRule.objects.create(supplier=supplier, kind="flat", flat_minor=800, surcharges={"新疆": 500})
    client = browser()
    for offer in market.offers:
        put_in_cart(client, offer, 1)
    goods = sum(variant_of(offer).price_minor for offer in market.offers)
    before = client.get("/cart")
    assert before.context["freight_minor"] is None
    assert "shown at checkout" in text(before)
    client.get(f"/offers/{market.offers[0].code}", {"province": "新疆"})
    known = client.get("/cart").context
    assert (known["freight_minor"], known["whole_minor"]) == (2 * 1_300, goods + 2 * 1_300)


def fill(client, paste: str, **more: str):
    return client.post("/checkout", KEY | {"paste": paste, "step": "fill"} | more)


def test_a_pasted_address_fills_the_fields_and_shows_the_freight(client):
    answer = fill(client, "收件人：张三 电话：138 0013 8000 地址：杭州市西湖区文三路1号2幢301")
    assert answer.status_code == 200
    form = answer.context["form"]
    shown = {name: form[name].value() for name in ("name", "phone", "province", "city", "district", "street")}
    assert shown == {
        "name": "张三",
        "phone": "13800138000",
        "province": "浙江",
        "city": "杭州市",
        "district": "西湖区",
        "street": "文三路1号2幢301",
    }
    assert answer.context["priced"].total_minor == 1_000
    assert "Filled in. Please check it once." in text(answer)
    assert not Purchase.objects.filter(cluster_id=answer.context["cluster"].pk).exists()


def test_of_two_places_the_buyer_chooses(client):
    answer = fill(client, "西湖区文三路1号 李四 13800138000")
    assert "Which one is it?" in text(answer)
    assert 'value="浙江省,杭州市,西湖区"' in text(answer)
    chosen = client.post(
        "/checkout",
        KEY | {"paste": "西湖区文三路1号 李四 13800138000", "choice": "浙江省,杭州市,西湖区", "name": "李四"},
    )
    form = chosen.context["form"]
    assert [form[name].value() for name in ("province", "city", "district", "street")] == [
        "浙江",
        "杭州市",
        "西湖区",
        "文三路1号",
    ]


def test_what_cannot_be_read_leaves_what_was_typed(client):
    answer = fill(client, "你好", name="王五", street="老街 3 号")
    form = answer.context["form"]
    assert form["name"].value() == "王五"
    assert "as far as it could be read" in text(answer)


def test_an_address_abroad(client):
    answer = client.post(
        "/checkout",
        KEY
        | CONTACT
        | {"province": "", "country": "US", "region": "California", "city": "San Francisco", "step": "place"}
        | {"shown_total": "1000", "phone": "+14155552671", "street": "1 Market St"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    contact = Contact.objects.latest("id")
    assert (contact.country, contact.province, contact.city) == ("US", "California", "San Francisco")


def test_goods_without_return_ask_for_a_tick_and_others_do_not(client, market: Market):
    assert "no_return" not in client.get("/checkout").context["form"].fields
    Offer.objects.filter(pk=market.offers[0].pk).update(returnable=False)
    form = CONTACT | KEY | {"step": "place", "shown_total": "1000"}
    refused = client.post("/checkout", form)
    assert refused.status_code == 422
    assert refused.context["form"].errors["no_return"] == ["Please tick this to go on."]
    assert market.offers[0].title in refused.context["form"].fields["no_return"].label
    assert client.post("/checkout", form | {"no_return": "on"}).status_code == 302


def test_agreements_in_force_are_agreed_once(browser: Browser, market: Market):
    Agreement.objects.create(
        cluster=market.cluster,
        kind="terms",
        version=1,
        body_zh="条款",
        published_at=clock.now(),
        effective_at=clock.now(),
    )
    client = browser()
    put_in_cart(client, market.offers[0])
    form = CONTACT | KEY | {"step": "place", "shown_total": "1000"}
    assert "agreed" in client.post("/checkout", form).context["form"].errors
    assert client.post("/checkout", form | {"agreed": "on"}).status_code == 302
    put_in_cart(client, market.offers[1])
    assert "agreed" not in client.get("/checkout").context["form"].fields


def test_the_address_book_of_those_signed_in(browser: Browser, market: Market):
    user = make_user()
    client = browser(user)
    put_in_cart(client, market.offers[0])
    place(client, keep_address="on", name="Kept")
    kept = Address.objects.get(user=user)
    assert (kept.name, kept.street) == ("Kept", "Road 1")
    put_in_cart(client, market.offers[1])
    place(client, keep_address="on", name="Kept")
    assert Address.objects.filter(user=user).count() == 1
    other = Address.objects.create(
        user=user, name="Mother", phone="13900139000", province="浙江省", city="杭州市", street="路 2 号"
    )
    put_in_cart(client, market.offers[0])
    page = client.get("/checkout", {"address": other.pk})
    assert page.context["form"]["name"].value() == "Mother"
    stranger = browser(make_user())
    put_in_cart(stranger, market.offers[0])
    assert "Mother" not in text(stranger.get("/checkout", {"address": other.pk}))


def test_a_browser_without_account_keeps_its_last_address_for_itself(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    place(client, name="Mei")
    put_in_cart(client, market.offers[1])
    assert client.get("/checkout").context["form"]["name"].value() == "Mei"
    other = browser()
    put_in_cart(other, market.offers[1])
    assert "Mei" not in text(other.get("/checkout"))


def test_who_gets_the_address_is_said(client, market: Market):
    page = text(client.get("/checkout"))
    assert f"({market.suppliers[0].name})" in page
    assert market.suppliers[1].name not in page


def test_the_paid_page_gives_the_way_back(client):
    purchase = place(client)
    assert client.get(f"/purchases/{purchase.code}").context["order_links"] == []
    order = make_paid(purchase)[0]
    links = client.get(f"/purchases/{purchase.code}").context["order_links"]
    assert len(links) == 1
    assert f"/o/{order.code}." in links[0]


def test_the_cart_and_the_checkout_ask_a_fixed_number_of_questions(
    browser: Browser, cluster, django_assert_max_num_queries
):
    market = make_market(cluster, offers=6)
    client = browser()
    for offer in market.offers:
        put_in_cart(client, offer)
    with django_assert_max_num_queries(16):
        assert len(client.get("/cart").context["groups"]) == 2
    with django_assert_max_num_queries(32):
        client.post("/checkout", CONTACT | KEY | {"step": "look"})
