"""The contract of whoever sends text messages, and the default one, which shows them instead.

A provider's adapter is a class with `send`, named in `YUNJU_SMS` (`package.module.Class`). In China each text follows a
template that the provider has approved: `code` names it (see `words.SMS_CODES`), `params` fill it,
`words` is the whole for those that take free text. `key` is the same for the same message: give it to the provider
where that refuses doubles. It must not write `phone` or `words` into a log, and answer within 10 seconds.
"""

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from yunju.kernel import clock
from yunju.notices.models import ShownText
from yunju.notices.texts import covered

log = logging.getLogger(__name__)
SHOWN_FILE = "texts.log"


class Outcome(StrEnum):
    """What became of a message. Only AGAIN is tried again: it surely was not sent."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Text:
    """One message to one phone (E.164)."""

    key: str
    cluster_id: int
    phone: str
    code: str
    params: Mapping[str, Any]
    words: str
    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said; `error` is its code, without personal data."""

    outcome: Outcome
    error: str = ""
    reference: str = ""


class Sender(Protocol):
    """Whoever sends text messages."""

    def send(self, text: Text) -> Answer:
        """Send it once. Faults of the network are answered too: UNKNOWN when it may have arrived."""
        ...


class Shown:
    """Sends nothing: the text stands in the terminal of `yunju up` and on `/demo/phone`. For trying things out only."""

    def send(self, text: Text) -> Answer:
        if not settings.YUNJU_TRYING_OUT:
            return Answer(Outcome.REFUSED, error="not set up")
        ShownText.objects.create(
            cluster_id=text.cluster_id, phone=covered(text.phone), words=text.words, at=clock.now()
        )
        line = f"SMS {covered(text.phone)}: {text.words}"
        with (Path(settings.YUNJU_HOME) / SHOWN_FILE).open("a", encoding="utf-8") as kept:
            kept.write(line + "\n")
        if sys.stdout.isatty():
            sys.stdout.write(line + "\n")
        return Answer(Outcome.SENT)


SHOWN = f"{Shown.__module__}.{Shown.__name__}"


def sender() -> Sender:
    """The adapter of this installation."""
    made: Sender = import_string(settings.YUNJU_SMS)()
    return made


def shows() -> bool:
    """True where texts are shown on a page instead of sent: an installation for trying out."""
    return bool(settings.YUNJU_TRYING_OUT) and SHOWN == settings.YUNJU_SMS


def can_send() -> bool:
    """False where the stand-in is all there is and people really work: no code ever arrives."""
    return shows() or SHOWN != settings.YUNJU_SMS
