"""Identity numbers by form and check character; what is sealed opens only where it belongs."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from yunju.kernel.errors import Invalid
from yunju.members import crypto, identity
from yunju.members.words import IdKind

TODAY = date(2026, 11, 22)
GOOD = [
    (IdKind.RESIDENT, "11010519491231002X", "11010519491231002X"),
    (IdKind.RESIDENT, " 110105 19491231 002x ", "11010519491231002X"),
    (IdKind.RESIDENT, "44052419800101001C", None),
    (IdKind.CREDIT_CODE, "91350100M000100Y43", "91350100M000100Y43"),
    (IdKind.CREDIT_CODE, "91350100m000100y43", "91350100M000100Y43"),
    (IdKind.PASSPORT, "E12345678", "E12345678"),
    (IdKind.HK_MACAO, "H12345678", "H12345678"),
    (IdKind.TAIWAN, "12345678", "12345678"),
    (IdKind.RESIDENT, "110105194912310021", None),
    (IdKind.RESIDENT, "11010519491331002X", None),
    (IdKind.RESIDENT, "１１010519491231002X", None),
    (IdKind.RESIDENT, "11010519491231002", None),
    (IdKind.CREDIT_CODE, "91350100M000100Y44", None),
    (IdKind.CREDIT_CODE, "91350100I000100Y43", None),
    (IdKind.PASSPORT, "E123;DROP", None),
    (IdKind.PASSPORT, "护照12345678", None),
    (IdKind.HK_MACAO, "X12345678", None),
    (IdKind.TAIWAN, "1234567", None),
]


@pytest.mark.parametrize(("kind", "typed", "stored"), GOOD)
def test_numbers(kind: IdKind, typed: str, stored: str | None) -> None:
    if stored is not None:
        assert identity.checked_number(kind, typed, today=TODAY) == stored
        return
    with pytest.raises(Invalid) as refusal:
        identity.checked_number(kind, typed, today=TODAY)
    assert (refusal.value.code, refusal.value.field) == (f"members.id_number_{kind}", "id_number")


def test_residence_permits_of_hong_kong_macao_and_taiwan() -> None:
    for kind, area in ((IdKind.HK_MACAO, "810000"), (IdKind.HK_MACAO, "820000"), (IdKind.TAIWAN, "830000")):
        first = f"{area}19900307001"
        number = first + identity.resident_check(first)
        assert identity.checked_number(kind, number, today=TODAY) == number
        with pytest.raises(Invalid):
            identity.checked_number(IdKind.RESIDENT, number, today=TODAY)
        wrong = IdKind.TAIWAN if kind is IdKind.HK_MACAO else IdKind.HK_MACAO
        with pytest.raises(Invalid):
            identity.checked_number(wrong, number, today=TODAY)


@pytest.mark.parametrize("birth", ["20261123", "20261301", "20250229", "18991231"])
def test_nobody_is_born_tomorrow_or_on_no_day(birth: str) -> None:
    first = f"110105{birth}001"
    with pytest.raises(Invalid):
        identity.checked_number(IdKind.RESIDENT, first + identity.resident_check(first), today=TODAY)


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_resident_number_is_found(place: int, add: int) -> None:
    first = "11010519491231002"
    digit = str((int(first[place]) + add) % 10)
    assert identity.resident_check(first[:place] + digit + first[place + 1 :]) != "X"


@given(st.integers(0, 16), st.integers(1, 30))
def test_every_single_wrong_character_of_a_credit_code_is_found(place: int, add: int) -> None:
    first = "91350100M000100Y4"
    at = identity.CREDIT_CHARACTERS.index(first[place])
    other = identity.CREDIT_CHARACTERS[(at + add) % 31]
    assert identity.credit_check(first[:place] + other + first[place + 1 :]) != "3"


def test_licences() -> None:
    assert identity.checked_licence("91350100m000100y43") == "91350100M000100Y43"
    assert identity.checked_licence("110108600012345") == "110108600012345"
    with pytest.raises(Invalid) as refusal:
        identity.checked_licence("123")
    assert refusal.value.field == "licence_no"


@given(st.text(max_size=60))
def test_what_is_sealed_opens_where_it_belongs(text: str) -> None:
    value = crypto.seal(text, about="payee:1")
    assert crypto.unseal(value, about="payee:1") == text
    assert crypto.unseal(memoryview(value), about="payee:1") == text
    assert len(text) < 4 or text.encode() not in value
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(value, about="payee:2")


def test_a_changed_value_does_not_open() -> None:
    value = bytearray(crypto.seal("6222020200112233445", about="x"))
    value[-1] ^= 1
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(bytes(value), about="x")
    for rubbish in (b"", b"\x01", b"\x02\x01a", b"\x01\xff"):
        with pytest.raises(crypto.Unreadable):
            crypto.unseal(rubbish, about="x")


def test_two_seals_of_one_number_differ_and_their_index_does_not() -> None:
    assert crypto.seal("1", about="x") != crypto.seal("1", about="x")
    assert crypto.blind_index("1") == crypto.blind_index("1") != crypto.blind_index("2")


def test_an_old_key_still_reads(settings: pytest.FixtureRequest) -> None:
    settings.YUNJU_DATA_KEYS = {"2025": b"o" * 32}
    value, index = crypto.seal("secret", about="x"), crypto.blind_index("secret")
    settings.YUNJU_DATA_KEYS = {"2026": b"n" * 32, "2025": b"o" * 32}
    assert crypto.unseal(value, about="x") == "secret"
    assert index in crypto.blind_indexes("secret")
    assert crypto.blind_index("secret") != index
    settings.YUNJU_DATA_KEYS = {"2026": b"n" * 32}
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(value, about="x")
    settings.YUNJU_DATA_KEYS = {}
    with pytest.raises(ImproperlyConfigured):
        crypto.seal("secret", about="x")
