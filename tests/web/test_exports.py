"""Lists as files: what stands in the cells, who may have them, and the way back in."""

import csv
import datetime
import io
import re
import zipfile
from dataclasses import dataclass

import pytest
import xlsxwriter
from django.urls import reverse
from django.utils import translation
from python_calamine import CalamineWorkbook

from tests.browser import places
from tests.factories.catalog import make_offer
from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import make_user, operator
from tests.web.conftest import Browser
from tests.web.keeping import PHONE, bought, read
from tests.web.market import Market, make_market
from yunju.catalog.models import Offer
from yunju.kernel import clock
from yunju.kernel.models import Job
from yunju.members.models import Member, User
from yunju.members.words import RoleKind
from yunju.payments.models import PayoutRun
from yunju.ui.formats import is_chinese
from yunju.ui.sentences import SENTENCES
from yunju.web import export_lists
from yunju.web.exports import Column, Table, content, harmless
from yunju.web.listed import base, buyers, desks, money, offers, operators, shopkeepers, suppliers
from yunju.web.listed import people as about
from yunju.web.listed.base import Listed


@pytest.fixture
def market(cluster) -> Market:
    forget_jobs()
    return make_market(cluster)


MOMENT = datetime.datetime(2026, 3, 1, 16, 30, tzinfo=datetime.UTC)
COLUMNS = (
    Column("编号"),
    Column("Amount", "money"),
    Column("Pieces", "number"),
    Column("At", "moment"),
    Column("Day", "day"),
    Column("Words"),
)
ROWS = [
    ("007", 123_456, 3, MOMENT, datetime.date(2026, 3, 2), "=1+1"),
    ("13800138000", -50, 0, None, None, "@cmd"),
    ("", None, None, None, None, "＝HYPERLINK(1)"),
]
TABLE = Table("订单", COLUMNS, ROWS, "CNY", "Asia/Shanghai")


def test_a_workbook_keeps_text_as_text_and_numbers_as_numbers():
    with translation.override("en"):
        made = content(TABLE, "xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_name("订单").to_python()
    assert rows[0] == ["编号", "Amount (CNY)", "Pieces", "At (Beijing time)", "Day", "Words"]
    assert rows[1] == [
        "007",
        1234.56,
        3.0,
        datetime.datetime(2026, 3, 2, 0, 30),  # noqa: DTZ001 - a cell has no zone: the cluster's clock
        datetime.date(2026, 3, 2),
        "=1+1",
    ]
    assert rows[2][:3] == ["13800138000", -0.5, 0.0]
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet.lower().replace(b"hyperlink(1)", b"")


def test_csv_runs_nothing_and_opens_in_excel():
    made = content(TABLE, "csv")
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert rows[1] == ["007", "1234.56", "3", "2026-03-02 00:30", "2026-03-02", "'=1+1"]
    assert [row[5] for row in rows[2:]] == ["'@cmd", "'＝HYPERLINK(1)"]
    assert [harmless(text) for text in ("-1", "\tx", "a=b", "")] == ["'-1", "'\tx", "a=b", ""]


def test_offers_go_out_and_come_back_unchanged(browser: Browser, market: Market):
    client = browser(market.owner())
    code = market.suppliers[0].code
    made = client.get(f"/export/offers/{code}")
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made.content)).get_sheet_by_index(0).to_python()
    offer = Offer.objects.get(supplier=market.suppliers[0])
    assert [row[0] for row in rows[1:]] == [offer.code] * offer.variants.count()

    def upload(file: bytes):
        sent = io.BytesIO(file)
        sent.name = "offers.xlsx"
        answer = client.post(f"/m/{code}/import", {"file": sent, "what": "import", "shop_bp": ""})
        work_jobs()
        return client.get(answer["Location"]).context

    same = upload(made.content)
    assert (same["run"].format, same["counts"]["offers_unchanged"], same["counts"]["offers_made"]) == (
        "table",
        1,
        0,
    )
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, ["New name" if cell == offer.title else cell for cell in row])
    changed = upload(buffer.getvalue())
    assert changed["counts"]["offers_changed"] == 1
    offer.refresh_from_db()
    assert offer.title == "New name"
    stolen = buffer.getvalue()
    other = browser(market.owner(1))
    sent = io.BytesIO(stolen)
    sent.name = "offers.xlsx"
    page = other.post(
        f"/m/{market.suppliers[1].code}/import", {"file": sent, "what": "import", "shop_bp": ""}
    )
    work_jobs()
    codes = other.get(page["Location"]).context["run"].report["remarks_by_code"]
    assert codes == {"import.offer_unknown": 1}


# --- every list --------------------------------------------------------------------------------------------------------


def _named(names: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


NO_LIST: dict[str, str] = {
    **dict.fromkeys(
        ("home", "shelf", "sales_now", "studio", "shop"),
        "a shop window: who sells what stands in it takes `choose` away",
    ),
    **_named(
        """offer sign_in sign_up demo_phone carried order_door pay_link invited elsewhere sign_in_code checkout cashier
        after_sale review password confirm my_phone notice_wishes join open_shop opening_picks listing shop_edit share
        post_material opened shop_service payee parcel_numbers parcel_layout refund offer_new offer_quick
        offer_edit offer_rule sale_new sale_edit material_edit goods_stock storing freight member_service import_columns own_filing
        member_upload filing_new filing_form setup papers agreement_edit category wording wechat_settings""",
        "forms, and what is typed into them",
    ),
    **_named(
        "order supplier_info job member_sheet order_file agreement about material import_run robots",
        "one thing with all that belongs to it",
    ),
    **dict.fromkeys(
        ("me", "work", "today", "supply_today", "operator"), "doors and sums of what other pages list"
    ),
    "cart": "a basket: what is bought of it is in `my_orders`",
    "fees": "the operator takes `fees` away; everybody reads them here",
    "design": "how pages look",
    "sheets": "paper to print",
    "invitation_cards": "paper to print",
    "wave": "its parcels go out by `parcel_export`, in the supplier's own layout",
    "filing_round": "goes out by `filing_sheet`, in the authority's layout",
    "member_list": "the operator's own file, as it was read",
    "proof": "counted anew each time it is asked for",
}
"""Pages without a list of their own, each with the reason."""

P_OF = {
    buyers: ("keeper", ""),
    shopkeepers: ("keeper", "shop"),
    suppliers: ("owner", "supplier"),
    offers: ("owner", "supplier"),
    money: ("keeper", "member"),
    about: ("keeper", "member"),
    operators: ("runner", ""),
    desks: ("runner", ""),
}
"""Whose lists a file declares, and what their addresses name."""


@dataclass
class People:
    """Of a market: who may see which list, and who may not."""

    market: Market
    runner: User
    run: PayoutRun

    def who(self, listed: Listed) -> User:
        kind = self._of(listed)[0]
        return {"keeper": self.market.keeper, "owner": self.market.owner(), "runner": self.runner}[kind]

    def address(self, listed: Listed) -> str:
        codes = {
            "shop": self.market.shop.code,
            "supplier": self.market.suppliers[0].code,
            "member": self.market.shop.member.code,
            "": str(self.run.pk),
        }
        return f"/export/{listed.name}" + (f"/{codes[self._of(listed)[1]]}" if listed.whose.is_named else "")

    @staticmethod
    def _of(listed: Listed) -> tuple[str, str]:
        return next(found for room, found in P_OF.items() if listed in room.LISTS)


@pytest.fixture
def people(market: Market) -> People:
    runner = User.objects.get(pk=operator(market.cluster).user_id)
    run = PayoutRun.objects.create(
        cluster=market.cluster, number=f"P{market.cluster.pk}", currency="CNY", gateway="manual",
        total_minor=1, count=1, made_at=clock.now(),
    )  # fmt: skip
    return People(market, runner, run)


LISTED = sorted(export_lists.LISTS)


def test_every_page_has_a_list_or_says_why_not():
    pages = {page.route for page in places.PAGES}
    with_list = {listed.page for listed in export_lists.LISTS.values()}
    assert with_list <= pages
    assert pages - with_list == set(NO_LIST) & pages
    assert not with_list & set(NO_LIST)


def test_every_list_has_a_name_of_its_own():
    names = [f"export.{name}" for name in LISTED]
    assert [name for name in names if name not in SENTENCES] == []
    assert {code for code in SENTENCES if code.startswith("export.")} == set(names)
    assert len(LISTED) == sum(len(room.LISTS) for room in export_lists.ROOMS)


def test_each_list_is_for_those_who_see_its_page(browser: Browser, people: People):
    nobody, strangers = browser(), [browser(make_user()), browser(people.market.owner(1))]
    for name, listed in sorted(export_lists.LISTS.items()):
        client, address = browser(people.who(listed)), people.address(listed)
        mine = client.get(address)
        assert mine.status_code == 200, name
        assert mine["Content-Disposition"].startswith("attachment"), name
        assert mine["Content-Type"].startswith("application/vnd.openxml"), name
        assert client.get(f"{address}?format=csv")["Content-Type"].startswith("text/csv"), name
        assert nobody.get(address)["Location"].startswith("/sign-in"), name
        for stranger in strangers if listed not in buyers.LISTS else []:
            assert stranger.get(address).status_code == 404, name
            assert stranger.post(address).status_code == 404, name
        for wrong in (f"/export/{name}", f"/export/{name}/NOSUCHCODE"):
            assert wrong == address or client.get(wrong).status_code == 404, wrong
    assert browser(people.runner).get("/export/secrets").status_code == 404
    assert not Job.objects.filter(cluster_id=people.market.cluster.pk).exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_heads_are_in_the_readers_language(browser: Browser, people: People, language):
    for name, listed in sorted(export_lists.LISTS.items()):
        heads = read(browser(people.who(listed), language).get(people.address(listed)))[0]
        assert len(set(heads)) == len(heads), name
        for head in map(str, heads):
            assert is_chinese(head) == (language == "zh-hans") or head == "ID", head
            assert head[0].isupper() or language == "zh-hans", head


def test_pages_offer_their_files_and_files_have_what_pages_show(browser: Browser, people: People):
    market = people.market
    order = bought(browser, market)
    Member.objects.filter(pk=market.suppliers[0].pk).update(name="=cmd|' /C calc'!A0")
    offered = {}
    for name in LISTED:
        listed = export_lists.LISTS[name]
        client, address = browser(people.who(listed)), people.address(listed)
        page = client.get(
            reverse(listed.page, args=[address.rsplit("/", 1)[1]] if listed.whose.is_named else [])
        )
        assert page.status_code == 200, name
        if f'href="{address}' in page.content.decode():
            answer = client.get(
                re.search(f'href="({address}[^"]*)"', page.content.decode())[1].replace("&amp;", "&")
            )
            offered[name] = len(read(answer)) - 1
            with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                assert b"<f>" not in book.read("xl/worksheets/sheet1.xml"), name
    offered.pop("alarms", None)  # only while a loop is not in order: test_account.py
    assert offered == OFFERED
    client = browser(market.keeper)
    (heads, row) = read(client.get(f"/export/shop_orders/{market.shop.code}"))
    told = dict(zip(heads, row, strict=True))
    assert [told[name] for name in ("Order", "Buyer", "City", "End of the phone", "Commission (CNY)")] == [
        order.number, "L**", "杭州市", "5678", 1.5,
    ]  # fmt: skip
    heads, *rows = read(
        client.get(f"/export/choose/{market.shop.code}?q={market.offers[1].title.split()[1]}")
    )
    assert [row[0] for row in rows] == [market.offers[1].title]
    assert read(client.get(f"/export/choose/{market.shop.code}?only=picked"))[1][6] == "Yes"


OFFERED = {
    "all_orders": 1,
    "choose": 2,
    "earnings": 1,
    "figures": 30,
    "goods": 1,
    "members": 4,
    "offers": 1,
    "orders": 1,
    "payout_runs": 1,
    "roles": 1,
    "sellers": 1,
    "shop_orders": 1,
    "shop_picks": 2,
    "statement": 4,
}
"""Rows of the files that pages of this market offer: a page without rows offers none."""


def test_commission_is_for_those_who_may_see_money(browser: Browser, market: Market):
    supplier = market.suppliers[0]
    helper = make_user()
    supplier.roles.create(user=helper, kind=RoleKind.HELPER, granted_at=clock.now())
    address = f"/export/sellers/{supplier.code}"
    heads, row = read(browser(market.owner()).get(address))
    assert heads[4:] == ["Goods sold (CNY)", "Commission (CNY)"]
    assert row[0] == market.shop.name
    assert read(browser(helper).get(address))[0] == heads[:4]
    for name in ("earnings", "payouts", "statement", "helpers", "roles"):
        assert browser(helper).get(f"/export/{name}/{supplier.code}").status_code == 403


def test_inside_wechat_a_file_leads_to_another_browser(browser: Browser, people: People):
    client = browser(people.market.keeper)
    client.defaults["HTTP_USER_AGENT"] = PHONE["user-agent"]
    answer = client.get(f"/export/choose/{people.market.shop.code}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/e/")


def test_a_look_as_somebody_else_takes_no_file_along(browser: Browser, people: People):
    market = people.market
    client, member = browser(people.runner), market.suppliers[0]
    assert "/export/orders" not in client.get("/operator").content.decode()
    client.post(f"/operator/members/{member.code}/visit/{market.owner().pk}", {"reason": "asked by phone"})
    page = client.get(f"/m/{member.code}/goods")
    assert page.status_code == 200
    assert "/export/" not in page.content.decode()
    for way in (client.get, client.post):
        assert way(f"/export/goods/{member.code}").status_code == 403
    assert not Job.objects.filter(cluster_id=market.cluster.pk).exists()


def test_a_long_list_is_a_job_of_who_asked(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(export_lists, "AT_ONCE", 0)
    client = browser(market.owner(), "zh-hans")
    address = f"/export/offers/{market.suppliers[0].code}?format=csv&q=thing"
    page = client.get(address).content.decode()
    assert "生成文件" in page
    assert f'action="{address.replace("&", "&amp;")}"' in page
    page = client.post(address)["Location"]
    work_jobs()
    job = Job.objects.get(code=page.rsplit("/", 1)[1])
    assert (job.state, job.done, job.total) == ("done", 1, 1)
    assert job.back == f"/m/{market.suppliers[0].code}/offers?q=thing"
    with job.file.open("rb") as file:
        assert "商品名称" in file.read().decode("utf-8-sig")
    assert browser(market.owner(1)).get(page).status_code == 404
    kept = client.get(f"{page}/file")
    assert kept.status_code == 200
    kept.close()
    market.suppliers[0].roles.update(ended_at=clock.now())
    assert browser(market.owner()).get(f"{page}/file").status_code == 404


def test_many_words_are_asked_for_too(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(export_lists, "AT_ONCE", 0)
    client, base_address = browser(market.keeper), f"/export/choose/{market.shop.code}"
    page = client.post(f"{base_address}?q={'thing ' * 60}")["Location"]
    assert Job.objects.get(code=page.rsplit("/", 1)[1]).back == f"/shops/{market.shop.code}/choose"


def test_who_lost_the_role_gets_no_file(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(export_lists, "AT_ONCE", 0)
    page = browser(market.keeper).post(f"/export/choose/{market.shop.code}")["Location"]
    market.shop.member.roles.update(ended_at=clock.now())
    work_jobs()
    job = Job.objects.get(code=page.rsplit("/", 1)[1])
    assert (job.state, bool(job.file)) == ("refused", False)


def test_a_list_longer_than_a_part_is_whole_and_in_order(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(base, "BATCH", 2)
    for _ in range(3):
        make_offer(market.suppliers[0])
    rows = read(browser(market.keeper).get(f"/export/choose/{market.shop.code}?sort=new"))[1:]
    wanted = Offer.objects.filter(cluster=market.cluster).order_by("-listed_at", "-pk")
    assert [row[0] for row in rows] == [offer.title for offer in wanted]
    assert len(rows) == 5
