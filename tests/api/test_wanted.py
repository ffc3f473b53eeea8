"""What the door reads of a purchase is what the route reads of it: it never takes what the definition refuses."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from yunju.api.v1 import wanted
from yunju.api.v1.purchases import PurchaseBody
from yunju.kernel.errors import YunjuError
from yunju.kernel.money import MAX_MINOR
from yunju.orders.pricing import MAX_LINES, MAX_QUANTITY

LINE = {"variant": "GZ1", "quantity": 1, "shown_minor": 990}
CONTACT = {
    "name": "李四",
    "phone": "13800138000",
    "province": "浙江",
    "city": "杭州",
    "street": "文三路 1 号",
}
WHOLE = {"lines": [LINE], "contact": CONTACT}
WHOLE_LINE = {**LINE, "share": "token", "context": "pool:7"}

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from([MAX_QUANTITY, MAX_QUANTITY + 1, MAX_MINOR, MAX_MINOR + 1, 2**63, 2**64, -(2**63) - 1]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["GZ1", "GZ1\n", "", "a" * 40, "a" * 41, "有", "١", "x" * 5_000, "x" * 5_001, "1", "\u0000"]
    ),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@st.composite
def bodies(draw):
    """A whole body with a few places changed, taken out or added."""
    line, contact, whole = dict(WHOLE_LINE), dict(CONTACT), {"gateway": "simulated"}
    for part in (line, contact, whole):
        for name in draw(st.lists(st.sampled_from([*part, "country", "more"]), max_size=1)):
            if draw(st.booleans()):
                part[name] = draw(odd)
            else:
                part.pop(name, None)
    lines = [line] * draw(st.sampled_from([0, 1, 1, 1, 2, MAX_LINES, MAX_LINES + 1]))
    return whole | {"lines": lines, "contact": contact}


def by_definition(content):
    """What the route reads, or None where it refuses."""
    try:
        return PurchaseBody.model_validate_json(content).model_dump()
    except (ValidationError, YunjuError):
        return None


def at_the_door(content):
    try:
        return msgspec.to_builtins(wanted.read(content))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@given(bodies())
@example(WHOLE)
@example({**WHOLE, "lines": [{**LINE, "quantity": 1.0}]})
@example({**WHOLE, "lines": [{**LINE, "variant": "GZ1\n"}]})
def test_what_the_door_takes_the_definition_takes_and_means_the_same(body):
    content = json.dumps(body).encode()
    if b"\\u0000" in content:  # the door leaves these to the route unread
        return
    read = at_the_door(content)
    assert read is None or read == by_definition(content)


@given(
    st.integers(1, MAX_LINES), st.integers(1, MAX_QUANTITY), st.integers(0, MAX_MINOR), st.text(max_size=30)
)
def test_the_door_takes_what_a_program_ordinarily_sends(lines, quantity, shown, note):
    line = {**WHOLE_LINE, "quantity": quantity, "shown_minor": shown}
    body = {"lines": [line] * lines, "contact": {**CONTACT, "note": note.replace("\x00", "")}}
    content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    assert at_the_door(content) == by_definition(content) != None  # noqa: E711 - and it is something


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b'{"lines": NaN}', b"\xff", b'{"lines":[],"contact":{}}', b'"\\ud800"'],
)
def test_what_is_no_body_is_left_to_the_route(content):
    assert at_the_door(content) is None


def test_a_draft_carries_every_field_of_the_form():
    contact = {name: name for name in wanted.Contact.__struct_fields__}
    assert msgspec.to_builtins(msgspec.convert(contact, wanted.Contact).draft()) == contact
