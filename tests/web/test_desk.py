import pytest
from django.contrib import admin

from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import make_market, make_paid, place, put_in_cart
from yunju.desk.admin import VIEWS

LABELS = sorted(VIEWS)


def address(label: str) -> str:
    return f"/desk/{label.replace('.', '/').lower()}/"


@pytest.fixture
def boss(db_app):
    return make_user(is_staff=True, is_superuser=True)


@pytest.mark.parametrize("label", LABELS)
def test_every_list_opens_and_can_be_searched(browser: Browser, boss, label: str):
    client = browser(boss)
    assert client.get(address(label)).status_code == 200
    assert client.get(address(label), {"q": "1"}).status_code == 200


@pytest.mark.parametrize("label", LABELS)
def test_not_even_a_superuser_adds_changes_or_deletes(browser: Browser, boss, label: str):
    client = browser(boss)
    assert client.get(f"{address(label)}add/").status_code == 403
    assert "delete_selected" not in client.get(address(label)).content.decode()


def test_a_row_is_shown_and_cannot_be_changed(browser: Browser, boss, cluster):
    market, buyer = make_market(cluster), browser()
    put_in_cart(buyer, market.offers[0])
    order = make_paid(place(buyer))[0]
    client = browser(boss)
    page = client.get(f"/desk/orders/order/{order.pk}/change/")
    assert page.status_code == 200
    assert order.number in page.content.decode()
    assert client.post(f"/desk/orders/order/{order.pk}/change/", {"number": "x"}).status_code == 403
    assert client.post(f"/desk/orders/order/{order.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_back_office_is_for_staff(browser: Browser):
    assert browser(make_user()).get("/desk/").status_code == 302
    assert browser().get("/desk/orders/order/").status_code == 302


def test_nothing_is_registered_that_can_be_changed(boss, rf):
    request = rf.get("/desk/")
    request.user = boss
    may = ("has_add_permission", "has_change_permission", "has_delete_permission")
    loose = [
        str(site)
        for site in admin.site._registry.values()
        if any(getattr(site, name)(request) for name in may)
    ]
    assert loose == []


@pytest.mark.parametrize("secret", ["password", "id_cipher", "number_cipher", "id_index"])
def test_no_secret_is_a_column(browser: Browser, boss, secret: str):
    client = browser(boss)
    client.cookies.clear()
    for label in ("members.User", "members.Payee", "members.PayoutAccount"):
        model_admin = next(site for model, site in admin.site._registry.items() if model._meta.label == label)
        assert secret not in model_admin.get_fields(None)
