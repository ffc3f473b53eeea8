"""Which shops sell me: shops that have picked own offers, what they sold in 30 days, what they earned with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.kernel import clock
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders.queries.sellers import Sold, sold_by_shop
from yunju.shops.models import Listing, Shop
from yunju.web.request import Request, acting_for

PAGE = 50
DAYS = 30


@dataclass(frozen=True, slots=True)
class Seller:
    """A shop that has picked something of the supplier, or sold it within the days."""

    shop: Shop
    offers: int
    since: datetime | None
    sold: Sold


def sellers_of(member: Member) -> list[Seller]:
    """The best first. Four queries for any number of shops."""
    live = Listing.objects.filter(
        cluster_id=member.cluster_id, offer__supplier=member, offer__closed_at=None, ended_at=None
    )
    picks = {
        row["shop_id"]: row
        for row in live.values("shop_id").annotate(number=Count("pk"), since=Min("picked_at"))
    }
    sold = sold_by_shop(member.cluster_id, member.pk, clock.now() - timedelta(days=DAYS))
    shops = Shop.objects.filter(cluster_id=member.cluster_id, pk__in=picks.keys() | sold.keys())
    found = [
        Seller(
            shop=shop,
            offers=picks[shop.pk]["number"] if shop.pk in picks else 0,
            since=picks[shop.pk]["since"] if shop.pk in picks else None,
            sold=sold.get(shop.pk, Sold()),
        )
        for shop in shops
    ]
    return sorted(found, key=lambda one: (-one.sold.goods_minor, -one.offers, one.shop.pk))


@require_GET
def sellers(request: Request, code: str) -> HttpResponse:
    """The table, and its sums."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    found = sellers_of(member)
    told = {
        "here": "work",
        "member": member,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "days": DAYS,
        "goods_minor": sum(one.sold.goods_minor for one in found),
        "commission_minor": sum(one.sold.commission_minor for one in found),
        "sees_money": request.actor.holds(Permission.MONEY_SEE, member.pk),
    }
    return render(request, "web/supplier/sellers.html", told)
