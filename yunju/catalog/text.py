"""Text of offers: HTML made harmless, words of a query folded. Pure."""

import html
import re
import unicodedata
from html.parser import HTMLParser

import nh3

_SHOWN = (
    "p br hr b strong i em u s sub sup small span div blockquote pre code h1 h2 h3 h4 h5 h6 ul ol li dl dt dd a"
    " table caption thead tbody tfoot tr th td"
)
_SILENT = "html body meta font section article figure figcaption main tt center"
TAGS = frozenset(_SHOWN.split())
SILENT = frozenset(_SILENT.split())
"""Tags whose loss changes nothing that a reader sees."""

_GAP = re.compile(r"\s+")
MOST_WORDS, MOST_QUERY = 10, 100


def clean_html(text: str) -> str:
    """What may stand on a page: simple formatting and marked links; no picture from elsewhere, script, style or form."""
    return nh3.clean(
        text,
        tags=set(TAGS),
        attributes={"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow ugc noopener noreferrer",
        strip_comments=True,
    )


class _TagsMet(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.met: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        self.met.add(tag)


def removed_tags(text: str) -> list[str]:
    """Names of the tags that `clean_html` takes away and a reader would miss, sorted: for the person who imported them."""
    parser = _TagsMet()
    parser.feed(text)
    known = {tag for tag in parser.met if re.fullmatch(r"[a-z][a-z0-9]{0,19}", tag)}
    return sorted(known - TAGS - SILENT)


def plain(body_html: str) -> str:
    """The words of a sanitised body, without its tags."""
    return html.unescape(_GAP.sub(" ", re.sub(r"<[^>]*>", " ", body_html))).strip()


def folded(text: str) -> str:
    """As search compares: full width as half width, no case, one space."""
    return _GAP.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def words(query: str) -> list[str]:
    """The words of a query, at most ten, each once."""
    return list(dict.fromkeys(folded(query[:MOST_QUERY]).split()))[:MOST_WORDS]


def one_line(text: str) -> str:
    """A title or name: no line breaks, no control characters, single spaces."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return _GAP.sub(" ", visible).strip()
