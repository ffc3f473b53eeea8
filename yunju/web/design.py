"""The look on one page: tokens with their contrast, type, icons, and every component in its states."""

import re

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yunju.ui import binding, charts, contrast, formats
from yunju.web.forms import Form

SIZES = (44, 32, 24, 20, 17, 15, 13)
SEALS = ("云上文创园", "景行陶瓷工作室", "林晚", "青瓷坊", "Kiln & Co")
_SYMBOL = re.compile(r'<symbol id="([a-z-]+)"')


class SampleForm(Form):
    """One field of each kind; the sample is sent nowhere."""

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=80, help_text=gettext_lazy("At most 80 characters")
    )
    price = forms.CharField(
        label=gettext_lazy("Price"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), choices=[("a", gettext_lazy("Ceramics")), ("b", gettext_lazy("Tea"))]
    )
    words = forms.CharField(
        label=gettext_lazy("In words"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Way of payment"),
        choices=[("bank", gettext_lazy("Bank account")), ("hand", gettext_lazy("By hand"))],
        widget=forms.RadioSelect,
        initial="bank",
    )
    agreed = forms.BooleanField(label=gettext_lazy("I have read it"), required=False)


@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Drawn from the style sheet and the sprite themselves: what stands here is what the pages have."""
    schemes = contrast.schemes((binding.SOURCE / "tokens.css").read_text(encoding="utf-8"))
    light, dark = (contrast.pairs(schemes[name]) for name in ("light", "dark"))
    told = {
        "tokens": [(name, value, schemes["dark"][name]) for name, value in schemes["light"].items()],
        "pairs": [
            (one, f"{one.ratio:.1f}", f"{other.ratio:.1f}") for one, other in zip(light, dark, strict=True)
        ],
        "sizes": SIZES,
        "icons": _SYMBOL.findall((binding.SOURCE / "icons.svg").read_text(encoding="utf-8")),
        "seals": SEALS,
        "seeds": range(2, 8),
        "form": SampleForm(),
        "faulty": SampleForm({"title": "", "price": "", "category": "a", "way": "bank"}, auto_id="faulty_%s"),
        "drawn": [_chart("bars", 12), _chart("line", 30)],
        "spark": charts.spark([3, 5, 4, 8, 7, 11, 9, 14], _("Orders of the last 8 days")),
    }
    return render(request, "web/design.html", told)


def _chart(kind: str, count: int) -> charts.Chart:
    """Numbers of nobody, the same on each visit."""
    values = [4200 + (place * 7919) % 9000 + place * 300 for place in range(count)]
    return charts.Chart(
        key=f"sample-{kind}",
        title=_("Paid amount"),
        spots=[
            charts.Spot(str(place + 1), _("Day %(number)s") % {"number": place + 1}, value * 100)
            for place, value in enumerate(values)
        ],
        show=lambda value: formats.money(value, "CNY"),
        short=lambda value: formats.short_money(value, "CNY"),
        kind=kind,
    )
