"""Charts as they leave the server: round values at the axis, every number also in words, nothing unescaped."""

import re
from xml.etree import ElementTree

import pytest
from django.utils import translation

from yunju.ui import charts, formats
from yunju.ui.charts import Chart, Spot


def chart(values: list[int], kind: str = "bars", name: str = "Day") -> Chart:
    spots = [Spot(str(number), f"{name} {number}", value) for number, value in enumerate(values, start=1)]
    return Chart("paid", "Paid <amount>", spots, lambda value: f"¥{value}", lambda value: f"¥{value}", kind)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (19, [0, 5, 10, 15, 20]),
        (4_310, [0, 2_000, 4_000, 6_000]),
        (100_000, [0, 50_000, 100_000]),
    ],
)
def test_the_axis_has_round_values(most: int, expected: list[int]):
    assert charts.ticks(most) == expected


@pytest.mark.parametrize("most", [*range(1, 300), 999_999, 10**12 + 1])
def test_the_axis_reaches_over_the_highest_value_with_few_lines(most: int):
    found = charts.ticks(most)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 5


@pytest.mark.parametrize("kind", ["bars", "line"])
def test_a_chart_is_well_formed_and_says_every_value(kind: str):
    drawn = chart([4, 0, 9], kind)
    tree = ElementTree.fromstring(drawn.svg)
    titles = [one.text for one in tree.iter("title")]
    assert titles == ["Paid <amount>", "Day 1: ¥4", "Day 2: ¥0", "Day 3: ¥9"]
    assert tree.get("aria-labelledby") == "paid-title paid-desc"
    assert drawn.rows == [("Day 3", "¥9"), ("Day 2", "¥0"), ("Day 1", "¥4")]
    assert (drawn.latest, drawn.latest_name) == ("¥9", "Day 3")
    assert "style=" not in drawn.svg


def test_bars_are_as_high_as_their_values_say():
    tree = ElementTree.fromstring(chart([5, 10, 0]).svg)
    heights = [float(one.get("height", "")) for one in tree.iter("rect")]
    assert charts.ticks(10) == [0, 5, 10]
    assert heights == [80, 160, 0]
    assert re.findall(r"is-last", chart([5, 10, 0]).svg) == ["is-last"]


def test_the_scale_stands_beside_the_drawing_and_is_wide_enough_for_its_words():
    drawn = chart([5, 10, 0])
    tree = ElementTree.fromstring(drawn.scale)
    shown = [(one.text, float(one.get("y", ""))) for one in tree.iter("text")]
    assert shown == [("¥0", 184), ("¥5", 104), ("¥10", 24)]
    assert [one.get("text-anchor") for one in tree.iter("text")] == ["end"] * 3
    assert not [one for one in ElementTree.fromstring(drawn.svg).iter("text") if one.get("class") == "scale"]
    wide = Chart("paid", "Paid", [Spot("1", "1", 10_000)], str, lambda value: "一万元整", "bars")
    assert int(ElementTree.fromstring(wide.scale).get("width", "")) >= 4 * 13 + charts.SCALE_GAP
    assert chart([]).scale == ""


def test_the_summary_names_the_ends_the_highest_and_the_lowest():
    with translation.override("en"):
        assert chart([4, 0, 9]).summary == "From Day 1 to Day 3. Highest: ¥9 on Day 3. Lowest: ¥0 on Day 2."


def test_nothing_to_draw_is_said_and_one_value_is_drawn():
    with translation.override("en"):
        assert (chart([]).svg, chart([]).summary, chart([]).latest) == ("", "Nothing to draw yet.", "")
    assert ElementTree.fromstring(chart([3], "line").svg) is not None
    assert charts.spark([1], "x") == ""


def test_names_are_escaped():
    found = chart([1], name="<b>&").svg
    assert "<b>" not in found
    assert "&lt;b&gt;&amp;" in found
    assert 'aria-label="a&quot;b"' in charts.spark([1, 2], 'a"b')


def test_at_most_five_labels_with_the_first_and_the_last():
    tree = ElementTree.fromstring(chart(list(range(1, 31))).svg)
    below = [one.text for one in tree.iter("text") if one.get("text-anchor")]
    assert len(below) == 5
    assert (below[0], below[-1]) == ("1", "30")


def test_values_at_the_axis_are_short_in_the_readers_own_way():
    with translation.override("zh-hans"):
        assert [formats.short_number(one) for one in (999, 12_000, 10_000, 230_000_000)] == [
            "999",
            "1.2万",
            "1万",
            "2.3亿",
        ]
        assert formats.short_money(1_234_500, "CNY") == "¥1.2万"
    with translation.override("en"):
        assert [formats.short_number(one) for one in (999, 12_000, 2_300_000)] == ["999", "12k", "2.3M"]
        assert formats.short_money(60_000, "CNY") == "¥600"
