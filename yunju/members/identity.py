"""Numbers that identify a person or a firm, checked by form and check character. Pure."""

import re
from datetime import date

from yunju.kernel.errors import Invalid
from yunju.members.words import IdKind

CODES = {
    IdKind.RESIDENT: "members.id_number_resident",
    IdKind.PASSPORT: "members.id_number_passport",
    IdKind.HK_MACAO: "members.id_number_hk_macao",
    IdKind.TAIWAN: "members.id_number_taiwan",
    IdKind.CREDIT_CODE: "members.id_number_credit_code",
}
RESIDENT = re.compile(r"[1-6][0-9]{5}(?P<birth>[0-9]{8})[0-9]{3}[0-9X]", re.ASCII)
RESIDENCE_PERMIT = re.compile(r"8[123]0000(?P<birth>[0-9]{8})[0-9]{3}[0-9X]", re.ASCII)
FORMS = {
    IdKind.PASSPORT: re.compile(r"[A-Z0-9]{5,17}", re.ASCII),
    IdKind.HK_MACAO: re.compile(r"[HM][0-9]{8}", re.ASCII),
    IdKind.TAIWAN: re.compile(r"[0-9]{8}", re.ASCII),
}
PERMIT_AREAS = {IdKind.HK_MACAO: ("81", "82"), IdKind.TAIWAN: ("83",)}
CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: 31 characters, without I, O, S, V and Z."""
CREDIT_CODE = re.compile(rf"[{CREDIT_CHARACTERS}]{{2}}[0-9]{{6}}[{CREDIT_CHARACTERS}]{{10}}", re.ASCII)
OLD_LICENCE = re.compile(r"[0-9]{13}|[0-9]{15}", re.ASCII)
"""Registration numbers of small traders from before the unified code, still on licences that were not exchanged."""


def checked_number(kind: IdKind, number: str, *, today: date, field: str = "id_number") -> str:
    """The number in capitals without spaces, or Invalid."""
    found = re.sub(r"[ -]", "", number).upper()
    if kind is IdKind.RESIDENT:
        good = _is_birth_number(RESIDENT, found, today)
    elif kind is IdKind.CREDIT_CODE:
        good = is_credit_code(found)
    else:
        permit = found.startswith(PERMIT_AREAS.get(kind, ())) and _is_birth_number(
            RESIDENCE_PERMIT, found, today
        )
        good = permit or bool(FORMS[kind].fullmatch(found))
    if not good:
        raise Invalid(CODES[kind], field=field)
    return found


def checked_licence(number: str, *, field: str = "licence_no") -> str:
    """A business licence: the unified credit code, or the older registration number."""
    found = re.sub(r"[ -]", "", number).upper()
    if not (is_credit_code(found) or OLD_LICENCE.fullmatch(found)):
        raise Invalid("members.licence_form", field=field)
    return found


def _is_birth_number(form: re.Pattern[str], number: str, today: date) -> bool:
    match = form.fullmatch(number)
    if match is None or resident_check(number[:17]) != number[17]:
        return False
    birth = match["birth"]
    try:
        born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today


def resident_check(first_17: str) -> str:
    """The 18th character of a resident number: ISO 7064 MOD 11-2, as in GB 11643."""
    total = 0
    for digit in first_17:
        total = (total + int(digit)) * 2 % 11
    return "0123456789X"[(12 - total) % 11]


def is_credit_code(number: str) -> bool:
    return bool(CREDIT_CODE.fullmatch(number)) and credit_check(number[:17]) == number[17]


def credit_check(first_17: str) -> str:
    """The 18th character of a unified social credit code: weights 3^i modulo 31, as in GB 32100."""
    total = sum(CREDIT_CHARACTERS.index(char) * pow(3, place, 31) for place, char in enumerate(first_17))
    return CREDIT_CHARACTERS[-total % 31]
