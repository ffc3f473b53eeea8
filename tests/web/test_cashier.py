import pytest

from tests.payments.provider import Provider, provider, provider_process  # noqa: F401
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, place, put_in_cart
from yunju.payments.models import Attempt

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148 MicroMessenger/8.0.50"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130"


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.fixture
def unpaid(browser: Browser, market: Market):
    client = browser()
    for offer in market.offers:
        put_in_cart(client, offer)
    return client, place(client)


def pay(unpaid, agent: str, **form: str):
    client, purchase = unpaid
    return client.post(f"/purchases/{purchase.code}/pay", form, headers={"user-agent": agent})


def test_a_phone_is_sent_to_the_cashier_of_the_gateway(unpaid, provider: Provider):  # noqa: F811
    assert pay(unpaid, PHONE)["Location"].startswith(provider.url)


def test_a_desktop_gets_a_code_to_scan(unpaid, provider: Provider):  # noqa: F811
    page = pay(unpaid, DESK).content.decode()
    assert "Scan to pay" in page
    assert page.count('<div class="qr">') == 1, "one code at a time: nobody scans the wrong one"


def test_wechat_gets_its_own_way_and_the_way_out(unpaid, provider: Provider):  # noqa: F811
    page = pay(unpaid, WECHAT).content.decode()
    assert "Confirm the payment" in page
    assert "three dots" in page


def test_a_form_is_posted_by_the_buyer_without_script(unpaid, provider: Provider):  # noqa: F811
    page = pay(unpaid, DESK, kind="form").content.decode()
    assert f'<form method="post" action="{provider.url}' in page


def test_pressing_twice_is_one_attempt(unpaid, provider: Provider):  # noqa: F811
    first, second = pay(unpaid, PHONE), pay(unpaid, PHONE)
    assert first["Location"] == second["Location"]
    assert Attempt.objects.filter(purchase_id=unpaid[1].pk).count() == 1


def test_a_silent_gateway_is_a_sentence_on_the_page(unpaid, settings):
    settings.YUNJU_GATEWAY_URL = "http://127.0.0.1:1"
    answer = pay(unpaid, PHONE)
    assert answer["Location"] == f"/purchases/{unpaid[1].code}"
    assert "notice error" in unpaid[0].get(answer["Location"]).content.decode()
