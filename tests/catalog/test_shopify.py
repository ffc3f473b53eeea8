"""Reading product files: pure, without a database."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.shopify_files import BOWL, CUP, FILE, HEADER, LARGE, PICTURE, written
from yunju.catalog import csvfile, shopify
from yunju.catalog.shopify_product import ShopPicture, ShopVariant
from yunju.kernel.errors import Invalid


def read(content: bytes, currency="CNY") -> list[shopify.Parsed]:
    with csvfile.spooled(io.BytesIO(content)) as copy:
        records = copy.records()
        header = shopify.read_header(next(records)[1])
        return list(shopify.products(records, header, currency))


def codes(parsed: list[shopify.Parsed]) -> list[tuple[str, int, str]]:
    return [
        (remark.code, remark.row, remark.column) for one in parsed for remark in one.remarks if remark.fault
    ]


def test_a_product_is_read_whole():
    cup, bowl = read(written(FILE))
    assert (cup.rows_variant, cup.rows_picture, cup.rows_refused, codes([cup, bowl])) == (2, 1, 0, [])
    product = cup.product
    assert (product.title, product.brand, product.type) == ("Tea cup 茶杯", "Kiln", "Cups")
    assert (product.tags, product.option_names, product.listed) == (("tea", "cup"), ("Size",), True)
    assert product.body_html == "<p>Hand made</p>"
    url = "https://pictures.example/1.jpg?v=1"
    assert product.variants == (
        ShopVariant(2, ("Small",), 1_230, 1_500, "CUP-S", "365275101829", 227, 5, ""),
        ShopVariant(3, ("Large",), 2_000, None, "", "", 300, 0, url),
    )
    assert product.pictures == (
        ShopPicture(2, url, "A cup", 1),
        ShopPicture(4, "https://pictures.example/2.jpg", "", 2),
    )
    assert [(remark.code, remark.fault) for remark in cup.remarks] == [("import.html_removed", False)]
    assert (bowl.product.option_names, bowl.product.variants[0].options) == ((), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_however_it_was_saved_it_says_the_same(encoding, ending, delimiter):
    found = read(written(FILE, ending=ending, encoding=encoding, delimiter=delimiter))
    assert [one.product for one in found] == [one.product for one in read(written(FILE))]


def test_the_columns_of_2025_say_the_same():
    renamed = {
        "Handle": "URL handle",
        "Body (HTML)": "Description",
        "Published": "Published on online store",
        "Option1 Name": "Option1 name",
        "Option1 Value": "Option1 value",
        "Variant SKU": "SKU",
        "Variant Barcode": "Barcode",
        "Variant Price": "Price",
        "Variant Compare At Price": "Compare-at price",
        "Variant Grams": "Weight value (grams)",
        "Variant Inventory Qty": "Inventory quantity",
        "Variant Inventory Tracker": "Inventory tracker",
        "Variant Inventory Policy": "Continue selling when out of stock",
        "Variant Requires Shipping": "Requires shipping",
        "Variant Weight Unit": "Weight unit for display",
        "Variant Image": "Variant image URL",
        "Image Src": "Product image URL",
    }
    rows = [{renamed.get(column, column): value for column, value in row.items()} for row in FILE]
    found = read(written(rows, header=[renamed.get(column, column) for column in HEADER]))
    assert [one.product for one in found] == [one.product for one in read(written(FILE))]


@pytest.mark.parametrize(
    ("changed", "code", "row", "column"),
    [
        ({"Title": ""}, "import.no_title", 2, "Title"),
        ({"Title": "x" * 201}, "import.too_long", 2, "Title"),
        ({"Gift Card": "TRUE"}, "import.gift_card", 2, "Gift Card"),
        ({"Gift Card": "maybe"}, "import.flag", 2, "Gift Card"),
        ({"Published": "ja"}, "import.flag", 2, "Published"),
        ({"Status": "sleeping"}, "import.status", 2, "Status"),
        ({"Variant Requires Shipping": "false"}, "import.not_shipped", 2, "Variant Requires Shipping"),
        ({"Variant Price": ""}, "import.no_price", 2, "Variant Price"),
        ({"Variant Price": "0"}, "import.price_range", 2, "Variant Price"),
        ({"Variant Price": "-1"}, "import.price_range", 2, "Variant Price"),
        ({"Variant Price": "10000001"}, "import.price_range", 2, "Variant Price"),
        *(
            ({"Variant Price": text}, "import.amount", 2, "Variant Price")
            for text in ("1,50", "１２", "1e3", "NaN", "1.005", "¥5", "1_0", "0x10", "1 000", "9" * 30)
        ),
        ({"Variant Compare At Price": "dear"}, "import.amount", 2, "Variant Compare At Price"),
        ({"Variant Grams": "heavy"}, "import.weight", 2, "Variant Grams"),
        ({"Variant Grams": "-3"}, "import.weight", 2, "Variant Grams"),
        ({"Variant Grams": "1000001"}, "import.weight", 2, "Variant Grams"),
        ({"Variant Inventory Qty": "many"}, "import.count", 2, "Variant Inventory Qty"),
        ({"Variant Inventory Qty": "1.5"}, "import.count", 2, "Variant Inventory Qty"),
        ({"Variant Inventory Qty": "999999999"}, "import.count", 2, "Variant Inventory Qty"),
        ({"Image Src": "javascript:alert(1)"}, "import.picture_address", 2, "Image Src"),
        ({"Image Src": "https://[oops"}, "import.picture_address", 2, "Image Src"),
        ({"Variant Image": "pic.jpg"}, "import.picture_address", 2, "Variant Image"),
        ({"Option1 Value": ""}, "import.option_missing", 2, "Option1 Value"),
        ({"Option1 Value": "Large"}, "import.variant_twice", 3, "Option1 Value"),
        ({"Option2 Value": "Red"}, "import.option_unnamed", 2, "Option2 Value"),
        ({"Option2 Name": "Size", "Option2 Value": "x"}, "import.option_twice", 2, "Option1 Name"),
        ({"Tags": ",".join(f"t{n}" for n in range(51))}, "import.too_many_tags", 2, "Tags"),
        ({"Tags": "x" * 61}, "import.too_long", 2, "Tags"),
        ({"Handle": ""}, "import.no_handle", 2, "Handle"),
        ({"Body (HTML)": "x" * 100_001}, "import.cell_too_long", 2, "Body (HTML)"),
    ],
)
def test_a_fault_names_its_row_and_column_and_the_other_product_is_taken(changed, code, row, column):
    found = read(written([CUP | changed, LARGE, PICTURE, BOWL]))
    assert (code, row, column) in codes(found)
    assert [one.product.handle for one in found if one.product] == ["bowl"]
    assert sum(one.rows for one in found) == 4
    assert sum(one.rows_refused for one in found) == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Variant Compare At Price": "12.30"}, "import.compare_at_low"),
        ({"Variant Inventory Tracker": ""}, "import.stock_untracked"),
        ({"Variant Inventory Qty": ""}, "import.no_count"),
        ({"Variant Inventory Qty": "-2"}, "import.count_below_zero"),
        ({"Variant Inventory Policy": "CONTINUE"}, "import.sells_beyond_stock"),
        ({"Variant Barcode": "1.2E+17"}, "import.number_damaged"),
        ({"Variant Weight Unit": "stone"}, "import.weight_unit"),
        ({"Image Position": "first"}, "import.picture_position"),
    ],
)
def test_what_is_odd_is_taken_and_remarked(changed, code):
    (cup,) = read(written([CUP | changed]))
    assert cup.product is not None
    assert code in [remark.code for remark in cup.remarks if not remark.fault]


@pytest.mark.parametrize(
    ("status", "published", "listed"),
    [
        ("active", "true", True),
        ("", "", True),
        ("draft", "true", False),
        ("archived", "true", False),
        ("active", "FALSE", False),
    ],
)
def test_only_what_is_active_and_published_is_listed(status, published, listed):
    (cup,) = read(written([CUP | {"Status": status, "Published": published}]))
    assert cup.product.listed is listed


def test_a_handle_that_comes_again_is_a_fault_there():
    found = read(written([CUP, BOWL, LARGE]))
    assert codes(found) == [("import.handle_again", 4, "Handle")]
    assert [one.product is not None for one in found] == [True, True, False]


def test_empty_rows_and_rows_with_nothing_in_them():
    found = read(written([CUP, {}, BOWL, {"Handle": "bowl"}]))
    assert sum(one.rows_blank for one in found) == 1
    assert codes(found) == [("import.empty_row", 5, "Variant Price")]


def test_a_row_wider_than_the_header_is_a_fault_and_a_shorter_one_is_not():
    lines = written([BOWL]).decode().splitlines()
    assert codes(read("\r\n".join([lines[0], lines[1] + ",,x"]).encode())) == [("import.row_too_wide", 2, "")]
    assert codes(read("\r\n".join([lines[0], lines[1].rstrip(",") + ","]).encode())) == []


def test_yen_have_no_decimals():
    assert (
        read(written([BOWL | {"Variant Price": "1200"}]), "JPY")[0].product.variants[0].price_minor == 1_200
    )
    assert codes(read(written([BOWL]), "JPY")) == [("import.amount", 2, "Variant Price")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"PK\x03\x04\x00\x00", "import.workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "import.workbook_unreadable"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "import.binary"),
        (b"<html><table><tr><td>Handle</td></tr></table>", "import.markup"),
        ("Handle,Title".encode("utf-16"), "import.column_missing"),
        ("Handle,Title,Price".encode("utf-16")[:-1], "import.encoding"),
        (b"Handle,Title,Variant Price\r\n\xff\xff\xff,a,1", "import.encoding"),
        (b"Handle,Title\r\n", "import.column_missing"),
        (b"Handle,Title,Variant Price,Price\r\n", "import.column_twice"),
        (b'Handle,Title,Variant Price\r\na,"never closed,1\r\n', "import.csv"),
        (b'Handle,Title,Variant Price\r\na,"b"c,1\r\n', "import.csv"),
        (b"Handle,Title,Variant Price\r\na," + b"x" * 140_000 + b",1\r\n", "import.csv"),
        (b"Handle,Title,Variant Price\r\n" + b"a,b,1\r\n" * 50_001, "import.too_many_rows"),
        (b"x" * 50_000_001, "import.too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_taken_as_a_whole_is_refused(content, code):
    with pytest.raises(Invalid) as caught:
        read(content)
    assert (caught.value.code, caught.value.field) == (code, "file")


def test_a_large_file_is_read_in_little_memory():
    rows = [
        BOWL | {"Handle": f"bowl-{n}", "Body (HTML)": "<p>" + "words " * 130 + "</p>"} for n in range(20_000)
    ]
    content = written(rows)
    del rows
    assert len(content) > 17_000_000
    tracemalloc.start()
    with csvfile.spooled(io.BytesIO(content)) as copy:
        records = copy.records()
        header = shopify.read_header(next(records)[1])
        count = sum(one.product is not None for one in shopify.products(records, header, "CNY"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 12_000_000


cells = st.sampled_from(
    [
        "",
        "cup",
        "bowl",
        "Title",
        "Default Title",
        "1",
        "9.99",
        "-5",
        "true",
        "FALSE",
        "draft",
        "https://a.example/x",
        "=1+1",
        "¥",
    ]
) | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
tables = st.lists(st.lists(cells, min_size=len(HEADER) - 1, max_size=len(HEADER) + 1), max_size=12)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_every_row_of_any_file_is_accounted_for(table):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(table)
    found = read(text.getvalue().encode())
    assert sum(one.rows for one in found) == len(table)
    for one in found:
        has_fault = any(remark.fault for remark in one.remarks)
        assert (one.product is None) == (has_fault or one.rows_blank == 1)
        assert one.rows_refused == 0 or has_fault
        if one.product is not None:
            assert len({variant.options for variant in one.product.variants}) == one.rows_variant
            assert all(1 <= variant.price_minor <= 10**9 for variant in one.product.variants)
            assert "<script" not in one.product.body_html


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    code = ""
    try:
        found = read(b"Handle,Title,Variant Price\r\n" + content)
    except Invalid as refusal:
        found, code = [], refusal.code
    assert code in {"", "import.binary", "import.encoding", "import.csv"}
    assert all(one.rows >= 1 for one in found)
