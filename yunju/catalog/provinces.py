"""The 34 provinces of China and the many ways people write them. Pure; the key of a province is its short Chinese name."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Province:
    """`key` is what rules are kept under; `full` and `english` are what people read."""

    code: str
    key: str
    full: str
    english: str


_TABLE = """
11 北京 北京市 Beijing
12 天津 天津市 Tianjin
13 河北 河北省 Hebei
14 山西 山西省 Shanxi
15 内蒙古 内蒙古自治区 Inner Mongolia
21 辽宁 辽宁省 Liaoning
22 吉林 吉林省 Jilin
23 黑龙江 黑龙江省 Heilongjiang
31 上海 上海市 Shanghai
32 江苏 江苏省 Jiangsu
33 浙江 浙江省 Zhejiang
34 安徽 安徽省 Anhui
35 福建 福建省 Fujian
36 江西 江西省 Jiangxi
37 山东 山东省 Shandong
41 河南 河南省 Henan
42 湖北 湖北省 Hubei
43 湖南 湖南省 Hunan
44 广东 广东省 Guangdong
45 广西 广西壮族自治区 Guangxi
46 海南 海南省 Hainan
50 重庆 重庆市 Chongqing
51 四川 四川省 Sichuan
52 贵州 贵州省 Guizhou
53 云南 云南省 Yunnan
54 西藏 西藏自治区 Tibet
61 陕西 陕西省 Shaanxi
62 甘肃 甘肃省 Gansu
63 青海 青海省 Qinghai
64 宁夏 宁夏回族自治区 Ningxia
65 新疆 新疆维吾尔自治区 Xinjiang
71 台湾 台湾省 Taiwan
81 香港 香港特别行政区 Hong Kong
82 澳门 澳门特别行政区 Macao
"""
PROVINCES = tuple(Province(*line.split(maxsplit=3)) for line in _TABLE.strip().splitlines())
_OTHER_NAMES = {
    "xizang": "西藏",
    "macau": "澳门",
    "neimenggu": "内蒙古",
    "neimongol": "内蒙古",
    "臺灣": "台湾",
    "澳門": "澳门",
}
_KNOWN = {
    form: one.key for one in PROVINCES for form in (one.key, one.english.lower().replace(" ", ""))
} | _OTHER_NAMES
_ENDINGS = re.compile(
    r"(省|市|特别行政区|特別行政區|(壮族|回族|维吾尔)?自治区"
    r"|province|municipality|city|sar|specialadministrativeregion"
    r"|(zhuang|hui|uygh?ur)?autonomousregion)$"
)


def normalised(text: str) -> str | None:
    """The key of a province: 北京 for 北京市, Beijing or ` beijing city`; None for what is no province of China."""
    plain = re.sub(r"[\s.,'’-]", "", unicodedata.normalize("NFKC", text)).casefold()
    return _KNOWN.get(plain) or _KNOWN.get(_ENDINGS.sub("", plain))
