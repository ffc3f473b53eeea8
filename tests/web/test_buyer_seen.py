"""Buying in a real browser: without script, by keyboard alone, back by link and digits, money asked back in three taps."""

import io
import re

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.members import make_user
from tests.payments.provider import provider, provider_process  # noqa: F401
from tests.web.market import Market, make_paid
from tests.web.test_journey import House, cluster, house, market, ship  # noqa: F401
from yunju.orders.models import Case, CasePhoto, Contact, Order, Purchase

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASTED = "张三 13800138000 浙江省杭州市西湖区文三路 1 号 2 幢 301"
COUNT_TAPS = """
document.addEventListener("pointerdown", (event) => {
  if (!event.isTrusted) return;
  sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps") || 0) + 1);
}, true);
"""


def into_the_cart(page: Page, house: House, market: Market) -> None:  # noqa: F811
    page.goto(f"{house.address}/offers/{market.offers[0].code}")
    page.locator("form[action*='cart/add'] button.main").first.click()
    page.wait_for_url(re.compile("/cart"))


def placed_at(page: Page) -> Purchase:
    page.wait_for_url(re.compile("/purchases/"))
    return Purchase.objects.get(code=page.url.split("/purchases/")[1].split("?")[0])


def contact_of(purchase: Purchase) -> tuple[str, ...]:
    order = Order.objects.get(purchase=purchase)
    contact = Contact.objects.get(order_id=order.pk)
    return (contact.name, contact.phone, contact.province, contact.city, contact.district, contact.street)


WANTED = ("张三", "13800138000", "浙江", "杭州市", "西湖区", "文三路 1 号 2 幢 301")


def test_from_the_offer_to_the_order_without_script(house: House, market: Market):  # noqa: F811
    page = house.page(script=False)
    into_the_cart(page, house, market)
    page.locator("input[name=quantity]").fill("2")
    page.get_by_role("button", name=re.compile("^Update")).click()
    expect(page.locator("aside dd.total")).to_have_text("¥20.00")
    page.get_by_role("button", name=re.compile("^Remove")).click()
    page.click("text=Undo")
    page.click("text=Go to checkout")
    page.fill("#id_paste", PASTED)
    page.click("text=Fill in the fields")
    expect(page.locator("main")).to_contain_text("Filled in. Please check it once.")
    page.click("text=Place order")
    purchase = placed_at(page)
    assert purchase.total_minor == 2_000
    assert contact_of(purchase) == WANTED


def test_with_script_a_changed_number_and_a_pasted_address_work_at_once(house: House, market: Market):  # noqa: F811
    page = house.page()
    into_the_cart(page, house, market)
    page.locator("input[name=quantity]").fill("3")
    page.keyboard.press("Tab")
    expect(page.locator("aside dd.total")).to_have_text("¥30.00")
    page.click("text=Go to checkout")
    page.fill("#id_paste", PASTED)
    page.dispatch_event("#id_paste", "paste")
    expect(page.locator("#id_street")).to_have_value("文三路 1 号 2 幢 301")
    expect(page.locator("#id_province")).to_have_value("浙江")


SMALL = {"width": 390, "height": 664}
"""What WeChat leaves of a small phone."""


def in_sight(page: Page, selector: str, above: float) -> None:
    """The whole of it is in the window, over what begins at `above`."""
    box = page.locator(selector).first.bounding_box()
    assert box, f"there is no {selector}"
    assert box["y"] >= 0, (selector, box)
    assert box["y"] + box["height"] <= above + 1, (selector, box, above)
    assert box["x"] >= 0, (selector, box)
    assert box["x"] + box["width"] <= SMALL["width"], (selector, box)


def test_price_maker_and_the_bar_to_buy_are_seen_at_once_and_the_bar_stays(house: House, market: Market):  # noqa: F811
    page = house.page()
    page.set_viewport_size(SMALL)
    page.goto(f"{house.address}/offers/{market.offers[0].code}")
    places = page.locator("nav.bar").bounding_box()
    assert places
    assert places["y"] + places["height"] == SMALL["height"]
    bar = page.locator(".buying .under-thumb").bounding_box()
    assert bar
    for shown in ("main h1", ".price.large", ".maker"):
        in_sight(page, shown, bar["y"])
    bottom = page.evaluate("document.documentElement.scrollHeight")
    for down in (0, 300, 900, bottom):
        page.evaluate("(down) => window.scrollTo(0, down)", down)
        in_sight(page, ".buying button.main", places["y"])
    in_sight(page, ".foot .page > :last-child", bar["y"])


def tab_to(page: Page, selector: str) -> None:
    """With the Tab key, as somebody without a mouse; the focus must be to be seen when it is there."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            seen = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert seen != "none", f"no focus is to be seen on {selector}"
            return
    raise AssertionError(f"the Tab key never reaches {selector}")


def test_from_the_offer_to_the_order_by_keyboard_alone(house: House, market: Market):  # noqa: F811
    page = house.page()
    page.goto(f"{house.address}/offers/{market.offers[0].code}")
    tab_to(page, "form[action*='cart/add'] button.main")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/cart"))
    tab_to(page, "a.button.main[href*='/checkout']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/checkout"))
    tab_to(page, "#id_paste")
    page.keyboard.insert_text(PASTED)
    tab_to(page, "button[value=fill]")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Filled in. Please check it once.")
    tab_to(page, "button[value=place]")
    page.keyboard.press("Enter")
    assert contact_of(placed_at(page)) == WANTED


def test_enter_in_a_field_looks_and_places_nothing(house: House, market: Market):  # noqa: F811
    page = house.page()
    into_the_cart(page, house, market)
    page.click("text=Go to checkout")
    page.fill("#id_paste", PASTED)
    page.click("text=Fill in the fields")
    expect(page.locator("#id_name")).to_have_value("张三")
    page.focus("#id_street")
    page.keyboard.press("Enter")
    expect(page.locator("aside.card")).to_contain_text("Total")
    assert page.url.endswith("/checkout")
    assert not Purchase.objects.filter(cluster_id=market.cluster.pk).exists()


def bought(page: Page, house: House, market: Market) -> Order:  # noqa: F811
    into_the_cart(page, house, market)
    page.click("text=Go to checkout")
    page.fill("#id_paste", PASTED)
    page.click("text=Fill in the fields")
    expect(page.locator("#id_name")).to_have_value("张三")
    page.click("text=Place order")
    purchase = placed_at(page)
    page.goto("about:blank")  # the cashier would go on by itself, into the middle of what the test opens next
    return make_paid(purchase)[0]


def test_the_link_and_four_digits_open_the_order_in_a_fresh_browser(house: House, market: Market):  # noqa: F811
    page = house.page()
    order = bought(page, house, market)
    page.goto(f"{house.address}/purchases/{order.purchase.code}")
    link = page.input_value("#order-link1")
    fresh = house.page()
    fresh.goto(link)
    assert "文三路" not in fresh.content()
    fresh.fill("[name=digits]", "1111")
    fresh.get_by_role("button", name="Open the order").click()
    expect(fresh.locator(".error")).to_contain_text("did not open")
    fresh.fill("[name=digits]", "8000")
    fresh.get_by_role("button", name="Open the order").click()
    expect(fresh.locator("main")).to_contain_text("文三路 1 号 2 幢 301")
    fresh.goto(f"{house.address}/orders")
    expect(fresh.locator("article")).to_contain_text(order.number)


def signed_in(house: House) -> Page:  # noqa: F811
    """The session of somebody with an account, as the sign-in page would make it."""
    client = Client()
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    page = house.page()
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": house.address}])
    return page


def test_money_is_asked_back_with_a_photo_in_three_taps(house: House, market: Market):  # noqa: F811
    page = signed_in(house)
    order = bought(page, house, market)
    ship(house, market, order)
    page.goto(f"{house.address}/orders/{order.code}")
    page.click("text=Confirm receipt")
    page.context.add_init_script(COUNT_TAPS)
    page.goto(f"{house.address}/orders/{order.code}")
    page.get_by_role("link", name="Refund only").click()
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(picture, "JPEG")
    page.set_input_files(
        "#photos", {"name": "crack.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    page.get_by_text("Damaged on the way").click()
    page.get_by_role("button", name="Submit request").click()
    expect(page.locator("#case")).to_contain_text("Damaged on the way")
    assert page.evaluate("() => sessionStorage.getItem('taps')") == "3"
    case = Case.objects.get(order_id=order.pk)
    assert (case.kind, case.reason, CasePhoto.objects.filter(case=case).count()) == ("refund", "damaged", 1)
    expect(page.locator("#case img")).to_have_count(1)
    page.locator("#case img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#case img').naturalWidth > 0")
