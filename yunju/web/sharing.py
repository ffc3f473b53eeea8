"""Sharing a shop or one of its offers: the link, the poster to keep in the album, the words to send along."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from yunju.catalog.models import Offer, Picture
from yunju.shops import posters, queries
from yunju.shops.models import Listing, Shop
from yunju.ui import formats, messages
from yunju.web.cards import Card, cards
from yunju.web.keeping import own_shop, share_address
from yunju.web.request import Request, missing
from yunju.web.shop import on_show

ON_POSTER = 4


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
        "picks": list(on_show(shop)[:60]),
    }
    return render(request, "web/shop/share.html", told)


@require_GET
def poster(request: Request, code: str) -> HttpResponse:
    """The picture itself: an `<img>`, so that a long press in WeChat keeps it."""
    shop = own_shop(request, code)
    drawn = posters.png(_poster(request, shop, _listing(request, shop)))
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


def _poster(request: Request, shop: Shop, listing: Listing | None) -> posters.Poster:
    same = {
        "link": _link(request, shop, listing, "poster"),
        "shop": shop.name,
        "cluster": messages.local_name(request.cluster),
        "hint": _("Press and hold the picture to open the code."),
    }
    if listing is None:
        return _of_shop(shop, same)
    card = cards([listing.offer])[0]
    return posters.Poster(
        **same,
        title=listing.title or listing.offer.title,
        seed=listing.offer_id,
        price=_price(card, request.cluster.currency),
        line=_("Made and sent by %(supplier)s") % {"supplier": listing.offer.supplier.name},
        pictures=_names([listing]),
    )


def _of_shop(shop: Shop, same: dict[str, str]) -> posters.Poster:
    """What the keeper says of the shop stands large; without such words the number of things does."""
    count = on_show(shop).count()
    things = ngettext("%(count)s thing picked for you", "%(count)s things picked for you", count)
    picked = things % {"count": count}
    listings = list(on_show(shop)[:24])
    return posters.Poster(
        **same,
        title=" ".join(shop.intro.split()) or picked,
        line=picked if shop.intro else "",
        seed=shop.pk,
        pictures=_names(listings)[:ON_POSTER],
    )


def _price(card: Card, currency: str) -> str:
    amount = formats.money(card.least_minor, currency)
    return _("%(amount)s and up") % {"amount": amount} if card.most_minor > card.least_minor else amount


def _names(listings: list[Listing]) -> tuple[str, ...]:
    """Names of files in the public storage: the shop's own choice, else the offer's first picture."""
    first: dict[int, str] = {}
    ids = [one.offer_id for one in listings]
    for picture in Picture.objects.filter(offer_id__in=ids).exclude(file="").order_by("position", "id"):
        first.setdefault(picture.offer_id, str(picture.file.name))
    chosen = [
        str(one.picture.file.name) if one.picture and one.picture.file else first.get(one.offer_id, "")
        for one in listings
    ]
    return tuple(name for name in chosen if name)


def lists_offer(shop: Shop, offer: Offer) -> bool:
    """True when the shop has picked it: only then a link to it earns."""
    return bool(queries.lists(shop.cluster_id, [(shop.pk, offer.pk)]))
