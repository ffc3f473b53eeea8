"""What stands on a poster: of a shop, or of one of its picks."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yunju.catalog.models import Picture
from yunju.shops.models import Listing, Shop
from yunju.shops.posters import Poster
from yunju.shops.queries import on_show
from yunju.ui import formats, messages

LOOKED_AT, ON_POSTER = 24, 4


def poster_of(shop: Shop, listing: Listing | None, *, link: str) -> Poster:
    """In the language of whoever asks. `shop` comes with its cluster, `listing` from `on_show`."""
    return _of_shop(shop, link) if listing is None else _of_pick(shop, listing, link)


def _of_pick(shop: Shop, listing: Listing, link: str) -> Poster:
    entry, currency = listing.offer.shelf_entry, shop.cluster.currency
    price = formats.money(entry.least_minor, currency)
    return Poster(
        **_same(shop, link),
        title=listing.title or listing.offer.title,
        seed=listing.offer_id,
        price=_("%(amount)s and up") % {"amount": price} if entry.most_minor > entry.least_minor else price,
        line=_("Made and sent by %(supplier)s") % {"supplier": listing.offer.supplier.name},
        pictures=_names([listing]),
    )


def _of_shop(shop: Shop, link: str) -> Poster:
    """What the keeper says of the shop stands large; without such words the number of things does."""
    found = on_show(shop)
    count = found.count()
    things = ngettext("%(count)s thing picked for you", "%(count)s things picked for you", count)
    picked = things % {"count": count}
    return Poster(
        **_same(shop, link),
        title=_own_words(shop.intro) or picked,
        line=picked if shop.intro else "",
        seed=shop.pk,
        pictures=_names(list(found[:LOOKED_AT]))[:ON_POSTER],
    )


def _own_words(text: str) -> str:
    """Of a text whose lines are in two languages, those of the reader's."""
    is_chinese = formats.is_mostly_chinese(formats.own_words(text))
    lines = [line for line in formats.paragraphs(text) if formats.is_mostly_chinese(line) == is_chinese]
    return " ".join(" ".join(lines).split())


def _same(shop: Shop, link: str) -> dict[str, str]:
    return {
        "link": link,
        "shop": shop.name,
        "cluster": messages.local_name(shop.cluster),
        "hint": _("Press and hold the picture to open the code."),
    }


def _names(listings: Sequence[Listing]) -> tuple[str, ...]:
    """Names of files in the public storage: the shop's own choice, else the offer's first picture."""
    first: dict[int, str] = {}
    ids = [one.offer_id for one in listings]
    for picture in Picture.objects.filter(offer_id__in=ids).exclude(file="").order_by("position", "id"):
        first.setdefault(picture.offer_id, str(picture.file.name))
    own = [str(one.picture.file.name) if one.picture and one.picture.file else "" for one in listings]
    chosen = [name or first.get(one.offer_id, "") for name, one in zip(own, listings, strict=True)]
    return tuple(name for name in chosen if name)
