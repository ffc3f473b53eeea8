"""A description between the person who types it and the page that shows it: paragraphs, never tags to look at."""

import html
import re

from django.utils.html import format_html_join

_PLAIN = re.compile(r"(?:\s*<p>[^<>]*</p>)+\s*")


def as_html(text: str) -> str:
    """Paragraphs out of plain text; what already is HTML stays as it is (the action sanitises both)."""
    if "<" in text:
        return text
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n")]
    return format_html_join("", "<p>{}</p>", ((part,) for part in parts if part))


def as_text(body_html: str) -> str:
    """What to offer for editing: bare paragraphs as plain text with empty lines between, anything richer as its HTML."""
    if not _PLAIN.fullmatch(body_html):
        return body_html
    text = "\n\n".join(html.unescape(part) for part in re.findall(r"<p>([^<>]*)</p>", body_html))
    return body_html if "<" in text else text
