"""Cities have English names, all of them that addresses know."""

import pytest
from django.utils import translation

from yunju.kernel import divisions
from yunju.ui.formats import is_chinese
from yunju.web import cities


def test_every_city_has_its_english_name():
    known = {place.city for place in divisions._places() if place.city}
    assert len(known) > 380
    with translation.override("en"):
        assert [city for city in sorted(known) if is_chinese(cities.shown(city))] == []
    with translation.override("zh-hans"):
        assert cities.shown("景德镇市") == "景德镇市"


@pytest.mark.parametrize(
    ("province", "city", "shown"),
    [
        ("江西", "景德镇", "Jiangxi · Jingdezhen"),
        ("贵州", "黔东南苗族侗族自治州", "Guizhou · Qiandongnan"),
        ("上海", "上海市", "Shanghai"),
        ("", "西安", "Xi'an"),
        ("Bavaria", "München", "Bavaria · München"),
    ],
)
def test_province_and_city_in_one_line(province: str, city: str, shown: str):
    with translation.override("en"):
        assert cities.place(province, city) == shown
