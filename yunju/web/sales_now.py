"""限时抢购 for buyers: all flash sales that run or come, and the few of them that the front page shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog import on_sale
from yunju.catalog.models import Offer, Sale, Stock, Variant
from yunju.kernel import clock
from yunju.web.cards import first_pictures, picture_address
from yunju.web.public import public_page
from yunju.web.request import Request

PAGE = 24
FEW = 10
"""Pieces at the sale price from which on buyers are told how many are left."""

COUNTED_DOWN = timedelta(hours=24)
"""Sales that end or start within this are counted down by the second, where the browser can."""


@dataclass(frozen=True, slots=True)
class SaleCard:
    """A flash sale as buyers see it. `left`: pieces that can still be had at its price; none when the stock has none."""

    sale: Sale
    picture: str
    left: int
    is_coming: bool
    is_near: bool

    @property
    def variant(self) -> Variant:
        return self.sale.variant

    @property
    def offer(self) -> Offer:
        return self.sale.variant.offer

    @property
    def is_few(self) -> bool:
        return 0 < self.left < FEW


@public_page
@require_GET
def sales_now(request: Request) -> HttpResponse:
    """Those that run, the next to end first; then those to come, the next to start first."""
    page = Paginator(on_sale.listed(request.cluster.pk), PAGE).get_page(request.GET.get("page"))
    shown = sale_cards(list(page.object_list))
    told = {
        "here": "shelf",
        "page": page,
        "running": [one for one in shown if not one.is_coming],
        "coming": [one for one in shown if one.is_coming],
    }
    return render(request, "web/home/sales.html", told)


def first_sales(cluster_id: int, count: int) -> list[SaleCard]:
    """The first of them, each of another offer, for the front page. Where there is none, one statement says so."""
    firsts: dict[int, Sale] = {}
    for one in on_sale.listed(cluster_id)[:PAGE]:
        firsts.setdefault(one.variant.offer_id, one)
    return sale_cards(list(firsts.values())[:count])


def sale_cards(sales: Sequence[Sale]) -> list[SaleCard]:
    """In the order given, two statements: pictures and what is in stock. `variant__offer__supplier` comes selected."""
    if not sales:
        return []
    now, cluster_id = clock.now(), sales[0].cluster_id
    pictures = first_pictures({one.variant.offer_id for one in sales})
    stock = _in_stock(cluster_id, [one.variant_id for one in sales])
    return [
        SaleCard(
            sale=one,
            picture=picture_address(one.variant.picture) or pictures.get(one.variant.offer_id, ""),
            left=min(one.quota - one.taken, stock.get(one.variant_id, 0)),
            is_coming=one.starts_at > now,
            is_near=(one.starts_at if one.starts_at > now else one.ends_at) - now < COUNTED_DOWN,
        )
        for one in sales
    ]


def _in_stock(cluster_id: int, variant_ids: Collection[int]) -> dict[int, int]:
    rows = Stock.objects.filter(cluster_id=cluster_id, variant_id__in=variant_ids, place__closed_at=None)
    return dict(rows.order_by().values_list("variant_id").annotate(left=Sum("remaining")))
