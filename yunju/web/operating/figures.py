"""Figures of the market by day, week and month: drawn, as a table, and said what each of them means."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yunju.insight import figures as counted
from yunju.insight.figures import Period
from yunju.insight.models import UNITS
from yunju.members.words import Permission
from yunju.ui import formats, messages
from yunju.ui.charts import Chart, Spot
from yunju.web.request import Request, operating

DRAWN = ("paid_minor", "orders", "active_shops")
MOST_BARS = 16
"""More of them would be thinner than the gaps between them on a phone."""


@require_GET
def figures(request: Request) -> HttpResponse:
    """The periods of one unit: the last one large, all of them as pictures and as a table."""
    operating(request, Permission.CLUSTER_MONEY)
    unit = unit_of(request)
    found = counted.periods(request.actor, request.cluster, unit)
    told = {
        "here": "operator",
        "unit": unit,
        "units": UNITS,
        "names": counted.NAMES,
        "rows": [
            (_called(one), [(name, _shown(one, name, request)) for name in counted.NAMES])
            for one in reversed(found)
        ],
        "drawn": [_drawing(name, found, request) for name in DRAWN],
        "counted_at": max((one.counted_at for one in found if one.counted_at), default=None),
    }
    return render(request, "web/operator/figures.html", told)


def unit_of(request: Request) -> str:
    """Of what the address asks for: days, weeks or months."""
    wanted = request.GET.get("unit", "")
    return wanted if wanted in UNITS else "day"


def _shown(period: Period, name: str, request: Request) -> str:
    value: int = getattr(period, name)
    if name.endswith("_minor"):
        return formats.money(value, request.cluster.currency)
    return formats.share(value) if name == "take_bp" else str(value)


def _called(period: Period) -> str:
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


def _drawing(name: str, found: list[Period], request: Request) -> Chart:
    currency = request.cluster.currency
    is_money = name.endswith("_minor")
    return Chart(
        key=name,
        title=messages.word("figure", name),
        spots=[Spot(_short(one), _called(one), getattr(one, name)) for one in found],
        show=(lambda value: formats.money(value, currency)) if is_money else str,
        short=(lambda value: formats.short_money(value, currency)) if is_money else formats.short_number,
        kind="line" if len(found) > MOST_BARS else "bars",
    )
