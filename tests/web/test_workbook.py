"""A month as a workbook: the page's own lines and figures, readable by any spreadsheet."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.factories.markets import buy, make_market
from tests.factories.members import make_user
from yunju.kernel import clock
from yunju.members.queries import actor_for
from yunju.orders.queries.statement import statement
from yunju.ui import messages

pytestmark = pytest.mark.usefixtures("db_app")


def rows_of(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_month_reads_back_as_the_page_shows_it():
    market = make_market()
    buy(market)
    client = Client(headers={"host": market.cluster.host})
    client.force_login(market.shopkeeper, "django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("statement_sheet", args=[market.shop.member.code]))
    assert answer.status_code == 200
    rows = rows_of(answer.content)
    now = clock.local_day(clock.now(), market.cluster.timezone)
    by = actor_for(market.shopkeeper, market.cluster)
    found = statement(member_id=market.shop.member_id, year=now.year, month=now.month, by=by)
    assert [row[3] for row in rows[3:]] == [17.0, 17.0, 17.0]  # the line, its sum, what is owed
    assert rows[3][1] == messages.reason(found.lines[0].reason, found.lines[0].params)
    assert market.offers[0].title in rows[3][1]


@pytest.mark.parametrize("month", ["2027-13", "1e9", "٢٠٢٦-١١"])
def test_a_month_that_is_none_is_refused(month):
    market = make_market()
    client = Client(headers={"host": market.cluster.host})
    client.force_login(market.shopkeeper, "django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("statement_sheet", args=[market.shop.member.code]), {"month": month})
    assert answer.status_code == 422


def test_a_strangers_month_does_not_exist():
    market = make_market()
    client = Client(headers={"host": market.cluster.host})
    client.force_login(make_user(), "django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("statement_sheet", args=[market.shop.member.code])).status_code == 404
