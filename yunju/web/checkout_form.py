"""The form of the checkout: what the modes ask, a field to paste an address into, addresses abroad, what must be agreed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yunju.fulfilment.contract import Ask
from yunju.kernel.errors import InvalidMany, YunjuError
from yunju.orders.addresses import MOST, Parsed
from yunju.orders.draft import ContactDraft
from yunju.ui import messages
from yunju.web import countries, provinces
from yunju.web.forms import CountField, Form

CONTACT = ("name", "phone", "province", "city", "district", "street", "note")
ADDRESS = ("name", "phone", "province", "city", "district", "street")
HINTS = {
    "name": "name",
    "phone": "tel",
    "province": "address-level1",
    "city": "address-level2",
    "district": "address-level3",
    "street": "street-address",
}


class CheckoutForm(Form):
    """What the modes in the cart ask, the key of this purchase, and the total that was shown."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    shown_total = CountField(widget=forms.HiddenInput, required=False, most=10**12)
    step = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    paste = forms.CharField(
        label=gettext_lazy("Paste name, phone and address"),
        required=False,
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    choice = forms.CharField(required=False, max_length=130, widget=forms.HiddenInput)
    country = forms.ChoiceField(label=gettext_lazy("Country or region"), required=False)
    region = forms.CharField(label=gettext_lazy("State or province abroad"), required=False, max_length=40)
    keep_address = forms.BooleanField(
        label=gettext_lazy("Keep this address in my address book"), required=False
    )
    no_return = forms.BooleanField(required=False)
    agreed = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, asks: Sequence[Ask], home: str, musts: Mapping[str, str], **kwargs: Any
    ) -> None:
        """`musts`: name of a tick (`no_return`, `agreed`) -> its words, where this purchase needs it."""
        super().__init__(*args, **kwargs)
        self.home = home
        for ask in asks:
            self.fields[ask.key] = _field(ask)
        self.asked = [ask.key for ask in asks]
        self.fields["country"].choices = [("", _("Within China")), *countries.choices(home)]  # type: ignore[attr-defined]  # a ChoiceField
        for name in ("no_return", "agreed"):
            if name in musts:
                self.fields[name].label = musts[name]
            else:
                del self.fields[name]
        self.musts = list(musts)

    def clean(self) -> dict[str, Any]:
        """Abroad the province is typed, not chosen; a tick that is needed is missed only when the order is placed."""
        given = super().clean()
        if given.get("country") and "province" in self.fields:
            self.errors.pop("province", None)
            given["province"] = given.get("region") or given.get("city", "")
        if self.is_placing:
            for name in self.musts:
                if not given.get(name):
                    self.add_error(name, _("Please tick this to go on."))
        return given

    @property
    def is_placing(self) -> bool:
        return self.data.get("step") not in ("look", "fill")

    def contact(self) -> ContactDraft:
        """What was typed, as far as it goes: also of a form that is not valid yet."""
        given = getattr(self, "cleaned_data", {})
        texts = {name: given.get(name) or "" for name in CONTACT}
        return ContactDraft(**texts, country=given.get("country") or "")

    def refuse(self, error: YunjuError) -> None:
        """Faults of cart lines stand above the form; faults of the contact at their fields."""
        faults: Sequence[YunjuError] = error.faults if isinstance(error, InvalidMany) else [error]
        for fault in faults:
            place = fault.field if fault.field in self.fields else None
            self.add_error(place, messages.of(fault, currency=self.currency))

    def fields_of_address(self) -> list[forms.BoundField]:
        """What is asked for the address, in its order."""
        return [self[name] for name in self.asked]

    def fill(self, found: Mapping[str, str]) -> None:
        """Put texts into the fields of a bound form."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        for name, text in found.items():
            self.data[name] = text  # type: ignore[index]  # a copy


def filled(parsed: Parsed, home: str) -> dict[str, str]:
    """What a pasted text says, as the fields take it. Fields of which it says nothing are left as they are."""
    texts = {name: getattr(parsed, name) for name in ADDRESS}
    texts["province"] = provinces.key(parsed.province)
    found = {name: text for name, text in texts.items() if text}
    if parsed.street and (parsed.province or parsed.choices):
        found |= {"city": parsed.city, "district": parsed.district, "province": texts["province"]}
    if home == "CN" and texts["province"]:
        found["country"] = ""
    return found


def _field(ask: Ask) -> forms.Field:
    label = messages.in_language(ask.label)
    if ask.key == "province":
        choices = [("", _("Choose a province")), *provinces.choices()]
        return forms.ChoiceField(label=label, required=ask.required, choices=choices)
    attributes = {"autocomplete": HINTS.get(ask.key, "off")} | ({"type": "tel"} if ask.key == "phone" else {})
    return forms.CharField(
        label=label,
        required=ask.required,
        max_length=ask.max_length,
        widget=forms.TextInput(attrs=attributes),
    )
