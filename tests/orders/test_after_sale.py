"""The reasons a form offers fit what can have happened, and are reasons that a claim may give."""

import pytest

from yunju.modes.ship.flow import SHIP
from yunju.orders.after_sale import FAULT_OF, UNSENT, reasons_that_fit

STATES = sorted(SHIP.states)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", ["refund", "return"])
def test_every_offered_reason_is_one_that_a_claim_may_give(kind: str, state: str):
    offered = reasons_that_fit(kind, state)
    assert set(offered) <= set(FAULT_OF)
    assert (len(offered), offered[-1]) == (len(set(offered)), "other")


def test_nobody_is_offered_what_cannot_have_happened():
    for state in UNSENT:
        assert not {"damaged", "wrong_item", "poor_quality"} & set(reasons_that_fit("refund", state))
    for state in STATES:
        assert "not_received" not in reasons_that_fit("return", state)
    assert "damaged" not in reasons_that_fit("refund", "in_transit")
    assert "not_received" in reasons_that_fit("refund", "delivered"), (
        "a courier may leave it with somebody else"
    )


def test_together_they_offer_every_reason():
    assert {
        one for state in STATES for kind in ("refund", "return") for one in reasons_that_fit(kind, state)
    } == set(FAULT_OF)
