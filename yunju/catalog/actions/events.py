"""Writes what changed about an offer, in the transaction of the change. Codes and numbers, no personal data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from yunju.catalog.models import OfferEvent, Place, Variant
from yunju.kernel import clock
from yunju.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Change:
    """One event to be written: `what` happened to which offer (0: to something that has none)."""

    offer_id: int
    what: str
    params: dict[str, Any] = field(default_factory=dict)


def stock(variant: Variant, place: Place, *, what: str, change: int, left: int) -> Change:
    """A change of stock by the supplier's hand."""
    return Change(
        offer_id=variant.offer_id,
        what=what,
        params={"variant": variant.pk, "place": place.pk, "change": change, "left": left},
    )


def note(changes: Sequence[Change], by: Actor) -> None:
    """Write all changes in one statement."""
    at = clock.now()
    OfferEvent.objects.bulk_create(
        OfferEvent(
            cluster_id=by.cluster_id,
            offer_id=change.offer_id,
            what=change.what,
            params=change.params,
            by_user_id=by.user_id,
            by_name=by.name[:60],
            at=at,
        )
        for change in changes
    )
