"""Sharing a shop or one of its offers: the link, the poster to keep in the album, the words to send along."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog.models import Offer
from yunju.shops import posters, queries
from yunju.shops.models import Listing, Shop
from yunju.shops.poster_words import poster_of
from yunju.shops.queries import on_show
from yunju.web.keeping import own_shop, share_address
from yunju.web.request import Request, missing

LISTED = 60


@require_GET
def share(request: Request, code: str) -> HttpResponse:
    """The link and the poster of the shop, or with `?offer=` of one of its picks."""
    shop = own_shop(request, code)
    listing = _listing(request, shop)
    told = {
        "here": "work",
        "tab": "share",
        "shop": shop,
        "listing": listing,
        "share": _link(request, shop, listing, "link"),
        "picks": list(on_show(shop)[:LISTED]),
    }
    return render(request, "web/shop/share.html", told)


@require_GET
def poster(request: Request, code: str) -> HttpResponse:
    """The picture itself: an `<img>`, so that a long press in WeChat keeps it."""
    shop = own_shop(request, code)
    listing = _listing(request, shop)
    drawn = posters.png(poster_of(shop, listing, link=_link(request, shop, listing, "poster")))
    response = HttpResponse(drawn, content_type="image/png")
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Disposition"] = f'inline; filename="{shop.code}.png"'
    return response


def _listing(request: Request, shop: Shop) -> Listing | None:
    """The pick that is asked for; a code that names none is not found, no code is the whole shop."""
    asked = request.GET.get("offer", "")
    if not asked:
        return None
    found = on_show(shop).filter(offer__code=asked).first()
    if found is None:
        missing()
    return found


def _link(request: Request, shop: Shop, listing: Listing | None, source: str) -> str:
    path = f"/offers/{listing.offer.code}" if listing else ""
    return share_address(request, shop, path, source)


def lists_offer(shop: Shop, offer: Offer) -> bool:
    """True when the shop has picked it: only then a link to it earns."""
    return bool(queries.lists(shop.cluster_id, [(shop.pk, offer.pk)]))
