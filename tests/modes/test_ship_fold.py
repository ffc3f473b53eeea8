"""What scans together say does not depend on the order or the number of times in which they are heard."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunju.modes.ship.flow import SHIP
from yunju.modes.ship.fold import Heard, Said, event_for, fold
from yunju.modes.ship.words import KUAIDI100, SUPPLIER_MAY_SAY, WORDS

START = datetime(2026, 3, 1, tzinfo=UTC)
scans = st.lists(
    st.builds(
        Heard,
        st.integers(0, 30).map(lambda hours: START + timedelta(hours=hours)),
        st.sampled_from(sorted(WORDS)),
    ),
    max_size=12,
)


def said(*codes: str) -> str:
    return fold([Heard(START + timedelta(hours=hour), code) for hour, code in enumerate(codes)]).state


@given(scans, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(heard, random):
    shuffled = [*heard, *heard]
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(heard)


@given(scans)
def test_hearing_it_all_again_moves_nothing(heard):
    once = fold(heard)
    assert event_for(once, fold([*heard, *heard]), once.state) == ""


@given(scans, scans)
def test_two_batches_end_where_one_would(first, second):
    """The second batch moves an order exactly when the whole story says something else than the first half."""
    half, whole = fold(first), fold([*first, *second])
    moved = event_for(half, whole, half.state) or half.state
    assert moved == whole.state


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ((), ""),
        (("pending", "info_received"), ""),
        (("in_transit.collected", "in_transit", "exception.delayed"), "in_transit"),
        (("in_transit", "out_for_delivery", "attempt_failed", "available_for_pickup"), "at_pickup"),
        (("out_for_delivery", "delivered.signed", "in_transit"), "delivered"),
        (("delivered.signed", "returning"), "returning"),
        (("out_for_delivery", "exception.refused"), "returning"),
        (("returning", "returned", "in_transit"), "returned"),
        (("in_transit", "exception.lost"), "lost"),
        (("exception.lost", "delivered"), "delivered"),
    ],
)
def test_stories(codes, state):
    assert said(*codes) == state


def test_of_one_instant_the_later_word_of_a_parcels_life_counts():
    assert fold([Heard(START, "delivered"), Heard(START, "in_transit")]).state == "delivered"


def test_silence_counts_from_the_last_scan_only_where_silence_means_lost():
    first, second = Heard(START, "in_transit"), Heard(START + timedelta(hours=1), "in_transit.forwarded")
    assert event_for(fold([first]), fold([first, second]), "in_transit") == "in_transit"
    done, again = Heard(START, "delivered"), Heard(START + timedelta(hours=1), "delivered.signed")
    assert event_for(fold([done]), fold([done, again]), "delivered") == ""


def test_an_old_scan_heard_late_moves_nothing():
    old, new = Heard(START, "in_transit"), Heard(START + timedelta(hours=5), "available_for_pickup")
    assert event_for(fold([new]), fold([old, new]), "returning") == ""


def test_the_carriers_word_counts_even_where_the_supplier_said_so_before():
    assert event_for(Said(), fold([Heard(START, "delivered")]), "delivered") == "delivered"


def test_every_word_has_a_place_in_the_flow():
    states = {word.state for word in WORDS.values()} - {""}
    assert states <= set(SHIP.states)
    assert {f"scan_{state}" for state in states} <= set(SHIP.states["packed"].moves)
    assert {f"say_{state}" for state in SUPPLIER_MAY_SAY} <= set(SHIP.states["packed"].moves)
    assert set(KUAIDI100.values()) <= set(WORDS)
    assert all(word.label.zh and word.label.en for word in WORDS.values())
