"""The form of a request, checked before anything is read. Pure: raises Invalid at the field at fault."""

import re

from yunju.kernel import idempotency
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, InvalidMany, SignInNeeded
from yunju.kernel.money import MAX_MINOR
from yunju.orders.draft import ContactDraft, PlaceRequest, WantedLine
from yunju.orders.models import SOURCES
from yunju.orders.pricing import MAX_LINES, MAX_QUANTITY

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]", re.ASCII)
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc (control characters) and Cs (halves of characters)."""

_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_CONTEXT = re.compile(r"(|[a-z]{2,20}:[0-9]{1,18})", re.ASCII)
_SHARE_CODE = re.compile(r"[!-~]{0,8}", re.ASCII)
_LENGTHS = {"name": 60, "phone": 20, "province": 40, "city": 40, "district": 40, "street": 200, "note": 200}
_REQUIRED = ("name", "phone", "province", "city", "street")


def principal(by: Actor) -> str:
    """Who a key or a limit belongs to: the user, else the browser that holds the secret."""
    if by.user_id is not None:
        return f"user:{by.user_id}"
    if by.holder:
        return f"holder:{by.holder}"
    raise SignInNeeded("buyer.unknown")


def key_of(request: PlaceRequest) -> idempotency.Key:
    """The request's key in the scope of its buyer, with the hash of all that was asked for."""
    payload = {
        "lines": [
            [line.variant_id, line.quantity, line.shown_minor, line.shop_id, line.context]
            for line in request.lines
        ],
        "contact": [getattr(request.contact, name) for name in (*_LENGTHS, "country")],
        "gateway": request.gateway,
    }
    return idempotency.make(scope=f"place {principal(request.by)}", key=request.key, payload=payload)


def check(request: PlaceRequest) -> None:
    """Raise InvalidMany with every fault of the form at once."""
    faults = [*_line_faults(request.lines), *contact_faults(request.contact)]
    if faults:
        raise InvalidMany(faults)


def _line_faults(lines: tuple[WantedLine, ...]) -> list[Invalid]:
    if not lines:
        return [Invalid("cart.empty", field="lines")]
    if len(lines) > MAX_LINES:
        return [Invalid("cart.too_many_lines", field="lines", limit=MAX_LINES)]
    faults = [
        Invalid("quantity.range", field=f"variant:{line.variant_id}", limit=MAX_QUANTITY)
        for line in lines
        if not _is_whole(line.quantity, 1, MAX_QUANTITY)
    ]
    faults += [
        Invalid("input.range", field=f"variant:{line.variant_id}")
        for line in lines
        if not _is_whole(line.variant_id, 1, 2**62)
        or not _is_whole(line.shown_minor, 0, MAX_MINOR)
        or (line.shop_id is not None and not _is_whole(line.shop_id, 1, 2**62))
        or line.source not in SOURCES
        or not _CONTEXT.fullmatch(line.context)
        or not _SHARE_CODE.fullmatch(line.share_code)
    ]
    if len({line.variant_id for line in lines}) != len(lines):
        faults.append(Invalid("cart.variant_twice", field="lines"))
    return faults


def _is_whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def contact_faults(contact: ContactDraft) -> list[Invalid]:
    """What is wrong with an address: missing, too long, control characters and halves of characters, a phone that is none."""
    faults = []
    for name, limit in _LENGTHS.items():
        text = getattr(contact, name)
        if name in _REQUIRED and not text.strip():
            faults.append(Invalid("input.required", field=name))
        elif len(text) > limit:
            faults.append(Invalid("input.too_long", field=name, limit=limit))
        elif _NO_TEXT.search(text):
            faults.append(Invalid("input.control_characters", field=name))
    if contact.phone.strip() and not _PHONE.fullmatch(contact.phone.strip()):
        faults.append(Invalid("input.phone", field="phone"))
    if contact.country and not _COUNTRY.fullmatch(contact.country):
        faults.append(Invalid("input.country", field="country"))
    return faults
