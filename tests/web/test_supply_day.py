"""A supplier's day: what ships, in waves and on paper, who sells, presales, the first page."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import make_variant, only_variant
from tests.factories.members import acts_for
from tests.factories.parcels import many_to_ship
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.catalog.models import Presale
from yunju.kernel import clock, jobs
from yunju.kernel.models import Job
from yunju.modes.ship.actions import make_wave
from yunju.modes.ship.models import Parcel
from yunju.orders.models import Order


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.fixture
def shipping(market: Market):
    """Six parcels of the first supplier."""
    supplier = market.suppliers[0]
    return supplier, many_to_ship(supplier, [only_variant(market.offers[0])], 6)


def test_many_are_sent_at_once_and_a_wrong_number_stays(browser: Browser, market: Market, shipping):
    supplier, numbers = shipping
    first, second = Order.objects.filter(number__in=numbers[:2]).order_by("pk")
    client = browser(market.owner())
    answer = client.post(
        f"/m/{supplier.code}/orders?view=to_pack",
        {"carrier": "sf", f"no_{first.code}": "SF1234567890", f"no_{second.code}": "x"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="no_{second.code}_error"' in page
    assert f"no_{first.code}" not in page
    assert dict(
        Parcel.objects.filter(order__supplier_id=supplier.pk).values_list("order_id", "tracking_no")
    ) == {first.pk: "SF1234567890"}
    assert client.get(f"/m/{supplier.code}/orders").context["carrier"] == "sf"


def test_the_list_counts_finds_and_asks_as_often_for_many(browser: Browser, market: Market, shipping):
    supplier, numbers = shipping
    client = browser(market.owner())
    page = f"/m/{supplier.code}/orders"
    found = client.get(page)
    assert found.context["counts"] == {"today": 0, "to_pack": 6, "late": 0, "presale": 0, "asked": 0}
    assert [row.order.number for row in client.get(f"{page}?q=收件人3").context["rows"]] == [numbers[3]]
    assert [row.order.number for row in client.get(f"{page}?q={numbers[2]}").context["rows"]] == [numbers[2]]
    with clock.at(clock.now() + timedelta(hours=49)):
        assert client.get(page).context["counts"]["late"] == 6
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    many_to_ship(supplier, [only_variant(market.offers[0])], 30)
    with CaptureQueriesContext(connection) as more:
        client.get(page)
    assert len(more) == len(few)


def test_sheets_are_of_the_wave_and_of_nobody_elses(browser: Browser, market: Market, shipping):
    supplier, _numbers = shipping
    wave = make_wave(supplier_id=supplier.pk, by=acts_for(supplier))
    client = browser(market.owner())
    waves = f"/m/{supplier.code}/waves"
    assert (
        f'{supplier.code}/print/slips?wave={wave.code}">Print the slips' in client.get(waves).content.decode()
    )
    pick = client.get(f"/m/{supplier.code}/print/pick?wave={wave.code}")
    ((_place, things),) = pick.context["places"]
    assert [(one.pieces, one.orders) for one in things] == [(9, 6)]
    slips = client.get(f"/m/{supplier.code}/print/slips?wave={wave.code}").content.decode()
    assert (slips.count('class="slip"'), "¥" in slips) == (6, False)
    assert "¥" in client.get(f"/m/{supplier.code}/print/slips?wave={wave.code}&prices=1").content.decode()
    labels = client.get(f"/m/{supplier.code}/print/labels?wave={wave.code}").content.decode()
    assert labels.count('class="label"') == 6
    wave.refresh_from_db()
    assert wave.printed_at is not None
    assert "Print the slips" not in client.get(waves).content.decode()
    other = browser(market.owner(1))
    assert other.get(f"/m/{market.suppliers[1].code}/print/slips?wave={wave.code}").status_code == 404
    assert other.get(f"/m/{supplier.code}/print/slips").status_code == 404
    foreign = Order.objects.filter(supplier_id=supplier.pk).first()
    answer = other.get(f"/m/{market.suppliers[1].code}/print/slips?order={foreign.code}")
    assert answer.context["parcels"] == []


def test_a_wave_goes_with_pasted_numbers(browser: Browser, market: Market, shipping):
    supplier, numbers = shipping
    client = browser(market.owner())
    page = client.post(f"/m/{supplier.code}/waves", {"content": ""})["Location"]
    answer = client.post(page, {"carrier": "zto", "numbers": "\n".join(["ZT00000001"] * 7)})
    assert (answer.status_code, "7 numbers for 6 parcels" in answer.content.decode()) == (422, True)
    answer = client.post(page, {"carrier": "zto", "numbers": "ZT00000001\nZT!\nZT00000003"})
    assert (answer.status_code, answer.context["typed"]) == (422, "ZT!")
    sent = dict(
        Parcel.objects.filter(order__supplier_id=supplier.pk).values_list("order__number", "tracking_no")
    )
    assert sent == {numbers[0]: "ZT00000001", numbers[2]: "ZT00000003"}


def test_shops_that_sell_me_with_what_they_earned(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    buyer = browser()
    token = buyer.get(f"/shops/{market.shop.code}")
    assert token.status_code == 200
    found = browser(market.owner()).get(f"/m/{supplier.code}/sellers")
    ((seller),) = found.context["page"].object_list
    assert (seller.shop, seller.offers, seller.sold.pieces) == (market.shop, 1, 0)
    sheet = browser(market.owner()).get(f"/export/sellers/{supplier.code}")
    assert sheet.status_code == 200


def test_a_presale_is_told_and_its_day_is_checked(browser: Browser, market: Market):
    supplier, offer = market.suppliers[0], market.offers[0]
    page = f"/m/{supplier.code}/offers/{offer.code}/presale"
    client = browser(market.owner())
    day = clock.local_day(clock.now(), market.cluster.timezone) + timedelta(days=14)
    assert client.post(page, {"ship_from": "2020-01-01"}).status_code == 422
    assert client.post(page, {"ship_from": day.isoformat()}).status_code == 302
    buyer = browser()
    put_in_cart(buyer, offer)
    (order,) = make_paid(place(buyer))
    assert order.lines.get(kind="goods").ship_from == day
    row = client.get(f"/m/{supplier.code}/orders?view=presale").context["rows"][0]
    assert (row.order.pk, row.ship_from) == (order.pk, day)
    assert browser(market.owner(1)).post(page, {"ship_from": ""}).status_code == 404


def test_one_of_several_variants_is_sold_ahead(browser: Browser, market: Market):
    supplier, offer = market.suppliers[0], market.offers[0]
    page = f"/m/{supplier.code}/offers/{offer.code}"
    client = browser(market.owner())
    assert "variant" not in client.get(page).context["presale"].fields
    blue = make_variant(offer, title="Blue")
    day = clock.local_day(clock.now(), market.cluster.timezone) + timedelta(days=14)
    form = {"variant": blue.code, "ship_from": day.isoformat()}
    assert client.post(f"{page}/presale", form | {"variant": "NOSUCH"}).status_code == 422
    assert client.post(f"{page}/presale", form).status_code == 302
    assert [(one.variant_id, one.ship_from) for one in Presale.objects.filter(offer=offer)] == [
        (blue.pk, day)
    ]
    shown = client.get(page).context
    assert shown["presales"] == [("Blue", day)]
    assert shown["presale"].initial == {"ship_from": None}
    client.post(f"{page}/presale", form | {"ship_from": ""})
    assert not Presale.objects.filter(offer=offer).exists()


def test_a_list_of_numbers_says_on_its_page_what_was_not_taken(browser: Browser, market: Market, shipping):
    supplier, numbers = shipping
    client = browser(market.owner())
    rows = f"订单号,快递公司,快递单号\n{numbers[0]},顺丰,SF1234567890\n{numbers[1]},飞鸽,SF1234567891\n"
    file = SimpleUploadedFile("回单.csv", rows.encode("utf-16-le"))
    asked = client.post(f"/m/{supplier.code}/parcels/numbers", {"file": file, "carrier": ""})
    jobs.work_off(
        job_id=Job.objects.get(code=asked["Location"].rpartition("/")[2]).pk, is_ending=lambda: False
    )
    page = client.get(asked["Location"]).content.decode()
    assert "Row 3" in page
    assert numbers[1] in page
    assert "We do not know the carrier" in page
    assert not {"Row 2", numbers[0]} & set(re.findall(r"Row \d+|\d{6}-[0-9A-Z-]+", page))
    assert "回单-read.xlsx" in page
    assert f'href="/m/{supplier.code}/waves"' in page
    for broken in (b"PK\x03\x04 no archive", b"\xff\xfe\x00\xd8", b"", b"\x00" * 40, b"a;b\n1;2\n"):
        answer = client.post(
            f"/m/{supplier.code}/parcels/numbers",
            {"file": SimpleUploadedFile("x.xlsx", broken), "carrier": "sf"},
        )
        if answer.status_code == 302:
            jobs.work_off(job_id=Job.objects.latest("pk").pk, is_ending=lambda: False)
            answer = client.get(answer["Location"])
            assert 'class="notice error"' in answer.content.decode(), broken
        else:
            assert (answer.status_code, broken) == (422, b"")


def test_the_first_page_counts_and_asks_as_often_for_many(browser: Browser, market: Market, shipping):
    supplier, _numbers = shipping
    client = browser(market.owner())
    page = f"/m/{supplier.code}/today"
    make_variant(market.offers[0], stock=2)
    make_variant(market.offers[0], stock=0)
    told = client.get(page).context
    assert (told["counts"]["to_pack"], told["low"], told["sold_out"], told["cases"]) == (6, 1, 1, 0)
    assert [(one.title, one.pieces, one.orders) for one in told["things"]] == [(market.offers[0].title, 9, 6)]
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    many_to_ship(
        supplier,
        [only_variant(market.offers[0])]
        if market.offers[0].variants.count() == 1
        else [market.offers[0].variants.first()],
        20,
    )
    with CaptureQueriesContext(connection) as more:
        client.get(page)
    assert len(more) == len(few)
