"""One site, several clusters: each is shown under its own host, and no host but theirs is answered."""

import pytest
from django.test import Client

from tests.factories.members import make_cluster


@pytest.fixture
def two(db_app, settings):
    clusters = [make_cluster(), make_cluster()]
    settings.ALLOWED_HOSTS = [one.host for one in clusters]
    return clusters


def test_each_cluster_is_shown_under_its_own_host(two):
    for cluster, other in (two, two[::-1]):
        shown = Client(headers={"host": f"{cluster.host}:8000"}).get("/").content.decode()
        assert cluster.name_zh in shown
        assert other.name_zh not in shown


@pytest.mark.parametrize("path", ["/", "/shelf", "/api/v1/shelf", "/sign-in"])
def test_a_foreign_host_is_refused(two, path):
    client = Client(headers={"host": "elsewhere.example"}, raise_request_exception=False)
    answer = client.get(path)
    assert answer.status_code == 400
    assert not any(cluster.name_zh in answer.content.decode() for cluster in two)


def test_a_form_of_one_cluster_is_not_taken_from_the_page_of_the_other(two):
    client = Client(headers={"host": two[0].host}, enforce_csrf_checks=True)
    page = client.get("/sign-in")
    typed = {
        "username": "a@example.com",
        "password": "x",
        "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
    }
    assert page.status_code == 200
    own, others = ({"origin": f"http://{cluster.host}"} for cluster in two)
    assert client.post("/sign-in", typed, headers=own).status_code != 403
    assert client.post("/sign-in", typed, headers=others).status_code == 403
