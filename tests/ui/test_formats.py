from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from yunju.ui import formats

MOMENT = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "day", "moment"),
    [
        ("zh-hans", "Asia/Shanghai", "2026年11月23日", "2026年11月23日 01:05"),
        ("en", "Asia/Shanghai", "23 Nov 2026", "23 Nov 2026, 01:05"),
        ("en", "UTC", "22 Nov 2026", "22 Nov 2026, 17:05"),
    ],
)
def test_days_are_cut_in_the_zone_of_the_cluster(language: str, zone: str, day: str, moment: str):
    with translation.override(language), timezone.override(zone):
        assert (formats.day(MOMENT), formats.moment(MOMENT)) == (day, moment)


def test_a_quarter_is_written_out():
    with translation.override("zh-hans"):
        assert [formats.quarter(2026, one) for one in (1, 4)] == ["2026年第一季度", "2026年第四季度"]
    with translation.override("en"):
        assert formats.quarter(2026, 3) == "Q3 2026"


def test_the_unit_after_the_name_of_a_field_of_amounts():
    with translation.override("zh-hans"):
        assert (formats.unit("CNY"), formats.unit("HKD")) == ("（¥）", "（HK$）")
    with translation.override("en"):
        assert formats.unit("CNY") == " (¥)"


def test_a_month():
    with translation.override("zh-hans"):
        assert formats.month(date(2026, 3, 1)) == "2026年3月"


@pytest.mark.parametrize(("points", "text"), [(0, "0%"), (1250, "12.5%"), (1500, "15%"), (1, "0.01%")])
def test_basis_points_as_percent(points: int, text: str):
    assert formats.share(points) == text


def test_of_a_text_in_two_languages_the_reader_gets_its_own():
    both = "三个人的小窑。\n\nA kiln of three people in 景德镇."
    with translation.override("zh-hans"):
        assert formats.own_words(both) == "三个人的小窑。"
        assert formats.own_words("Only English.") == "Only English."
    with translation.override("en"):
        assert formats.own_words(both) == "A kiln of three people in 景德镇."
        assert formats.own_words("只有中文 USB。") == "只有中文 USB。"
        assert formats.own_words("") == ""
    assert formats.paragraphs("a\n\n b \n") == ["a", "b"]


def test_a_chinese_name_makes_no_english_text_chinese():
    assert formats.is_mostly_chinese("USB 充电线")
    assert not formats.is_mostly_chinese("A kiln in 景德镇 for porcelain")
    assert not formats.is_mostly_chinese("")
