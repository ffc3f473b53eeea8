"""Figures of the market by day, week and month: drawn, as a table, and said what each of them means."""

from itertools import takewhile

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from yunju.insight import figures as counted
from yunju.insight.figures import Period
from yunju.insight.models import UNITS
from yunju.members.words import Permission
from yunju.ui import formats, messages
from yunju.ui.charts import Chart, Spot
from yunju.web.request import Request, operating

BEIJING = "Asia/Shanghai"
DRAWN = ("gmv_minor", "orders", "active_shops")
FEWEST = 7
MOST_BARS = 16
"""More of them would be thinner than the gaps between them on a phone."""

ON_A_PHONE = {
    "gmv_minor": "end said",
    "orders": "said",
    "active_shops": "said",
    "paid_minor": "said",
    "commission_minor": "said",
}
"""How a figure stands in the two lines that a period has on a phone: at the end of the first, or in the second,
after its name. Others stand there where they are not nought."""


@require_GET
def figures(request: Request) -> HttpResponse:
    """The periods of one unit: the last one large, all of them as pictures and as a table."""
    operating(request, Permission.CLUSTER_MONEY)
    unit = unit_of(request)
    found = _begun(counted.periods(request.actor, request.cluster, unit))
    currency = request.cluster.currency
    rows = [
        (_called(one, is_last=one is found[-1]), [_cell(one, name, currency) for name in counted.NAMES])
        for one in reversed(found)
    ]
    told = {
        "here": "operator",
        "unit": unit,
        "units": UNITS,
        "names": counted.NAMES,
        "rows": rows[:FEWEST],
        "older": rows[FEWEST:],
        "drawn": [_drawing(name, found, currency) for name in DRAWN],
        "zone": _("Beijing time") if request.cluster.timezone == BEIJING else request.cluster.timezone,
        "counted_at": max((one.counted_at for one in found if one.counted_at), default=None),
    }
    return render(request, "web/operator/figures.html", told)


def unit_of(request: Request) -> str:
    """Of what the address asks for: days, weeks or months."""
    wanted = request.GET.get("unit", "")
    return wanted if wanted in UNITS else "day"


def _begun(found: list[Period]) -> list[Period]:
    """Without the periods before anything happened, but for a few: a market of three months is no line at nought for
    two years."""
    empty = takewhile(lambda one: not any(getattr(one, name) for name in counted.NAMES), found)
    return found[min(sum(1 for _one in empty), max(len(found) - FEWEST, 0)) :]


def _cell(period: Period, name: str, currency: str) -> tuple[str, str, str]:
    """A figure's name, how it reads, and its place on a phone."""
    value: int = getattr(period, name)
    rare = "said" if value and name in {"refunded_minor", "new_members"} else "away"
    return name, _shown(name, value, currency), ON_A_PHONE.get(name, rare)


def _shown(name: str, value: int, currency: str) -> str:
    """With its unit."""
    if name.endswith("_minor"):
        return formats.money(value, currency)
    if name == "take_bp":
        return f"{value / 100:.2f}%"
    if name == "active_shops":
        words = ngettext("%(number)s shop", "%(number)s shops", value)
    elif name == "new_members":
        words = ngettext("%(number)s member", "%(number)s members", value)
    else:
        words = ngettext("%(number)s order", "%(number)s orders", value)
    return words % {"number": f"{value:,}"}


def _called(period: Period, *, is_last: bool = False) -> str:
    """What a period is called; the last one still goes on."""
    return _("%(period)s so far") % {"period": _name(period)} if is_last else _name(period)


def _name(period: Period) -> str:
    if period.unit == "month":
        return formats.month(period.starts_on)
    if period.unit == "week":
        return _("Week of %(day)s") % {"day": formats.day(period.starts_on)}
    return formats.day(period.starts_on)


def _short(period: Period) -> str:
    """What stands below a bar: day and month, or the month alone."""
    is_english = (translation.get_language() or "").startswith("en")
    if period.unit == "month":
        return date_format(period.starts_on, "M Y" if is_english else "Y/n")
    return date_format(period.starts_on, "j M" if is_english else "n/j")


def _drawing(name: str, found: list[Period], currency: str) -> Chart:
    is_money = name.endswith("_minor")
    return Chart(
        key=name,
        title=messages.word("figure", name),
        spots=[
            Spot(_short(one), _called(one, is_last=one is found[-1]), getattr(one, name)) for one in found
        ],
        show=lambda value: _shown(name, value, currency),
        short=(lambda value: formats.short_money(value, currency)) if is_money else formats.short_number,
        kind="line" if len(found) > MOST_BARS else "bars",
    )
