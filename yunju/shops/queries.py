"""What shops show and what orders ask about them. Constant numbers of statements."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet

from yunju.kernel.actor import Actor
from yunju.shops.models import Listing, Shop


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
    rows = Shop.objects.filter(cluster_id=cluster_id, id__in=set(shop_ids)).annotate(
        user_ids=ArrayAgg(
            "member__roles__user_id",
            filter=Q(member__roles__ended_at__isnull=True),
            default=[],
            distinct=True,
        )
    )
    return {
        row["id"]: ShopTerms(
            shop_id=row["id"],
            member_id=row["member_id"],
            name=row["name"],
            user_ids=frozenset(user for user in row["user_ids"] if user is not None),
            is_open=row["closed_at"] is None and row["member__closed_at"] is None,
        )
        for row in rows.values("id", "member_id", "name", "closed_at", "member__closed_at", "user_ids")
    }


def lists(cluster_id: int, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the pairs (shop id, offer id) that are picks of open shops now, in one statement."""
    if not pairs:
        return set()
    found = live_listings(cluster_id).filter(
        shop_id__in={shop for shop, _ in pairs}, offer_id__in={offer for _, offer in pairs}
    )
    return set(found.values_list("shop_id", "offer_id")) & set(pairs)


def live_listings(cluster_id: int) -> QuerySet[Listing]:
    """Picks that are not dropped, of shops that are open. Whether the offer is on the shelf is the caller's join."""
    return Listing.objects.filter(
        cluster_id=cluster_id,
        ended_at__isnull=True,
        shop__closed_at__isnull=True,
        shop__member__closed_at__isnull=True,
    )


def visible_to(actor: Actor) -> QuerySet[Shop]:
    """Open shops of the cluster are everybody's to see; closed ones their people's alone."""
    shops = Shop.objects.filter(cluster_id=actor.cluster_id)
    if actor.kind == "system":
        return shops
    return shops.filter(
        Q(closed_at__isnull=True, member__closed_at__isnull=True) | Q(member_id__in=list(actor.grants))
    )
