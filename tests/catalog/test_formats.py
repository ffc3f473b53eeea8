"""Exports of other shops read as what they are: pure, without a database."""

import csv
import datetime
import io
from collections import Counter
from itertools import islice

import pytest

from tests.catalog.export_files import (
    ALI1688,
    NAMELESS,
    SCARF,
    TEA,
    WEIDIAN,
    YOUZAN,
    book,
    table,
    taobao,
)
from tests.catalog.shopify_files import FILE, written
from yunju.catalog.csvfile import spooled
from yunju.catalog.importing.layout import Layout, Said, layout, signature
from yunju.catalog.importing.reading import Reading
from yunju.catalog.importing.shapes import split_spec
from yunju.catalog.importing.taobao import pictures, skus
from yunju.kernel.errors import Invalid


def read(content: bytes, said: Said = Said(), *, lists: bool = True):  # noqa: B008 - frozen
    """The format that was found, and its products."""
    with spooled(io.BytesIO(content)) as copy:
        found = layout(list(islice(copy.records(), 8)), said, copy.odd)
        records = islice(copy.records(found.heads), found.heads, None)
        return found, list(Reading(found, "CNY", lists).products(records))


def products(content: bytes, said: Said = Said(), *, lists: bool = True):  # noqa: B008
    found, parsed = read(content, said, lists=lists)
    assert [remark for one in parsed for remark in one.remarks if remark.fault] == []
    return found.format.code, [one.product for one in parsed]


def codes(content: bytes) -> list[tuple[str, int, bool]]:
    return [(remark.code, remark.row, remark.fault) for one in read(content)[1] for remark in one.remarks]


def variants(product) -> list[tuple[tuple[str, ...], int, int | None, str, int]]:
    return [(one.options, one.price_minor, one.count, one.sku, one.weight_g) for one in product.variants]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
def test_taobao_assistant(encoding):
    code, (scarf, tea) = products(taobao(SCARF, TEA, encoding=encoding))
    assert code == "taobao"
    assert (scarf.handle, scarf.title, scarf.option_names) == (
        "612345678901",
        "手织羊毛围巾 秋冬加厚",
        ("颜色分类", "尺码"),
    )
    assert variants(scarf) == [
        (("枣红", "均码"), 12_900, 10, "WJ-01-R", 350),
        (("雾霾蓝", "均码"), 13_900, 5, "WJ-01-B", 0),
    ]
    assert [one.url for one in scarf.pictures] == ["https://img.alicdn.com/bao/scarf.jpg"]
    assert "alicdn" not in scarf.body_html
    assert (tea.handle, variants(tea)) == ("CHA-250", [((), 8_800, 40, "CHA-250", 0)])
    assert tea.variants[0].barcode == "6901234567892"


def test_taobao_values_without_a_name_are_told():
    found, parsed = read(taobao(NAMELESS))
    assert found.heads == 3
    basket = parsed[0].product
    assert [one.options for one in basket.variants] == [("ZB-S",), ("ZB-L",)]
    assert ("import.values_unnamed", 4, False) in codes(taobao(NAMELESS))
    broken = NAMELESS | {"skuProps": "so:what"}
    assert ("import.sku_props", 4, True) in codes(taobao(broken))


def test_what_is_in_taobaos_cells():
    assert [(one.price, one.count, one.code, one.values) for one in skus("1:2:a:b:3:4;5:6;")] == [
        ("1", "2", "a:b", (("3", "4"), ("5", "6")))
    ]
    assert skus("") == []
    for bad in ("5:6", "x", "1:2:3:4"):
        with pytest.raises(ValueError, match=r"^"):
            skus(bad)
    assert pictures("abc:1:0:|https://a.example/1.jpg;def:1:1:|;ghi") == "https://a.example/1.jpg\ndef\nghi"


@pytest.mark.parametrize("made", [table, book])
def test_youzan(made):
    code, (cup, mark) = products(made(*YOUZAN))
    assert (code, cup.handle, cup.type, cup.listed, mark.listed) == ("youzan", "1001", "茶器", True, False)
    assert cup.option_names == ("颜色", "容量")
    assert variants(cup) == [
        (("天青", "120ml"), 6_800, 12, "QC-1-A", 350),
        (("月白", "200ml"), 7_200, 0, "QC-1-B", 400),
    ]
    assert (cup.variants[0].compare_at_minor, cup.pictures[0].url) == (8_800, "https://img.yzcdn.cn/a.jpg")
    assert variants(mark) == [((), 1_990, 300, "ZK-2", 20)]


@pytest.mark.parametrize("made", [table, book])
def test_weidian(made):
    code, (wallet,) = products(made(*WEIDIAN))
    assert (code, wallet.title, wallet.option_names) == ("weidian", "手工皮夹", ("规格",))
    assert variants(wallet) == [(("棕色",), 19_900, 8, "PJ-Z", 0), (("黑色",), 19_900, 3, "PJ-H", 0)]
    assert len(wallet.pictures) == 2


@pytest.mark.parametrize("made", [table, book])
def test_1688(made):
    code, (pillow,) = products(made(*ALI1688))
    assert (code, pillow.handle, pillow.option_names) == ("1688", "6543210987", ("颜色", "尺寸"))
    assert variants(pillow)[1] == (("墨绿", "45*45cm"), 1_250, 900, "BZ-7-L", 200)


def test_shopify_is_found_out_too():
    assert products(written(FILE))[0] == "shopify"


def test_a_table_in_english_or_chinese_with_merged_cells():
    english = table(
        ("Product code", "Title *", "Option 1 name", "Option 1", "Price", "Stock", "Listed"),
        ("A1", "Cup", "Colour", "white", "¥12.50", "3", ""),
        ("", "", "", "blue", "13 元", "4", ""),
        ("A2", "Bowl", "", "", "9", "", "no"),
    )
    code, (cup, bowl) = products(english, lists=True)
    assert (code, cup.option_names, cup.listed, bowl.listed) == ("table", ("Colour",), True, False)
    assert variants(cup) == [(("white",), 1_250, 3, "", 0), (("blue",), 1_300, 4, "", 0)]
    assert not products(english, lists=False)[1][0].listed
    chinese = table(
        ("我的报价单",),
        ("商品名称（必填）", "价格", "库存", "规格"),
        ("杯", "12.5", "3", "红"),
        ("", "13", "4", "蓝"),
        encoding="gb18030",
        delimiter=";",
    )
    found, (parsed,) = read(chinese)
    assert (found.heads, [one.options for one in parsed.product.variants]) == (2, [("红",), ("蓝",)])
    assert parsed.product.handle == "杯"


def test_options_in_one_cell():
    assert split_spec("颜色：红；尺码：M") == [("颜色", "红"), ("尺码", "M")]
    assert split_spec("颜色:红,尺码:M") == [("颜色", "红"), ("尺码", "M")]
    assert split_spec("1,5 米") == [("", "1,5 米")]
    assert split_spec(" ") == []


def test_a_row_that_names_another_option_is_a_fault():
    rows = (("商品名称", "价格", "规格"), ("杯", "1", "颜色:红"), ("", "2", "大小:大"))
    assert ("import.option_missing", 3, True) in codes(table(*rows))


def test_what_excel_damaged_is_told_and_never_taken_silently():
    rows = (
        ("商家编码", "商品名称", "价格", "规格编码", "条码", "规格"),
        (123456789012345678, "长号", 1, "", "", ""),
        ("A", "杯", 12.5, 123456789012345678, 6901234567892, "红"),
        ("", "", 0.1 + 0.2, "", "", datetime.date(2026, 3, 1)),
    )
    made = book(*rows, default_date_format="yyyy-mm-dd")
    assert sorted(codes(made)) == [
        ("import.date_in_text", 4, False),
        ("import.key_damaged", 2, True),
        ("import.number_damaged", 3, False),
    ]
    cup = read(made)[1][1].product
    assert [(one.options, one.price_minor, one.barcode) for one in cup.variants] == [
        (("红",), 1_250, "6901234567892"),
        (("2026-03-01",), 30, ""),
    ]


@pytest.mark.parametrize("date_1904", [True, False])
def test_dates_of_1904_and_long_times(date_1904):
    """The same day in both of Excel's calendars, and hours beyond a day as they were typed."""
    for value, form, text in (
        (datetime.date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        (datetime.timedelta(hours=150, minutes=20), "[h]:mm:ss", "150:20:00"),
    ):
        rows = (("商品名称", "价格", "规格"), ("杯", 1, value))
        (found,) = read(book(*rows, default_date_format=form, date_1904=date_1904))[1]
        assert found.product.variants[0].options == (text,)
        assert [remark.code for remark in found.remarks] == ["import.date_in_text"]


def test_columns_as_a_person_says():
    rows = table(("甲", "乙", "丙"), ("x", "杯", "12"), ("y", "碗", "9"))
    with pytest.raises(Invalid, match=r"import\.columns_unknown"):
        read(rows)
    said = Said(columns=("", "Title", "Variant Price"))
    found, parsed = read(rows, said)
    assert [one.product.title for one in parsed] == ["杯", "碗"]
    assert dict(found.header.unused) == {0: "甲"}
    headless = Said(columns=("Title", "Variant Price"), head=0)
    assert [one.product.title for one in read(table(("杯", "1"), ("碗", "2")), headless)[1]] == ["杯", "碗"]
    for columns in (("Title", "Title"), ("Title",), ("Title", "Variant Price", "password")):
        with pytest.raises(Invalid) as caught:
            read(rows, Said(columns=columns))
        assert caught.value.field == "columns"
    with pytest.raises(Invalid, match=r"import\.format_unknown"):
        read(rows, Said(format="nothing"))


def test_our_own_column_of_errors_is_none_of_theirs():
    plain = table(("商品名称", "价格"), ("杯", "1"))
    marked = table(("商品名称", "价格", "错误"), ("杯", "1", "价格: 不对"))
    assert dict(read(marked)[0].header.unused) == {}
    first = [[(1, next(csv.reader([text.decode("utf-8-sig").split("\r\n")[0]])))] for text in (plain, marked)]
    assert signature(first[0]) == signature(first[1])


def test_nearly_known_files_say_what_is_missing():
    with pytest.raises(Invalid, match=r"import\.column_missing"):
        read(table(("商品ID", "商品名称", "规格编码", "库存"), ("1", "杯", "a", "3")))


def test_a_real_list_without_heads(data):
    content = (data / "zh" / "jd_lab_supplies_gbk.csv").read_bytes()
    found, parsed = read(content)
    assert isinstance(found, Layout)
    assert (found.format.code, found.heads, len(parsed)) == ("jd", 0, 2_040)
    assert sum(one.product is not None for one in parsed) == 2_040
    assert sum(not one.product.brand for one in parsed) == 386
    assert Counter(one.product.variants[0].count for one in parsed) == {None: 677, 0: 1_363}
    assert Counter(remark.code for one in parsed for remark in one.remarks) == {"import.no_count": 677}
    first = parsed[0].product
    assert (first.handle, first.variants[0].price_minor, first.variants[0].sku) == (
        "7929946",
        2_700,
        "7929946",
    )
