"""How amounts, days and instants look to people: in the time zone of the cluster and the language of the page."""

from datetime import date, datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import ngettext

from yunju.kernel.money import EXPONENTS, SYMBOLS, format_minor

DAY = {"zh-hans": "Y年n月j日", "en": "j M Y"}
MOMENT = {"zh-hans": "Y年n月j日 H:i", "en": "j M Y, H:i"}
CHINA, MOBILE = "+86", 11
MONTH = {"zh-hans": "Y年n月", "en": "F Y"}


def money(minor: int, currency: str) -> str:
    """`¥1,234.56`."""
    return format_minor(minor, currency)


def unit(currency: str) -> str:
    """What stands after the name of a field or column of amounts: ` (¥)`."""
    symbol = SYMBOLS.get(currency, currency)
    return f"（{symbol}）" if _language() == "zh-hans" else f" ({symbol})"


def share(basis_points: int) -> str:
    """Basis points as a percentage without needless zeros: 1250 is `12.5%`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def day(value: datetime | date) -> str:
    """The calendar day, cut in the active time zone."""
    return date_format(_local(value), DAY[_language()])


def short_day(value: datetime | date) -> str:
    """Day and month for an axis: `11/22`, `22 Nov`."""
    return date_format(_local(value), "n/j" if _language() == "zh-hans" else "j M")


def moment(value: datetime) -> str:
    """Day and minute in the active time zone."""
    return date_format(_local(value), MOMENT[_language()])


def month(value: datetime | date) -> str:
    """Year and month."""
    return date_format(_local(value), MONTH[_language()])


def quarter(year: int, number: int) -> str:
    """A quarter as people write it: `2026年第三季度`, `Q3 2026`."""
    return f"{year}年第{'一二三四'[number - 1]}季度" if _language() == "zh-hans" else f"Q{number} {year}"


def lasting(seconds: int) -> str:
    """A length of time in its largest whole unit: `86400` is `1 day`, `90` is `90 seconds`."""
    if seconds and seconds % 86_400 == 0:
        return ngettext("%(number)s day", "%(number)s days", seconds // 86_400) % {
            "number": seconds // 86_400
        }
    if seconds and seconds % 3_600 == 0:
        return ngettext("%(number)s hour", "%(number)s hours", seconds // 3_600) % {
            "number": seconds // 3_600
        }
    if seconds and seconds % 60 == 0:
        return ngettext("%(number)s minute", "%(number)s minutes", seconds // 60) % {"number": seconds // 60}
    return ngettext("%(number)s second", "%(number)s seconds", seconds) % {"number": seconds}


def _local(value: datetime | date) -> datetime | date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _language() -> str:
    return "zh-hans" if (translation.get_language() or "").startswith("zh") else "en"


def short_number(value: int) -> str:
    """For an axis: `12000` is `1.2万` in Chinese and `12k` in English."""
    sizes = (
        ((100_000_000, "亿"), (10_000, "万"))
        if _language() == "zh-hans"
        else ((1_000_000, "M"), (1_000, "k"))
    )
    for size, letter in sizes:
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:,}"


def short_money(minor: int, currency: str) -> str:
    """For an axis: whole units, shortened, with the sign of the currency."""
    return f"{SYMBOLS[currency]}{short_number(minor // 10 ** EXPONENTS[currency])}"


def phone(number: str) -> str:
    """As it is read out: a mobile number of China in three groups, `138 0013 8000`; others as they are kept."""
    own = number.removeprefix(CHINA)
    is_mobile = len(own) == MOBILE and own.isdigit() and own.startswith("1")
    return f"{own[:3]} {own[3:7]} {own[7:]}" if is_mobile else own


def is_chinese(text: str) -> bool:
    """True for a text with a Chinese character in it."""
    return any("\u3400" <= one <= "\u9fff" for one in text)


def is_mostly_chinese(text: str) -> bool:
    """True for a text in Chinese, also with a foreign word in it; a Chinese name alone makes no English text Chinese."""
    chinese = sum("\u3400" <= one <= "\u9fff" for one in text)
    return chinese > 0 and 3 * chinese >= sum(one.isascii() and one.isalpha() for one in text)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text; an empty line, or any line's end, parts them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def own_words(text: str) -> str:
    """Of a text that says the same in two languages, a paragraph each: the reader's, else the first."""
    parts = paragraphs(text)
    wanted = _language() == "zh-hans"
    return next((one for one in parts if is_mostly_chinese(one) == wanted), parts[0] if parts else "")
