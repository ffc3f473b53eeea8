"""Dividing cents: whatever the figures, the parts add up and nobody is off by a cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.kernel.split import by_weights, take_back, waterfall

GOLDEN_BP = [7_000, 1_700, 800, 200, 300]
GOLDEN = [6_999, 1_700, 800, 200, 300]
cents = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)
pools = st.lists(st.integers(0, 10**12), max_size=6)


def test_the_golden_order_of_99_99():
    assert by_weights(9_999, GOLDEN_BP) == GOLDEN


def test_the_golden_refund_of_33_33():
    taken = take_back(3_333, GOLDEN)
    assert taken == [2_333, 567, 267, 66, 100]
    left = [have - gone for have, gone in zip(GOLDEN, taken, strict=True)]
    assert left == [4_666, 1_133, 533, 134, 200]
    assert take_back(sum(left), left) == left


def test_ties_go_to_the_earlier():
    assert by_weights(1, [1, 1, 1]) == [1, 0, 0]
    assert by_weights(2, [1, 1, 1]) == [1, 1, 0]
    assert by_weights(5, [0, 1, 1]) == [0, 3, 2]


@given(cents, weights)
def test_parts_add_up_and_each_is_within_a_cent(amount, weights):
    parts = by_weights(amount, weights)
    whole = sum(weights)
    assert sum(parts) == amount
    assert len(parts) == len(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part >= 0
        assert abs(part * whole - amount * weight) < whole
        assert part == 0 or weight > 0


@given(cents, weights)
def test_splitting_knows_nothing_of_scale(amount, weights):
    assert by_weights(amount, weights) == by_weights(amount, [7 * weight for weight in weights])


@given(st.lists(cents, min_size=1, max_size=10), st.data())
def test_taking_back_never_takes_more_than_there_is(remaining, data):
    amount = data.draw(st.integers(0, sum(remaining)))
    taken = take_back(amount, remaining)
    assert sum(taken) == amount
    assert all(0 <= part <= have for part, have in zip(taken, remaining, strict=True))


@given(cents, weights, st.lists(st.integers(1, 10), max_size=8))
def test_any_row_of_refunds_ends_at_exactly_nothing(amount, weights, tenths):
    left = by_weights(amount, weights)
    for part in [*tenths, 10]:
        taken = take_back(sum(left) * part // 10, left)
        left = [have - gone for have, gone in zip(left, taken, strict=True)]
        assert min(left) >= 0
    assert left == [0] * len(weights)


@given(cents, pools)
def test_a_waterfall_empties_each_pool_before_the_next(amount, pools):
    *taken, missing = waterfall(amount, pools)
    assert sum(taken) + missing == amount
    assert missing == max(0, amount - sum(pools))
    for n, part in enumerate(taken):
        assert 0 <= part <= pools[n]
        assert part == pools[n] or not any(taken[n + 1 :])


def test_a_pool_below_zero_gives_nothing():
    assert waterfall(5, [-3, 2]) == [0, 2, 3]


@pytest.mark.parametrize(
    ("work", "arguments"),
    [
        (by_weights, (-1, [1])),
        (by_weights, (1, [-1, 2])),
        (by_weights, (1, [0, 0])),
        (by_weights, (1, [])),
        (take_back, (4, [1, 2])),
        (take_back, (-1, [1, 2])),
        (waterfall, (-1, [1])),
    ],
)
def test_impossible_figures_are_refused(work, arguments):
    with pytest.raises(ValueError, match=r"negative|nobody|more is asked"):
        work(*arguments)


def test_nothing_among_nobody_is_nothing():
    assert by_weights(0, [0, 0]) == [0, 0]
