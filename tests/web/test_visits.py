"""Whatever the operator fetches while looking as somebody else: every address, and not one row that differs afterwards."""

import re

import pytest

from tests.api.test_matrix import fingerprint
from tests.factories.members import operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from tests.web.test_arriving import routes
from yunju.members.models import User, Visit

SEEN = {"members_visit", "kernel_beat"}
"""Pages are counted on the visit itself; the heartbeats are the worker's."""


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def test_no_address_writes_or_hands_out_a_file_on_a_visit(browser: Browser, market: Market):
    buyer, member, visited = browser(), market.suppliers[0], market.owner()
    put_in_cart(buyer, market.offers[0])
    order = make_paid(place(buyer))[0]
    buyer.post(f"/orders/{order.code}/talk", {"words": "Where is it?", "side": "buyer"})
    visitor = User.objects.get(pk=operator(market.cluster).user_id)
    client = browser(visitor)
    begin = f"/operator/members/{member.code}/visit/{visited.pk}"
    client.post(begin, {"reason": "asked by phone for help"})
    codes = {
        "/m/": member.code,
        "/orders/": order.code,
        "/offers/": market.offers[0].code,
        "/shops/": market.shop.code,
        "/studios/": member.code,
        "/export/sellers/": member.code,
    }
    paths = set()
    for path in routes():
        start = next((one for one in codes if path.startswith(one)), "")
        paths.add(re.sub(r"^(/[a-z/]+/)abc", rf"\g<1>{codes[start]}", path) if start else path)
    assert sum(member.code in path for path in paths) > 25
    before = fingerprint()
    for path in sorted(paths - {"/visit/end", "/language"}):
        answer = client.get(path)
        assert answer.status_code < 500, path
        assert not answer.get("Content-Disposition", "").startswith("attachment"), path
        assert client.post(path, {"x": "1"}).status_code in (403, 405), path
    after = fingerprint()
    assert {table for table in after if after[table] != before[table]} - SEEN == set()
    visit = Visit.objects.filter(by_user=visitor).latest("pk")
    assert visit.pages > 0
    assert visitor.name in browser(visited).get("/me/visits").content.decode(), (
        "the visited person reads of it"
    )
