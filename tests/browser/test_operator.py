"""An operator's morning on a real installation: lets somebody in, pays out with a second person, ends a dispute."""

import re
import secrets
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eyes import PHONE, Eyes, fact, presses, sees, sees_in_time
from tests.browser.furnish import drawn
from tests.browser.people import NEW_PASSWORD, sign_in
from yunju.cli.demo.people import BUYER, OPERATOR, SECOND
from yunju.members import identity

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
AMOUNT = re.compile(r"^¥[\d,]+\.\d\d$")
FIRM_CODE = "91440300MA5F7Y2K8"  # its check character follows
PRICE = "268"


def applies(eyes: Eyes, firm: str) -> tuple[Page, str]:
    """A new account asks to be a supplier and writes down what is asked for: nothing is left missing but what the operator gives."""
    page = eyes.person(PHONE)
    eyes.go(page, "/join")
    if not page.locator("[name=email]").is_visible():
        page.locator("details", has=page.locator("[name=email]")).locator("summary").click()
    page.locator("main a[href*='/sign-up']").click()
    page.fill("[name=name]", "方砚秋")
    page.fill("[name=email]", f"{secrets.token_hex(6)}@people.example")
    page.fill("[name=password]", NEW_PASSWORD)
    page.locator("main button.main").click()
    page.select_option("[name=capacity]", "supplier")
    page.fill("[name=name]", firm)
    page.fill("[name=phone]", "13805590001")
    page.select_option("[name=province]", "安徽")
    page.fill("[name=city]", "黄山")
    page.fill("[name=story]", "在屯溪老街刻砚三代。")
    page.locator("main form button.main").click()
    sees(page, firm, "待审核")
    card = page.locator("section.card", has=page.get_by_role("heading", name=firm))
    card.get_by_role("link", name="收款资料").click()
    page.fill("[name=real_name]", firm)
    page.select_option("[name=id_kind]", "credit_code")
    code = FIRM_CODE + identity.credit_check(FIRM_CODE)
    page.fill("[name=id_number]", code)
    page.fill("[name=licence_no]", code)
    page.check("[name=consent]")
    page.locator("form[action='?form=payee'] button").click()
    sees(page, firm)
    found = re.search(r"/m/([^/]+)/payee", page.url)
    assert found
    return page, found[1]


def lets_in(eyes: Eyes, page: Page, firm: str) -> None:
    """From the count on the first page to a member whose row says that it sells."""
    eyes.go(page, "/operator")
    eyes.show(page, "operator-today")
    page.get_by_role("link", name=re.compile("待审核的入驻申请")).click()
    card = page.locator("article", has=page.get_by_role("heading", name=firm))
    admit = card.get_by_role("button", name="通过", exact=True)
    admit.click()
    sees(page, "支付机构的二级商户号")
    card.locator("[name=merchant]").fill("SUB1900000099")
    eyes.show(page, "admission")
    admit.click()
    sees(page, f"{firm} 已通过审核。")
    expect(card).to_have_count(0)
    page.goto(f"{eyes.address}/operator/members?q={firm}")
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("商家")
    expect(row.locator(".state.wait")).to_have_count(0)


def sells(eyes: Eyes, page: Page, member: str, firm: str) -> None:
    """Who was let in puts a thing on the shelf, and a stranger finds it and who makes it."""
    stone = f"歙砚{firm[-4:]}"
    eyes.go(page, f"/m/{member}/offers/quick")
    page.set_input_files("[name=photos]", {"name": "a.png", "mimeType": "image/png", "buffer": drawn()})
    page.fill("[name=price]", PRICE)
    page.fill("[name=count]", "1")
    page.fill("[name=title]", stone)
    presses(page, "上架")
    sees(page, f"“{stone}”已上架")
    stranger = eyes.person(PHONE)
    eyes.go(stranger, f"/shelf?q={stone}")
    stranger.locator("main a.thing", has_text=stone).click()
    sees(stranger, firm, f"¥{PRICE}.00")


def pays_out(eyes: Eyes, page: Page) -> None:
    """Who made the run cannot approve it; the second person finds it among what waits, and approves."""
    eyes.go(page, "/operator/payouts")
    presses(page, "生成打款批次")
    page.wait_for_url(re.compile(r"/payouts/\d+$"))
    number, total = page.locator("h1.code").inner_text(), page.locator(".price.large").inner_text().split()[0]
    assert AMOUNT.match(total)
    presses(page, "审批通过")
    expect(page.locator(".flash, [role=alert], .notice").first).to_be_visible()
    expect(page.get_by_role("button", name="审批通过")).to_be_visible()
    second = sign_in(eyes, SECOND)
    eyes.go(second, "/operator")
    second.get_by_role("link", name=re.compile("待审批的打款批次")).click()
    second.get_by_role("link", name=number).click()
    eyes.show(second, "run-to-approve")
    presses(second, "审批通过")
    expect(second.get_by_role("button", name="审批通过")).to_have_count(0)
    expect(second.get_by_role("button", name="下载")).to_be_visible()
    eyes.go(second, "/operator/payouts")
    row = second.locator("tbody tr", has_text=number)
    expect(row).to_contain_text("已审批")
    expect(row).to_contain_text(total)


def ends_a_dispute(eyes: Eyes, page: Page) -> None:
    """The buyer is right: the refund is decided with its amount, the provider confirms it, the buyer reads so."""
    eyes.go(page, "/operator")
    page.get_by_role("link", name=re.compile("待裁决的售后单")).click()
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    amount = row.locator("td.number").inner_text().strip()
    assert AMOUNT.match(amount)
    row.locator("a").first.click()
    order = urlsplit(page.url).path
    expect(fact(page, "金额")).to_contain_text(amount)
    eyes.show(page, "dispute")
    page.get_by_role("button", name=re.compile("支持买家")).click()
    sees(page, f"已退款 {amount}")
    eyes.go(page, "/operator/disputes")
    expect(page.locator("tbody tr")).to_have_count(0)
    number = order.rsplit("/", 1)[1]
    eyes.go(page, "/operator/refunds?view=all")
    money = page.locator("tbody tr", has=page.locator(f"a[href*='{number}']"))
    sees_in_time(page, money.locator(".state.done"))
    expect(money).to_contain_text(amount)
    eyes.show(page, "refunds")
    buyer = sign_in(eyes, BUYER, device=PHONE)
    eyes.go(buyer, order)
    expect(buyer.locator("#case .state").first).to_have_text("已完成")


def test_an_operator_lets_in_pays_out_and_ends_a_dispute(eyes: Eyes):
    firm = f"屯溪砚台坊{secrets.token_hex(2)}"
    applicant, member = applies(eyes, firm)
    page = sign_in(eyes, OPERATOR, device=PHONE)
    lets_in(eyes, page, firm)
    sells(eyes, applicant, member, firm)
    pays_out(eyes, page)
    ends_a_dispute(eyes, page)
    eyes.has_stayed_calm()
