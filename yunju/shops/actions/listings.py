"""Picks: into the shop, out of it and back, in which order, under which title."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from yunju.catalog.models import Picture
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.members.wording import refuse_forbidden
from yunju.shops import texts
from yunju.shops.actions.steps import lock_listing, lock_own, note
from yunju.shops.models import Listing, Shop

MOST_LISTINGS = 3_000
"""Picks of one shop: more cannot be looked through, and would make its order slow to change."""


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What a shop says of its own about a pick; None leaves it, an empty title or picture 0 takes the offer's again."""

    title: str | None = None
    picture_id: int | None = None
    position: int | None = None


def pick(*, shop_id: int, offer_id: int, by: Actor) -> Listing:
    """Put one offer of the shelf into the shop; picking twice is once."""
    pick_many(shop_id=shop_id, offer_ids=[offer_id], by=by)
    return Listing.objects.get(shop_id=shop_id, offer_id=offer_id, ended_at__isnull=True)


def pick_many(*, shop_id: int, offer_ids: Sequence[int], by: Actor) -> int:
    """Put many offers into the shop, in the order given, after those it has; all or none. Returns how many are new."""
    wanted = list(dict.fromkeys(offer_ids))
    if len(wanted) > MOST_LISTINGS:
        raise Invalid("shops.too_many_picks", field="offers", most=MOST_LISTINGS)
    with transaction_with_timeout(ALONE_MS):
        shop = lock_own(shop_id, by)
        live = _live(shop)
        present = set(live.values_list("offer_id", flat=True))
        fresh = [offer for offer in wanted if offer not in present]
        if len(_on_shelf(shop.cluster_id, fresh)) < len(fresh):
            raise NotFound("shops.no_offer", field="offers")
        if len(present) + len(fresh) > MOST_LISTINGS:
            raise Refused("shops.shop_full", most=MOST_LISTINGS)
        if fresh:
            last = live.aggregate(last=Max("position"))["last"]
            _insert(shop, fresh, first=0 if last is None else last + 1, at=clock.now())
            note(shop, "picked", by, offers=fresh)
    return len(fresh)


def insert_picks(shop: Shop, offer_ids: Sequence[int], by: Actor) -> None:
    """The first picks of a new shop, inside the transaction that opens it: those of them that are on the shelf."""
    kept = _on_shelf(shop.cluster_id, list(dict.fromkeys(offer_ids))[:MOST_LISTINGS])
    if kept:
        _insert(shop, kept, first=0, at=clock.now())
        note(shop, "picked", by, offers=kept)


def drop(*, listing_id: int, by: Actor) -> None:
    """Take a pick out of the shop; dropping twice is once."""
    with transaction_with_timeout(ALONE_MS):
        listing = lock_listing(listing_id, by)
        if listing.ended_at is None:
            listing.ended_at = clock.now()
            listing.save(update_fields=["ended_at"])
            note(listing.shop, "dropped", by, offers=[listing.offer_id])


def restore(*, listing_id: int, by: Actor) -> Listing:
    """Put a dropped pick back where it stood, with its own title and picture; what is in the shop already stays so."""
    with transaction_with_timeout(ALONE_MS):
        listing = lock_listing(listing_id, by)
        present = _live(listing.shop).filter(offer_id=listing.offer_id).first()
        if present is not None:
            return present
        if not _on_shelf(listing.cluster_id, [listing.offer_id]):
            raise NotFound("shops.no_offer")
        if _live(listing.shop).count() >= MOST_LISTINGS:
            raise Refused("shops.shop_full", most=MOST_LISTINGS)
        listing.ended_at = None
        listing.save(update_fields=["ended_at"])
        note(listing.shop, "put_back", by, offers=[listing.offer_id])
    return listing


def edit_listing(*, listing_id: int, change: ListingChange, by: Actor) -> Listing:
    """Own title, own choice among the offer's pictures, own position. Price and stock are never the shop's."""
    title = change.title
    if title is not None:
        title = texts.line(title, field="title", most=texts.TITLE_LENGTH, least=0)
        refuse_forbidden(cluster_id=by.cluster_id, texts={"title": title})
    if change.position is not None and not 0 <= change.position < MOST_LISTINGS:
        raise Invalid("shops.position_range", field="position", most=MOST_LISTINGS - 1)
    with transaction_with_timeout(ALONE_MS):
        listing = lock_listing(listing_id, by)
        if listing.ended_at is not None:
            raise NotFound("shops.no_listing")
        wanted = {"title": title, "position": change.position}
        fields: dict[str, str | int | None] = {
            name: value for name, value in wanted.items() if value is not None
        }
        if change.picture_id is not None:
            fields["picture_id"] = _picture_of(listing.offer_id, change.picture_id)
        changed = [name for name, value in fields.items() if value != getattr(listing, name)]
        if changed:
            for name in changed:
                setattr(listing, name, fields[name])
            listing.save(update_fields=changed)
            note(listing.shop, "listing_edited", by, listing=listing.pk, fields=changed)
    return listing


def raise_listing(*, listing_id: int, step: str, by: Actor) -> None:
    """Move a pick one place `up` or `down`, or to the `top`; at the end of the row nothing happens."""
    steps: dict[str, Callable[[int], int]] = {
        "up": lambda at: at - 1,
        "down": lambda at: at + 1,
        "top": lambda _: 0,
    }
    if step not in steps:
        raise Invalid("shops.step_unknown", field="step")
    _move(listing_id, steps[step], by)


def place_listing(*, listing_id: int, place: int, by: Actor) -> None:
    """Move a pick to a place, counted from 1; beyond the end is the last place."""
    _move(listing_id, lambda _: place - 1, by)


def _move(listing_id: int, where: Callable[[int], int], by: Actor) -> None:
    """`where` says the new index, given the present one; it is kept inside the row."""
    with transaction_with_timeout(ALONE_MS):
        listing = lock_listing(listing_id, by)
        order = list(_live(listing.shop).order_by("position", "id").values_list("pk", flat=True))
        if listing_id not in order:
            raise NotFound("shops.no_listing")
        at = order.index(listing_id)
        to = min(max(where(at), 0), len(order) - 1)
        order.insert(to, order.pop(at))
        _put_in_order(listing.shop, order, by)


def reorder(*, shop_id: int, listing_ids: Sequence[int], by: Actor) -> None:
    """The picks named come first, in that order; the others follow as they stood."""
    if len(set(listing_ids)) != len(listing_ids):
        raise Invalid("shops.listing_twice", field="listings")
    with transaction_with_timeout(ALONE_MS):
        shop = lock_own(shop_id, by)
        every = list(_live(shop).order_by("position", "id").values_list("pk", flat=True))
        if not set(every) >= set(listing_ids):
            raise NotFound("shops.no_listing")
        named = set(listing_ids)
        _put_in_order(shop, [*listing_ids, *(pk for pk in every if pk not in named)], by)


def _put_in_order(shop: Shop, order: Sequence[int], by: Actor) -> None:
    rows = {listing.pk: listing for listing in _live(shop)}
    moved = [rows[pk] for place, pk in enumerate(order) if rows[pk].position != place]
    for place, pk in enumerate(order):
        rows[pk].position = place
    if moved:
        Listing.objects.bulk_update(moved, ["position"], batch_size=500)
        note(shop, "reordered", by, listings=len(moved))


def _live(shop: Shop) -> QuerySet[Listing]:
    return Listing.objects.filter(shop=shop, ended_at__isnull=True)


def _on_shelf(cluster_id: int, offer_ids: Sequence[int]) -> list[int]:
    """Those of the offers that anybody may see and buy, in the order given."""
    there = set(on_shelf(cluster_id).filter(pk__in=offer_ids).values_list("pk", flat=True))
    return [offer for offer in offer_ids if offer in there]


def _insert(shop: Shop, offer_ids: Sequence[int], *, first: int, at: datetime) -> None:
    Listing.objects.bulk_create(
        Listing(cluster_id=shop.cluster_id, shop=shop, offer_id=offer, position=first + n, picked_at=at)
        for n, offer in enumerate(offer_ids)
    )


def _picture_of(offer_id: int, picture_id: int) -> int | None:
    if picture_id == 0:
        return None
    if not Picture.objects.filter(pk=picture_id, offer_id=offer_id).exists():
        raise NotFound("shops.no_picture", field="picture")
    return picture_id
