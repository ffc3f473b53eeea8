"""The door as `yunju web --door` serves it: a purchase over the wire, its replay, a page beside it, and an orderly end."""

import json

import pytest

from tests.api.test_buying import key, wanted
from tests.api.test_door import token_of
from tests.factories.markets import make_market
from tests.factories.members import make_user
from tests.served import asked, served
from yunju.orders.models import Purchase


@pytest.fixture
def market(db_app):
    return make_market()


@pytest.fixture
def port(market):
    with served(market.cluster.host, "--door", "--workers", "1") as server:
        yield server.port


def test_a_purchase_over_the_wire_and_a_page_beside_it(market, port):
    secret, once, body = token_of(make_user(), market.cluster), key(), json.dumps(wanted(market))
    headers = {"Host": market.cluster.host, "Authorization": f"Bearer {secret}"}
    sent = headers | {"Content-Type": "application/json", "Idempotency-Key": once}
    status, _headers, told = asked(port, "POST", "/api/v1/purchases", body, **sent)
    assert status == 201, told
    again = asked(port, "POST", "/api/v1/purchases", body, **sent)
    assert (again[0], again[1]["idempotent-replay"], json.loads(again[2])) == (201, "true", json.loads(told))
    assert Purchase.objects.get(cluster_id=market.cluster.pk).code == json.loads(told)["code"]
    faulty = asked(port, "POST", "/api/v1/purchases", "{", **sent)
    assert (faulty[0], json.loads(faulty[2])["code"]) == (400, "api.body_unreadable")
    page = asked(port, "GET", "/shelf", Host=market.cluster.host)
    assert (page[0], page[2][:15].lower()) == (200, b"<!doctype html>")
