"""Hearts on offers: of an account, or of a browser until somebody signs in there."""

from django.db import transaction

from yunju.catalog.models import Favourite
from yunju.catalog.queries import offer_by_code
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, SignInNeeded

MOST = 500
"""Hearts of one person: a list that nobody can look through helps nobody."""


def _owner(by: Actor) -> dict[str, object]:
    if by.user_id is not None:
        return {"user_id": by.user_id, "holder": ""}
    if by.holder:
        return {"user_id": None, "holder": by.holder}
    raise SignInNeeded("buyer.unknown")


def add(*, offer_code: str, by: Actor) -> None:
    """Put a heart on an offer that one may see; a second time changes nothing. Raises NotFound, Refused."""
    owner = _owner(by)
    offer = offer_by_code(by, offer_code)
    with transaction.atomic():
        mine = Favourite.objects.filter(cluster_id=by.cluster_id, **owner)
        if mine.count() >= MOST and not mine.filter(offer=offer).exists():
            raise Refused("favourite.too_many", most=MOST)
        Favourite.objects.bulk_create(
            [Favourite(cluster_id=by.cluster_id, offer=offer, added_at=clock.now(), **owner)],
            ignore_conflicts=True,
        )


def remove(*, offer_code: str, by: Actor) -> None:
    """Take the heart away again; where there is none, nothing happens."""
    mine = Favourite.objects.filter(cluster_id=by.cluster_id, **_owner(by))
    mine.filter(offer__code=offer_code).delete()


def take_over(*, holder: str, by: Actor) -> None:
    """Somebody signed in: the browser's hearts join the account's, up to as many as there may be."""
    if by.user_id is None or not holder:
        return
    with transaction.atomic():
        old = Favourite.objects.select_for_update().filter(
            cluster_id=by.cluster_id, user_id=None, holder=holder
        )
        mine = Favourite.objects.filter(cluster_id=by.cluster_id, user_id=by.user_id)
        room = max(MOST - mine.count(), 0)
        moving = list(old.order_by("-added_at", "-pk"))
        Favourite.objects.bulk_create(
            [
                Favourite(
                    cluster_id=one.cluster_id,
                    user_id=by.user_id,
                    offer_id=one.offer_id,
                    added_at=one.added_at,
                )
                for one in moving[:room]
            ],
            ignore_conflicts=True,
        )
        Favourite.objects.filter(pk__in=[one.pk for one in moving]).delete()
