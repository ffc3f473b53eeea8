"""A client per person, on the host of a test's own cluster."""

import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories.members import make_cluster
from tests.payments.provider import provider, provider_process  # noqa: F401
from yunju.api import limits
from yunju.members import sessions
from yunju.members.models import Cluster, User

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Caller:
    """Speaks JSON with /api/v1."""

    def __init__(self, host: str, user: User | None = None, token: str = "", **client: Any) -> None:
        headers = {"HTTP_HOST": host} | ({"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {})
        self.client = Client(**headers, **client)
        if user is not None:
            self.client.force_login(user, backend=BACKEND)
            session = self.client.session
            sessions.confirm(session, by_password=True)
            session.save()

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        data = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=headers or None
        )

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        return self.call("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: object = None) -> Any:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: object = None) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)


def problem(response: Any) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal; fails when it is not told as one."""
    assert response["Content-Type"] == "application/problem+json", response.content
    told = response.json()
    assert told["status"] == response.status_code
    assert told["type"] == f"urn:yunju:problem:{told['code']}"
    return response.status_code, told["code"], told["field"]


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    """Every cluster's own host is let in, and no test eats up another's calls."""
    settings.ALLOWED_HOSTS = ["*"]
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # its middleware warns of a missing folder
    limits.reset()


@pytest.fixture
def cluster(db_app: object) -> Cluster:
    return make_cluster()


@pytest.fixture
def nobody(cluster: Cluster) -> Caller:
    return Caller(cluster.host)
