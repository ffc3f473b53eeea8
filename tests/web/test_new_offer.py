"""A new offer on one page: one price, or rows of variants; photos that come with it; a category where there are any."""

import io

import pytest
from PIL import Image

from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Category, Offer, Stock

pytestmark = pytest.mark.database


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def test_variants_are_rows_and_empty_rows_do_not_count(browser: Browser, market: Market):
    client = browser(market.owner())
    form = {"title": "Scarf", "option_name": "Colour", "name_0": "green", "price_0": "38.00", "count_0": "20"}
    form |= {"name_2": "red", "price_2": "40", "count_2": "", "name_1": " ", "price_1": ""}
    address = f"/m/{market.suppliers[0].code}/offers/new"
    faulty = client.post(address, form | {"price_2": "4o", "name_4": "", "count_4": "3"})
    assert faulty.status_code == 422
    assert set(faulty.context["form"].errors) == {"price_2", "name_4", "price_4"}
    assert 'value="4o"' in faulty.content.decode(), "what was typed stays"
    assert not Offer.objects.filter(supplier=market.suppliers[0], title="Scarf").exists()
    client.post(address, form)
    offer = Offer.objects.get(supplier=market.suppliers[0], title="Scarf")
    variants = offer.variants.order_by("position")
    assert list(variants.values_list("title", "price_minor")) == [("green", 3_800), ("red", 4_000)]
    assert [Stock.objects.get(variant=one).remaining for one in variants] == [20, 0]


def test_what_the_variants_differ_in_is_asked_for_and_so_are_they(browser: Browser, market: Market):
    client = browser(market.owner())
    address = f"/m/{market.suppliers[0].code}/offers/new"
    row = {"name_0": "green", "price_0": "38.00"}
    for form, at in (
        ({"title": "Scarf"} | row, "option_name"),
        ({"title": "Scarf", "option_name": "Colour"}, "name_0"),
        ({"title": "Scarf"}, "price"),
    ):
        assert set(client.post(address, form).context["form"].errors) == {at}
    empty = client.get(address).context["form"]
    assert (len(empty.first_rows()), len(empty.further_rows()), empty.has_further_rows) == (6, 34, False)
    rows = {f"name_{n}": f"c{n}" for n in range(12)} | {f"price_{n}": "1" for n in range(12)}
    refused = client.post(address, {"title": "", "option_name": "Colour"} | rows)
    assert refused.context["form"].has_further_rows, "what was typed stays in sight"
    client.post(address, {"title": "Yarn", "option_name": "Colour"} | rows)
    assert Offer.objects.get(supplier=market.suppliers[0], title="Yarn").variants.count() == 12


def picture_file(content: bytes = b"") -> io.BytesIO:
    drawn = io.BytesIO(content)
    if not content:
        Image.new("RGB", (20, 20), "red").save(drawn, "PNG")
        drawn.seek(0)
    drawn.name = "p.png"
    return drawn


def test_a_new_offer_comes_with_its_photos_or_not_at_all(browser: Browser, market: Market):
    client = browser(market.owner())
    address = f"/m/{market.suppliers[0].code}/offers/new"
    form = {"title": "Kite", "price": "12.00", "count": "3"}
    refused = client.post(address, form | {"photos": [picture_file(), picture_file(b"no picture")]})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"photos"})
    assert not Offer.objects.filter(supplier=market.suppliers[0], title="Kite").exists()
    client.post(address, form | {"photos": [picture_file(), picture_file()]})
    assert Offer.objects.get(supplier=market.suppliers[0], title="Kite").pictures.count() == 2


def test_a_category_is_chosen_where_there_are_any(browser: Browser, market: Market):
    Category.objects.create(cluster=market.cluster, code="toys", name_zh="玩具", name_en="Toys")
    client = browser(market.owner())
    address = f"/m/{market.suppliers[0].code}/offers/new"
    form = {"title": "Kite", "price": "12.00"}
    assert set(client.post(address, form).context["form"].errors) == {"category"}
    client.post(address, form | {"category": "toys"})
    assert Offer.objects.get(supplier=market.suppliers[0], title="Kite").category.code == "toys"
