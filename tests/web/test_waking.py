"""What a code to the phone alone does not open: the operator's pages, who is paid, who acts; and the day of waiting."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password

from tests.factories.members import PASSWORD, make_cluster, make_member, make_user
from tests.web.conftest import Browser
from tests.web.entrances import by_phone, quiet_phones, texted, told_and_sent
from yunju.kernel import clock
from yunju.members.models import Member, PayoutAccount, Role, User
from yunju.members.queries import operator_of
from yunju.members.words import CapacityKind, RoleKind
from yunju.notices.models import Notice, ShownText

NEW = "bamboo-river-52"
ACCOUNT = {"channel": "bank", "holder": "Thief", "bank": "Bank of Test", "number": "6222020200112233445"}


@pytest.fixture(autouse=True)
def phones(db_app, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    quiet_phones()


def number() -> str:
    return f"+86136{User.objects.count():08}"


def person(**fields) -> User:
    return make_user(phone=number(), phone_verified_at=clock.now(), **fields)


def firm_of(cluster, user: User, **fields) -> Member:
    return make_member(cluster, capacities=(CapacityKind.SUPPLIER,), roles={user: RoleKind.OWNER}, **fields)


def of_operator(cluster, user: User, kind: RoleKind = RoleKind.OWNER) -> None:
    Role.objects.create(user=user, member_id=operator_of(cluster.pk), kind=kind, granted_at=clock.now())


def older(user: User) -> None:
    Role.objects.filter(user=user).update(granted_at=clock.now() - timedelta(days=30))


@pytest.mark.parametrize("kind", list(RoleKind)[:3])
def test_a_code_alone_does_not_open_the_operators_pages(browser: Browser, cluster, kind):
    user, client = person(), browser()
    of_operator(cluster, user, kind)
    by_phone(client, cluster, user.phone)
    for path in ("/operator", "/operator/orders", "/operator/figures"):
        assert client.get(path)["Location"] == f"/me/confirm?next=%2Foperator{path[9:].replace('/', '%2F')}"
    assert client.post("/operator/wechat", {"share_host": ""}).status_code == 404
    assert "/operator" in client.get("/me").content.decode(), "the way is shown"
    page = client.get("/me/confirm?next=/operator")
    assert list(page.context["form"].fields) == ["password"], (
        "another code to the same phone is no second thing"
    )
    client.post("/me/confirm?next=/operator", {"send": "1"})
    told_and_sent()
    codes = [one.words for one in ShownText.objects.filter(cluster_id=cluster.pk)]
    assert len(codes) == 1, "only the code of the sign-in was sent"
    assert client.post("/me/confirm?next=/operator", {"password": "wrong"}).status_code == 422
    assert client.get("/operator").status_code == 302
    assert client.post("/me/confirm?next=/operator", {"password": PASSWORD})["Location"] == "/operator"
    assert client.get("/operator").status_code == 200


def test_a_code_alone_neither_pays_elsewhere_nor_lets_anybody_in(browser: Browser, cluster):
    user, client = person(), browser()
    member = firm_of(cluster, user)
    by_phone(client, cluster, user.phone)
    assert client.get(f"/m/{member.code}/today").status_code == 200, "the day's work goes on"
    for place in ("payee", "roles", "helpers"):
        assert client.get(f"/m/{member.code}/{place}")["Location"].startswith("/me/confirm?next=")
    client.post(f"/m/{member.code}/payee?form=account", ACCOUNT)
    client.post(f"/m/{member.code}/roles", {"email": make_user().email, "kind": "owner"})
    client.post(f"/m/{member.code}/helpers", {"email": make_user().email})
    assert not PayoutAccount.objects.filter(member=member).exists()
    assert Role.objects.filter(member=member).count() == 1
    client.post("/me/confirm", {"password": PASSWORD})
    assert client.get(f"/m/{member.code}/payee").status_code == 200


def test_by_password_everything_is_open_at_once(browser: Browser, cluster):
    user, client = person(), browser()
    member = firm_of(cluster, user)
    of_operator(cluster, user)
    client.post("/sign-in", {"email": user.email, "password": PASSWORD, "next": ""})
    assert client.get("/operator").status_code == 200
    assert client.get(f"/m/{member.code}/payee").status_code == 200


def test_a_link_from_another_browser_opens_no_more_than_a_code(browser: Browser, cluster):
    user = person()
    of_operator(cluster, user)
    first, second = browser(user), browser()
    assert first.get("/operator").status_code == 200
    from_wechat = first.get("/operator/lists/template.xlsx", headers={"User-Agent": "MicroMessenger/8.0.50"})
    assert second.post(from_wechat["Location"])["Location"] == "/operator/lists/template.xlsx"
    assert second.get("/operator/lists/template.xlsx")["Location"].startswith("/me/confirm")


def test_guesses_of_the_password_are_counted_for_the_account_whatever_the_address(browser: Browser, cluster):
    user, client = person(), browser()
    of_operator(cluster, user)
    by_phone(client, cluster, user.phone)
    for step in range(10):
        told = client.post("/me/confirm", {"password": f"guess-{step}"}, REMOTE_ADDR=f"203.0.113.{step}")
    assert told.status_code == 429
    late = client.post("/me/confirm", {"password": PASSWORD}, REMOTE_ADDR="198.51.100.1")
    assert late.status_code == 429
    assert client.get("/operator").status_code == 302
    own = browser().post("/sign-in", {"email": user.email, "password": PASSWORD, "next": ""})
    assert own.status_code == 302, "the person themselves comes in by password"


def test_the_form_of_the_sign_in_is_no_door_to_an_account_by_its_number(browser: Browser):
    user = person()
    told = browser().post("/sign-in", {"email": f"account {user.pk}", "password": PASSWORD, "next": ""})
    assert told.status_code == 422


def test_who_came_in_by_phone_sets_a_password_and_goes_on_at_once_on_the_first_day(browser: Browser, cluster):
    client, phone = browser(), number()
    by_phone(client, cluster, phone)
    user = User.objects.get(phone=phone)
    member = firm_of(cluster, user)
    to_confirm = client.get(f"/m/{member.code}/payee")["Location"]
    to_password = client.get(to_confirm)["Location"]
    assert to_password.startswith("/me/password?next=")
    weak = client.post(to_password, {"new_password": "12345678"})
    assert weak.status_code == 422
    done = client.post(to_password, {"new_password": NEW})
    assert done["Location"] == f"/m/{member.code}/payee"
    assert client.get(f"/m/{member.code}/payee").status_code == 200
    again = browser()
    quiet_phones()
    by_phone(again, cluster, phone)
    assert again.get(f"/m/{member.code}/payee")["Location"].startswith("/me/confirm")
    assert again.post("/me/confirm", {"password": NEW}).status_code == 302
    assert again.get(f"/m/{member.code}/payee").status_code == 200


def test_a_stolen_phone_sets_a_password_that_opens_nothing_for_a_day_and_is_told(browser: Browser, cluster):
    owner, thief = browser(), browser()
    phone = number()
    by_phone(owner, cluster, phone)
    user = User.objects.get(phone=phone)
    member = firm_of(cluster, user)
    older(user)
    quiet_phones()
    by_phone(thief, cluster, phone)
    thief.post("/me/password?next=/work", {"new_password": NEW})
    assert owner.get("/me").status_code == 302, "all other sessions are over"
    refused = thief.get(f"/m/{member.code}/payee")
    page = thief.get(refused["Location"])
    assert "from" in page.content.decode()
    assert "form" not in page.context or 'name="password"' not in page.content.decode()
    told_and_sent()
    assert Notice.objects.filter(user_id=user.pk, code="account.password_set").count() == 1
    texts = ShownText.objects.filter(cluster_id=cluster.pk).order_by("-id")
    assert "password" in texts[0].words or "密码" in texts[0].words
    with clock.at(clock.now() + timedelta(hours=25)):
        thief.post("/me/confirm", {"password": NEW})
        assert thief.get(f"/m/{member.code}/payee").status_code == 200, (
            "the honest person waits one day, once"
        )


def test_a_password_that_is_there_is_not_set_anew_by_a_code(browser: Browser, cluster):
    user, client = person(), browser()
    by_phone(client, cluster, user.phone)
    client.post("/me/password", {"new_password": NEW})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_signing_out_elsewhere_makes_no_session_fresh(browser: Browser, cluster):
    client = browser()
    by_phone(client, cluster, number())
    with clock.at(clock.now() + timedelta(minutes=16)):
        client.post("/me/devices/end")
        assert client.get("/me/phone")["Location"] == "/me/confirm?next=/me/phone"


def test_the_number_of_somebody_with_powers_is_changed_with_the_password_only(browser: Browser, cluster):
    user, client = person(), browser()
    firm_of(cluster, user)
    by_phone(client, cluster, user.phone)
    assert client.get("/me/phone")["Location"] == "/me/confirm?next=/me/phone"
    assert client.post("/me/phone", {"phone": "15900001111"}).status_code == 302
    told_and_sent()
    assert ShownText.objects.filter(cluster_id=cluster.pk).count() == 1


def test_after_a_change_of_the_number_who_is_paid_stays_for_a_day_and_the_old_number_is_told(
    browser: Browser, cluster
):
    user, client, elsewhere = person(), browser(), browser()
    old, new = user.phone, "+8615900002222"
    member = firm_of(cluster, user)
    by_phone(client, cluster, old)
    client.post("/me/confirm?next=/me/phone", {"password": PASSWORD})
    client.post("/sign-in", {})
    elsewhere.force_login(user)
    client.post("/me/phone", {"phone": new})
    assert client.post("/me/phone", {"phone": new, "code": texted(cluster)})["Location"] == "/me"
    assert elsewhere.get("/me").status_code == 302
    told_and_sent()
    told = {one.phone: one.words for one in ShownText.objects.filter(cluster_id=cluster.pk)}
    covered = f"{old[3:6]}****{old[-4:]}"
    assert "was changed" in told[covered]
    assert new[3:] not in told[covered], "the text names no number"
    assert Notice.objects.filter(user_id=user.pk, code="account.phone_changed").count() == 1
    refused = client.post(f"/m/{member.code}/payee?form=account", ACCOUNT)
    assert refused.status_code == 422
    assert "for another 24 hours" in refused.content.decode()
    assert not PayoutAccount.objects.filter(member=member).exists()
    with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
        assert client.post(f"/m/{member.code}/payee?form=account", ACCOUNT).status_code == 302


def test_whoever_runs_another_cluster_changes_no_number_with_less_here(browser: Browser, cluster):
    user, client = person(), browser()
    of_operator(make_cluster(), user)
    by_phone(client, cluster, user.phone)
    assert client.get("/me/phone")["Location"] == "/me/confirm?next=/me/phone"
    assert list(client.get("/me/confirm?next=/me/phone").context["form"].fields) == ["password"]


def test_a_page_that_is_gone_stays_gone_for_a_firms_owner(browser: Browser, cluster):
    user = person()
    firm_of(cluster, user)
    assert browser(user, way="code").get("/offers/GONE23").status_code == 404


def test_the_owners_hear_when_the_money_goes_elsewhere(browser: Browser, cluster):
    user, second = person(), person()
    member = firm_of(cluster, user)
    Role.objects.create(user=second, member=member, kind=RoleKind.OWNER, granted_at=clock.now())
    client, page = browser(user), f"/m/{member.code}/payee?form=account"
    assert client.post(page, ACCOUNT).status_code == 302
    told_and_sent()
    told = Notice.objects.filter(cluster_id=cluster.pk, code="payee.account_changed")
    assert not told.exists(), "the first account is no change"
    assert client.post(page, ACCOUNT | {"number": "6222020200112233446"}).status_code == 302
    told_and_sent()
    assert {one.user_id for one in told} == {user.pk, second.pk}
    texts = ShownText.objects.filter(cluster_id=cluster.pk)
    assert len(texts) == 2
    assert all("3446" not in one.words for one in texts)


def test_a_first_number_is_no_change(browser: Browser, cluster):
    user = make_user()
    member = firm_of(cluster, user)
    client = browser(user)
    client.post("/me/phone", {"phone": "15900003333"})
    client.post("/me/phone", {"phone": "15900003333", "code": texted(cluster)})
    assert client.post(f"/m/{member.code}/payee?form=account", ACCOUNT).status_code == 302


def test_no_key_for_programs_is_made_by_a_code_alone(browser: Browser, cluster):
    user = person()
    of_operator(cluster, user)
    for way, status in (("code", 403), ("password", 201)):
        client = browser(user, way=way)
        token = client.get("/me").context["csrf_token"]
        body = '{"name": "x", "scopes": ["order:read"]}'
        told = client.generic(
            "POST",
            "/api/v1/tokens",
            body,
            content_type="application/json",
            headers={"X-CSRFToken": str(token)},
        )
        assert told.status_code == status, told.content
    by_code = browser(user, way="code")
    assert by_code.get("/api/v1/payout-runs").json()["items"] == []
    assert all(
        "cluster" not in word for one in by_code.get("/api/v1/me").json()["members"] for word in one["may"]
    )


def test_the_back_office_asks_for_the_password_too(browser: Browser, cluster):
    boss = person(is_staff=True, is_superuser=True, password=make_password(PASSWORD))
    client = browser(boss, way="code")
    assert client.get("/desk/")["Location"] == "/me/confirm?next=%2Fdesk%2F"
    client.post("/me/confirm", {"password": PASSWORD})
    assert client.get("/desk/").status_code == 200
    fresh = browser()
    fresh.post("/desk/login/?next=/desk/", {"username": boss.email, "password": PASSWORD})
    assert fresh.get("/desk/").status_code == 200


def test_nobody_without_powers_is_asked_for_a_password(browser: Browser, cluster):
    client = browser()
    by_phone(client, cluster, number())
    assert client.get("/operator").status_code == 404
    assert client.get("/me/phone").status_code == 200
    stranger = firm_of(cluster, make_user())
    assert client.get(f"/m/{stranger.code}/payee").status_code == 404
