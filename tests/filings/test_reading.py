from datetime import date

import pytest

from yunju.filings import reading
from yunju.filings.words import Quarter
from yunju.kernel.errors import Invalid, InvalidMany

COLUMNS = [
    {"code": "revenue", "name": "营业收入", "kind": "money", "unit": "元", "required": True},
    {"code": "staff", "name": "从业人数", "kind": "count", "unit": "人", "required": True},
    {"code": "why", "name": "说明", "kind": "note", "unit": "", "required": False},
]


def read(whole: bool = True, **typed: str):
    return reading.values(COLUMNS, typed, currency="CNY", whole=whole)


def test_figures_are_read_to_the_cent():
    assert read(revenue="1,234,567.89", staff=" 12 ", why="新店") == {
        "revenue": 123456789,
        "staff": 12,
        "why": "新店",
    }
    assert read(revenue="-3.5", staff="0") == {"revenue": -350, "staff": 0}


@pytest.mark.parametrize(
    "typed", ["１２", "1e3", "NaN", "1_000", "12.345", "1,23", "--1", "12元", "9" * 20, "٣"]
)
def test_what_is_no_amount_is_refused_never_rounded(typed: str):
    with pytest.raises(Invalid) as refused:
        read(revenue=typed, staff="1")
    assert (refused.value.code, refused.value.field) == ("filing.no_amount", "revenue")


@pytest.mark.parametrize("typed", ["-1", "1.5", "１", "1e2", "many"])
def test_people_are_counted_whole(typed: str):
    with pytest.raises(Invalid) as refused:
        read(revenue="1", staff=typed)
    assert (refused.value.code, refused.value.field) == ("filing.no_count", "staff")


def test_every_fault_is_told_at_once():
    with pytest.raises(InvalidMany) as refused:
        read(revenue="x", why="y" * 201)
    assert [(one.code, one.field) for one in refused.value.faults] == [
        ("filing.no_amount", "revenue"),
        ("filing.column_missing", "staff"),
        ("input.too_long", "why"),
    ]


def test_a_draft_may_have_gaps_but_no_nonsense():
    assert read(whole=False) == {}
    with pytest.raises(Invalid):
        read(whole=False, staff="x")


def test_a_unit_mistaken_is_noticed():
    before = {"revenue": 120_000_00, "staff": 10}
    assert reading.jumps(COLUMNS, {"revenue": 12_00, "staff": 11}, before) == ["revenue"]
    assert reading.jumps(COLUMNS, {"revenue": 1_199_999_99, "staff": 1}, before) == ["staff"]
    assert reading.jumps(COLUMNS, {"revenue": 0, "staff": 12}, before) == []
    assert reading.jumps(COLUMNS, {"revenue": 5}, {}) == []


@pytest.mark.parametrize(
    ("day", "text", "first", "last"),
    [
        (date(2026, 1, 1), "2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 6, 30), "2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 9, 1), "2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), "2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_quarters(day: date, text: str, first: date, last: date):
    quarter = Quarter.of(day)
    assert (str(quarter), quarter.first_day, quarter.last_day) == (text, first, last)
    assert Quarter.read(text) == quarter
    assert quarter.before() < quarter


def test_the_quarter_before_the_first_is_of_last_year():
    assert Quarter(2026, 1).before() == Quarter(2025, 4)


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026q1", "２０２６Q1", "1999Q1", "2026Q11"])
def test_what_is_no_quarter(text: str):
    with pytest.raises(Invalid):
        Quarter.read(text)


def test_columns_are_named_once_and_known():
    row = {"name": "水电费", "kind": "money", "unit": "元", "required": ""}
    assert reading.columns([row]) == [
        {"code": "column_1", "name": "水电费", "kind": "money", "unit": "元", "required": False}
    ]
    for rows, code in (
        ([], "filing.columns"),
        ([row, row], "filing.column_twice"),
        ([row | {"kind": "colour"}], "filing.column_kind"),
        ([row | {"code": "phone"}], "filing.column_code"),
        ([row | {"code": "A b"}], "filing.column_code"),
        ([row | {"name": ""}], "input.required"),
    ):
        with pytest.raises(Invalid) as refused:
            reading.columns(rows)
        assert refused.value.code == code


def test_a_layout_names_each_column_once():
    kept = reading.columns(COLUMNS)
    usual = reading.usual_layout(kept)
    assert [row["heading"] for row in usual] == [
        "序号",
        "单位名称",
        "统一社会信用代码",
        "营业收入（元）",
        "从业人数（人）",
        "说明",
        "联系人",
        "联系电话",
    ]
    assert reading.layout(usual, kept) == usual
    for rows in ([], [usual[0], usual[0]], [{"source": "secret", "heading": "x"}]):
        with pytest.raises(Invalid):
            reading.layout(rows, kept)
