"""How amounts, days and instants look to people: in the time zone of the cluster and the language of the page."""

from datetime import date, datetime

from django.utils import timezone, translation
from django.utils.formats import date_format

from yunju.kernel.money import format_minor

DAY = {"zh-hans": "Y年n月j日", "en": "j M Y"}
MOMENT = {"zh-hans": "Y年n月j日 H:i", "en": "j M Y, H:i"}
MONTH = {"zh-hans": "Y年n月", "en": "F Y"}


def money(minor: int, currency: str) -> str:
    """`¥1,234.56`."""
    return format_minor(minor, currency)


def share(basis_points: int) -> str:
    """Basis points as a percentage without needless zeros: 1250 is `12.5%`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def day(value: datetime | date) -> str:
    """The calendar day, cut in the active time zone."""
    return date_format(_local(value), DAY[_language()])


def moment(value: datetime) -> str:
    """Day and minute in the active time zone."""
    return date_format(_local(value), MOMENT[_language()])


def month(value: datetime | date) -> str:
    """Year and month."""
    return date_format(_local(value), MONTH[_language()])


def _local(value: datetime | date) -> datetime | date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _language() -> str:
    return "zh-hans" if (translation.get_language() or "").startswith("zh") else "en"
