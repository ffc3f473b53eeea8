"""Fields that read exactly what people may type, and the bridge from refusals of actions to the field at fault."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yunju.kernel.errors import InvalidMany, NotFound, SignInNeeded, YunjuError
from yunju.kernel.money import decimal_text, parse_minor
from yunju.ui import messages

OURS = {"csrfmiddlewaretoken"}
_COUNT = re.compile(r"\d{1,12}", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)


class Form(forms.Form):
    """A form that refuses names it does not know, keeps what was typed and shows refusals at their field."""

    use_required_attribute = False
    currency = "CNY"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Says kindly what is missing, also for fields that were added late."""
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill this in.")
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """Refuses unknown names: a typo of a program must not look like success."""
        known = {self.add_prefix(name) for name in self.fields} | OURS
        # A browser sends a file field that nobody touched as an empty text.
        unknown = sorted(name for name in set(self.data) - known if self.data[name] != "")
        if unknown and not self.prefix:
            raise forms.ValidationError(messages.sentence("web.unknown_field", {"name": unknown[0][:60]}))
        return self.cleaned_data

    def refuse(self, error: YunjuError) -> None:
        """Show a refusal where it belongs."""
        faults: Iterable[YunjuError] = error.faults if isinstance(error, InvalidMany) else [error]
        for fault in faults:
            place = fault.field if fault.field in self.fields else None
            self.add_error(place, messages.of(fault, currency=self.currency))

    def carried_out(self, action: Callable[[], object]) -> bool:
        """Run the action of a valid form. False when it refused; what it said then stands at the fields.

        Not found and not signed in are no matter of the form: they are the page's answer.
        """
        try:
            action()
        except (NotFound, SignInNeeded):
            raise
        except YunjuError as error:
            self.refuse(error)
            return False
        return True


def strip_or_empty(value: object) -> str:
    return str(value).strip() if value is not None else ""


class CountField(forms.Field):
    """A whole number in ASCII digits: no sign, no full-width digits, no underscore, no exponent."""

    def __init__(self, *, least: int = 0, most: int = 10**9, **kwargs: Any) -> None:
        self.least, self.most = least, most
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: object) -> int | None:
        text = strip_or_empty(value)
        if not text:
            return None
        if not _COUNT.fullmatch(text):
            raise forms.ValidationError(_("Enter a whole number in digits, for example 12."))
        if not self.least <= int(text) <= self.most:
            words = {"least": self.least, "most": self.most}
            raise forms.ValidationError(_("Enter a number from %(least)s to %(most)s.") % words)
        return int(text)


class MoneyField(forms.Field):
    """An amount such as 12.30, read into minor units, never rounded."""

    def __init__(self, *, least: int = 0, **kwargs: Any) -> None:
        self.least, self.currency = least, "CNY"
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: object) -> int | None:
        text = strip_or_empty(value)
        if not text:
            return None
        try:
            minor = parse_minor(text, self.currency)
        except ValueError as error:
            raise forms.ValidationError(_("Enter an amount in digits, for example 12.30.")) from error
        if minor < self.least:
            words = {"least": decimal_text(self.least, self.currency)}
            raise forms.ValidationError(_("Enter at least %(least)s.") % words)
        return minor

    def prepare_value(self, value: object) -> object:
        return decimal_text(value, self.currency) if isinstance(value, int) else value


class PercentField(forms.Field):
    """A percentage with at most two decimals, read into basis points."""

    def __init__(self, *, most: int = 9_000, **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: object) -> int | None:
        text = strip_or_empty(value).removesuffix("%").strip()
        if not text:
            return None
        found = _PERCENT.fullmatch(text)
        points = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else -1
        if not 0 <= points <= self.most:
            words = {"most": self.most // 100}
            raise forms.ValidationError(_("Enter a percentage from 0 to %(most)s, for example 12.5.") % words)
        return points

    def prepare_value(self, value: object) -> object:
        return decimal_text(value, "CNY") if isinstance(value, int) else value
