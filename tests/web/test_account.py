from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from tests.factories.members import PASSWORD, make_cluster, make_member, make_user, operator, owner_of
from tests.web.conftest import Browser
from tests.web.keeping import read
from yunju.kernel import clock, loops
from yunju.kernel.models import Beat
from yunju.members import queries
from yunju.members.actions import end_role
from yunju.members.models import Role, User
from yunju.members.words import RoleKind


def sign_in(client: Client, user: User, password: str = PASSWORD, to: str = "/me"):
    return client.post("/sign-in", {"email": user.email, "password": password, "next": to})


def test_signing_in_leads_back_in_the_language_of_the_account(browser: Browser):
    user, client = make_user(language="zh-hans"), browser()
    answer = sign_in(client, user, to="/shelf?page=2")
    assert answer["Location"] == "/shelf?page=2"
    assert 'lang="zh-Hans"' in client.get("/me").content.decode()


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_away(browser: Browser, away: str):
    assert sign_in(browser(), make_user(), to=away)["Location"] == "/"


def test_a_wrong_password_is_told_at_the_field(browser: Browser):
    answer = sign_in(browser(), make_user(), "wrong")
    assert answer.status_code == 422
    assert answer.context["form"].errors["password"] == ["E-mail and password do not fit together."]


def test_the_eleventh_try_is_refused_with_a_sentence(browser: Browser):
    user, client = make_user(), browser()
    for _ in range(10):
        answer = sign_in(client, user, "wrong")
    answer = sign_in(client, user)
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()


def test_signing_up_opens_an_account_and_tells_no_one_who_is_here(browser: Browser):
    client, tag = browser(), make_user().email
    form = {"name": "Li", "email": f"new-{tag}", "password": "jade-lantern-418", "next": "/me"}
    assert client.post("/sign-up", form | {"password": "12345678"}).context["form"].errors["password"]
    assert client.post("/sign-up", form)["Location"] == "/me"
    assert client.get("/me").status_code == 200
    taken = browser().post("/sign-up", form | {"password": "another-one-99"})
    assert taken.status_code == 422
    assert "cannot be used" in taken.content.decode()


def test_signing_out_is_a_post_and_ends_the_session(browser: Browser):
    client = browser(make_user())
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert client.get("/me")["Location"].startswith("/sign-in")


def test_a_session_ends_when_a_role_is_taken_away(browser: Browser, cluster):
    member = make_member(cluster)
    owner, staff = owner_of(member), make_user()
    Role.objects.create(user=staff, member=member, kind=RoleKind.STAFF, granted_at=clock.now())
    client = browser(staff)
    assert client.get("/work").status_code == 200
    end_role(member_id=member.pk, user_id=staff.pk, by=queries.actor_for(owner, cluster))
    assert client.get("/work")["Location"].startswith("/sign-in")


def test_another_password_keeps_this_browser_and_ends_the_others(browser: Browser):
    user = make_user()
    here, there = browser(user), browser(user)
    form = {"old_password": "wrong", "new_password": "silk-kite-7710"}
    assert here.post("/me/password", form).context["form"].errors["old_password"]
    here.post("/me/password", form | {"old_password": PASSWORD})
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 302


def test_the_language_switch_stays_on_the_page_and_with_the_account(browser: Browser):
    user = make_user(language="en")
    client = browser(user)
    answer = client.post("/language", {"language": "zh-hans", "next": "/shelf?q=cup"})
    assert answer["Location"] == "/shelf?q=cup"
    user.refresh_from_db()
    assert user.language == "zh-hans"
    assert "云货架" in client.get("/shelf").content.decode()
    assert client.post("/language", {"language": "xx", "next": "//evil.example"})["Location"] == "/"


def test_forms_need_their_token(browser: Browser, cluster):
    client = Client(enforce_csrf_checks=True, headers={"host": cluster.host})
    answer = client.post("/sign-in", {"email": "a@example.com", "password": "x"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_health_needs_the_database(db_app, monkeypatch):
    client = Client()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (200, "answers")

    def away(*_: object, **__: object):
        raise DatabaseError("away")

    monkeypatch.setattr(connection, "cursor", away)
    assert client.get("/healthz").status_code == 503


def test_a_late_loop_is_an_alarm_for_the_operator_only(browser: Browser, cluster, monkeypatch):
    name = f"late {cluster.code}"
    monkeypatch.setitem(loops.registered, name, loops.Loop(name, 1, lambda: 0))
    Beat.objects.create(name=name, every_seconds=1, ran_at=clock.now() - timedelta(hours=1))
    try:
        assert name in Client().get("/healthz").json()["late"]
        runner = browser(User.objects.get(pk=operator(cluster).user_id))
        assert "Due work is not running." in runner.get("/").content.decode()
        page = runner.get("/operator/alarms").content.decode()
        assert name in page
        assert "/export/alarms" in page, "what is not in order can be taken away as a file"
        assert len(read(runner.get("/export/alarms"))) > 21, "a row for each loop below the heads"
        assert "Due work" not in browser(make_user()).get("/").content.decode()
    finally:
        Beat.objects.filter(name=name).delete()


def test_the_browser_secret_is_kept_from_scripts(browser: Browser):
    cookie = browser().get("/").cookies["yunju_browser"]
    assert (cookie["httponly"], cookie["samesite"], len(cookie.value) >= 40) == (True, "Lax", True)


def test_a_user_of_another_cluster_is_a_plain_buyer_here(browser: Browser):
    elsewhere = owner_of(make_member(make_cluster()))
    page = browser(elsewhere).get("/work")
    assert page.context["desks"] == []
