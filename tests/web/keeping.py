"""Steps that several tests of a keeper's pages share."""

import io

from python_calamine import CalamineWorkbook

from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import Market, make_paid, place, put_in_cart
from yunju.orders.models import Contact, Order
from yunju.shops.attribution import make_token

PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari MicroMessenger/8.0.50"}


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
