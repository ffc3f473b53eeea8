"""Purchases that arrive in a process together are placed together, whichever page or program they come through."""

from yunju.kernel.gather import Gatherer
from yunju.orders.actions import intake
from yunju.orders.draft import Placed, PlaceRequest

purchases: Gatherer[PlaceRequest, intake.Answer] = Gatherer(intake.place, name="intake")
"""Of this process: a page and the API ask the same one."""


def place_with_others(request: PlaceRequest) -> Placed:
    """Place a purchase in the next batch and wait for its commit. Raises its refusal; Busy where too many wait."""
    answer = purchases.wait_for(request)
    if not isinstance(answer, Placed):
        raise answer
    return answer
