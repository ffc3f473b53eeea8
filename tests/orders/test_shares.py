"""Shares are whole cents, in a fixed order, and add up; the golden figures of the book of money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.kernel.errors import Refused
from yunju.orders.refunding import ShareLeft, take
from yunju.orders.shares import Claimant, fit_cap, fix

GOLDEN = (
    Claimant("shop", 2, 1_700),
    Claimant("designer", 3, 800),
    Claimant("park", 4, 200),
    Claimant("platform", 5, 300),
)


def cents(shares):
    return [share.amount_minor for share in shares]


def test_golden_split():
    assert cents(fix(9_999, 1, GOLDEN)) == [6_999, 1_700, 800, 200, 300]


def test_golden_split_under_a_cap_of_30_percent():
    assert cents(fit_cap([fix(9_999, 1, GOLDEN)], 3_000)[0]) == [7_000, 1_700, 800, 200, 299]


def test_golden_refund():
    left = [
        ShareLeft(n, 1, n, amount, 0, 0, 0) for n, amount in enumerate([6_999, 1_700, 800, 200, 300], start=1)
    ]
    assert [part.from_pending for part in take(3_333, left)] == [2_333, 567, 267, 66, 100]


def test_rules_over_the_cap_are_refused():
    with pytest.raises(Refused) as refused:
        fit_cap([fix(10_000, 1, (Claimant("shop", 2, 3_100),))], 3_000)
    assert refused.value.code == "shares.over_cap"


def test_floor_and_cap_move_the_difference_to_the_supplier():
    shares = fix(
        10_000,
        1,
        (Claimant("shop", 2, 1_000, floor_minor=1_500), Claimant("platform", 3, 500, cap_minor=100)),
    )
    assert cents(shares) == [8_400, 1_500, 100]


def test_a_floor_above_the_price_is_refused():
    with pytest.raises(Refused) as refused:
        fix(100, 1, (Claimant("shop", 2, 0, floor_minor=101),))
    assert refused.value.code == "shares.supplier_negative"


@given(
    st.integers(0, 10**9),
    st.lists(
        st.tuples(st.sampled_from(["shop", "designer", "park", "platform"]), st.integers(0, 2_500)),
        max_size=4,
    ),
)
def test_shares_add_up_and_miss_the_exact_part_by_less_than_a_cent(amount, rules):
    claimants = [Claimant(role, n, bp) for n, (role, bp) in enumerate(rules, start=2)]
    shares = fix(amount, 1, claimants)
    assert sum(cents(shares)) == amount
    exact = {claimant.payee_id: amount * claimant.bp / 10_000 for claimant in claimants}
    assert all(abs(share.amount_minor - exact[share.payee_id]) < 1 for share in shares[1:])


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=5), st.data())
def test_refunds_never_exceed_a_share_and_the_last_clears_it(amounts, data):
    shares = [ShareLeft(n, 1, n, amount, 0, 0, 0) for n, amount in enumerate(amounts)]
    total = sum(amounts)
    first = data.draw(st.integers(0, total))
    given_back = {part.share.id: part.from_pending for part in take(first, shares)}
    rest = [ShareLeft(s.id, 1, s.payee_id, s.amount, 0, given_back.get(s.id, 0), 0) for s in shares]
    assert all(share.left >= 0 for share in rest)
    assert sum(part.from_pending for part in take(total - first, rest)) == total - first
