"""Flash sales on pages: what a buyer sees before, during and after; how a supplier sets and ends one."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories.catalog import make_offer
from tests.factories.members import make_user
from tests.factories.sales import make_sale
from tests.factories.shops import make_listing
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, variant_of
from yunju.catalog.models import Offer, Sale
from yunju.kernel import clock
from yunju.members.models import Role
from yunju.members.words import RoleKind


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


def typed(market: Market, begins, **fields) -> dict[str, str]:
    local = begins.astimezone(ZoneInfo(market.cluster.timezone))
    return {
        "price": "1.50",
        "starts_at": local.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (local + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"),
        "quota": "8",
        "per_buyer": "3",
    } | fields


def test_a_supplier_changes_a_sale_before_it_starts(browser: Browser, market: Market):
    client, code = browser(market.owner()), market.suppliers[0].code
    sale = make_sale(first(market).variants.order_by("pk")[0], price_minor=123, starts_in=7_200)
    address = f"/m/{code}/sales/{sale.code}"
    assert address in client.get(f"/m/{code}/sales").content.decode()
    form = client.get(address)
    begins = sale.starts_at.astimezone(ZoneInfo(market.cluster.timezone))
    page = form.content.decode()
    assert 'value="1.23"' in page
    assert f'value="{begins:%Y-%m-%dT%H:%M}"' in page
    assert "variant" not in form.context["form"].fields
    later = clock.now() + timedelta(days=1)
    assert client.post(address, typed(market, later))["Location"] == f"/m/{code}/sales"
    sale.refresh_from_db()
    assert (sale.price_minor, sale.quota, sale.per_buyer) == (150, 8, 3)
    assert sale.starts_at == later.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"price": "999999"}, "price", "below the price"),
        ({"quota": "0"}, "quota", "from 1"),
        ({"per_buyer": "9"}, "per_buyer", "not more than the sale has"),
        ({"ends_at": "2020-01-01T10:00"}, "ends_at", "end comes after"),
        ({"starts_at": "tomorrow"}, "starts_at", "valid date"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    browser: Browser, market: Market, fields, place, words
):
    client, code = browser(market.owner()), market.suppliers[0].code
    sale = make_sale(first(market).variants.order_by("pk")[0], price_minor=123, starts_in=7_200)
    refused = client.post(f"/m/{code}/sales/{sale.code}", typed(market, sale.starts_at, **fields))
    assert refused.status_code == 422
    assert words in str(refused.context["form"].errors[place])
    sale.refresh_from_db()
    assert (sale.price_minor, sale.quota) == (123, 10)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "The sale has begun"),
        ({"starts_in": -900, "lasts": 60}, "The sale is over"),
        ({"starts_in": 900, "ended_at": clock.now()}, "The sale is over"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_sale_that_has_begun_or_ended_cannot_be_changed(
    browser: Browser, market: Market, method, fields, words
):
    client, code = browser(market.owner()), market.suppliers[0].code
    sale = make_sale(first(market).variants.order_by("pk")[0], price_minor=123, **fields)
    address = f"/m/{code}/sales/{sale.code}"
    assert address + '"' not in client.get(f"/m/{code}/sales").content.decode()
    later = typed(market, clock.now() + timedelta(days=1))
    answer = client.get(address) if method == "get" else client.post(address, later)
    assert answer["Location"] == f"/m/{code}/sales"
    assert words in client.get(answer["Location"]).content.decode()
    sale.refresh_from_db()
    assert sale.price_minor == 123


def test_who_may_change_a_sale(browser: Browser, market: Market):
    code = market.suppliers[0].code
    sale = make_sale(first(market).variants.order_by("pk")[0], price_minor=123, starts_in=7_200)
    cashier = make_user()
    Role.objects.create(
        user=cashier, member=market.suppliers[0], kind=RoleKind.CASHIER, granted_at=clock.now()
    )
    given = typed(market, sale.starts_at)
    for user, member, status in (
        (None, code, 302),
        (cashier, code, 403),
        (market.keeper, code, 404),
        (market.owner(1), code, 404),
        (market.owner(1), market.suppliers[1].code, 404),
    ):
        client = browser(user)
        assert client.get(f"/m/{member}/sales/{sale.code}").status_code == status
        assert client.post(f"/m/{member}/sales/{sale.code}", given).status_code == status
    sale.refresh_from_db()
    assert sale.price_minor == 123


@pytest.mark.parametrize("path", ["/", "/shelf", "/shelf?q=glaze", "/shops/{shop}", "/studios/{studio}"])
def test_a_card_shows_the_sale_price_and_strikes_the_other(browser: Browser, market: Market, path):
    offer = make_offer(market.suppliers[0], title="glaze cup", price_minor=2_000, shop_bp=1_000)
    make_listing(market.shop, offer)
    variant = offer.variants.get()
    make_sale(variant, price_minor=777)
    address = path.format(shop=market.shop.code, studio=market.suppliers[0].code)
    page = browser().get(address)
    card = next(one for one in page.context["cards"] if one.offer.pk == offer.pk)
    assert (card.price_minor, card.reduced.list_minor, card.is_range) == (777, 2_000, False)
    text = page.content.decode()
    assert f"/offers/{offer.code}?v={variant.code}" in text
    assert '<s class="struck"><span class="aside">Ordinary price</span> ¥20.00</s>' in text
    assert '<span class="aside">Sale price</span> ¥7.77' in text
    assert "On sale</span>" in text


def test_the_page_of_sales(browser: Browser, market: Market, django_assert_max_num_queries):
    client = browser()
    empty = client.get("/sales").content.decode()
    assert "No flash sale runs" in empty
    assert "/sales" not in client.get("/").content.decode()
    running = make_sale(variant_of(make_offer(market.suppliers[0], stock=4)), per_buyer=2)
    coming = make_sale(variant_of(make_offer(market.suppliers[1])), starts_in=90_000)
    bare = make_sale(variant_of(make_offer(market.suppliers[0], stock=0)), lasts=9_000)
    with django_assert_max_num_queries(5):
        page = client.get("/sales")
    assert [one.sale.pk for one in page.context["running"]] == [running.pk, bare.pk]
    assert [one.sale.pk for one in page.context["coming"]] == [coming.pk]
    assert [one.left for one in page.context["running"]] == [4, 0]
    text = page.content.decode()
    assert "Only 4 left at this price" in text
    assert "2 pieces per buyer" in text
    assert "10 pieces at this price" in text
    assert "Sold out" in text
    assert text.count("data-until") == 2  # the one of tomorrow is told by its moment
    local = coming.starts_at.astimezone(ZoneInfo(market.cluster.timezone))
    assert f"{local:%H:%M}" in text
    make_sale(running.variant, starts_in=9_000)  # of an offer that is on the front page already
    home = client.get("/")
    assert [one.sale.pk for one in home.context["sales"]] == [running.pk, bare.pk, coming.pk]
    assert 'href="/sales"' in home.content.decode()


def test_the_page_of_sales_goes_on(browser: Browser, market: Market):
    for _ in range(26):
        make_sale(variant_of(make_offer(market.suppliers[0])))
    client = browser()
    assert "?page=2" in client.get("/sales").content.decode()
    assert len(client.get("/sales?page=2").context["running"]) == 2
