"""What a browser held before goes with the account, however its person comes in."""

import pytest

from tests.factories.members import PASSWORD, make_user
from tests.web.conftest import Browser
from tests.web.entrances import by_phone, quiet_phones
from tests.web.market import make_market
from yunju.catalog.hearts import offers_of
from yunju.kernel import clock
from yunju.members.actions import sign_ins
from yunju.members.models import User
from yunju.members.queries import actor_for


@pytest.fixture(autouse=True)
def phones(db_app, settings, tmp_path):
    settings.YUNJU_HOME = tmp_path
    quiet_phones()


def number() -> str:
    return f"+86135{User.objects.count():08}"


@pytest.mark.parametrize("way", ["code", "link", "password"])
def test_a_strangers_favourites_go_with_the_account_however_they_come_in(browser: Browser, cluster, way: str):
    market = make_market(cluster)
    user, client = make_user(phone=number(), phone_verified_at=clock.now()), browser()
    client.post(f"/offers/{market.offers[0].code}/heart", {"heart": "on"})
    if way == "code":
        by_phone(client, cluster, user.phone)
    elif way == "link":
        client.post(f"/e/{sign_ins.make_carry(path='/me', by=actor_for(user, cluster))}")
    else:
        client.post("/sign-in", {"email": user.email, "password": PASSWORD, "next": ""})
    assert market.offers[0].title in client.get("/favourites").content.decode()
    assert market.offers[0].title in browser(user).get("/favourites").content.decode(), "of the account now"
    assert list(offers_of(actor_for(user, cluster))) == [market.offers[0]]
    client.post("/sign-out")
    assert market.offers[0].title not in client.get("/favourites").content.decode()
