"""Clients of a cluster's pages: a browser each, by host, in English unless told otherwise."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories.members import make_cluster
from yunju.members import sessions
from yunju.members.models import Cluster, User

Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT.mkdir(
        exist_ok=True
    )  # collected by `yunju migrate` elsewhere; here files are found where they lie


@pytest.fixture
def cluster(db_app) -> Cluster:
    return make_cluster()


@pytest.fixture
def browser(cluster: Cluster) -> Browser:
    """`browser(user)`: somebody's browser, signed in when a user is given: by password, or (`way`) by a code to the phone."""

    def opened(user: User | None = None, language: str = "en", way: str = "password") -> Client:
        client = Client(headers={"host": cluster.host})
        client.cookies["django_language"] = language
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            session = client.session
            sessions.confirm(session, by_password=way == "password")
            session.save()
        return client

    return opened
