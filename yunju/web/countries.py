"""Countries as people choose them for a parcel: those that Chinese posts serve most, by code, in both languages. Pure."""

from yunju.ui import messages

_TABLE = """
AU 澳大利亚 Australia
AT 奥地利 Austria
BE 比利时 Belgium
BR 巴西 Brazil
CA 加拿大 Canada
CN 中国 China
CZ 捷克 Czechia
DK 丹麦 Denmark
FI 芬兰 Finland
FR 法国 France
DE 德国 Germany
GR 希腊 Greece
HU 匈牙利 Hungary
IN 印度 India
ID 印度尼西亚 Indonesia
IE 爱尔兰 Ireland
IL 以色列 Israel
IT 意大利 Italy
JP 日本 Japan
KZ 哈萨克斯坦 Kazakhstan
KR 韩国 South Korea
LU 卢森堡 Luxembourg
MY 马来西亚 Malaysia
MX 墨西哥 Mexico
MN 蒙古 Mongolia
NL 荷兰 Netherlands
NZ 新西兰 New Zealand
NO 挪威 Norway
PH 菲律宾 Philippines
PL 波兰 Poland
PT 葡萄牙 Portugal
RU 俄罗斯 Russia
SA 沙特阿拉伯 Saudi Arabia
SG 新加坡 Singapore
ZA 南非 South Africa
ES 西班牙 Spain
SE 瑞典 Sweden
CH 瑞士 Switzerland
TH 泰国 Thailand
TR 土耳其 Türkiye
AE 阿联酋 United Arab Emirates
GB 英国 United Kingdom
US 美国 United States
VN 越南 Vietnam
"""
COUNTRIES = {
    code: (zh, en) for code, zh, en in (row.split(maxsplit=2) for row in _TABLE.strip().splitlines())
}


def choices(home: str) -> list[tuple[str, str]]:
    """(code, name) of every country but the cluster's own, by name."""
    place = 0 if messages.is_chinese() else 1
    return sorted(
        ((code, names[place]) for code, names in COUNTRIES.items() if code != home), key=lambda one: one[1]
    )


def shown(code: str) -> str:
    """The name of a country; a code that is not in the table as it is."""
    names = COUNTRIES.get(code)
    return names[0 if messages.is_chinese() else 1] if names else code
