"""The whole journey on a real installation: from a shop that opens to money in the bank, and money that comes back."""

import io
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Error, Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.eyes import (
    DESKTOP,
    PHONE,
    WECHAT,
    WORKER_MS,
    Eyes,
    fact,
    figure,
    presses,
    sees,
    sees_in_time,
)
from tests.browser.people import (
    ADDRESS,
    CUP,
    DRAGONFLIES,
    Keeper,
    check_out,
    earns,
    open_shop,
    order_pages,
    put_in_cart,
    ship,
    sign_in,
    to_work,
)
from tests.house import House
from tests.payments.bank import answered
from yunju.cli.demo.people import AGENT, OPERATOR, SECOND, SUPPLIER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
KILN, BASKETS = "景德镇青禾窑", "安吉竹语编坊"
TWENTY_DAYS = 20 * 24
HOLDER = "林小晚"


def run(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    """A command beside the running installation, as its operator types it."""
    command = [sys.executable, "-m", "yunju.cli.main", *words]
    return subprocess.run(
        command, env=house.environment(), capture_output=True, text=True, check=False, timeout=90
    )


# --- 1 to 4: from an open shop to received goods ------------------------------------------------------------------


def buy(eyes: Eyes, keeper: Keeper) -> tuple[Page, list[str]]:
    """A stranger in WeChat: two suppliers, one payment, and the page that goes on by itself."""
    page = eyes.person(WECHAT)
    put_in_cart(page, keeper.share, CUP, "单只", 2)
    put_in_cart(page, keeper.share, DRAGONFLIES, "三支", 3)
    expect(page.get_by_text(f"由“{keeper.shop}”推荐")).to_have_count(2)
    eyes.show(page, "cart")
    check_out(eyes, page)
    eyes.show(page, "cashier")
    presses(page, "支付 ¥247.70")
    expect(page.get_by_text("复制链接").or_(page.get_by_text("在浏览器打开")).first).to_be_visible()
    eyes.show(page, "jsapi")
    presses(page, "确认支付")
    expect(page.locator("body")).to_contain_text("微信支付（模拟）")
    expect(page.locator("body")).to_contain_text("¥247.70")
    eyes.show(page, "gateway")
    page.get_by_role("button", name="确认付款").click()
    expect(page.get_by_role("heading", name="支付成功")).to_be_visible()
    eyes.show(page, "paid")
    return page, order_pages(page)


def number_of(eyes: Eyes, page: Page, order: str) -> str:
    eyes.go(page, order)
    return page.locator("header .code").first.inner_text()


def receive(eyes: Eyes, page: Page, order: str, tracking: str) -> None:
    eyes.go(page, order)
    sees(page, "顺丰速运", tracking, "已发货")
    eyes.show(page, "order-shipped")
    presses(page, "确认收货")
    expect(page.locator("main .state").first).to_have_text("已收货")
    eyes.show(page, "order-received")


# --- 5: money back before it was free -----------------------------------------------------------------------------


def prove_phone(eyes: Eyes, page: Page) -> None:
    """The order was placed without an account: a code to its phone, as the stand-in for a phone shows it."""
    presses(page, "发送验证码")
    handset = eyes.person(PHONE)
    eyes.go(handset, "/demo/phone")
    mine = handset.locator("main li, main article, main tr", has_text=ADDRESS["phone"][-4:]).first
    sees_in_time(handset, mine)
    digits = re.search(r"\b(\d{6})\b", mine.inner_text())
    assert digits, mine.inner_text()
    page.fill("[name=code]", digits[1])
    presses(page, "确认验证码")


def ask_back_one_cup(eyes: Eyes, page: Page, order: str) -> None:
    eyes.go(page, order)
    presses(page, "仅退款")
    prove_phone(eyes, page)
    page.get_by_text("运输破损").click()
    page.get_by_text("只退其中一部分").click()
    page.fill("[name^='line:']", "1")
    page.fill("[name=words]", "到货时有一只裂了。")
    eyes.show(page, "after-sale")
    presses(page, "提交申请")
    expect(fact(page, "金额")).to_have_text("¥68.00")
    supplier = to_work(eyes, SUPPLIER, KILN, "售后")
    eyes.show(supplier, "cases")
    card = supplier.locator("article", has_text="到货时有一只裂了。")
    card.get_by_role("link", name="去处理").click()
    eyes.show(supplier, "case")
    presses(supplier, "同意")
    sees(supplier, "已退款 ¥68.00")
    eyes.go(page, order)
    sees_in_time(
        page, page.locator("section", has_text="退款").locator(".state.done", has_text="已退款").first
    )
    eyes.show(page, "refunded")


# --- 6 and 7: the clock goes on, the payout -----------------------------------------------------------------------


def give_papers(eyes: Eyes, keeper: Keeper) -> None:
    page = keeper.page
    eyes.go(page, f"/m/{keeper.member}/payee")
    page.fill("[name=real_name]", HOLDER)
    page.fill("[name=id_number]", "11010519491231002X")
    page.select_option("[name=exemption]", "small_sporadic")
    page.check("[name=consent]")
    page.locator("form[action='?form=payee'] button").click()
    page.fill("[name=holder]", HOLDER)
    page.fill("[name=bank]", "中国工商银行杭州分行")
    page.fill("[name=number]", "6222020200112233445")
    eyes.show(page, "payee")
    page.locator("form[action='?form=account'] button").click()
    sees(page, "资料齐全，可以提现。")
    eyes.go(page, f"/m/{keeper.member}/earnings")
    presses(page, "申请提现")
    sees(page, "提现申请已提交。")
    eyes.show(page, "asked")


def pay_out(eyes: Eyes) -> None:
    """One makes the run, another approves it; the file has the exact amount; the bank says yes."""
    maker = sign_in(eyes, OPERATOR)
    eyes.go(maker, "/operator/payouts")
    maker.check("[name=only_asked]")
    eyes.show(maker, "payouts")
    presses(maker, "生成打款批次")
    maker.wait_for_url(re.compile(r"/payouts/\d+$"))
    presses(maker, "审批通过")
    expect(maker.get_by_role("button", name="审批通过")).to_be_visible()  # not by who made it
    second = sign_in(eyes, SECOND)
    second.goto(maker.url)
    presses(second, "审批通过")
    with second.expect_download() as waiting:
        presses(second, "下载")
    content = waiting.value.path().read_bytes()
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    said = dict(zip(head, row, strict=True))
    assert (said["收款人户名"], said["收款账号"]) == (HOLDER, "6222020200112233445")
    assert [float(said[name]) for name in ("税前金额", "代扣税额", "打款金额")] == [19.17, 0, 19.17]
    answer = {
        "name": "answer.xlsx",
        "mimeType": "application/octet-stream",
        "buffer": answered(content, ["成功"]),
    }
    second.set_input_files("[name=file]", answer)
    presses(second, "读取")
    sees(second, "成功 1 笔，失败 0 笔，待处理 0 笔", "¥19.17")
    eyes.show(second, "payout-run")
    eyes.go(maker, "/operator/alarms")
    sees(maker, f"本系统时钟已拨快 {TWENTY_DAYS} 小时")
    eyes.show(maker, "alarms")


# --- 8: money back after it was paid out --------------------------------------------------------------------------


def give_back(eyes: Eyes, order: str) -> None:
    """The supplier gives the price of one pack back of their own will."""
    page = sign_in(eyes, AGENT, device=PHONE)
    eyes.go(page, order)
    presses(page, "主动退款")
    page.get_by_label(re.compile(DRAGONFLIES)).fill("29.90")
    eyes.show(page, "give-back")
    presses(page, "确认退款")
    sees(page, "退款已发起，将退回买家。", "已退款 ¥29.90")


def supplier_keeps(eyes: Eyes, number: str, *amounts: str) -> None:
    """Goods and freight of one order, less what others have of it."""
    page = to_work(eyes, AGENT, BASKETS, "收益")
    rows = page.locator("tbody tr", has_text=number)
    expect(rows.locator("td.number span span")).to_have_text(list(amounts))
    eyes.show(page, "supplier-earnings")


def statement_says(eyes: Eyes, keeper: Keeper) -> None:
    """Both months where the clock went over the end of one: together they hold every cent."""
    page = keeper.page
    eyes.go(page, f"/m/{keeper.member}/statement")
    expect(fact(page, "期末未打款")).to_have_text("-¥2.99")
    eyes.show(page, "statement")
    found: list[str] = []
    for month in page.locator("#month option").all()[:2]:
        eyes.go(page, f"/m/{keeper.member}/statement?month={month.get_attribute('value')}")
        found += page.locator("tbody tr").all_inner_texts()
    text = " ".join(found)
    for words in (
        f"佣金：{CUP} × 2",
        f"佣金：{DRAGONFLIES} × 3",
        f"佣金退回：{CUP}",
        f"佣金退回：{DRAGONFLIES}",
        "已打款",
    ):
        assert words in text, text
    for amount in ("¥20.40", "¥8.97", "¥10.20", "¥2.99", "¥19.17"):
        assert amount in text, text


def test_from_an_open_shop_to_money_in_the_bank_and_back(house: House, eyes: Eyes):
    keeper = open_shop(eyes)
    buyer, (cup, flies) = buy(eyes, keeper)
    earns(eyes, keeper, 预估="¥29.37", 待结算="¥0.00", 可提现="¥0.00")
    for who, supplier, order, tracking in (
        (SUPPLIER, KILN, cup, "SF1029384756"),
        (AGENT, BASKETS, flies, "SF6574839201"),
    ):
        number = number_of(eyes, buyer, order)
        ship(eyes, who, supplier, (number, tracking))
        receive(eyes, buyer, order, tracking)
    earns(eyes, keeper, 预估="¥0.00", 待结算="¥29.37", 可提现="¥0.00")
    ask_back_one_cup(eyes, buyer, cup)
    earns(eyes, keeper, 预估="¥0.00", 待结算="¥19.17", 可提现="¥0.00")
    eyes.show(keeper.page, "earnings-waiting")

    house.interrupt()
    house.start(YUNJU_CLOCK_SHIFT_HOURS=str(TWENTY_DAYS))
    house.await_answer()
    eyes.forget_outage()
    eyes.go(keeper.page, f"/m/{keeper.member}/earnings")
    sees_in_time(keeper.page, figure(keeper.page, "可提现").filter(has_text="¥19.17"))
    earns(eyes, keeper, 预估="¥0.00", 待结算="¥0.00", 可提现="¥19.17")
    eyes.show(keeper.page, "earnings-available")
    give_papers(eyes, keeper)
    pay_out(eyes)
    earns(eyes, keeper, 可提现="¥0.00")
    sees(keeper.page, "已打款")
    eyes.show(keeper.page, "earnings-paid")

    supplier_keeps(eyes, number, "¥10.00", "¥76.25")
    give_back(eyes, flies)
    supplier_keeps(eyes, number, "¥10.00", "¥50.83")
    earns(eyes, keeper, 可提现="¥0.00", 待抵扣="¥2.99")
    eyes.show(keeper.page, "earnings-debt")
    statement_says(eyes, keeper)
    eyes.go(buyer, flies)
    sees_in_time(
        buyer, buyer.locator("section", has_text="退款").locator(".state.done", has_text="已退款").first
    )
    proved = run(house, "ledger", "verify", "--all")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert "invariants broken: 0" in proved.stdout
    looked = run(house, "doctor")
    assert f"the clock is {TWENTY_DAYS} hours ahead" in looked.stdout
    eyes.forget_outage()  # what pages said of the restart reaches us as late as the browser tells it
    eyes.has_stayed_calm()


# --- other browsers, and one that is led astray -----------------------------------------------------------------------------------------------


def test_without_javascript_from_browsing_to_the_paid_order(eyes: Eyes):
    page = eyes.person(PHONE, script=False)
    eyes.go(page, "/shelf")
    page.fill("main [name=q]", DRAGONFLIES)
    presses(page, "搜索")
    page.locator("main a.thing").click()
    page.select_option("[name=province]", "新疆")
    presses(page, "查看")
    sees(page, "单件运费 ¥10.00")
    presses(page, "加入购物车")
    check_out(eyes, page)
    presses(page, "支付 ¥39.90")
    eyes.show(page, "gateway-redirect")
    page.get_by_role("button", name="确认付款").click()
    paid = page.get_by_role("heading", name="支付成功")
    expect(paid).to_be_visible(timeout=WORKER_MS)  # the page loads itself again until then
    page.goto(f"{eyes.address}{order_pages(page)[0]}")
    expect(page.locator("main .state").first).to_have_text("待发货")
    sees(page, "已付款", ADDRESS["street"])
    eyes.show(page, "order-without-script")
    eyes.has_stayed_calm()


def test_in_english_at_a_desk_while_a_phone_pays(eyes: Eyes):
    page = eyes.person(DESKTOP)
    eyes.go(page, "/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Cloud Creative Cluster")).to_be_visible()
    eyes.show(page, "front-en")
    page.locator("main a.thing", has_text="Ceramics").first.click()
    page.locator("main a.thing", has_text=CUP).click()
    page.locator("main").get_by_role("link", name=re.compile("一对礼盒")).first.click()
    expect(page.locator(".price.large")).to_have_text("¥128.00")
    eyes.show(page, "offer-en")
    presses(page, "Add to cart")
    presses(page, "Go to checkout")
    for name, text in ADDRESS.items():
        page.fill(f"[name={name}]", text)
    page.select_option("[name=province]", label="Zhejiang")
    presses(page, "Show shipping cost")
    eyes.show(page, "checkout-en")
    presses(page, "Place order")
    link = page.input_value("#link")
    presses(page, "Pay ¥140.00")
    expect(page.get_by_role("heading", name="Scan to pay")).to_be_visible()
    eyes.show(page, "qr-en")
    phone = eyes.person(PHONE, language="en-GB")
    phone.goto(link)
    eyes.show(phone, "pay-link")
    presses(phone, "Pay ¥140.00")
    phone.get_by_role("button", name="Pay now").click()
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    expect(phone.get_by_text(ADDRESS["name"])).to_have_count(0)
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()  # nobody touched this page
    eyes.show(page, "paid-en")
    presses(page, "View order")
    sees(page, "To be packed", "Order placed", "¥128.00", "¥12.00")
    eyes.show(page, "order-en")
    eyes.has_stayed_calm()


def test_what_a_page_must_not_do_is_noticed(eyes: Eyes):
    page = eyes.person(PHONE)
    eyes.go(page, "/")
    with page.expect_console_message(lambda said: "Content Security Policy: img-src" in said.text):
        page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'http://stranger.example/a.png'}))"
        )
    eyes.go(page, "/offers/NOSUCHOFFER")
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://stranger.example/")
    found = "\n".join(eyes.complaints)
    for words in (
        "Content Security Policy: img-src",
        "a call to a stranger: http://stranger",
        "404 from GET",
    ):
        assert words in found
