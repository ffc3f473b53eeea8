"""What actions of this room share: who asks, the locks, the checks under them, the event row."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, SignInNeeded, YunjuError
from yunju.shops import policy
from yunju.shops.models import Listing, Shop, ShopEvent


def person(by: Actor) -> int:
    """The id of the signed-in person, or the refusal."""
    if by.kind != "user" or by.user_id is None:
        raise SignInNeeded("shops.sign_in")
    return by.user_id


def allow(refusal: YunjuError | None) -> None:
    if refusal is not None:
        raise refusal


def lock(shop_id: int, by: Actor) -> Shop:
    shop = Shop.objects.select_for_update(of=("self",)).filter(pk=shop_id, cluster_id=by.cluster_id).first()
    if shop is None:
        raise NotFound("shops.no_shop")
    return shop


def lock_own(shop_id: int, by: Actor) -> Shop:
    """An open shop, for somebody who keeps it."""
    shop = lock(shop_id, by)
    allow(policy.may_edit(by, shop.member_id))
    must_be_open(shop)
    return shop


def must_be_open(shop: Shop) -> None:
    if shop.closed_at is not None:
        raise Refused("shops.shop_closed")


def lock_listing(listing_id: int, by: Actor) -> Listing:
    """The shop's row first, as everywhere, then the pick as it stands under that lock."""
    shop_id = (
        Listing.objects.filter(pk=listing_id, cluster_id=by.cluster_id)
        .values_list("shop_id", flat=True)
        .first()
    )
    if shop_id is None:
        raise NotFound("shops.no_listing")
    shop = lock_own(shop_id, by)
    listing = Listing.objects.get(pk=listing_id)
    listing.shop = shop
    return listing


def note(shop: Shop, what: str, by: Actor, **params: object) -> None:
    ShopEvent.objects.create(
        cluster_id=shop.cluster_id,
        shop_id=shop.pk,
        what=what,
        params=params,
        by_user_id=by.user_id,
        by_name=by.name,
        at=clock.now(),
    )
