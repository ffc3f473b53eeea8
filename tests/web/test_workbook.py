"""A month as a workbook: the page's own lines and figures, readable by any spreadsheet."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.markets import buy, make_market
from tests.factories.members import make_user
from tests.web.keeping import read
from yunju.kernel import clock
from yunju.members.queries import actor_for
from yunju.orders.queries.statement import statement
from yunju.ui import messages

pytestmark = pytest.mark.usefixtures("db_app")


def client_of(market, user) -> Client:
    client = Client(headers={"host": market.cluster.host})
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_a_month_reads_back_as_the_page_shows_it():
    market = make_market()
    buy(market)
    answer = client_of(market, market.shopkeeper).get(
        reverse("export", args=["statement", market.shop.member.code])
    )
    assert answer.status_code == 200
    heads, opening, line, total, closing = read(answer)
    now = clock.local_day(clock.now(), market.cluster.timezone)
    by = actor_for(market.shopkeeper, market.cluster)
    found = statement(member_id=market.shop.member_id, year=now.year, month=now.month, by=by)
    assert heads[3] == "总额（CNY）"
    assert [row[3] for row in (opening, line, total, closing)] == [0.0, 17.0, 17.0, 17.0]
    assert line[1] == messages.reason(found.lines[0].reason, found.lines[0].params)
    assert market.offers[0].title in line[1]


@pytest.mark.parametrize("month", ["2027-13", "1e9", "٢٠٢٦-١١"])
def test_a_month_that_is_none_is_refused(month):
    market = make_market()
    address = reverse("export", args=["statement", market.shop.member.code])
    assert client_of(market, market.shopkeeper).get(address, {"month": month}).status_code == 422


def test_a_strangers_month_does_not_exist():
    market = make_market()
    address = reverse("export", args=["statement", market.shop.member.code])
    assert client_of(market, make_user()).get(address).status_code == 404
