"""Plain text with a few marks as HTML: headings (`#`), lists (`-`, `1.`), **bold**, links, paragraphs. Nothing else.

Everything is escaped first, so that no text can bring markup of its own. Pure.
"""

import re
from itertools import groupby
from operator import itemgetter

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_HEADING = re.compile(r"(#{1,3})\s+(.+)")
_POINT = re.compile(r"[-*]\s+(.+)")
_NUMBERED = re.compile(r"\d{1,3}[.、)]\s+(.+)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((https?://[^\s()\"]{1,500})\)")


def marked(text: str) -> SafeString:
    """`text` as HTML that stands below an `h1`."""
    out: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        out += _block(block.splitlines())
    return mark_safe("\n".join(out))  # noqa: S308 - every piece went through `_inline`, which escapes


def _block(lines: list[str]) -> list[str]:
    """Lines of one kind that follow each other belong together; a heading stands alone."""
    out: list[str] = []
    for kind, group in groupby(map(_read, map(str.strip, lines)), key=itemgetter(0)):
        texts = [_inline(text) for _kind, text in group]
        if kind in {"ul", "ol"}:
            out.append(f"<{kind}>{''.join(f'<li>{text}</li>' for text in texts)}</{kind}>")
        elif kind == "p":
            out.append(f"<p>{'<br>'.join(texts)}</p>")
        else:
            out += [f"<{kind}>{text}</{kind}>" for text in texts]
    return out


def _read(line: str) -> tuple[str, str]:
    """The kind of a line and what it says."""
    if found := _HEADING.fullmatch(line):
        return f"h{len(found[1]) + 1}", found[2]
    if found := _POINT.fullmatch(line):
        return "ul", found[1]
    if found := _NUMBERED.fullmatch(line):
        return "ol", found[1]
    return "p", line


def _inline(text: str) -> str:
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    return _LINK.sub(r'<a href="\2" rel="nofollow noopener noreferrer">\1</a>', safe)
