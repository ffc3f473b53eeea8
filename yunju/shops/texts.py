"""What a shopkeeper may write: plain text of a bounded length. Pure."""

import re
import unicodedata

from yunju.kernel.errors import Invalid

NAME_LENGTH, INTRO_LENGTH, TITLE_LENGTH = 60, 300, 200
_JOINERS = "\u200c\u200d"  # inside emoji and some scripts; other format characters hide or turn text around
_PHONE = re.compile(r"\+?[0-9]{6,15}", re.ASCII)


def line(text: str, *, field: str, most: int, required: bool = True) -> str:
    """One line, spaces collapsed, in the composed form. Raises Invalid at `field`."""
    return _checked(" ".join(text.split(" ")).strip(), field=field, most=most, required=required)


def paragraph(text: str, *, field: str, most: int) -> str:
    """Several lines; may be empty. Raises Invalid at `field`."""
    return _checked(text.replace("\r\n", "\n").strip(), field=field, most=most, required=False, breaks="\n")


def phone(text: str) -> str:
    """Digits with an optional plus; spaces and hyphens are taken out. Raises Invalid at `phone`."""
    digits = text.replace(" ", "").replace("-", "")
    if not _PHONE.fullmatch(digits):
        raise Invalid("shops.phone_form", field="phone")
    return digits


def _checked(text: str, *, field: str, most: int, required: bool, breaks: str = "") -> str:
    text = unicodedata.normalize("NFC", text)
    if required and not text:
        raise Invalid("shops.text_missing", field=field)
    if len(text) > most:
        raise Invalid("shops.text_too_long", field=field, most=most)
    if any(_hidden(char) and char not in breaks for char in text):
        raise Invalid("shops.text_control", field=field)
    if "<" in text or ">" in text:
        raise Invalid("shops.text_html", field=field)
    return text


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in _JOINERS
