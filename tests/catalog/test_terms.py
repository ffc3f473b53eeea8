"""The promise of `leaves_supplier_whole`, held against the split itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.catalog.terms import FULL_BP, Terms, leaves_supplier_whole
from yunju.kernel.split import by_weights


def supplier_gets(amount: int, parts: list[Terms]) -> int:
    """DESIGN 4.6: largest remainder, supplier first, then each other part clamped, the supplier takes the difference."""
    rest = FULL_BP - sum(part.bp for part in parts)
    split = by_weights(amount, [rest, *(part.bp for part in parts)])
    taken = 0
    for part, share in zip(parts, split[1:], strict=True):
        taken += max(share if part.cap_minor is None else min(share, part.cap_minor), part.floor_minor)
    return amount - taken


@st.composite
def any_parts(draw) -> list[Terms]:
    parts, left = [], FULL_BP
    for _ in range(draw(st.integers(1, 5))):
        bp = draw(st.integers(0, left))
        left -= bp
        floor = draw(st.sampled_from([0, 0, 1, 5, 50]) | st.integers(0, 500))
        cap = draw(st.none() | st.integers(floor, floor + 500))
        parts.append(Terms(bp, floor, cap))
    return parts


@given(any_parts(), st.integers(1, 2_000), st.integers(0, 3_000))
def test_what_is_allowed_never_costs_the_supplier_money(parts, price, more):
    if leaves_supplier_whole(price, parts):
        assert supplier_gets(price + more, parts) >= 0


@given(any_parts(), st.integers(1, 2_000))
def test_what_is_refused_leaves_the_supplier_next_to_nothing(parts, price):
    if not leaves_supplier_whole(price, parts):
        assert supplier_gets(price, parts) <= len(parts)


@pytest.mark.parametrize(
    ("price", "parts", "whole"),
    [
        (100, [Terms(10_000)], True),
        (100, [Terms(10_000), Terms(1)], False),
        (1, [Terms(5_000), Terms(5_000)], True),
        (100, [Terms(0, 98)], True),
        (100, [Terms(0, 101)], False),
        (100, [Terms(9_000, 95)], True),
        (100, [Terms(9_000), Terms(0, 20)], False),
        (100, [Terms(9_000, 0, 50), Terms(0, 20)], True),
    ],
)
def test_by_hand(price, parts, whole):
    assert leaves_supplier_whole(price, parts) is whole
