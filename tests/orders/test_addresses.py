"""A pasted address, taken apart: cases made by hand, and gold-labelled addresses of real parcels."""

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunju.kernel import divisions
from yunju.kernel.divisions import Division
from yunju.orders.addresses import MOST, Parsed, parse

HANGZHOU = Parsed("张三", "13800138000", "浙江省", "杭州市", "西湖区", "文三路 1 号 2 幢 301")


@pytest.mark.parametrize(
    "pasted",
    [
        "张三 13800138000 浙江省杭州市西湖区文三路 1 号 2 幢 301",
        "浙江省杭州市西湖区文三路 1 号 2 幢 301 张三 138-0013-8000",
        "13800138000 浙江省杭州市西湖区文三路 1 号 2 幢 301 张三",
        "张三,13800138000,浙江省,杭州市,西湖区,文三路 1 号 2 幢 301",
        "张三，13800138000，浙江杭州西湖区文三路 1 号 2 幢 301",
        "收件人：张三\n电话：+86 138 0013 8000\n地址：浙江省 杭州市 西湖区 文三路 1 号 2 幢 301",
        "收货人: 张三  手机号码: 86-13800138000 所在地区: 浙江省杭州市西湖区 详细地址: 文三路 1 号 2 幢 301",
        "地址：杭州市西湖区文三路 1 号 2 幢 301；收货人：张三；联系电话：１３８００１３８０００",
        "张三13800138000浙江省杭州市西湖区文三路 1 号 2 幢 301",
        "张三浙江省杭州市西湖区文三路 1 号 2 幢 301 13800138000",
        "张三 13800138000 浙江省杭州市 浙江省杭州市西湖区文三路 1 号 2 幢 301",
        "张三 13800138000 中国浙江省杭州市西湖区文三路 1 号 2 幢 301",
        "13800138000\n张三\n浙江省-杭州市-西湖区\n文三路 1 号 2 幢 301",
    ],
)
def test_any_order_separator_and_label_say_the_same(pasted: str):
    assert parse(pasted) == HANGZHOU


@pytest.mark.parametrize(
    ("pasted", "province", "city", "district", "street"),
    [
        ("李小龙 13912345678 北京市朝阳区建国路88号", "北京市", "北京市", "朝阳区", "建国路88号"),
        ("上海浦东新区世纪大道100号", "上海市", "上海市", "浦东新区", "世纪大道100号"),
        ("重庆市 市辖区 渝北区龙溪街道1号", "重庆市", "重庆市", "渝北区", "龙溪街道1号"),
        ("广西南宁市青秀区民族大道1号", "广西壮族自治区", "南宁市", "青秀区", "民族大道1号"),
        ("广西省百色市隆林县新州镇", "广西壮族自治区", "百色市", "隆林各族自治县", "新州镇"),
        ("内蒙古呼和浩特新城区哲里木路1号", "内蒙古自治区", "呼和浩特市", "新城区", "哲里木路1号"),
        ("新疆石河子市北四路1号", "新疆维吾尔自治区", "石河子市", "", "北四路1号"),
        ("江苏省昆山市花桥镇1号", "江苏省", "苏州市", "昆山市", "花桥镇1号"),
        ("河南省济源市沁园路1号", "河南省", "济源市", "", "沁园路1号"),
        ("吉林市昌邑区解放路1号", "吉林省", "吉林市", "昌邑区", "解放路1号"),
        ("海口市龙华区滨海大道1号", "海南省", "海口市", "龙华区", "滨海大道1号"),
        ("东莞市长安镇1号", "广东省", "东莞市", "", "长安镇1号"),
        ("杭州市下城区凤起路1号", "浙江省", "杭州市", "下城区", "凤起路1号"),
        ("香港湾仔区轩尼诗道1号", "香港特别行政区", "香港特别行政区", "湾仔区", "轩尼诗道1号"),
        ("台湾台南市安平区建平四街18巷", "台湾省", "台南市", "安平区", "建平四街18巷"),
        ("江苏苏州工业园区星湖街1号", "江苏省", "苏州市", "", "工业园区星湖街1号"),
    ],
)
def test_levels_left_out_follow_where_only_one_fits(
    pasted: str, province: str, city: str, district: str, street: str
):
    found = parse(pasted)
    assert (found.province, found.city, found.district, found.street) == (province, city, district, street)
    assert found.choices == ()


def test_a_district_of_two_cities_asks():
    found = parse("西湖区文三路1号，李四，0571-88886666")
    assert (found.name, found.phone, found.province, found.city) == ("李四", "0571-88886666", "", "")
    assert (found.district, found.street) == ("西湖区", "文三路1号")
    assert set(found.choices) == {
        Division("浙江省", "杭州市", "西湖区"),
        Division("江西省", "南昌市", "西湖区"),
    }
    assert found.missing == ("province", "city")


@pytest.mark.parametrize(
    "street", ["北京路 5 号", "南京西路 100 号", "长春6街796号", "九江镇泉水园", "浙江大学玉泉校区"]
)
def test_a_street_named_after_a_city_is_no_city(street: str):
    found = parse(f"张三 13800138000 {street}")
    assert (found.province, found.city, found.district, found.street) == ("", "", "", street)


@pytest.mark.parametrize(
    ("pasted", "phone"),
    [
        ("王五 0086-139-1234-5678 广州市天河区体育西路1号", "13912345678"),
        ("王五 (+86)13912345678 广州市天河区体育西路1号", "13912345678"),
        ("王五 8613912345678 广州市天河区体育西路1号", "13912345678"),
        ("王五 010-65551234转801 北京市东城区1号", "010-65551234-801"),
        ("王五 0755 8888 6666 深圳市南山区1号", "0755-8888-6666"),
        ("陈大文 +852 2345 6789 香港湾仔区轩尼诗道1号", "+85223456789"),
    ],
)
def test_phones_as_people_write_them(pasted: str, phone: str):
    found = parse(pasted)
    assert (found.phone, found.name) == (phone, pasted.split()[0])


def test_a_house_number_is_no_phone():
    found = parse("张三 浙江省杭州市西湖区文三路 13800138 号")
    assert (found.phone, found.street) == ("", "文三路 13800138 号")


def test_an_address_abroad_keeps_what_it_says():
    found = parse("John Smith, +1 (415) 555-2671, 1 Market St, San Francisco, CA 94105")
    assert (found.name, found.phone) == ("John Smith", "+14155552671")
    assert found.street == "1 Market St, San Francisco, CA 94105"
    assert found.province == ""


def test_a_name_with_a_dot_and_a_polite_name():
    assert parse("巴特尔·吉 13800138000 呼和浩特市新城区1号").name == "巴特尔·吉"
    assert parse("浙江省湖州市安吉县递铺街道1号，王芳女士，13812341234").name == "王芳女士"


@given(st.text(max_size=2 * MOST))
@settings(max_examples=300, deadline=None)
def test_whatever_is_pasted_is_answered_within_bounds(pasted: str):
    found = parse(pasted)
    assert len(found.name) <= 60
    assert len(found.phone) <= 20
    assert len(found.street) <= 200


def test_nothing_pasted_is_nothing_understood():
    assert parse("  \n") == Parsed()
    assert parse("13800138000").missing == ("name", "province", "city", "street")


def test_the_table_has_every_level():
    places = divisions._places()
    assert len([one for one in places if one.level == 1]) == 34
    assert len([one for one in places if one.level == 3]) > 2_800


# --- real, gold-labelled ------------------------------------------------------------------------------------------

LEVELS = {"prov": "province", "city": "city", "district": "district"}
LEAST = {"prov": 0.99, "city": 0.98, "district": 0.93, "none": 0.97}


def gold(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Text and the first label of each level."""
    for path in sorted((folder / "geo").glob("cn_address_ner_*.conll.gz")):
        for block in gzip.decompress(path.read_bytes()).decode().split("\n\n"):
            text, labels, current = "", {}, ""
            for token, tag in (row.rsplit(" ", 1) for row in block.strip().split("\n") if row):
                text += "-" if token == "_" else token
                if tag.startswith("B-"):
                    current = "" if tag[2:] in labels else tag[2:]
                    labels.setdefault(tag[2:], token)
                elif tag[2:] == current and current:
                    labels[current] += token
            if text:
                yield text, labels


def is_same(found: str, wanted: str) -> bool:
    def short(name: str) -> str:
        return re.sub(r"(省|市|区|县)$", "", name)

    return bool(found) and (found.startswith(short(wanted)) or short(wanted).startswith(short(found)))


@pytest.mark.data
def test_real_addresses_find_their_divisions(data: Path, capsys: pytest.CaptureFixture[str]):
    """A city of county level counts where the gold calls it a city and we a district of its prefecture."""
    counted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for text, labels in gold(data):
        found = parse(text)
        for label, name in LEVELS.items():
            if label in labels:
                counted[label] += 1
                answers = [getattr(found, name)] + ([found.district] if label == "city" else [])
                right[label] += any(is_same(answer, labels[label]) for answer in answers)
        if not LEVELS.keys() & labels.keys():
            counted["none"] += 1
            right["none"] += not (found.province or found.city or found.district)
    shares = {label: right[label] / counted[label] for label in LEAST}
    told = ", ".join(f"{label} {share:.1%} of {counted[label]}" for label, share in shares.items())
    with capsys.disabled():
        sys.stdout.write(f"\nright of gold: {told}\n")
    assert {label: counted[label] for label in LEAST} == {
        "prov": 5107,
        "city": 6484,
        "district": 7901,
        "none": 3188,
    }
    assert {label: share for label, share in shares.items() if share < LEAST[label]} == {}
