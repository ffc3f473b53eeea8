"""A supplier brings a whole store in from a file: three rows are wrong, they come back marked, are mended, and all 340 are there."""

import io
import re
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.eyes import Eyes, presses, sees_in_time
from tests.browser.people import to_work
from tests.catalog.shopify_store import BRAND, FAULTY, PRODUCTS, export, faulty_rows, rows
from yunju.cli.demo.people import SUPPLIER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
KILN = "景德镇青禾窑"


def take(page: Page, path: Path) -> None:
    """Upload a file, take it for real and wait for the report."""
    page.set_input_files("[name=file]", path)
    page.click("button[name=what][value=import]")
    page.wait_for_url(re.compile(r"/import/\d+$"))
    sees_in_time(page, page.locator("dl.sums"))


def counted(page: Page, name: str) -> str:
    told = page.locator("dl.sums dt", has_text=re.compile(f"^{name}$"))
    return told.locator("xpath=following-sibling::dd[1]").inner_text()


def mended(path: Path, target: Path) -> None:
    """What a person does in Excel: type the right thing into the three cells that are marked."""
    right = dict(enumerate(rows(faulty=False), start=2))
    table = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    columns = {str(name): place for place, name in enumerate(table[0])}
    marked = [number for number, cells in enumerate(table, start=1) if number > 1 and cells[-1]]
    assert marked == sorted(faulty_rows())
    for number, column in faulty_rows().items():
        table[number - 1][columns[column]] = right[number][column]
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(table):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, str(cell))


def test_a_store_of_340_products_comes_in_and_three_rows_are_mended(eyes: Eyes, tmp_path: Path):
    page = to_work(eyes, SUPPLIER, KILN, "批量导入")
    eyes.show(page, "import")
    store = tmp_path / "products_export.csv"
    store.write_bytes(export())
    take(page, store)
    eyes.show(page, "import-report")
    assert (counted(page, "新建商品"), counted(page, "未导入商品")) == (str(PRODUCTS - len(FAULTY)), "3")
    faults = page.locator("tbody tr", has=page.locator(".state.stop"))
    expect(faults).to_have_count(len(FAULTY))
    for number, column in faulty_rows().items():
        expect(faults.filter(has_text=re.compile(rf"第 ?{number} ?行"))).to_contain_text(column)
    with page.expect_download() as download:
        presses(page, "下载标明错误的文件")
    back = tmp_path / "back.xlsx"
    download.value.save_as(back)
    target = tmp_path / "mended.xlsx"
    mended(back, target)
    presses(page, "上传改好的文件")
    take(page, target)
    eyes.show(page, "import-mended")
    assert (counted(page, "新建商品"), counted(page, "未导入行数")) == ("3", "0")
    assert counted(page, "未变商品") == str(PRODUCTS - len(FAULTY))
    with page.expect_download() as download:
        page.goto(page.url.split("/import")[0] + "/import")
        page.get_by_role("link", name="导出我的商品").click()
    table = CalamineWorkbook.from_filelike(io.BytesIO(Path(download.value.path()).read_bytes()))
    cells = table.get_sheet_by_index(0).to_python()
    brand, listed = cells[0].index("品牌"), cells[0].index("上架")
    assert sum(row[brand] == BRAND and row[listed] == "是" for row in cells[1:]) == PRODUCTS
    eyes.go(page, f"/shelf?q={BRAND}")
    expect(page.locator("main a.thing").first).to_be_visible()
    eyes.has_stayed_calm()
