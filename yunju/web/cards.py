"""Offers as cards: picture, price, supplier and whether there is any left, in a constant number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Min, Sum

from yunju.catalog import queries as catalog
from yunju.catalog.models import Offer, Picture, Presale, ShelfEntry, Stock
from yunju.catalog.terms import Terms
from yunju.kernel import clock
from yunju.orders import shares


@dataclass(frozen=True, slots=True)
class Card:
    """What a shelf shows of an offer. `title` and `picture` may be a shop's own. `sold`: pieces of the last 30 days."""

    offer: Offer
    title: str
    picture: str
    least_minor: int
    most_minor: int
    is_left: bool
    terms: Terms
    sold: int = 0
    ship_from: date | None = None

    @property
    def seed(self) -> int:
        return self.offer.pk


def picture_address(picture: Picture | None) -> str:
    """The address of a stored picture; empty when there is none (the page then draws a lattice)."""
    return f"{settings.MEDIA_URL}{picture.file.name}" if picture and picture.file else ""


def first_pictures(offer_ids: Collection[int]) -> dict[int, str]:
    """Offer id -> the address of its first stored picture; without one it is absent."""
    pictures = Picture.objects.filter(offer_id__in=offer_ids).exclude(file="")
    ordered = pictures.order_by("offer_id", "position", "id").distinct("offer_id")
    return {
        offer_id: f"{settings.MEDIA_URL}{name}" for offer_id, name in ordered.values_list("offer_id", "file")
    }


def cards(offers: Sequence[Offer], *, with_terms: bool = True) -> list[Card]:
    """Cards in the order given, four statements; what a shop earns costs two more. `supplier` comes selected."""
    ids = [offer.pk for offer in offers]
    entries = {
        row[0]: row[1:]
        for row in ShelfEntry.objects.filter(pk__in=ids).values_list(
            "pk", "least_minor", "most_minor", "sold"
        )
    }
    left = dict(
        Stock.objects.filter(variant__offer_id__in=ids, variant__closed_at=None, place__closed_at=None)
        .order_by()
        .values_list("variant__offer_id")
        .annotate(left=Sum("remaining"))
    )
    pictures = first_pictures(ids)
    presales = dict(
        Presale.objects.filter(offer_id__in=ids, ship_from__gt=clock.now().date())
        .order_by()
        .values_list("offer_id")
        .annotate(first=Min("ship_from"))
    )
    rules = catalog.newest_rules(ids) if with_terms else {}
    return [
        Card(
            offer=offer,
            title=offer.title,
            picture=pictures.get(offer.pk, ""),
            least_minor=entries.get(offer.pk, (0, 0, 0))[0],
            most_minor=entries.get(offer.pk, (0, 0, 0))[1],
            is_left=bool(left.get(offer.pk)),
            terms=catalog.shop_terms(rules.get(offer.pk)),
            sold=entries.get(offer.pk, (0, 0, 0))[2],
            ship_from=presales.get(offer.pk),
        )
        for offer in offers
    ]


def earning(terms: Terms, price_minor: int) -> int:
    """What a shop would earn on one piece, by the same split that fixes it at placement."""
    if not price_minor or (terms.bp == 0 and terms.floor_minor == 0):
        return 0
    claim = shares.Claimant("shop", 1, terms.bp, terms.floor_minor, terms.cap_minor)
    return shares.fix(price_minor, 0, [claim])[1].amount_minor
