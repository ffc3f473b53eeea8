"""Codes to sentences: what a refusal, a reason, an event or a state says to a person, in the language of the page.

Rooms raise codes with parameters; the sentences live in `ui.sentences`, one file per room. How a parameter is shown
follows from its name: `..._minor` is money, `..._at` and `..._until` an instant, a word of WORDS is looked up itself;
a sentence may also ask for it: `{least:money}`. The code is the context of the translation, so that two codes with the
same English may differ in Chinese.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from yunju.kernel.errors import YunjuError
from yunju.ui import formats
from yunju.ui.sentences import SENTENCES

log = logging.getLogger(__name__)
WORDS = frozenset(
    {
        "state",
        "event",
        "capacity",
        "permission",
        "mode",
        "role",
        "channel",
        "reason",
        "kind",
        "licence",
        "agreement",
    }
)
"""Parameters whose value is itself a code: `state=packed` is shown as the sentence of `state.packed`."""


def sentence(code: str, params: Mapping[str, object] | None = None, *, currency: str = "CNY") -> str:
    """The sentence of a code. An unknown code is logged and shown as it is: never a blank, never a server error."""
    if code not in SENTENCES:
        log.warning("no sentence for %s", code)
        return _("Something is not possible here (%(code)s).") % {"code": code}
    shown = {name: _shown(name, value, currency) for name, value in (params or {}).items()}
    try:
        return pgettext(code, SENTENCES[code]).format(**shown)
    except (KeyError, IndexError):
        log.warning("the sentence of %s lacks a parameter: %s", code, sorted(shown))
        return pgettext(code, SENTENCES[code])


def of(error: YunjuError, *, currency: str = "CNY") -> str:
    """What a refusal says."""
    return sentence(error.code, error.params, currency=currency)


def reason(code: str, params: Mapping[str, object], *, currency: str = "CNY") -> str:
    """Why money moved: the sentence of `reason.<code>`, with freight and refund reasons in words."""
    shown = dict(params)
    if shown.get("kind") == "freight":
        shown["title"] = word("kind", "freight")
        code = "earned.freight" if code == "earned.supplier" else code
    if "why" in shown:
        shown["why"] = word("refund.reason", str(shown["why"]))
    return sentence(f"reason.{code}", shown, currency=currency)


def word(kind: str, value: str) -> str:
    """The word of a code of a kind (`state`, `capacity`, ...); the code itself when nobody gave it one."""
    code = f"{kind}.{value}"
    return pgettext(code, SENTENCES[code]) if code in SENTENCES else value


def local_name(thing: object) -> str:
    """`name_zh` or `name_en` of a thing that has both, in the language of the page."""
    wanted, other = ("name_zh", "name_en") if is_chinese() else ("name_en", "name_zh")
    return str(getattr(thing, wanted) or getattr(thing, other))


def in_language(thing: object) -> str:
    """The `zh` or `en` of a label that carries both."""
    return str(getattr(thing, "zh" if is_chinese() else "en"))


def is_chinese() -> bool:
    """True when the page is in Chinese."""
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number that a sentence may show as it is or as money."""

    minor: int
    currency: str

    def __format__(self, spec: str) -> str:
        return formats.money(self.minor, self.currency) if spec == "money" else format(self.minor, spec)


def _shown(name: str, value: object, currency: str) -> str | Amount:
    if type(value) is int:
        return formats.money(value, currency) if name.endswith("_minor") else Amount(value, currency)
    if name.endswith(("_at", "_until")) and isinstance(value, str) and value:
        return formats.moment(datetime.fromisoformat(value))
    if name in WORDS and isinstance(value, str):
        return word(name, value)
    return "" if value is None else str(value)
