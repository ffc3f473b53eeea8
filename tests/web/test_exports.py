"""Lists as files: what stands in the cells, who may have them, and the way back in."""

import csv
import datetime
import io
import zipfile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Offer
from yunju.kernel.models import Job
from yunju.web import export_lists
from yunju.web.exports import Column, Table, content, harmless


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
    made = content(TABLE, "xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_name("订单").to_python()
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
    made = client.get(f"/m/{code}/export/offers")
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


@pytest.mark.parametrize("name", sorted(export_lists.LISTS))
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_each_list_is_its_members_own(browser: Browser, market: Market, name, kind):
    address = f"/m/{market.suppliers[0].code}/export/{name}?format={kind}"
    mine = browser(market.owner()).get(address)
    assert mine.status_code == 200
    assert mine["Content-Type"].startswith("text/csv" if kind == "csv" else "application/vnd.openxml")
    assert browser(market.owner(1)).get(address).status_code == 404
    assert browser(make_user()).get(address).status_code == 404
    assert browser().get(address)["Location"].startswith("/sign-in")
    assert browser(market.owner()).get(f"/m/{market.suppliers[0].code}/export/secrets").status_code == 404


def test_a_long_list_is_a_job(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(export_lists, "AT_ONCE", 0)
    client = browser(market.owner(), "zh-hans")
    address = f"/m/{market.suppliers[0].code}/export/offers"
    assert "生成文件" in client.get(address).content.decode()
    page = client.post(f"{address}/start?format=csv")["Location"]
    work_jobs()
    job = Job.objects.get(code=page.rsplit("/", 1)[1])
    assert (job.state, job.done, job.total) == ("done", job.total, job.total)
    with job.file.open("rb") as file:
        assert "商品名称" in file.read().decode("utf-8-sig")
    assert browser(market.owner(1)).get(page).status_code == 404
