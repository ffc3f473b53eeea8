"""What people type: cleaned, or refused at its field."""

import pytest

from yunju.kernel.errors import Invalid, InvalidMany
from yunju.members import inputs


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013-8000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("+861012345678", "+861012345678"),
        ("+14155550123", "+14155550123"),
        ("+861380013800", None),
        ("+86138001380001", None),
        ("12345", None),
        ("１３８００１３８０００", None),
        ("+0123456789", None),
        ("12800138000", None),
        ("138001380000", None),
        ("<script>", None),
        ("", None),
    ],
)
def test_phones(typed: str, stored: str | None) -> None:
    if stored is not None:
        assert inputs.phone(typed) == stored
        return
    with pytest.raises(Invalid) as refusal:
        inputs.phone(typed)
    assert refusal.value.field == "phone"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "input.required"),
        ("   ", "input.required"),
        ("a" * 11, "input.too_long"),
        ("a\x00b", "input.control_characters"),
        ("a\nb", "input.control_characters"),
        ("a\u202eb", "input.control_characters"),
        ("a\ud800", "input.control_characters"),
        (None, "input.not_text"),
        (7, "input.not_text"),
        (["a"], "input.not_text"),
    ],
)
def test_text_that_is_refused(value: object, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inputs.text(value, field="name", most=10)
    assert (refusal.value.code, refusal.value.field) == (code, "name")


def test_text_is_trimmed_and_normalised() -> None:
    assert inputs.text("  e\u0301  ", field="name", most=10) == "é"
    assert inputs.text("一\r\n二\n", field="story", most=10, lines=True) == "一\n二"
    assert inputs.text("", field="name", most=10, least=0) == ""
    with pytest.raises(Invalid, match=r"input\.too_short"):
        inputs.text("a", field="name", most=10, least=2)


@pytest.mark.parametrize("value", [True, 1.0, "1", "１", None, 31, -1])
def test_integers_that_are_refused(value: object) -> None:
    with pytest.raises(Invalid):
        inputs.integer(value, field="days", least=0, most=30)


def test_digits_keep_their_zeros() -> None:
    assert inputs.digits("0012 3456", field="n", least=8, most=32) == "00123456"
    for bad in ("１２３４５６７８", "1234567", "1234567a", "1" * 33):
        with pytest.raises(Invalid):
            inputs.digits(bad, field="n", least=8, most=32)


def test_email_is_lower_case() -> None:
    assert inputs.email("  Li.Wei@Example.COM ") == "li.wei@example.com"
    for bad in ("li.wei", "li@", "a b@example.com", "x" * 250 + "@example.com"):
        with pytest.raises(Invalid):
            inputs.email(bad)


def test_all_faults_of_a_form_come_at_once() -> None:
    def form(name: str, phone: str) -> None:
        with inputs.Faults() as check:
            check(inputs.text, name, field="name", most=5)
            check(inputs.phone, phone)

    with pytest.raises(InvalidMany) as refusal:
        form("", "5")
    assert [fault.field for fault in refusal.value.faults] == ["name", "phone"]
    with pytest.raises(Invalid) as alone:
        form("", "13800138000")
    assert not isinstance(alone.value, InvalidMany)
