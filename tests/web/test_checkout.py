import pytest

from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import CONTACT, Market, make_market, make_paid, place, put_in_cart, variant_of
from yunju.catalog.models import FreightRule
from yunju.orders.models import CartLine, Line, Order, Purchase
from yunju.shops.attribution import make_token


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def test_a_stranger_buys_from_two_suppliers_at_once(browser: Browser, market: Market):
    client = browser()
    for offer in market.offers:
        assert put_in_cart(client, offer).status_code == 302
    assert len(client.get("/cart").context["groups"]) == 2
    purchase = place(client)
    assert purchase.total_minor == 2_001
    assert client.get("/cart").context["groups"] == []
    page = client.get(f"/purchases/{purchase.code}")
    assert 'http-equiv="refresh"' in page.content.decode(), "it goes on by itself without JavaScript"
    assert "¥20.01" in page.content.decode()
    orders = make_paid(purchase)
    assert client.get(f"/purchases/{purchase.code}/state").json()["go"] == f"/purchases/{purchase.code}"
    assert [client.get(f"/orders/{order.code}").status_code for order in orders] == [200, 200]
    assert "Road 1" in client.get(f"/orders/{orders[0].code}").content.decode()


def test_the_share_link_is_kept_and_the_buyer_may_remove_the_shop(browser: Browser, market: Market):
    client = browser()
    token = make_token(market.shop.pk, "link")
    page = client.get(f"/shops/{market.shop.code}", {"s": token})
    assert f"/offers/{market.offers[0].code}?s=" in page.content.decode(), "kept in the address of every page"
    put_in_cart(client, market.offers[0])
    put_in_cart(client, market.offers[1])
    assert CartLine.objects.filter(shop_id=market.shop.pk).count() == 2
    line = CartLine.objects.filter(shop_id=market.shop.pk).earliest("id")
    client.post("/cart/change", {"variant": line.variant_id, "what": "remove_shop"})
    purchase = place(client)
    shops = Line.objects.filter(order__purchase=purchase).order_by("id").values_list("shop_id", flat=True)
    assert sorted(shops, key=str) == sorted([None, market.shop.pk], key=str)


def test_a_forged_share_link_is_nothing(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0], s="GAAAAAABDPdDcU2ebJ3wR7tadyuw-A")
    assert CartLine.objects.get(variant_id=variant_of(market.offers[0]).pk).shop_id is None


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "１", "1e3", "", "99999", "x"])
def test_a_bad_quantity_changes_nothing(browser: Browser, market: Market, quantity: str):
    client = browser()
    put_in_cart(client, market.offers[0], quantity)
    assert not CartLine.objects.filter(variant_id=variant_of(market.offers[0]).pk).exists()


def test_faults_stand_at_their_fields_and_what_was_typed_stays(browser: Browser, market: Market):
    client = browser(language="zh-hans")
    put_in_cart(client, market.offers[0])
    answer = client.post(
        "/checkout", CONTACT | {"key": "k" * 24, "step": "place", "phone": "abc", "city": ""}
    )
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert errors["city"] == ["请填写此项。"]
    assert 'value="Road 1"' in answer.content.decode()
    assert not Purchase.objects.filter(cluster_id=market.cluster.pk).exists()


def test_unknown_fields_are_refused(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    answer = client.post("/checkout", CONTACT | {"key": "k" * 24, "step": "place", "total_minor": "1"})
    assert answer.status_code == 422
    assert "total_minor" in answer.content.decode()


def test_no_order_is_placed_before_the_buyer_has_seen_the_freight(browser: Browser, market: Market):
    FreightRule.objects.create(supplier=market.suppliers[0], kind="flat", flat_minor=900)
    client = browser()
    put_in_cart(client, market.offers[0])
    answer = client.post("/checkout", CONTACT | {"key": "k" * 24, "step": "place", "shown_total": "1000"})
    assert answer.status_code == 422
    assert answer.context["priced"].total_minor == 1_900
    assert place(client).total_minor == 1_900


def test_pressing_twice_places_once(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    form = CONTACT | {"key": "the-same-key-twice-0001", "step": "place", "shown_total": "1000"}
    first = client.post("/checkout", form)
    put_in_cart(client, market.offers[0])
    second = client.post("/checkout", form)
    assert first["Location"] == second["Location"]
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1


def test_a_changed_price_is_shown_and_accepted_first(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    variant = variant_of(market.offers[0])
    type(variant).objects.filter(pk=variant.pk).update(price_minor=1_200)
    assert client.get("/checkout")["Location"].startswith("/cart")
    assert client.get("/cart").context["is_changed"]
    client.post("/cart/prices")
    assert not client.get("/cart").context["is_changed"]
    assert place(client).total_minor == 1_200


def test_what_is_sold_out_cannot_be_ordered(browser: Browser, market: Market):
    client, other = browser(), browser()
    put_in_cart(client, market.offers[0], 8)
    put_in_cart(other, market.offers[0], 8)
    place(client)
    assert not other.get("/cart").context["is_ready"]


def test_a_strangers_purchase_and_order_are_not_there(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    purchase = place(client)
    order = make_paid(purchase)[0]
    for stranger in (browser(), browser(make_user()), browser(market.owner(1))):
        assert stranger.get(f"/purchases/{purchase.code}").status_code == 404
        assert stranger.post(f"/purchases/{purchase.code}/pay").status_code == 404
        assert stranger.get(f"/orders/{order.code}").status_code == 404
        assert (
            stranger.post(f"/orders/{order.code}/move", {"event": "confirm", "who": "buyer"}).status_code
            == 404
        )
    assert Order.objects.get(pk=order.pk).fulfilment_state == "to_pack"


def test_the_link_carries_the_purchase_without_the_session(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    purchase = place(client)
    link = client.get(f"/purchases/{purchase.code}").context["link"]
    address = link.split(market.cluster.host)[1]
    page = browser().get(address)
    assert page.status_code == 200
    assert "Road 1" not in page.content.decode()
    assert "Copy the link" in page.content.decode()
    assert browser().get(address[:-2] + "xx").status_code == 404
    make_paid(purchase)
    assert browser().get(f"{address}/state").json()["state"] == "paid"


def test_an_unpaid_order_can_be_given_up(browser: Browser, market: Market):
    client = browser()
    put_in_cart(client, market.offers[0])
    purchase = place(client)
    client.post(f"/purchases/{purchase.code}/cancel")
    purchase.refresh_from_db()
    assert purchase.payment_state == "cancelled"
    assert "This order was cancelled" in client.get(f"/purchases/{purchase.code}").content.decode()


def test_signing_in_takes_the_cart_along_and_signing_out_leaves_no_trace(browser: Browser, market: Market):
    user, client = make_user(), browser()
    put_in_cart(client, market.offers[0])
    client.post("/sign-in", {"email": user.email, "password": "jade-lantern-418", "next": "/cart"})
    assert len(client.get("/cart").context["groups"]) == 1
    purchase = place(client)
    assert len(client.get("/orders").context["rows"]) == 1
    client.post("/sign-out")
    assert client.get(f"/purchases/{purchase.code}").status_code == 404
    assert client.get("/orders").context["rows"] == []


def test_more_orders_and_lines_do_not_mean_more_statements(
    browser: Browser, market: Market, django_assert_max_num_queries
):
    client, user = browser(), make_user()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(4):
        for offer in market.offers:
            put_in_cart(client, offer)
        make_paid(place(client))
    for offer in market.offers:
        put_in_cart(client, offer)
    with django_assert_max_num_queries(12):
        assert len(client.get("/orders").context["rows"]) == 8
    with django_assert_max_num_queries(16):
        client.get("/cart")
    keeper = browser(market.keeper)
    with django_assert_max_num_queries(20):
        keeper.get(f"/shops/{market.shop.code}/arrange")
    supplier = browser(market.owner())
    with django_assert_max_num_queries(26):
        supplier.get(f"/m/{market.suppliers[0].code}/orders")
    with django_assert_max_num_queries(25):
        supplier.get(f"/m/{market.suppliers[0].code}/earnings")
