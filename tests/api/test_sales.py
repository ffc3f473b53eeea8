"""Flash sales as programs see them: with shelf and offers, and a list of their own."""

import pytest

from tests.api.conftest import Caller
from tests.factories.catalog import make_offer, only_variant
from tests.factories.members import make_member
from tests.factories.sales import make_sale
from yunju.members.words import CapacityKind

pytestmark = pytest.mark.database


@pytest.fixture
def supplier(cluster):
    return make_member(cluster, capacities=[CapacityKind.SUPPLIER])


@pytest.fixture
def caller(cluster) -> Caller:
    return Caller(cluster.host)


@pytest.mark.parametrize("path", ["/shelf", "/shelf/search"])
def test_a_shelf_tells_what_runs(caller, supplier, path, django_assert_max_num_queries):
    plain, offer = make_offer(supplier), make_offer(supplier, price_minor=900)
    sale = make_sale(only_variant(offer), price_minor=600, quota=10, taken=4, per_buyer=2)
    with django_assert_max_num_queries(14):
        rows = {row["code"]: row for row in caller.get(path).json()["items"]}
    assert rows[plain.code]["sale"] is None
    told = rows[offer.code]["sale"]
    assert told.pop("ends_at")[:19] == sale.ends_at.isoformat()[:19]
    assert told == {
        "variant": only_variant(offer).code,
        "price_minor": 600,
        "list_minor": 900,
        "left": 6,
        "per_buyer": 2,
    }
    assert rows[offer.code]["price_minor"] == 900


def test_an_offer_tells_it_at_the_variant_and_only_while_it_runs(caller, supplier):
    offer = make_offer(supplier)
    make_sale(only_variant(offer), starts_in=600)
    [variant] = caller.get(f"/offers/{offer.code}").json()["variants"]
    assert variant["sale"] is None
    make_sale(only_variant(offer), price_minor=400, lasts=300)
    [variant] = caller.get(f"/offers/{offer.code}").json()["variants"]
    assert (variant["price_minor"], variant["sale"]["price_minor"]) == (1_000, 400)


def test_the_list_goes_on_behind_its_cursor(caller, supplier):
    sales = [
        make_sale(only_variant(make_offer(supplier)), **fields)
        for fields in ({"lasts": 500}, {"lasts": 500}, {"lasts": 900}, {"starts_in": 60}, {"starts_in": 99})
    ]
    seen, cursor = [], ""
    for _ in range(5):
        page = caller.get(f"/sales?limit=1&cursor={cursor}").json()
        seen += page["items"]
        cursor = page["next_cursor"] or ""
    assert cursor == ""
    assert [row["code"] for row in seen] == [one.code for one in sales]
    assert [row["state"] for row in seen] == ["running"] * 3 + ["coming"] * 2
    first = seen[0]
    variant = only_variant(sales[0].variant.offer)
    assert first["variant"] == {"code": variant.code, "title": variant.title}
    assert first["offer"]["code"] == variant.offer.code
    assert (first["price_minor"], first["list_minor"], first["left"], first["per_buyer"]) == (
        600,
        1_000,
        10,
        None,
    )
    assert caller.get("/sales?cursor=x").status_code == 422
