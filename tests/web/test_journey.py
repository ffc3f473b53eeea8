"""The whole journey in a real browser: a shop is opened, two suppliers sell, the buyer pays without JavaScript, ...

until the commission is paid out; and a refund before and after the money was free.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.factories.members import PASSWORD, make_cluster, make_user, operator
from tests.payments.bank import answered
from tests.payments.provider import Provider, provider, provider_process, until  # noqa: F401
from tests.web.house import open_house, work
from tests.web.market import Market, make_market
from yunju.kernel import clock
from yunju.members.actions import codes
from yunju.members.models import Cluster, PhoneCode, User
from yunju.members.words import RoleKind
from yunju.orders.models import Order, Purchase, Refund

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari/537.36",
    "locale": "en-GB",
}


@dataclass
class House:
    """The site, the browser that looks at it, and what the browser complained of."""

    address: str
    browser: Browser
    complaints: list[str]

    def page(self, *, script: bool = True) -> Page:
        context: BrowserContext = self.browser.new_context(**PHONE, java_script_enabled=script)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda one: self.complaints.append(one.text) if "Security" in one.text else None)
        return page

    def sign_in(self, user: User) -> Page:
        page = self.page()
        page.goto(f"{self.address}/sign-in")
        by_password = page.locator("details", has=page.locator("[name=email]"))
        if not page.locator("[name=email]").is_visible():
            by_password.locator("summary").click()
        page.fill("[name=email]", user.email)
        page.fill("[name=password]", PASSWORD)
        by_password.locator("button").click()
        return page


@pytest.fixture
def house(db_app, provider: Provider, chromium_path: str, monkeypatch, settings) -> Iterator[House]:  # noqa: F811
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the driver's loop runs in this thread
    settings.ALLOWED_HOSTS = ["*"]
    with open_house(provider.url) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        found = House(address, browser, [])
        yield found
        browser.close()
        assert found.complaints == []


@pytest.fixture
def cluster(house: House) -> Iterator[Cluster]:
    """The cluster of the address that the browser sees."""
    made = make_cluster(host="127.0.0.1")
    yield made
    Cluster.objects.filter(pk=made.pk).update(host=made.code)


@pytest.fixture
def market(cluster: Cluster) -> Market:
    return make_market(cluster)


def open_shop(house: House, user: User, market: Market) -> str:
    """A shop in three steps, which begins with everything on this small shelf; the link to share."""
    page = house.sign_in(user)
    page.goto(f"{house.address}/open-shop")
    page.fill("[name=name]", "Tea and me")
    page.click("main button.main")
    assert page.locator("[name=offers]:checked").count() == len(market.offers)
    page.fill("[name=phone]", "13800138000")
    page.click("main button.main")
    return page.input_value("#share")


def buy(house: House, share: str, market: Market, provider: Provider) -> tuple[Page, list[Order]]:  # noqa: F811
    """A stranger, without JavaScript, from the shared shop to the paid order."""
    page = house.page(script=False)
    for offer in market.offers:
        page.goto(share)
        page.click(f"text={offer.title}")
        page.click("text=Add to cart")
    page.click("text=Go to checkout")
    for name, text in {"name": "Chen", "phone": "13800138000", "city": "北京市", "street": "Road 1"}.items():
        page.fill(f"[name={name}]", text)
    page.select_option("[name=province]", "北京")
    page.click("button[value=place]")
    page.click("button[value=place]")
    found = re.search(r"/purchases/(\w+)", page.url)
    assert found, page.locator("main").inner_text()
    cashier = page.url
    page.click("main form button.main")
    assert page.url.startswith(provider.url)
    page.locator("main button").first.click()
    purchase = Purchase.objects.get(code=found[1])
    until(lambda: Purchase.objects.get(pk=purchase.pk).payment_state == "paid")
    page.goto(cashier)
    assert page.locator("h1").inner_text() == "Paid"
    work()
    return page, list(Order.objects.filter(purchase=purchase).order_by("id"))


def ship(house: House, market: Market, order: Order) -> None:
    place = next(n for n, member in enumerate(market.suppliers) if member.pk == order.supplier_id)
    page = house.sign_in(market.owner(place))
    page.goto(f"{house.address}/m/{market.suppliers[place].code}/orders")
    page.locator(f'main a[href="/orders/{order.code}"]').first.click()
    page.fill("[name=tracking_no]", f"SF{order.pk:010d}")
    page.click("button:has-text('Dispatched')")
    assert "Dispatched" in page.locator("main").inner_text()


def figures(page: Page, house: House, code: str) -> list[str]:
    """Expected, waiting, available; the page has what can be taken first."""
    page.goto(f"{house.address}/m/{code}/earnings")
    return page.locator(".figure .money").all_inner_texts()[2::-1]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_from_an_open_shop_to_money_in_the_bank(house: House, market: Market, provider: Provider):  # noqa: F811
    keeper = make_user()
    share = open_shop(house, keeper, market)
    buyer, orders = buy(house, share, market, provider)
    shop = house.sign_in(keeper)
    shop.goto(f"{house.address}/work")
    code = re.search(r"/m/(\w+)/earnings", shop.content())
    assert code
    assert figures(shop, house, code[1]) == ["¥3.00", "¥0.00", "¥0.00"]
    for order in orders:
        ship(house, market, order)
        buyer.goto(f"{house.address}/orders/{order.code}")
        buyer.click("text=Confirm receipt")
    assert figures(shop, house, code[1]) == ["¥0.00", "¥3.00", "¥0.00"]
    clock.shift(timedelta(days=9))
    work()
    assert figures(shop, house, code[1]) == ["¥0.00", "¥0.00", "¥3.00"]
    give_papers(shop, house, code[1])
    figures(shop, house, code[1])
    shop.click("text=Request a payout")
    pay_out(house, market.cluster)
    assert figures(shop, house, code[1])[2] == "¥0.00"
    assert "Paid" in shop.locator("main").inner_text()


def give_papers(page: Page, house: House, code: str) -> None:
    page.goto(f"{house.address}/m/{code}/payee")
    page.fill("[name=real_name]", "周大年")
    page.fill("[name=id_number]", "11010519491231002X")
    page.select_option("[name=exemption]", "handicraft")
    page.check("[name=consent]")
    page.click('form[action="?form=payee"] button')
    page.fill("[name=holder]", "周大年")
    page.fill("[name=bank]", "工商银行")
    page.fill("[name=number]", "6222020200112233445")
    page.click('form[action="?form=account"] button')
    assert "you can be paid out" in page.locator("main").inner_text()


def pay_out(house: House, cluster: Cluster) -> None:
    """One makes the run, another approves it, the bank answers."""
    maker = house.sign_in(User.objects.get(pk=operator(cluster).user_id))
    maker.goto(f"{house.address}/operator/payouts")
    maker.check("[name=only_asked]")
    maker.click("text=Create a payout run")
    run = maker.url
    second = house.sign_in(User.objects.get(pk=operator(cluster, RoleKind.MANAGER).user_id))
    second.goto(run)
    second.click("button[value=approve]")
    with second.expect_download() as waiting:
        second.click("text=Download")
    content = waiting.value.path().read_bytes()
    answer = {
        "name": "answer.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": answered(content, ["成功"]),
    }
    second.set_input_files("[name=file]", answer)
    second.click("text=Read the file")
    assert "1 paid, 0 failed" in second.locator("main").inner_text()


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_refunds_before_and_after_the_money_is_free(house: House, market: Market, provider: Provider):  # noqa: F811
    share = open_shop(house, make_user(), market)
    buyer, (early, late) = buy(house, share, market, provider)
    ask_back(buyer, house, early, "not_needed")
    answer(house, market, early)
    assert "refunded" in open_order(buyer, house, early)
    ship(house, market, late)
    open_order(buyer, house, late)
    buyer.click("text=Confirm receipt")
    clock.shift(timedelta(days=9))
    work()
    assert late.lines.filter(released_at=None, kind="goods").count() == 0
    boss = house.sign_in(User.objects.get(pk=operator(market.cluster).user_id))
    give_back(boss, house, late, "5.00")
    assert "¥5.00 refunded" in open_order(buyer, house, late)
    work()
    refunds = Refund.objects.filter(order_id__in=[early.pk, late.pk])
    until(lambda: set(refunds.values_list("state", flat=True)) <= {"sent", "confirmed"})
    boss.goto(f"{house.address}/operator/ledger")
    boss.click("text=Check it now")
    assert "Every invariant holds." in boss.locator("main").inner_text()


def give_back(page: Page, house: House, order: Order, amount: str) -> None:
    """Of their own will, without a case."""
    page.goto(f"{house.address}/orders/{order.code}/refund")
    line = order.lines.get(kind="goods")
    page.fill(f'[name="line:{line.pk}"]', amount)
    page.click("main button.main")
    assert "on its way back" in page.locator("main").inner_text()


def open_order(page: Page, house: House, order: Order) -> str:
    page.goto(f"{house.address}/orders/{order.code}")
    return page.locator("main").inner_text()


def ask_back(page: Page, house: House, order: Order, reason: str) -> None:
    open_order(page, house, order)
    page.click("text=Refund only")
    prove_phone(page)
    page.check(f"[name=reason][value={reason}]")
    page.click("main button.main")
    assert "The supplier has been asked" in page.locator("main").inner_text()


def prove_phone(page: Page) -> None:
    """The order was placed without an account: a code to its phone comes first."""
    page.click("text=Send the code")
    waiting = PhoneCode.objects.filter(purpose="after_sale", told_at=None).order_by("pk")
    digits = codes.make_digits(code_ids=[one.pk for one in waiting])[-1].digits
    page.fill("[name=code]", digits)
    page.click("text=Confirm the code")


def answer(house: House, market: Market, order: Order) -> None:
    place = next(n for n, member in enumerate(market.suppliers) if member.pk == order.supplier_id)
    page = house.sign_in(market.owner(place))
    page.goto(f"{house.address}/m/{market.suppliers[place].code}/cases")
    page.get_by_role("link", name="Answer", exact=True).click()
    page.click("button[value=agree]")
