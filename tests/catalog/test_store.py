"""A whole store of 340 products: three are wrong, their rows come back, and with them mended all are on the shelf."""

import io

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.catalog.shopify_store import FAULTY, PRODUCTS, export, faulty_rows, rows
from tests.catalog.taking import counted, take
from tests.factories.members import acts_for, make_cluster, make_member
from yunju.catalog.importing.handback import handback
from yunju.catalog.models import Offer
from yunju.members.words import CapacityKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def test_a_store_comes_in_and_three_rows_are_mended(supplier):
    by = acts_for(supplier)
    first = take(supplier, export(), by=by)
    assert counted(first, "offers_made", "offers_refused") == (PRODUCTS - len(FAULTY), len(FAULTY))
    assert {one.row: one.column for one in first.remarks if one.fault} == faulty_rows()
    header = list(export().decode().split("\n")[0].split(","))
    table = [header] + [[row.get(name, "") for name in header] for row in rows()]
    words = {one.row: one.code for one in first.remarks if one.fault}
    back = handback(list(enumerate(table, start=1)), words, heads=1, word="错误")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(back.content)).get_sheet_by_index(0).to_python()
    marked = {number: row[-1] for number, row in enumerate(cells, start=1) if number > 1 and row[-1]}
    assert (back.suffix, marked) == ("xlsx", words)
    right = dict(enumerate(rows(faulty=False), start=2))
    for number, column in faulty_rows().items():
        cells[number - 1][header.index(column)] = right[number][column]
    mended = io.BytesIO()
    with xlsxwriter.Workbook(mended, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(cells):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, str(cell))
    second = take(supplier, mended.getvalue(), by=by)
    assert counted(second, "offers_made", "offers_unchanged", "offers_changed", "rows_refused") == (
        len(FAULTY),
        PRODUCTS - len(FAULTY),
        0,
        0,
    )
    on_shelf = Offer.objects.filter(supplier=supplier, listed_at__isnull=False, withdrawn_at=None)
    assert on_shelf.count() == PRODUCTS
