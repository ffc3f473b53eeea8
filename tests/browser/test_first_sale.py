"""A stranger opens a shop and has the first sale: on phones, by real taps, which the browser itself counts."""

import re
import secrets

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import people
from tests.browser.eyes import DESKTOP, PHONE, WECHAT, WORKER_MS, Eyes, figure, presses, sees, sees_in_time
from tests.browser.keys import Keys
from tests.browser.people import DRAGONFLIES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MOST_TAPS = 25
COUNT = "addEventListener('pointerdown', (touch) => { if (touch.isTrusted) tapped(); }, {capture: true});"
ADDRESS = "林晚 13912345678 浙江省杭州市西湖区文三路 1 号 2 幢 301"


class Taps:
    """Every finger that came down in the browsers of both people, and what the test had to tap outside of them."""

    def __init__(self) -> None:
        self.count = 0

    def one_more(self) -> None:
        self.count += 1

    def watch(self, context: BrowserContext) -> None:
        context.expose_function("tapped", self.one_more)
        context.add_init_script(COUNT)


@pytest.fixture
def taps() -> Taps:
    return Taps()


def person(eyes: Eyes, taps: Taps, device: dict) -> Page:
    page = eyes.person(device)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    taps.watch(page.context)
    page.close()
    page = page.context.new_page()
    eyes.pages[-1] = page
    return page


def writes(field: Locator, text: str) -> None:
    """A tap into the field, then the keyboard."""
    field.tap()
    field.page.keyboard.insert_text(text)


def code_for(eyes: Eyes, phone: str) -> str:
    """The text message that came to this phone, as the stand-in shows it a few seconds later."""
    page = eyes.person(PHONE)
    eyes.go(page, "/demo/phone")
    mine = page.locator("main li, main article, main tr", has_text=phone[-4:]).first
    sees_in_time(page, mine)
    found = re.search(r"\b(\d{6})\b", mine.inner_text())
    assert found, mine.inner_text()
    page.close()
    eyes.pages.remove(page)
    return found[1]


def tap(page: Page, name: str) -> None:
    """A button or a link that carries just these words."""
    exact = re.compile(rf"^\s*{re.escape(name)}\s*$")
    main = page.locator("main")
    main.get_by_role("button", name=exact).or_(main.get_by_role("link", name=exact)).first.tap()


def opens_a_shop(eyes: Eyes, page: Page, name: str) -> str:
    """From the front page to the link in the clipboard."""
    phone = f"139{secrets.randbelow(10**8):08}"
    eyes.go(page, "/")
    page.get_by_role("link", name=re.compile("开店|小店")).first.tap()
    writes(page.locator("[name=name]"), name)
    tap(page, "下一步")
    writes(page.locator("[name=phone]"), phone)
    page.locator("main form").first.locator("button").tap()
    writes(page.locator("[name=code]"), code_for(eyes, phone))
    page.locator("main form").first.locator("button").first.tap()
    sees(page, "先卖这些")
    expect(page.locator("input[name=offers]:checked")).to_have_count(12)
    eyes.show(page, "opening-picks")
    tap(page, "立即开店")
    sees(page, f"“{name}”开张了")
    expect(page.locator("img.poster")).to_have_js_property("complete", value=True)
    eyes.show(page, "opened")
    tap(page, "复制链接")
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def buys(eyes: Eyes, taps: Taps, page: Page, link: str, name: str) -> None:
    """From the link in a chat to the paid order."""
    taps.one_more()  # the link in the chat
    page.goto(link)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.locator("main a.thing").first.tap()
    tap(page, "加入购物车")
    tap(page, "去结算")
    field = page.locator("[name=paste]")
    field.tap()
    page.evaluate("(text) => navigator.clipboard.writeText(text)", ADDRESS)
    page.keyboard.press("Control+V")
    expect(page.locator("[name=city]")).to_have_value(re.compile("杭州"))
    eyes.show(page, "pasted")
    tap(page, "提交订单")
    page.wait_for_url(re.compile("/purchases/"))
    page.locator("main").get_by_role("button", name=re.compile("^支付 ")).tap()
    tap(page, "确认支付")
    page.get_by_role("button", name="确认付款").tap()
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()


def test_a_stranger_has_a_shop_and_its_first_sale_in_few_taps(eyes: Eyes, taps: Taps):
    keeper, name = person(eyes, taps, PHONE), f"晚晚的小铺 {secrets.token_hex(2)}"
    link = opens_a_shop(eyes, keeper, name)
    opened = taps.count
    buys(eyes, taps, person(eyes, taps, WECHAT), link, name)
    total = taps.count
    print(f"taps: {opened} to open the shop, {total - opened} to buy, {total} together")  # noqa: T201 - the figure of the promise
    assert total <= MOST_TAPS
    tap(keeper, "进入我的小店")
    expect(figure(keeper, "下单")).to_have_text("1 笔")
    expect(keeper.locator(".figure", has_text="下单")).to_contain_text("已付款 1 笔")
    expect(figure(keeper, "访客")).to_have_text(re.compile("^[01] 人$"))  # written some seconds later
    eyes.show(keeper, "today")
    eyes.has_stayed_calm()


def test_arranging_with_a_tap_and_taking_back(eyes: Eyes, taps: Taps):
    """htmx swaps the list: no page is loaded, and the way back stands where the thing was taken from."""
    page, name = person(eyes, taps, PHONE), f"小铺 {secrets.token_hex(2)}"
    opens_a_shop(eyes, page, name)
    tap(page, "进入我的小店")
    tap(page, "我的商品")
    rows = page.locator("#picks li")
    expect(rows).to_have_count(12)
    first, second = (rows.nth(n).locator("a").first.inner_text() for n in (0, 1))
    address = page.url
    rows.nth(1).locator("summary").tap()
    rows.nth(1).get_by_role("button", name=re.compile("置顶")).tap()
    expect(rows.nth(0).locator("a").first).to_have_text(second)
    rows.nth(0).locator("summary").tap()
    rows.nth(0).get_by_role("button", name=re.compile("下架")).tap()
    expect(rows).to_have_count(11)
    expect(rows.nth(0).locator("a").first).to_have_text(first)
    eyes.show(page, "taken-out")
    presses(page, "撤销")
    expect(rows).to_have_count(12)
    assert page.url == address
    page.goto(address.replace("arrange", "choose"))
    button = page.locator("form.toggle button[aria-pressed=true]").first
    mark = str(button.get_attribute("id"))
    button.tap()
    expect(page.locator(f"#{mark}")).to_have_attribute("aria-pressed", "false")
    page.locator(f"#{mark}").tap()
    expect(page.locator(f"#{mark}")).to_have_attribute("aria-pressed", "true")
    eyes.has_stayed_calm()


def test_a_checkout_by_keyboard_alone(eyes: Eyes):
    page = eyes.person(DESKTOP)
    hands = Keys(page)
    eyes.go(page, "/")
    hands.press("跳到正文")
    hands.type("q", DRAGONFLIES)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/shelf\?"))
    hands.press(DRAGONFLIES)
    page.wait_for_url(re.compile("/offers/"))
    hands.type("quantity", "2")
    hands.press("加入购物车")
    sees(page, f"“{DRAGONFLIES}”已加入购物车。")
    hands.press("去结算")
    page.wait_for_url(re.compile("/checkout"))
    hands.type("name", people.ADDRESS["name"])
    hands.type("phone", people.ADDRESS["phone"])
    hands.choose("province", "浙江省")
    for name in ("city", "district", "street"):
        hands.type(name, people.ADDRESS[name])
    hands.press("计算运费")
    sees(page, "¥69.80")
    hands.press("提交订单")
    page.wait_for_url(re.compile("/purchases/"))
    link = page.input_value("#link")
    hands.press("支付 ¥69.80")
    expect(page.get_by_role("heading", name="扫码支付")).to_be_visible()
    phone = eyes.person(PHONE)  # at a desk one pays with the phone beside it
    phone.goto(link)
    presses(phone, "支付 ¥69.80")
    phone.get_by_role("button", name="确认付款").click()
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible(timeout=WORKER_MS)
    hands.press("查看订单")
    sees(page, "已付款", DRAGONFLIES, people.ADDRESS["street"])
    eyes.show(page, "order-by-keyboard")
    eyes.has_stayed_calm()
