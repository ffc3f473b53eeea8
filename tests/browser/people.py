"""What people do on the site, step by step, in Chinese, as they read it."""

import re
import secrets
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.eyes import DESKTOP, PHONE, Eyes, figure, presses, sees
from yunju.cli.demo.people import AGENT, PASSWORD, LogIn

NEW_PASSWORD = "liu-an-gua-pian-7"
CUP, DRAGONFLIES = "青花缠枝莲茶杯", "手工竹蜻蜓"
ADDRESS = {
    "name": "林晚",
    "phone": "13912345678",
    "city": "杭州",
    "district": "西湖区",
    "street": "文三路 1 号",
}


@dataclass(frozen=True)
class Keeper:
    """Somebody who has opened a shop, still signed in."""

    page: Page
    shop: str
    share: str
    member: str


def sign_in(eyes: Eyes, who: LogIn, *, device: dict | None = None) -> Page:
    if who.email in eyes.signed_in:
        return eyes.signed_in[who.email]
    page = eyes.signed_in[who.email] = eyes.person(device or DESKTOP)
    eyes.go(page, "/sign-in")
    if not page.locator("[name=email]").is_visible():
        page.locator("details", has=page.locator("[name=email]")).locator("summary").click()
    page.fill("[name=email]", who.email)
    page.fill("[name=password]", PASSWORD)
    presses(page, "登录")
    expect(page.locator("header .mine")).to_contain_text(who.name)
    return page


def open_shop(eyes: Eyes) -> Keeper:
    """A new account on the way, three steps, two things of two suppliers, the link to share."""
    page, name = eyes.person(PHONE), f"晚晚的小铺 {secrets.token_hex(2)}"
    eyes.go(page, "/open-shop")
    page.fill("[name=name]", name)
    presses(page, "下一步")
    if not page.locator("[name=email]").is_visible():
        page.locator("details", has=page.locator("[name=email]")).locator("summary").click()
    presses(page, "立即注册")
    page.fill("[name=name]", "林小晚")
    page.fill("[name=email]", f"{secrets.token_hex(6)}@people.example")
    page.fill("[name=password]", NEW_PASSWORD)
    eyes.show(page, "sign-up")
    page.locator("main button.main").click()
    sees(page, "先卖这些")
    page.fill("[name=phone]", "13800138000")
    eyes.show(page, "open-shop")
    presses(page, "立即开店")
    sees(page, f"“{name}”开张了")
    share = page.input_value("#share")
    presses(page, "继续选品")
    for title in (CUP, DRAGONFLIES):
        pick(page, title)
    eyes.show(page, "picked")
    eyes.go(page, "/work")
    eyes.show(page, "work")
    code = page.get_by_role("link", name="收益").first.get_attribute("href")
    assert code
    return Keeper(page, name, share, code.split("/")[2])


def pick(page: Page, title: str) -> None:
    """Into the shop with one tap, where it is not there already."""
    page.fill("main [name=q]", title)
    presses(page, "搜索")
    button = page.get_by_role("button", name=re.compile(re.escape(title))).first
    expect(button).to_be_visible()
    if button.get_attribute("aria-pressed") == "false":
        button.click()
    expect(page.get_by_role("button", name=re.compile(f"已上架.*{re.escape(title)}"))).to_be_visible()


def put_in_cart(page: Page, share: str, title: str, variant: str, quantity: int) -> None:
    """From the shared link to the cart."""
    page.goto(share)
    page.locator("main a.thing", has_text=title).click()
    if page.get_by_role("radio").count():
        page.locator(".chosen label", has_text=variant).click()
    page.fill("main [name=quantity]", str(quantity))
    presses(page, "加入购物车")
    sees(page, f"“{title}”已加入购物车。")


def check_out(eyes: Eyes, page: Page) -> None:
    """The address, a look at the freight, the order."""
    presses(page, "去结算")
    for name, text in ADDRESS.items():
        page.fill(f"[name={name}]", text)
    page.select_option("[name=province]", "浙江")
    page.get_by_role("button", name=re.compile("计算运费|更新运费与合计")).click()
    eyes.show(page, "checkout")
    presses(page, "提交订单")
    page.wait_for_url(re.compile("/purchases/"))


def order_pages(page: Page) -> list[str]:
    """The addresses of the orders of a paid purchase, as the cashier lists them."""
    links = page.get_by_role("link", name="查看订单")
    expect(links.first).to_be_visible()
    return [str(link.get_attribute("href")) for link in links.all()]


def to_work(eyes: Eyes, who: LogIn, supplier: str, door: str) -> Page:
    """Signed in, to one of the doors of a supplier."""
    page = sign_in(eyes, who, device=PHONE)
    eyes.go(page, "/work")
    card = page.locator("section.card", has=page.get_by_role("heading", name=supplier))
    card.get_by_role("link", name=re.compile(f"^{door}$")).click()
    return page


def ship(eyes: Eyes, who: LogIn, supplier: str, order: tuple[str, str]) -> None:
    """What to ship is found by its number; it goes with a carrier and a tracking number."""
    number, tracking = order
    page = to_work(eyes, who, supplier, "订单")
    card = page.locator("article", has_text=number)
    expect(card).to_contain_text(ADDRESS["street"])
    eyes.show(page, f"to-ship-{'agent' if who is AGENT else 'supplier'}")
    card.get_by_role("link", name=number).click()
    page.select_option("[name=carrier]", label="顺丰速运")
    page.fill("[name=tracking_no]", tracking)
    eyes.show(page, "pack")
    presses(page, "确认发货")
    sees(page, "已发货，买家可以看到物流信息了。", tracking)


def earns(eyes: Eyes, keeper: Keeper, **wanted: str) -> None:
    """The large figures on the shopkeeper's page, exactly."""
    eyes.go(keeper.page, f"/m/{keeper.member}/earnings")
    for name, amount in wanted.items():
        expect(figure(keeper.page, name)).to_have_text(amount)
