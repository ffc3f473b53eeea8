"""What people paste as an address, taken apart: name, phone, province, city, district, street. Pure.

Any order, blanks, commas or labels between; a province that is missing follows from city or district where only one
fits, else the choices are named and the person is asked. Nothing is guessed beyond that: what was not understood stays
in the street, where it can be seen.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yunju.kernel import divisions
from yunju.kernel.divisions import Division, Reading

MOST = 600
_LABELS = {
    "name": r"(?:收件人|收货人|联系人|姓名|收件人姓名|收货人姓名|name|recipient)",
    "phone": r"(?:联系电话|手机号码|手机号|手机|电话|联系方式|号码|phone|tel|mobile)",
    "area": r"(?:所在地区|所在区域|地区|省市区)",
    "street": r"(?:收货地址|收件地址|详细地址|地址|街道地址|街道|address)",
}
_LABEL = re.compile(
    r"(?:^|(?<=[\s,，;；。、|]))(?:"
    + "|".join(f"(?P<{key}>{words})" for key, words in _LABELS.items())
    + r")\s*[:：]\s*",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?<![\d-])(?:\(?(?:\+|00)?86\)?[\s-]*)?(1[3-9]\d(?:[\s-]?\d{4}){2})(?!\d)", re.ASCII)
_GROUPED = re.compile(
    r"(?<![\d-])(?:\(?(?:\+|00)?86\)?[\s-]*)?(1[3-9]\d{2}[\s-]\d{3}[\s-]\d{4})(?!\d)", re.ASCII
)
_LANDLINE = re.compile(
    r"(?<![\d-])((?:0\d{2,3}[\s-]?|400[\s-]?)\d{3,4}[\s-]?\d{3,4}(?:\s?(?:转|-)\s?\d{1,5})?)(?!\d)", re.ASCII
)
_ABROAD = re.compile(
    r"(\+1[\s-]?\(?\d{3}\)?[\s-]?\d{3}[\s-]?\d{4}|\+(?!86|1)[2-9]\d{0,2}[\s-]?\d(?:[\s()-]?\d){5,11})(?!\d)",
    re.ASCII,
)
_SEPARATORS = re.compile(r"[,，;；、|\t\n]+|\s+")
_EDGES = " \t\n,，;；、。.|:：-"
_NAME = re.compile(
    r"(?:[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff·]{1,12})(?:先生|女士|小姐|老师)?|[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|老师)|[A-Za-z][A-Za-z .'-]{1,40}"
)
_PLACE_WORDS = re.compile(r"[省市区县镇乡村路街道巷弄号幢栋楼室层座苑园厦院场站店]$|\d")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was understood. `choices` are the places between which the person must say."""

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    choices: tuple[Division, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What a parcel needs and the text did not say."""
        return tuple(
            name for name in ("name", "phone", "province", "city", "street") if not getattr(self, name)
        )


def parse(pasted: str) -> Parsed:
    """Take the text apart. Whatever it is, it answers, at once, with what it understood."""
    text = _clean(pasted)
    labelled, text = _labelled(text)
    phone, text = _phone(labelled.get("phone", ""), text)
    rest = " ".join(part for part in (labelled.get("area", ""), labelled.get("street", ""), text) if part)
    name, address = (labelled["name"], rest) if labelled.get("name") else _name(rest)
    name, address = _glued(name, address)
    found = _address(address)
    return replace(found, name=name.strip(_EDGES)[:60], phone=phone)


def _clean(pasted: str) -> str:
    """NFKC (full-width digits and commas become plain), direction and control characters gone, bounded."""
    plain = unicodedata.normalize("NFKC", pasted[:MOST])
    kept = (
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co") else " "
        for char in plain
    )
    return "".join(kept).strip()


def _labelled(text: str) -> tuple[dict[str, str], str]:
    """Values behind their labels, and what stands before the first label."""
    marks = list(_LABEL.finditer(text))
    found: dict[str, str] = {}
    loose = [text[: marks[0].start()]] if marks else [text]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        value = text[mark.end() : end].strip(_EDGES)
        key = mark.lastgroup or "street"
        if key in ("name", "phone"):
            first, _, further = value.partition("\n")
            if (
                key == "name"
                and len(parts := _SEPARATORS.split(first, maxsplit=1)) == 2
                and not first.isascii()
            ):
                first, further = parts[0], f"{parts[1]} {further}"
            value, over = first.strip(_EDGES), further.strip(_EDGES)
            loose.append(over)
        found[key] = f"{found[key]} {value}" if key in found else value
    return found, " ".join(part for part in loose if part.strip())


def _phone(labelled: str, text: str) -> tuple[str, str]:
    """The number in plain digits, and the text without it."""
    for place in (labelled, text):
        for form in (_ABROAD, _MOBILE, _GROUPED, _LANDLINE):
            if found := form.search(place):
                rest = f"{place[: found.start()]}\n{place[found.end() :]}"
                return _plain(found[1]), rest if place is text else f"{text}"
    return "", f"{labelled} {text}".strip()


def _plain(number: str) -> str:
    """A mobile number in eleven digits; a landline keeps the dash behind its area code."""
    if number.startswith("+"):
        return "+" + re.sub(r"\D", "", number)
    if re.match(r"1[3-9]", number):
        return re.sub(r"\D", "", number)
    return re.sub(r"\s*(?:转|-)\s*", "-", number).replace(" ", "-")[:20]


def _name(text: str) -> tuple[str, str]:
    """The part that is a person and no place: nearest to where the phone stood, else the first or the last."""
    parts = [part for part in text.split("\n") if part.strip(_EDGES)]
    if text.isascii():
        return _latin_name(parts)
    words = [word for part in parts for word in _SEPARATORS.split(part.strip(_EDGES)) if word]
    ends = [index for index in (0, len(words) - 1) if words]
    at = 0
    for part in parts[:-1]:
        at += len([word for word in _SEPARATORS.split(part.strip(_EDGES)) if word])
        ends[:0] = [at - 1, at]
    for index in dict.fromkeys(ends):
        if 0 <= index < len(words) and _is_name(words[index]) and len(words) > 1:
            return words[index], " ".join(words[:index] + words[index + 1 :])
    return "", " ".join(words)


def _latin_name(parts: Sequence[str]) -> tuple[str, str]:
    """An address abroad: the name is a part of its own between commas or lines; the rest keeps its commas."""
    pieces = [
        piece.strip(_EDGES) for part in parts for piece in re.split(r"[,;|]", part) if piece.strip(_EDGES)
    ]
    for index in dict.fromkeys((0, len(pieces) - 1)):
        if len(pieces) > 1 and _NAME.fullmatch(pieces[index]):
            return pieces[index], ", ".join(pieces[:index] + pieces[index + 1 :])
    return "", ", ".join(pieces)


def _is_name(word: str) -> bool:
    if not _NAME.fullmatch(word) or _PLACE_WORDS.search(word):
        return False
    return divisions.read(word) is None


def _glued(name: str, address: str) -> tuple[str, str]:
    """张三浙江省杭州市…: a name right before the place."""
    if name or divisions.read(address) is not None:
        return name, address
    found = divisions.find(address, limit=6)
    before = address[: found.start].strip(_EDGES) if found else ""
    if found and _NAME.fullmatch(before) and not _PLACE_WORDS.search(before):
        return before, address[found.start :]
    return name, address


def _address(text: str) -> Parsed:
    text = re.sub(r"^(?:中国|中华人民共和国)[\s,]*", "", text.strip(_EDGES))
    found = divisions.read(text) or divisions.find(text)
    if found is None:
        return Parsed(street=_street(text))
    place, end = _repeated(text, found)
    before = text[: found.start].strip(_EDGES)
    if place is None:
        same = {one.district for one in found.places}
        district = same.pop() if len(same) == 1 else ""
        return Parsed(district=district, street=_street(f"{before} {text[end:]}"), choices=found.places)
    district = place.district
    if place.city and not district and (further := divisions.own_district(text, end)) > end:
        district, end = text[divisions.gap_end(text, end) : further], further
    return Parsed(
        province=place.province, city=place.city, district=district, street=_street(f"{before} {text[end:]}")
    )


def _repeated(text: str, found: Reading) -> tuple[Division | None, int]:
    """浙江省杭州市 浙江省杭州市西湖区: a form filled the place in once more. What says the same, or more of it, is one place.

    No place where the words fit several.
    """
    places, end = found.places, found.end
    while again := divisions.read(text, divisions.gap_end(text, end)):
        within = tuple(one for one in again.places if any(place.holds(one) for place in places))
        if not within:
            break
        places, end = within, again.end
    return places[0] if len(places) == 1 else None, end


def _street(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(_EDGES)[:200]
