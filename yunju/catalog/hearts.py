"""Reading hearts: whose offers they are on, newest first."""

from django.db.models import QuerySet

from yunju.catalog.models import Favourite, Offer
from yunju.kernel.actor import Actor


def visible_to(actor: Actor) -> QuerySet[Favourite]:
    """One's own: of the account, or of this browser. Nobody else's, not even for the operator."""
    mine = Favourite.objects.filter(cluster_id=actor.cluster_id)
    if actor.user_id is not None:
        return mine.filter(user_id=actor.user_id)
    return mine.filter(user_id=None, holder=actor.holder) if actor.holder else mine.none()


def has_heart(actor: Actor, offer: Offer) -> bool:
    return visible_to(actor).filter(offer=offer).exists()


def offers_of(actor: Actor) -> QuerySet[Offer]:
    """The offers with a heart, the newest heart first; also those that are no longer on the shelf."""
    mine = visible_to(actor)
    found = Offer.objects.filter(cluster_id=actor.cluster_id, closed_at=None, favourites__in=mine)
    return (
        found.select_related("supplier", "category")
        .defer("body_html")
        .order_by("-favourites__added_at", "-pk")
    )
