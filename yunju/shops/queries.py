"""What shops show and what orders ask about them. Constant numbers of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from yunju.catalog.models import Picture, Stock, Variant
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.binding import KeptText
from yunju.kernel.errors import NotFound
from yunju.kernel.prepared import prepared
from yunju.members.models import Capacity, Cluster
from yunju.members.words import CapacityKind, Permission
from yunju.shops.attribution import Attribution, cookie_seconds, newest, read_token
from yunju.shops.models import CarriedAttribution, Listing, ShareCode, Shop, ShopEvent

ADMITTED_KINDS = (CapacityKind.SUPPLIER, CapacityKind.MAKER, CapacityKind.VENUE)
"""What the operator admits, of what one can ask for oneself."""


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """What an order needs to know of the shop that sold. `user_ids` are the people who act for its member today."""

    shop_id: int
    member_id: int
    name: str
    user_ids: frozenset[int]
    is_open: bool


def terms(cluster_id: int, shop_ids: Collection[int]) -> dict[int, ShopTerms]:
    """The shops of this cluster among `shop_ids`, open or closed, in one statement. Unknown and foreign ids are left out."""
    if not shop_ids:
        return {}
    return sql.answer(terms_asked(cluster_id, shop_ids))


def terms_asked(cluster_id: int, shop_ids: Collection[int]) -> sql.Asked[dict[int, ShopTerms]]:
    """The same, to be asked with other things."""
    return _terms.asked(_read_terms, cluster_id=cluster_id, shop_ids=set(shop_ids))


def _read_terms(rows: list[tuple[Any, ...]]) -> dict[int, ShopTerms]:
    return {
        shop_id: ShopTerms(
            shop_id=shop_id,
            member_id=member_id,
            name=name,
            user_ids=frozenset(user for user in user_ids if user is not None),
            is_open=closed_at is None and member_closed_at is None,
        )
        for shop_id, member_id, name, closed_at, member_closed_at, user_ids in rows
    }


@prepared(cluster_id=int, shop_ids=list)
def _terms(cluster_id: int, shop_ids: Collection[int]) -> QuerySet[Shop, Any]:
    people = ArrayAgg(
        "member__roles__user_id",
        filter=Q(member__roles__ended_at__isnull=True),
        default=[],
        distinct=True,
    )
    rows = Shop.objects.filter(cluster_id=cluster_id, id__among=shop_ids).annotate(user_ids=people)
    return rows.values_list("id", "member_id", "name", "closed_at", "member__closed_at", "user_ids")


def lists(cluster_id: int, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the pairs (shop id, offer id) that are picks of open shops now, in one statement."""
    if not pairs:
        return set()
    return sql.answer(lists_asked(cluster_id, pairs))


def lists_asked(cluster_id: int, pairs: Collection[tuple[int, int]]) -> sql.Asked[set[tuple[int, int]]]:
    """The same, to be asked with other things."""
    asked = list(pairs)
    return sql.Asked(
        KeptText(
            "SELECT w.shop, w.offer FROM unnest(%s::bigint[], %s::bigint[]) AS w(shop, offer)"
            " CROSS JOIN LATERAL (SELECT l.shop_id FROM shops_listing l WHERE l.shop_id = w.shop AND l.offer_id = w.offer"
            "  AND l.cluster_id = %s AND l.ended_at IS NULL LIMIT 1) AS l"
            " CROSS JOIN LATERAL (SELECT FROM shops_shop s JOIN members_member m ON m.id = s.member_id"
            "  WHERE s.id = l.shop_id AND s.closed_at IS NULL AND m.closed_at IS NULL LIMIT 1) AS is_open"
        ),
        [[shop for shop, _ in asked], [offer for _, offer in asked], cluster_id],
        lambda rows: {(shop, offer) for shop, offer in rows},
    )


def live_listings(cluster_id: int) -> QuerySet[Listing]:
    """Picks that are not dropped, of shops that are open. Whether the offer is on the shelf is the caller's join."""
    return Listing.objects.filter(
        cluster_id=cluster_id,
        ended_at__isnull=True,
        shop__closed_at__isnull=True,
        shop__member__closed_at__isnull=True,
    )


def on_show(shop: Shop) -> QuerySet[Listing]:
    """The picks of a shop that are on the shelf, in its order, with all that a card shows."""
    return _whole(_on_show(shop.cluster_id, shop.pk)).order_by("position", "id")


def ids_on_show(shop: Shop) -> list[int]:
    """The same by their ids: what the pages of a shop are cut from."""
    return _ids_on_show.rows(cluster_id=shop.cluster_id, shop_id=shop.pk)


def shown(ids: Sequence[int]) -> list[Listing]:
    """Picks in the order of their ids, with all that a card shows."""
    found = {one.pk: one for one in _shown.rows(ids=ids)}
    return [found[pk] for pk in ids if pk in found]


def _on_show(cluster_id: int, shop_id: int) -> QuerySet[Listing]:
    sold = on_shelf(cluster_id).filter(pk=OuterRef("offer_id"))
    return live_listings(cluster_id).filter(Exists(sold), shop_id=shop_id)


def _whole(listings: QuerySet[Listing]) -> QuerySet[Listing]:
    whole = listings.select_related("offer__supplier", "offer__shelf_entry", "picture")
    return whole.defer("offer__body_html", "offer__shelf_entry__words")


@prepared(cluster_id=int, shop_id=int)
def _ids_on_show(cluster_id: int, shop_id: int) -> QuerySet[Listing, Any]:
    return _on_show(cluster_id, shop_id).order_by("position", "id").values_list("pk", flat=True)


@prepared(ids=list)
def _shown(ids: Collection[int]) -> QuerySet[Listing]:
    return _whole(Listing.objects.filter(id__among=ids))


def visible_to(actor: Actor) -> QuerySet[Shop]:
    """Open shops of the cluster are everybody's to see; closed ones their people's alone."""
    shops = Shop.objects.filter(cluster_id=actor.cluster_id)
    if actor.kind == "system":
        return shops
    return shops.filter(
        Q(closed_at__isnull=True, member__closed_at__isnull=True) | Q(member_id__in=list(actor.grants))
    )


def shop_visible_to(actor: Actor, code: str) -> Shop:
    """One shop by its public code."""
    shop = visible_to(actor).select_related("member").filter(code=code).first()
    if shop is None:
        raise NotFound("shops.no_shop")
    return shop


def own_shops(actor: Actor) -> QuerySet[Shop]:
    """The open shops this person keeps."""
    keeps = actor.members_with(Permission.SHOP_EDIT)
    return visible_to(actor).filter(member_id__in=keeps, closed_at__isnull=True).order_by("id")


def share_codes_visible_to(actor: Actor) -> QuerySet[ShareCode]:
    """Share codes of the shops one keeps; with MEMBER_EDIT those of all its people, else one's own."""
    here = ShareCode.objects.filter(shop__cluster_id=actor.cluster_id).select_related("user", "shop")
    managed = Q(shop__member_id__in=actor.members_with(Permission.MEMBER_EDIT))
    kept = Q(shop__member_id__in=actor.members_with(Permission.SHOP_EDIT), user_id=actor.user_id)
    return here.filter(managed | kept)


def events_visible_to(actor: Actor) -> QuerySet[ShopEvent]:
    """What happened to the shops one keeps."""
    kept = Shop.objects.filter(
        cluster_id=actor.cluster_id, member_id__in=actor.members_with(Permission.SHOP_EDIT)
    )
    return ShopEvent.objects.filter(cluster_id=actor.cluster_id, shop_id__in=kept.values("id")).order_by(
        "-id"
    )


@dataclass(frozen=True, slots=True)
class ListedOffer:
    """One pick as a visitor of the shop sees it. Price and stock are the offer's, read now."""

    listing_id: int
    position: int
    offer_id: int
    offer_code: str
    title: str
    supplier_name: str
    picture: str
    picture_alt: str
    price_minor: int
    price_to_minor: int
    remaining: int


def shop_page(shop: Shop, *, after: tuple[int, int] | None = None, limit: int = 60) -> list[ListedOffer]:
    """The live picks of a shop in its own order, in one statement. `after` is (position, listing id) of the last seen.

    A withdrawn offer is gone at once: visibility is this join, and no shop's row is touched.
    """
    found = live_listings(shop.cluster_id).filter(shop=shop, offer__in=on_shelf(shop.cluster_id))
    if after is not None:
        found = found.filter(Q(position__gt=after[0]) | Q(position=after[0], id__gt=after[1]))
    annotations = _price_and_stock()
    own = ("id", "position", "title", "picture__file", "picture__alt")
    of_offer = ("offer_id", "offer__code", "offer__title", "offer__supplier__name")
    buyable = Exists(Variant.objects.filter(offer_id=OuterRef("offer_id"), closed_at__isnull=True))
    rows = (
        found.filter(buyable)
        .order_by("position", "id")
        .annotate(**annotations)
        .values(*own, *of_offer, *annotations)
    )
    return [
        ListedOffer(
            listing_id=row["id"],
            position=row["position"],
            offer_id=row["offer_id"],
            offer_code=row["offer__code"],
            title=row["title"] or row["offer__title"],
            supplier_name=row["offer__supplier__name"],
            picture=row["picture__file"] or row["first_file"] or "",
            picture_alt=(row["picture__alt"] if row["picture__file"] else row["first_alt"]) or "",
            price_minor=row["price_minor"],
            price_to_minor=row["price_to_minor"],
            remaining=row["remaining"],
        )
        for row in rows[:limit]
    ]


def _price_and_stock() -> dict[str, Any]:
    """Sub-selects per pick: the price of the open variants, what is left of them, the offer's first picture."""
    open_variants = Variant.objects.filter(offer_id=OuterRef("offer_id"), closed_at__isnull=True)
    in_stock = Stock.objects.filter(
        variant__offer_id=OuterRef("offer_id"), variant__closed_at__isnull=True, place__closed_at__isnull=True
    )
    pictures = (
        Picture.objects.filter(offer_id=OuterRef("offer_id")).exclude(file="").order_by("position", "id")
    )
    total = in_stock.order_by().values("variant__offer_id").annotate(total=Sum("remaining")).values("total")
    return {
        "price_minor": Subquery(open_variants.order_by("price_minor").values("price_minor")[:1]),
        "price_to_minor": Subquery(open_variants.order_by("-price_minor").values("price_minor")[:1]),
        "remaining": Coalesce(Subquery(total, output_field=BigIntegerField()), 0),
        "first_file": Subquery(pictures.values("file")[:1]),
        "first_alt": Subquery(pictures.values("alt")[:1]),
    }


def attribution_of(actor: Actor, *, address: str = "", cookie: str = "") -> Attribution | None:
    """Which shop brought this buyer, of what the address, the cookie and the account say: the newest that still counts.

    A token of another cluster's or a closed shop counts for nobody.
    """
    days = Cluster.objects.values_list("attribution_days", flat=True).get(pk=actor.cluster_id)
    now = clock.now()
    tokens = [read_token(address, now, days)]
    if cookie_seconds(days):
        tokens += [read_token(cookie, now, days), carried(actor)]
    present = [one for one in tokens if one is not None]
    open_ones = terms(actor.cluster_id, [one.shop_id for one in present])
    return newest(one for one in present if one.shop_id in open_ones and open_ones[one.shop_id].is_open)


def attributions_of(cluster: Cluster, asked: Sequence[tuple[int, str]]) -> list[Attribution | None]:
    """The same for many at once, each a signed-in buyer and a token (or ""). One wait, or two where a shop is kept with a
    buyer that no token names."""
    now, days = clock.now(), cluster.attribution_days
    told = [read_token(token, now, days) for _, token in asked]
    named = {one.shop_id for one in told if one is not None}
    kept, shops = sql.answers(
        _kept_asked(cluster, {user_id for user_id, _ in asked}, now), terms_asked(cluster.pk, named)
    )
    others = {one.shop_id for one in kept.values()} - named
    shops |= terms(cluster.pk, others)
    is_open = {shop_id for shop_id, found in shops.items() if found.is_open}
    pairs = [(token, kept.get(user_id)) for token, (user_id, _) in zip(told, asked, strict=True)]
    return [newest(one for one in pair if one is not None and one.shop_id in is_open) for pair in pairs]


def _kept_asked(
    cluster: Cluster, user_ids: Collection[int], now: datetime
) -> sql.Asked[dict[int, Attribution]]:
    """What is kept with these buyers and still counts; nothing where the cluster keeps nothing."""
    asked = sorted(user_ids) if cookie_seconds(cluster.attribution_days) else []
    return sql.Asked(
        KeptText(
            "SELECT user_id, shop_id, source, share_code, at FROM shops_carriedattribution"
            " WHERE cluster_id = %s AND user_id = ANY(%s::bigint[]) AND at >= %s"
        ),
        [cluster.pk, asked, now - timedelta(days=cluster.attribution_days)],
        lambda rows: {row[0]: Attribution(*row[1:]) for row in rows},
    )


def carried(actor: Actor) -> Attribution | None:
    """What is kept with a signed-in buyer and still counts."""
    if actor.user_id is None:
        return None
    days = Cluster.objects.filter(pk=OuterRef("cluster_id")).values("attribution_days")
    row = (
        CarriedAttribution.objects.filter(cluster_id=actor.cluster_id, user_id=actor.user_id)
        .annotate(days=Subquery(days))
        .first()
    )
    if row is None or clock.now() - row.at > timedelta(days=row.days):
        return None
    return Attribution(row.shop_id, row.source, row.share_code, row.at)


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands between a person and a capacity. `code` is shops.missing_member, _asked or _admitted."""

    capacity: str
    code: str
    member_id: int | None


def what_is_missing(actor: Actor) -> list[Missing]:
    """For selling, making and hosting, which the operator admits: what is still to be done, member by member.

    missing_member: the person is no member yet. missing_asked: nobody asked for it. missing_admitted: asked, waiting
    for the operator. A capacity that is admitted is not in the list. Opening a shop never is.
    """
    members = sorted(actor.grants)
    if not members:
        return [Missing(kind, "shops.missing_member", None) for kind in ADMITTED_KINDS]
    asked = Capacity.objects.filter(
        member_id__in=members,
        member__cluster_id=actor.cluster_id,
        kind__in=ADMITTED_KINDS,
        ended_at__isnull=True,
    )
    admitted = {
        (member, kind): at is not None
        for member, kind, at in asked.values_list("member_id", "kind", "admitted_at")
    }
    return [
        Missing(
            kind, "shops.missing_admitted" if (member, kind) in admitted else "shops.missing_asked", member
        )
        for member in members
        for kind in ADMITTED_KINDS
        if not admitted.get((member, kind), False)
    ]
