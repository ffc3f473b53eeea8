"""Offers as cards: picture, price, supplier and whether there is any left, in a constant number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Min, QuerySet, Sum

from yunju.catalog import queries as catalog
from yunju.catalog import sales
from yunju.catalog.models import Offer, Picture, Presale, ShelfEntry, Stock
from yunju.catalog.terms import Terms
from yunju.kernel import clock
from yunju.kernel.prepared import prepared
from yunju.orders import shares


@dataclass(frozen=True, slots=True)
class Card:
    """What a shelf shows of an offer. `title` and `picture` may be a shop's own. `sold`: pieces of the last 30 days.

    `least_minor` and `most_minor` are prices without a sale; `price_minor` is what a piece costs now.
    """

    offer: Offer
    title: str
    picture: str
    least_minor: int
    most_minor: int
    left: int
    terms: Terms
    sold: int = 0
    ship_from: date | None = None
    reduced: sales.Reduced | None = None

    @property
    def price_minor(self) -> int:
        return self.reduced.least_minor if self.reduced else self.least_minor

    @property
    def is_range(self) -> bool:
        """True where other variants cost more."""
        return self.price_minor < (self.reduced.most_minor if self.reduced else self.most_minor)

    @property
    def is_left(self) -> bool:
        return self.left > 0

    @property
    def seed(self) -> int:
        return self.offer.pk


def picture_address(picture: Picture | None) -> str:
    """The address of a stored picture; empty when there is none (the page then draws a lattice)."""
    return f"{settings.MEDIA_URL}{picture.file.name}" if picture and picture.file else ""


def first_pictures(offer_ids: Collection[int]) -> dict[int, str]:
    """Offer id -> the address of its first stored picture; without one it is absent."""
    found = _first_pictures.rows(offer_ids=offer_ids)
    return {offer_id: f"{settings.MEDIA_URL}{name}" for offer_id, name in found}


@prepared(offer_ids=list)
def _first_pictures(offer_ids: Collection[int]) -> QuerySet[Picture, Any]:
    pictures = Picture.objects.filter(offer__id__among=offer_ids).exclude(file="")
    ordered = pictures.order_by("offer_id", "position", "id").distinct("offer_id")
    return ordered.values_list("offer_id", "file")


@prepared(offer_ids=list)
def _entries(offer_ids: Collection[int]) -> QuerySet[ShelfEntry, Any]:
    entries = ShelfEntry.objects.filter(offer__id__among=offer_ids)
    return entries.values_list("pk", "least_minor", "most_minor", "sold")


@prepared(offer_ids=list)
def _left(offer_ids: Collection[int]) -> QuerySet[Stock, Any]:
    stock = Stock.objects.filter(
        variant__offer__id__among=offer_ids, variant__closed_at=None, place__closed_at=None
    )
    return stock.order_by().values_list("variant__offer_id").annotate(left=Sum("remaining"))


@prepared(offer_ids=list, today=date)
def _presales(offer_ids: Collection[int], today: date) -> QuerySet[Presale, Any]:
    ahead = Presale.objects.filter(offer__id__among=offer_ids, ship_from__gt=today)
    return ahead.order_by().values_list("offer_id").annotate(first=Min("ship_from"))


def cards(offers: Sequence[Offer], *, with_terms: bool = True) -> list[Card]:
    """Cards in the order given, all of one cluster, five statements; what a shop earns costs two more. `supplier` comes selected."""
    ids = [offer.pk for offer in offers]
    entries = {row[0]: row[1:] for row in _entries.rows(offer_ids=ids)}
    left = dict(_left.rows(offer_ids=ids))
    pictures = first_pictures(ids)
    presales = dict(_presales.rows(offer_ids=ids, today=clock.now().date()))
    on_sale = sales.reduced(offers[0].cluster_id, ids) if offers else {}
    rules = catalog.newest_rules(ids) if with_terms else {}
    return [
        Card(
            offer=offer,
            title=offer.title,
            picture=pictures.get(offer.pk, ""),
            least_minor=entries.get(offer.pk, (0, 0, 0))[0],
            most_minor=entries.get(offer.pk, (0, 0, 0))[1],
            left=left.get(offer.pk) or 0,
            terms=catalog.shop_terms(rules.get(offer.pk)),
            sold=entries.get(offer.pk, (0, 0, 0))[2],
            ship_from=presales.get(offer.pk),
            reduced=on_sale.get(offer.pk),
        )
        for offer in offers
    ]


def earning(terms: Terms, price_minor: int) -> int:
    """What a shop would earn on one piece, by the same split that fixes it at placement."""
    if not price_minor or (terms.bp == 0 and terms.floor_minor == 0):
        return 0
    claim = shares.Claimant("shop", 1, terms.bp, terms.floor_minor, terms.cap_minor)
    return shares.fix(price_minor, 0, [claim])[1].amount_minor
