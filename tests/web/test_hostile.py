"""What somebody types who means no good: each page answers with a page, never with an error of its own."""

import pytest

from tests.factories.members import operator
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.members.models import User

NUL = "a\0b"
ODD = (
    {"q": NUL, "state": NUL, "sort": NUL, "page": NUL},
    {"q": "%_\\'" * 1_000, "sort": "x; DROP", "page": "-1"},
)


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/shelf", {"q": "cup", "from": "西藏"}),
        ("/shelf", {"q": NUL, "category": NUL, "after": NUL}),
        ("/shelf/suggest", {"q": NUL}),
        ("/orders", {"q": NUL}),
        *(
            (f"/{place}/a%00b", {})
            for place in ("offers", "studios", "shops", "o", "private", "media", "e", "i")
        ),
        ("/suppliers/a%00b/info", {}),
        ("/api/v1/shelf", {"q": NUL}),
    ],
)
def test_odd_words_of_a_stranger(browser: Browser, market: Market, path, query):
    assert browser().get(path, query).status_code < 500


def test_odd_words_of_a_supplier(browser: Browser, market: Market):
    client, code = browser(market.owner()), market.suppliers[0].code
    for path in ("goods", "orders", "offers", "waves", "sellers", "reviews", "talks", "cases", "today"):
        for query in ODD:
            assert client.get(f"/m/{code}/{path}", query).status_code < 500, path


def test_odd_words_of_an_operator(browser: Browser, market: Market):
    client = browser(User.objects.get(pk=operator(market.cluster).user_id))
    for path in (
        "members",
        "licences",
        "orders",
        "disputes",
        "figures",
        "threads",
        "invitations",
        "filings",
    ):
        for query in ODD:
            assert client.get(f"/operator/{path}", query).status_code < 500, path
