"""Checks of what people type: cleaned value back, or Invalid with the field. Pure; rooms above use them too."""

import re
import unicodedata
from collections.abc import Callable, Collection
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from yunju.kernel.errors import Invalid, InvalidMany

P = ParamSpec("P")
T = TypeVar("T")
MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
MAINLAND_MOBILE_LIKE = re.compile(r"\+861[3-9][0-9]*", re.ASCII)
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of text: a name could show another name than it has."""


class Faults:
    """Collects every fault of one form: `with Faults() as check: name = check(text, name, field="name", most=80)`.

    A value whose check failed is None inside the block; the block raises at its end, so it never gets further.
    """

    def __init__(self) -> None:
        self.found: list[Invalid] = []

    def __enter__(self) -> "Faults":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and len(self.found) > 1:
            raise InvalidMany(self.found)
        if kind is None and self.found:
            raise self.found[0]

    def __call__(self, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return check(*args, **kwargs)
        except InvalidMany as faults:
            self.found.extend(faults.faults)
        except Invalid as fault:
            self.found.append(fault)
        return cast("T", None)


def text(value: object, *, field: str, most: int, least: int = 1, lines: bool = False) -> str:
    """`value` trimmed and in NFC, from `least` to `most` characters, without control or direction characters."""
    if not isinstance(value, str):
        raise Invalid("input.not_text", field=field)
    found = unicodedata.normalize("NFC", value.replace("\r\n", "\n") if lines else value).strip()
    if any(_is_control(char, lines=lines) for char in found):
        raise Invalid("input.control_characters", field=field)
    if not found and least:
        raise Invalid("input.required", field=field)
    if len(found) < least:
        raise Invalid("input.too_short", field=field, least=least)
    if len(found) > most:
        raise Invalid("input.too_long", field=field, most=most)
    return found


def _is_control(char: str, *, lines: bool) -> bool:
    if lines and char in "\n\t":
        return False
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in BIDI


def phone(value: object, *, field: str = "phone", required: bool = True) -> str:
    """A phone number as E.164: `138 0013 8000` and `+86 138-0013-8000` become `+8613800138000`."""
    found = text(value, field=field, most=30, least=1 if required else 0)
    if not found:
        return ""
    compact = re.sub(r"[ ()-]", "", found)
    number = f"+86{compact}" if MOBILE.fullmatch(compact) else compact
    short = MAINLAND_MOBILE_LIKE.fullmatch(number) and not MOBILE.fullmatch(number[3:])
    if short or not E164.fullmatch(number):
        raise Invalid("members.phone_form", field=field)
    return number


def email(value: object, *, field: str = "email") -> str:
    """An e-mail address in lower case."""
    found = text(value, field=field, most=254).lower()
    try:
        validate_email(found)
    except ValidationError as error:
        raise Invalid("members.email_form", field=field) from error
    return found


def choice(value: object, *, field: str, words: Collection[str]) -> str:
    """One of `words`, exactly."""
    if not isinstance(value, str) or value not in words:
        raise Invalid("input.choice", field=field)
    return str(value)


def integer(value: object, *, field: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`. Text is refused: forms and API turn ASCII digits into numbers."""
    if type(value) is not int:
        raise Invalid("input.not_integer", field=field)
    if not least <= value <= most:
        raise Invalid("input.range", field=field, least=least, most=most)
    return value


def digits(value: object, *, field: str, least: int, most: int) -> str:
    """ASCII digits only (spaces between groups are dropped), as text: leading zeros count."""
    found = text(value, field=field, most=most * 2).replace(" ", "")
    if not (found.isascii() and found.isdigit() and least <= len(found) <= most):
        raise Invalid("input.digits", field=field, least=least, most=most)
    return found
