"""While PostgreSQL is away, pages and the API say so: a refused connection, told as 503."""

import json

import pytest
from django.test import Client

from tests.kernel.test_absence import NOBODY
from tests.ledger.clones import django_on
from tests.web.market import make_market
from yunju.config import failing
from yunju.kernel import memory
from yunju.web.public import memory as pages

pytestmark = pytest.mark.database


@pytest.fixture
def client(cluster) -> Client:
    return Client(headers={"host": cluster.host}, raise_request_exception=False)


@pytest.mark.parametrize(("language", "words"), [("en", "does not answer"), ("zh-hans", "暂时没有响应")])
@pytest.mark.parametrize("path", ["/api/v1/shelf", "/api/v1/nowhere"])
def test_the_api_says_503_and_when_to_try_again(client, language, words, path):
    with django_on(NOBODY):
        answer = client.get(path, headers={"accept-language": language})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) > 0
    told = answer.json()
    assert (told["status"], told["code"], told["retryable"]) == (503, "busy.database", True)
    assert words in told["detail"]


def test_a_database_that_goes_while_a_route_works_is_told_the_same(client, settings):
    settings.YUNJU_PAGE_MEMORY = 5
    memory.values.clear()
    try:
        assert (
            client.get("/api/v1/categories").status_code == 200
        )  # the cluster of the host is known from now on
        with django_on(NOBODY):
            answer = client.get("/api/v1/categories")
            posted = client.post("/api/v1/purchases", b"{}", content_type="application/json")
    finally:
        memory.values.clear()
        pages.clear()
    assert (answer.status_code, answer.json()["code"]) == (503, "busy.database")
    assert posted.status_code in {403, 422, 503}


@pytest.mark.parametrize("path", ["/", "/shelf", "/cart", "/desk/", "/sales"])
def test_a_page_says_it_in_both_languages(client, path):
    with django_on(NOBODY):
        answer = client.get(path)
    page = answer.content.decode()
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (503, True)
    assert "数据库暂时没有响应" in page
    assert "its database does not answer" in page
    assert "Content-Security-Policy" in answer


def test_what_polls_from_a_page_gets_json(client):
    with django_on(NOBODY):
        answer = client.get("/jobs/x/state", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "busy.database")


def test_once_it_is_back_everything_goes_on(client, cluster):
    make_market(cluster)
    with django_on(NOBODY):
        assert client.get("/shelf").status_code == 503
    assert client.get("/shelf").status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/shelf", "/jobs/x/state"])
def test_a_fault_of_ours_stays_one(rf, path):
    accept = "application/json" if path.startswith("/jobs") else "text/html"
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = failing.failed(rf.get(path, headers={"accept": accept}))
    assert answer.status_code == 500
    if path != "/":
        assert json.loads(answer.content)["code"] == "api.failed"
