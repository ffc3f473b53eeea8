"""The demonstration, made so that every page has something to show: who looks at it, and the codes of its things."""

import io
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.eyes import FLAGS, PHONE, WECHAT
from tests.browser.people import ADDRESS
from tests.house import House
from yunju.cli.demo.people import BUYER, OPERATOR, PASSWORD, SHOPKEEPER, SUPPLIER, LogIn

SIGNED_IN: dict[str, LogIn] = {
    "buyer": BUYER,
    "keeper": SHOPKEEPER,
    "supplier": SUPPLIER,
    "operator": OPERATOR,
}
ROUNDS = 40
"""Seconds that a text may need to a phone."""

PEOPLE = ("stranger", "wechat", "guest", "caller", "opener", *SIGNED_IN)
OWN = "(SELECT r.member_id FROM members_role r JOIN members_user u ON u.id = r.user_id WHERE u.email = '{}' LIMIT 1)"
SOLD, KEPT = OWN.format(SUPPLIER.email), OWN.format(SHOPKEEPER.email)
CODES: dict[str, str] = {
    "member": f"SELECT code FROM members_member WHERE id = {SOLD}",
    "keeper": f"SELECT code FROM members_member WHERE id = {KEPT}",
    "shop": f"SELECT code FROM shops_shop WHERE member_id = {KEPT}",
    "listing": f"SELECT id FROM shops_listing WHERE ended_at IS NULL AND shop_id = (SELECT id FROM shops_shop WHERE member_id = {KEPT}) ORDER BY id LIMIT 1",
    "offer": f"SELECT code FROM catalog_offer WHERE supplier_id = {SOLD} AND listed_at IS NOT NULL AND withdrawn_at IS NULL ORDER BY id LIMIT 1",
    "variant": f"SELECT v.code FROM catalog_variant v JOIN catalog_offer o ON o.id = v.offer_id WHERE o.supplier_id = {SOLD} ORDER BY v.id LIMIT 1",
    "order_sold": f"SELECT code FROM orders_order WHERE supplier_id = {SOLD} AND received_at IS NOT NULL AND after_sale_state = 'none' ORDER BY received_at DESC LIMIT 1",
    "order_received": f"SELECT o.code FROM orders_order o JOIN orders_purchase p ON p.id = o.purchase_id JOIN members_user u ON u.id = p.user_id WHERE u.email = '{BUYER.email}' AND o.received_at IS NOT NULL AND o.after_sale_state = 'none' ORDER BY o.received_at DESC LIMIT 1",
    "line": f"SELECT l.seq FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN orders_purchase p ON p.id = o.purchase_id JOIN members_user u ON u.id = p.user_id WHERE u.email = '{BUYER.email}' AND o.received_at IS NOT NULL AND o.after_sale_state = 'none' AND l.kind = 'goods' ORDER BY o.received_at DESC LIMIT 1",
    "run": "SELECT id FROM payments_payoutrun LIMIT 1",
    "category": "SELECT code FROM catalog_category ORDER BY id LIMIT 1",
}
MADE: dict[str, str] = {
    "material": f"SELECT m.code FROM catalog_material m JOIN catalog_offer o ON o.id = m.offer_id WHERE o.supplier_id = {SOLD} AND m.ended_at IS NULL ORDER BY m.id DESC LIMIT 1",
    "sale": f"SELECT s.code FROM catalog_sale s JOIN catalog_variant v ON v.id = s.variant_id JOIN catalog_offer o ON o.id = v.offer_id WHERE o.supplier_id = {SOLD} AND s.starts_at > now() AND s.ended_at IS NULL ORDER BY s.id DESC LIMIT 1",
    "round": "SELECT code FROM filings_round ORDER BY id DESC LIMIT 1",
    "filing": "SELECT code FROM filings_filingform ORDER BY id DESC LIMIT 1",
}
"""What the large demonstration has and the small one has not: made by hand first."""


@dataclass
class Furnished:
    """`codes` fill the braces of `places.PAGES`; `states` are the cookies of each person."""

    address: str
    codes: dict[str, str] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)

    def path(self, text: str) -> str:
        return text.format(**self.codes)


def furnish(house: House, browser: Browser) -> Furnished:
    """Once for a house. Everything is done by clicks, but for the codes, which are read."""
    found = Furnished(house.url)
    _look_up(house, found, CODES)
    found.states = {"stranger": None, "wechat": None}
    for person, who in SIGNED_IN.items():
        with _somebody(browser, found) as page:
            _sign_in(page, found.address, who)
            found.states[person] = page.context.storage_state()
    _guest(browser, found)
    _caller(browser, found)
    _opener(browser, found)
    _supplier(browser, found)
    _operator(browser, found)
    _look_up(house, found, MADE)
    return found


def _look_up(house: House, found: Furnished, wanted: dict[str, str]) -> None:
    with psycopg.connect(house.database_url()) as connection:
        for name, query in wanted.items():
            row = connection.execute(query.encode()).fetchone()
            assert row, f"the demonstration has no {name}"
            found.codes[name] = str(row[0])


@contextmanager
def _somebody(browser: Browser, found: Furnished, person: str = "") -> Iterator[Page]:
    context = browser.new_context(**PHONE, locale="zh-CN", storage_state=found.states.get(person))
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def _sign_in(page: Page, address: str, who: LogIn) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("details:has([name=password]) > summary").click()
    page.fill("[name=email]", who.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _guest(browser: Browser, found: Furnished) -> None:
    """Somebody without an account: an order that waits for its payment, and something in the cart again."""
    with _somebody(browser, found) as page:
        offer = f"{found.address}/offers/{found.codes['offer']}"
        _into_cart(page, offer)
        page.goto(f"{found.address}/checkout")
        for name, text in ADDRESS.items():
            page.fill(f"[name={name}]", text)
        page.select_option("[name=province]", "浙江")
        page.locator("button.wide[value=look]").click()
        page.locator("button[value=place]").click()
        page.wait_for_url(re.compile("/purchases/"))
        found.codes["purchase"] = page.url.removeprefix(found.address)
        found.codes["pay_link"] = page.input_value("#link").removeprefix(found.address)
        page.goto(f"{found.address}/orders")
        page.goto(found.address + str(page.locator("main a[href^='/orders/']").first.get_attribute("href")))
        found.codes["order_door"] = page.input_value("#order-link").removeprefix(found.address)
        _into_cart(page, offer)
        found.states["guest"] = page.context.storage_state()


def _into_cart(page: Page, offer: str) -> None:
    page.goto(offer)
    with page.expect_navigation():
        page.locator("form[action*='cart/add'] button.main").click()


def _caller(browser: Browser, found: Furnished) -> None:
    """Somebody who has been sent a code and has not typed it yet."""
    with _somebody(browser, found) as page:
        page.goto(f"{found.address}/sign-in")
        page.fill("[name=phone]", "13912340001")
        page.press("[name=phone]", "Enter")
        page.wait_for_url(re.compile("/sign-in/code"))
        found.states["caller"] = page.context.storage_state()


def _opener(browser: Browser, found: Furnished) -> None:
    """Somebody between the first and the last step of opening a shop."""
    with _somebody(browser, found) as page:
        _sign_in(page, found.address, BUYER)
        page.goto(f"{found.address}/open-shop")
        page.fill("main [name=name]", "周明的书桌")
        page.locator("main button.main").last.click()
        page.wait_for_url(re.compile("/open-shop/picks"))
        found.states["opener"] = page.context.storage_state()


def _supplier(browser: Browser, found: Furnished) -> None:
    """A wave, an import with a fault, one whose columns are asked for, material, a flash sale to come, and a job."""
    home = f"{found.address}/m/{found.codes['member']}"
    files = {
        "import_run": ("商品名称,价格,库存\n青釉小碟,58,3\n没有价格的碗,很贵,1\n", r"/import/\d+$"),
        "import_columns": ("甲,乙,丙\n青釉小碟,58,3\n", r"/import/\d+/columns"),
    }
    with _somebody(browser, found, "supplier") as page:
        page.goto(f"{home}/waves")
        page.locator("main article form button, main table a[href*='/waves/']").first.click()
        page.wait_for_url(re.compile(r"/waves/\w+"))
        found.codes["wave"] = page.url.removeprefix(found.address)
        for name, (text, there) in files.items():
            page.goto(f"{home}/import")
            file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
            page.set_input_files("[name=file]", file)
            page.click("button[name=what][value=try]")
            page.wait_for_url(re.compile(there))
            found.codes[name] = page.url.removeprefix(found.address)
        page.goto(f"{home}/offers/{found.codes['offer']}/material")
        page.fill("[name=text]", "新到的青花小碟，盛一块点心刚好。")
        page.set_input_files("[name=pictures]", {"name": "a.png", "mimeType": "image/png", "buffer": drawn()})
        with page.expect_navigation():
            page.locator("main form button.main").click()
        _sale(page, f"{home}/offers/{found.codes['offer']}/sale")
        page.goto(f"{home}/import")
        _post(page, f"/export/offers/{found.codes['member']}")
        page.wait_for_url(re.compile("/jobs/"))
        found.codes["job"] = page.url.removeprefix(found.address)


def _sale(page: Page, address: str) -> None:
    """Behind those of the demonstration, which end before."""
    begins = datetime.now(UTC) + timedelta(days=9)
    page.goto(address)
    page.fill("[name=price]", "9.90")
    page.fill("[name=starts_at]", begins.strftime("%Y-%m-%dT10:00"))
    page.fill("[name=ends_at]", begins.strftime("%Y-%m-%dT22:00"))
    page.fill("[name=quota]", "30")
    page.fill("[name=per_buyer]", "2")
    page.locator("main form button.main").click()
    page.wait_for_url(re.compile("/sales$"))


def drawn() -> bytes:
    """A picture to upload."""
    file = io.BytesIO()
    Image.new("RGB", (640, 640), "#dfe6ea").save(file, "PNG")
    return file.getvalue()


def _post(page: Page, path: str) -> None:
    """Sends a form that the page has only where a list is long."""
    page.evaluate(
        """(path) => {
          const form = document.createElement("form");
          form.method = "post"; form.action = path;
          form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
          document.body.append(form); form.submit();
        }""",
        path,
    )


def _operator(browser: Browser, found: Furnished) -> None:
    """A form that members are asked for, a list of firms that were made, an invitation by text."""
    text = "名称,统一社会信用代码,联系人,手机,行业\n云溪陶社,,沈一,13912340077,陶瓷\n,,无名,1391,木作\n"
    with _somebody(browser, found, "operator") as page:
        page.goto(f"{found.address}/operator/filings/new")
        page.fill("[name=name]", f"季度报表 {secrets.token_hex(2)}")
        page.locator("main form button.main").last.click()
        page.wait_for_url(re.compile(r"/filings/(?!new)"))
        with page.expect_navigation():
            page.locator("form[action$='/open'] button.main").click()
        page.goto(f"{found.address}/operator/lists/new")
        page.set_input_files(
            "[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
        )
        page.locator("main button.main").click()
        page.wait_for_url(re.compile("/operator/lists/(?!new)"))
        found.codes["member_list"] = page.url.removeprefix(found.address)
        with page.expect_navigation():
            page.locator("main form button.main").click()
        page.goto(f"{found.address}/operator/invitations")
        with page.expect_navigation():
            page.locator("main button[name=way][value=sms]").first.click()
        text = page.locator("main article", has_text="/i/").first
        for _ in range(ROUNDS):  # a worker sends it
            page.goto(f"{found.address}/demo/phone")
            if text.count():
                break
            page.wait_for_timeout(1_000)
        link = re.search(r"/i/\S+", text.inner_text())
        assert link
        found.codes["invited"] = link[0]


def launched(driver: Any, path: str) -> Browser:
    browser: Browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
    return browser


def look(
    browser: Browser, found: Furnished, person: str, device: dict[str, Any], language: str
) -> BrowserContext:
    """The browser of one of the people, on a device, in a language."""
    agent = WECHAT if person == "wechat" else {}
    context = browser.new_context(
        **(device | ({"user_agent": agent["user_agent"]} if agent else {})),
        locale="en-GB" if language == "en" else "zh-CN",
        storage_state=found.states[person],
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": found.address}])
    return context
