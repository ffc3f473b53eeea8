"""Codes to sentences: what a refusal, a reason, an event or a state says to a person, in the language of the page.

Rooms raise codes with parameters; the sentences live in `ui.sentences`, one file per room. How a parameter is shown
follows from its name: `..._minor` is money, `..._at` and `..._until` an instant, a word of WORDS is looked up itself.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from yunju.kernel.errors import YunjuError
from yunju.ui import formats
from yunju.ui.sentences import SENTENCES

log = logging.getLogger(__name__)
WORDS = frozenset({"state", "event", "capacity", "permission", "mode", "role", "channel", "reason", "kind"})
"""Parameters whose value is itself a code: `state=packed` is shown as the sentence of `state.packed`."""


def sentence(code: str, params: Mapping[str, object] | None = None, *, currency: str = "CNY") -> str:
    """The sentence of a code. An unknown code is logged and shown as it is: never a blank, never a server error."""
    if code not in SENTENCES:
        log.warning("no sentence for %s", code)
        return _("Something is not possible here (%(code)s).") % {"code": code}
    shown = {name: _shown(name, value, currency) for name, value in (params or {}).items()}
    try:
        return str(SENTENCES[code]).format(**shown)
    except (KeyError, IndexError):
        log.warning("the sentence of %s lacks a parameter: %s", code, sorted(shown))
        return str(SENTENCES[code])


def of(error: YunjuError, *, currency: str = "CNY") -> str:
    """What a refusal says."""
    return sentence(error.code, error.params, currency=currency)


def word(kind: str, value: str) -> str:
    """The word of a code of a kind (`state`, `capacity`, ...); the code itself when nobody gave it one."""
    return str(SENTENCES.get(f"{kind}.{value}", value))


def _shown(name: str, value: object, currency: str) -> str:
    if name.endswith("_minor") and isinstance(value, int):
        return formats.money(value, currency)
    if name.endswith(("_at", "_until")) and isinstance(value, str) and value:
        return formats.moment(datetime.fromisoformat(value))
    if name in WORDS and isinstance(value, str):
        return word(name, value)
    return "" if value is None else str(value)
