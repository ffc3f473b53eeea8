"""Tags and filters of every page: money, days, words of codes, the seal, links that keep the shop that led here."""

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from yunju.ui import drawing, formats, messages

register = template.Library()
ORDER_NUMBER = re.compile(r"\b(\d{6}-[0-9A-Z]{5,8}-[0-9A-Z])\b")
STATE_SHAPES = {
    "done": {
        "completed",
        "received",
        "settled",
        "paid",
        "confirmed",
        "done",
        "approved",
        "admitted",
        "delivered",
    },
    "wait": {
        "unpaid",
        "waiting",
        "to_pack",
        "asked",
        "decided",
        "sent",
        "made",
        "awaiting_payment",
        "running",
        "pending",
        "disputed",
    },
    "stop": {
        "cancelled",
        "expired",
        "failed",
        "refused",
        "closed",
        "withdrawn",
        "stopped",
    },
}


@register.filter
def money(minor: int | None, currency: str) -> str:
    """An amount in minor units as people read it."""
    return "" if minor is None else formats.money(minor, currency)


@register.filter
def unit(currency: str) -> str:
    """The unit of a field or column of amounts, in brackets."""
    return formats.unit(currency)


@register.filter
def percent(basis_points: int) -> str:
    """Basis points as per cent."""
    return formats.share(basis_points)


@register.filter
def day(value: datetime | date | None) -> str | SafeString:
    """A calendar day, readable by machines as well."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """Day and minute."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.moment(value))


@register.filter
def month(value: datetime | date) -> str:
    """Year and month."""
    return formats.month(value)


@register.filter
def quarter(value: Any) -> str:
    """A quarter of a year: anything that has `year` and `number`."""
    return formats.quarter(value.year, value.number)


@register.filter
def local_name(thing: object) -> str:
    """`name_zh` or `name_en` of a thing that has both."""
    return messages.local_name(thing)


@register.filter
def tongue(text: str) -> str | SafeString:
    """A title in Chinese on a page in another language is marked as such: who listens hears it in Chinese."""
    if formats.is_mostly_chinese(str(text)) and get_language() != "zh-hans":
        return format_html('<span lang="zh-Hans">{}</span>', text)
    return text


@register.filter
def own_words(text: str) -> str:
    """Of a text in two languages, the reader's paragraph."""
    return formats.own_words(text)


@register.filter
def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text."""
    return formats.paragraphs(text)


@register.filter
def whole_numbers(text: str) -> SafeString:
    """A sentence in which a number of an order never breaks over lines."""
    pieces = enumerate(ORDER_NUMBER.split(text))
    kept = (format_html('<span class="nowrap">{}</span>', one) if at % 2 else one for at, one in pieces)
    return format_html_join("", "{}", ((one,) for one in kept))


@register.filter
def phone(number: str) -> SafeString:
    """A telephone number in groups; it stays in one line."""
    return format_html('<span class="tel">{}</span>', formats.phone(str(number)))


@register.filter
def label(thing: object) -> str:
    """A label of a mode, which carries both languages."""
    return messages.in_language(thing)


@register.filter
def word(value: str, kind: str) -> str:
    """The word of a code: `{{ order.state|word:"state" }}`."""
    return messages.word(kind, value)


@register.simple_tag
def state(value: str, kind: str = "state") -> SafeString:
    """A state as word, shape and colour, in that order of importance."""
    shape = next((name for name, values in STATE_SHAPES.items() if value in values), "")
    return format_html('<span class="state {}">{}</span>', shape, messages.word(kind, value))


@register.simple_tag
def seal(name: str, size: str = "") -> SafeString:
    """A member's seal, cut out of its name; `large` has up to four characters."""
    return mark_safe(drawing.seal(str(name), size))  # noqa: S308  (the name is escaped there)


@register.simple_tag
def lattice(seed: int = 7) -> SafeString:
    """A lattice window for a page on which there is nothing yet."""
    return mark_safe(drawing.lattice(int(seed)))  # noqa: S308  (numbers only)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A line drawing out of the sprite: silent beside words; with a `label` it is read out instead of words."""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" width="20" height="20" focusable="false" {}><use href="{}#{}"></use></svg>',
        size,
        said,
        static("ui/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def link(context: template.Context, name: str, *args: object, **query: object) -> str:
    """The address of a page, with the share link that led here kept in it."""
    share = context.get("share_token", "")
    words = {key: value for key, value in query.items() if value not in (None, "")}
    if share:
        words["s"] = share
    address = reverse(name, args=args)
    return f"{address}?{urlencode(words)}" if words else address


@register.simple_tag(takes_context=True)
def page_link(context: template.Context, number: int) -> str:
    """This page with another page number, everything else of its address kept."""
    words = context["request"].GET.copy()
    words["page"] = str(number)
    return f"?{words.urlencode()}"


@register.simple_tag
def page_numbers(now: int, last: int) -> list[int]:
    """The numbers a pager shows: the first, the last, and those around this one; 0 stands for a gap."""
    near = sorted(number for number in {1, last, *range(now - 2, now + 3)} if 1 <= number <= last)
    shown: list[int] = []
    for before, number in zip([0, *near], near, strict=False):
        shown += [0, number] if number - before > 1 else [number]
    return shown


@register.simple_tag(takes_context=True)
def told(context: template.Context, code: str, params: dict[str, object] | None = None) -> str:
    """What a code with parameters says."""
    return messages.sentence(code, params, currency=_currency(context))


@register.simple_tag(takes_context=True)
def reason(context: template.Context, code: str, params: dict[str, object] | None = None) -> str:
    """Why money moved: the sentence of `reason.<code>`."""
    return messages.reason(code, params or {}, currency=_currency(context))


def _currency(context: template.Context) -> str:
    return str(getattr(context.get("cluster"), "currency", "CNY"))


@register.simple_tag(takes_context=True)
def left_out(context: template.Context, code: str, who: object) -> str:
    """Why a payee is not paid now, with its own figures."""
    params = {
        "available": getattr(who, "available_minor", 0),
        "least": getattr(context.get("cluster"), "payout_min_minor", 0),
    }
    return messages.sentence(code, params, currency=_currency(context))
