"""A purchase as a program sends it, read at the door in compiled code.

`v1.purchases.PurchaseBody` is the definition, with words for every fault. Whatever this takes, that takes and means the
same; what this does not take is left to it. `tests/api/test_wanted.py` holds both to that.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from yunju.kernel.money import MAX_MINOR
from yunju.orders.draft import ContactDraft
from yunju.orders.pricing import MAX_LINES, MAX_QUANTITY

Code = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_-]{1,40}\Z")]
Text = Annotated[str, Meta(max_length=5_000)]


class Line(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`purchases.WantedBody`."""

    variant: Code
    quantity: Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
    shown_minor: Annotated[int, Meta(ge=0, le=MAX_MINOR)]
    share: Text | None = None
    context: Text = ""


class Contact(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`purchases.ContactBody`."""

    name: Text
    phone: Text
    province: Text
    city: Text
    street: Text
    district: Text = ""
    country: Text = ""
    note: Text = ""

    def draft(self) -> ContactDraft:
        return ContactDraft(
            self.name,
            self.phone,
            self.province,
            self.city,
            self.street,
            self.district,
            self.country,
            self.note,
        )


class Wanted(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`purchases.PurchaseBody`."""

    lines: Annotated[list[Line], Meta(min_length=1, max_length=MAX_LINES)]
    contact: Contact
    gateway: Text | None = None


read = Decoder(Wanted).decode
"""Raises msgspec.DecodeError (a ValidationError is one) and UnicodeDecodeError."""
