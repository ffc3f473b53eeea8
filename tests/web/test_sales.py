"""Flash sales on pages: what a buyer sees before, during and after; how a supplier sets and ends one."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories.sales import make_sale
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Offer, Sale
from yunju.kernel import clock


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def first(market: Market) -> Offer:
    return Offer.objects.filter(supplier=market.suppliers[0]).order_by("pk")[0]


def test_a_buyer_sees_the_sale_and_puts_it_in_the_cart_at_its_price(browser: Browser, market: Market):
    variant = first(market).variants.order_by("pk")[0]
    sale = make_sale(variant, price_minor=123, quota=7, taken=2, per_buyer=2)
    client = browser()
    address = f"/offers/{variant.offer.code}?v={variant.code}"
    page = client.get(address).content.decode()
    assert f"{variant.code}:123" in page
    assert "2 of 7 taken" in page
    assert "2 pieces per buyer" in page
    client.post("/cart/add", {"variant": f"{variant.code}:123", "quantity": "1"})
    cart = client.get("/cart")
    assert [row.sold.price_minor for group in cart.context["groups"] for row in group.rows] == [123]
    assert "Flash sale" in cart.content.decode()
    Sale.objects.filter(pk=sale.pk).update(ended_at=clock.now())
    assert client.get("/cart").context["is_changed"]
    assert f"{variant.code}:{variant.price_minor}" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"starts_in": 600}, " from "), ({"taken": 10}, "All pieces at the sale price are taken")],
)
def test_before_it_starts_and_when_all_is_taken_the_ordinary_price_stands(
    browser: Browser, market: Market, fields, words
):
    variant = first(market).variants.order_by("pk")[0]
    make_sale(variant, price_minor=123, **fields)
    page = browser().get(f"/offers/{variant.offer.code}?v={variant.code}").content.decode()
    assert words in page
    assert f"{variant.code}:{variant.price_minor}" in page


def test_a_supplier_sets_a_sale_and_ends_it(browser: Browser, market: Market):
    client, code = browser(market.owner()), market.suppliers[0].code
    offer = first(market)
    variant = offer.variants.order_by("pk")[0]
    assert "No flash sale yet" in client.get(f"/m/{code}/sales").content.decode()
    begins = (clock.now() - timedelta(minutes=2)).astimezone(ZoneInfo(market.cluster.timezone))
    given = {
        "variant": variant.code,
        "price": "1.23",
        "starts_at": begins.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (begins + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"),
        "quota": "5",
        "per_buyer": "",
    }
    address = f"/m/{code}/offers/{offer.code}/sale"
    assert client.get(address).status_code == 200
    refused = client.post(address, given | {"price": "999999"})
    assert refused.status_code == 422
    assert "below the price" in refused.content.decode()
    assert client.post(address, given)["Location"] == f"/m/{code}/sales"
    sale = Sale.objects.get(cluster_id=market.cluster.pk)
    assert (sale.price_minor, sale.quota, sale.per_buyer) == (123, 5, None)
    assert sale.starts_at == begins.replace(second=0, microsecond=0)  # typed in the cluster's time
    assert "0 of 5 taken" in client.get(f"/m/{code}/sales").content.decode()
    client.post(f"/m/{code}/sales/{sale.code}/end")
    assert "Ended early" in client.get(f"/m/{code}/sales").content.decode()
    assert browser(market.keeper).get(f"/m/{code}/sales").status_code == 404
