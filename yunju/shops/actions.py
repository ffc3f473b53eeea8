"""Changing shops. Each function is one transaction: policy, lock, change, event row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from yunju.catalog.models import Picture
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, SignInNeeded, YunjuError
from yunju.kernel.ids import public_code
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout
from yunju.members import inputs
from yunju.members import queries as members
from yunju.members.actions import MemberDraft, open_member
from yunju.members.actions.capacities import ask
from yunju.members.actions.steps import lock_cluster, lock_member
from yunju.members.models import Cluster, Member, Role
from yunju.members.words import CapacityKind, RoleKind
from yunju.shops import policy, queries, texts
from yunju.shops.attribution import SHARE_CODE_LENGTH, Attribution, cookie_seconds
from yunju.shops.models import CarriedAttribution, Listing, ShareCode, Shop, ShopEvent

MOST_LISTINGS = 3_000
"""Picks of one shop: more cannot be looked through, and would make its order slow to change."""


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What a shop says of its own about a pick; None leaves it, an empty title or picture 0 takes the offer's again."""

    title: str | None = None
    picture_id: int | None = None
    position: int | None = None


def open_shop(*, name: str, phone: str, intro: str = "", by: Actor, member_id: int | None = None) -> Shop:
    """Open a shop at once, with nobody's approval: for the person who asks, or in the name of a firm they manage.

    Who has no membership here becomes one, a shopkeeper. One open shop per member: a second is refused with its code.
    """
    user_id = _person(by)
    with inputs.Faults() as check:
        name = check(texts.line, name, field="name", most=texts.NAME_LENGTH)
        intro = check(texts.paragraph, intro, field="intro", most=texts.INTRO_LENGTH)
        phone = check(inputs.phone, phone)
    if member_id is not None:
        _allow(policy.may_open_for(by, member_id))
    with transaction_with_timeout(ALONE_MS):
        # Two taps on the button make one person and one shop: the second waits here for the first.
        lock_cluster(by.cluster_id)
        member = _firm(member_id, by) if member_id is not None else _person_of(user_id, name, phone, by)
        present = Shop.objects.filter(member=member, closed_at__isnull=True).first()
        if present is not None:
            raise Refused("shops.already_open", shop=present.code)
        shop = Shop.objects.create(
            cluster_id=by.cluster_id, member=member, name=name, intro=intro, opened_at=clock.now()
        )
        _note(shop, "opened", by)
    return shop


def edit_shop(*, shop_id: int, name: str | None = None, intro: str | None = None, by: Actor) -> Shop:
    """Change what stands over the shop."""
    new_name = None if name is None else texts.line(name, field="name", most=texts.NAME_LENGTH)
    new_intro = None if intro is None else texts.paragraph(intro, field="intro", most=texts.INTRO_LENGTH)
    with transaction_with_timeout(ALONE_MS):
        shop = _lock_own(shop_id, by)
        wanted = {"name": new_name, "intro": new_intro}
        changed = [
            field for field, value in wanted.items() if value is not None and value != getattr(shop, field)
        ]
        if changed:
            for field in changed:
                setattr(shop, field, wanted[field])
            shop.save(update_fields=changed)
            _note(shop, "edited", by, fields=changed)
    return shop


def close_shop(*, shop_id: int, by: Actor) -> Shop:
    """Close for good. Picks stay as they were; what was ordered through the shop stays its income."""
    with transaction_with_timeout(ALONE_MS):
        shop = _lock(shop_id, by)
        _allow(policy.may_close(by, shop.member_id))
        if shop.closed_at is None:
            shop.closed_at = clock.now()
            shop.save(update_fields=["closed_at"])
            _note(shop, "closed", by)
    return shop


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
        shop = _lock_own(shop_id, by)
        live = Listing.objects.filter(shop=shop, ended_at__isnull=True)
        present = set(live.values_list("offer_id", flat=True))
        fresh = [offer for offer in wanted if offer not in present]
        _must_be_on_shelf(shop.cluster_id, fresh)
        if len(present) + len(fresh) > MOST_LISTINGS:
            raise Refused("shops.shop_full", most=MOST_LISTINGS)
        if fresh:
            last = live.aggregate(last=Max("position"))["last"]
            _insert(shop, fresh, first=0 if last is None else last + 1, at=clock.now())
            _note(shop, "picked", by, offers=fresh)
    return len(fresh)


def drop(*, listing_id: int, by: Actor) -> None:
    """Take a pick out of the shop; dropping twice is once."""
    with transaction_with_timeout(ALONE_MS):
        listing = _lock_listing(listing_id, by)
        if listing.ended_at is None:
            listing.ended_at = clock.now()
            listing.save(update_fields=["ended_at"])
            _note(listing.shop, "dropped", by, offers=[listing.offer_id])


def edit_listing(*, listing_id: int, change: ListingChange, by: Actor) -> Listing:
    """Own title, own choice among the offer's pictures, own position. Price and stock are never the shop's."""
    title = change.title
    if title is not None:
        title = texts.line(title, field="title", most=texts.TITLE_LENGTH, least=0)
    if change.position is not None and not 0 <= change.position < MOST_LISTINGS:
        raise Invalid("shops.position_range", field="position", most=MOST_LISTINGS - 1)
    with transaction_with_timeout(ALONE_MS):
        listing = _lock_listing(listing_id, by)
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
            _note(listing.shop, "listing_edited", by, listing=listing.pk, fields=changed)
    return listing


def reorder(*, shop_id: int, listing_ids: Sequence[int], by: Actor) -> None:
    """The picks named come first, in that order; the others follow as they stood."""
    if len(set(listing_ids)) != len(listing_ids):
        raise Invalid("shops.listing_twice", field="listings")
    with transaction_with_timeout(ALONE_MS):
        shop = _lock_own(shop_id, by)
        live = Listing.objects.filter(shop=shop, ended_at__isnull=True).order_by("position", "id")
        rows = {listing.pk: listing for listing in live}
        if not rows.keys() >= set(listing_ids):
            raise NotFound("shops.no_listing")
        named = set(listing_ids)
        order = [*listing_ids, *(pk for pk in rows if pk not in named)]
        moved = [rows[pk] for place, pk in enumerate(order) if rows[pk].position != place]
        for place, pk in enumerate(order):
            rows[pk].position = place
        if moved:
            Listing.objects.bulk_update(moved, ["position"], batch_size=500)
            _note(shop, "reordered", by, listings=len(moved))


def make_share_code(*, shop_id: int, user_id: int, by: Actor) -> ShareCode:
    """A code for one person of the shop's firm, for its statistics; the one that person has, if any."""
    with transaction_with_timeout(ALONE_MS):
        shop = _lock(shop_id, by)
        _allow(policy.may_share_for(by, shop.member_id, user_id))
        _must_be_open(shop)
        if not Role.objects.filter(user_id=user_id, member_id=shop.member_id, ended_at__isnull=True).exists():
            raise Invalid("shops.not_staff", field="user")
        present = ShareCode.objects.filter(shop=shop, user_id=user_id, ended_at__isnull=True).first()
        if present is not None:
            return present
        made = ShareCode.objects.create(
            shop=shop, user_id=user_id, code=public_code(SHARE_CODE_LENGTH), made_at=clock.now()
        )
        _note(shop, "share_code_made", by, code=made.code, user=user_id)
    return made


def end_share_code(*, code: str, by: Actor) -> None:
    """The code is counted for nobody any more; its links go on bringing buyers to the shop."""
    with transaction_with_timeout(ALONE_MS):
        shop_id = ShareCode.objects.filter(code=code).values_list("shop_id", flat=True).first()
        if shop_id is None:
            raise NotFound("shops.no_share_code")
        shop = _lock(shop_id, by)
        found = ShareCode.objects.get(code=code)
        _allow(policy.may_share_for(by, shop.member_id, found.user_id))
        if found.ended_at is None:
            found.ended_at = clock.now()
            found.save(update_fields=["ended_at"])
            _note(shop, "share_code_ended", by, code=code, user=found.user_id)


def remember(*, found: Attribution, by: Actor) -> bool:
    """Keep an attribution with a signed-in buyer when it is newer than the one kept. True when it is now the one kept.

    Nothing is kept for a shop of another cluster or a closed one, nor where the cluster's days are 0.
    """
    user_id = _person(by)
    cluster = Cluster.objects.get(pk=by.cluster_id)
    shop = queries.terms(by.cluster_id, [found.shop_id]).get(found.shop_id)
    if shop is None or not shop.is_open or not cookie_seconds(cluster.attribution_days):
        return False
    values = {
        "shop_id": found.shop_id,
        "source": found.source,
        "share_code": found.share_code,
        "at": found.at,
    }
    with transaction_with_timeout(ALONE_MS):
        row, made = CarriedAttribution.objects.get_or_create(
            cluster_id=by.cluster_id, user_id=user_id, defaults=values
        )
        return made or bool(CarriedAttribution.objects.filter(pk=row.pk, at__lt=found.at).update(**values))


def forget_attribution(*, by: Actor) -> None:
    """The buyer does not want to be counted for a shop."""
    CarriedAttribution.objects.filter(cluster_id=by.cluster_id, user_id=_person(by)).delete()


def _person(by: Actor) -> int:
    """The id of the signed-in person, or the refusal."""
    if by.kind != "user" or by.user_id is None:
        raise SignInNeeded("shops.sign_in")
    return by.user_id


def _allow(refusal: YunjuError | None) -> None:
    if refusal is not None:
        raise refusal


def _person_of(user_id: int, name: str, phone: str, by: Actor) -> Member:
    """The membership this person has as a person, or a new one; a shopkeeper from now on."""
    owned = Role.objects.filter(user_id=user_id, kind=RoleKind.OWNER, ended_at__isnull=True)
    member = Member.objects.filter(
        cluster_id=by.cluster_id, kind="person", closed_at__isnull=True, pk__in=owned.values("member_id")
    )
    found = member.order_by("id").first()
    if found is None:
        draft = MemberDraft(name=name, phone=phone)
        return open_member(kind="person", draft=draft, capacity=CapacityKind.SHOPKEEPER, by=by)
    return _shopkeeper(lock_member(by.cluster_id, found.pk), by)


def _firm(member_id: int, by: Actor) -> Member:
    return _shopkeeper(lock_member(by.cluster_id, member_id), by)


def _shopkeeper(member: Member, by: Actor) -> Member:
    if not members.has_capacity(member.pk, CapacityKind.SHOPKEEPER):
        ask(member.pk, CapacityKind.SHOPKEEPER, by)
    return member


def _lock(shop_id: int, by: Actor) -> Shop:
    shop = Shop.objects.select_for_update(of=("self",)).filter(pk=shop_id, cluster_id=by.cluster_id).first()
    if shop is None:
        raise NotFound("shops.no_shop")
    return shop


def _lock_own(shop_id: int, by: Actor) -> Shop:
    shop = _lock(shop_id, by)
    _allow(policy.may_edit(by, shop.member_id))
    _must_be_open(shop)
    return shop


def _must_be_open(shop: Shop) -> None:
    if shop.closed_at is not None:
        raise Refused("shops.shop_closed")


def _lock_listing(listing_id: int, by: Actor) -> Listing:
    """The shop's row first, as everywhere, then the pick as it stands under that lock."""
    shop_id = (
        Listing.objects.filter(pk=listing_id, cluster_id=by.cluster_id)
        .values_list("shop_id", flat=True)
        .first()
    )
    if shop_id is None:
        raise NotFound("shops.no_listing")
    shop = _lock_own(shop_id, by)
    listing = Listing.objects.get(pk=listing_id)
    listing.shop = shop
    return listing


def _must_be_on_shelf(cluster_id: int, offer_ids: Sequence[int]) -> None:
    there = set(on_shelf(cluster_id).filter(pk__in=offer_ids).values_list("pk", flat=True))
    missing = [offer for offer in offer_ids if offer not in there]
    if missing:
        raise NotFound("shops.no_offer", field="offers")


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


def _note(shop: Shop, what: str, by: Actor, **params: object) -> None:
    ShopEvent.objects.create(
        cluster_id=shop.cluster_id,
        shop_id=shop.pk,
        what=what,
        params=params,
        by_user_id=by.user_id,
        by_name=by.name,
        at=clock.now(),
    )
