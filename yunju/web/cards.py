"""Offers as cards: picture, price, supplier and whether there is any left, in a constant number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, Min, Sum

from yunju.catalog import queries as catalog
from yunju.catalog.models import Offer, Picture, Stock, Variant
from yunju.catalog.terms import Terms


@dataclass(frozen=True, slots=True)
class Card:
    """What a shelf shows of an offer. `title` and `picture` may be a shop's own."""

    offer: Offer
    title: str
    picture: str
    least_minor: int
    most_minor: int
    is_left: bool
    terms: Terms

    @property
    def seed(self) -> int:
        return self.offer.pk


def picture_address(picture: Picture | None) -> str:
    """The address of a stored picture; empty when there is none (the page then draws a lattice)."""
    return f"{settings.MEDIA_URL}{picture.file.name}" if picture and picture.file else ""


def first_pictures(offer_ids: Collection[int]) -> dict[int, str]:
    """Offer id -> the address of its first stored picture; without one it is absent."""
    first: dict[int, str] = {}
    for picture in Picture.objects.filter(offer_id__in=offer_ids).exclude(file="").order_by("position", "id"):
        first.setdefault(picture.offer_id, picture_address(picture))
    return first


def cards(offers: Sequence[Offer]) -> list[Card]:
    """Cards in the order given. The offers come with `supplier` selected."""
    ids = [offer.pk for offer in offers]
    prices: dict[int, tuple[int, int]] = {
        row["offer_id"]: (row["least"], row["most"])
        for row in Variant.objects.filter(offer_id__in=ids, closed_at=None)
        .values("offer_id")
        .annotate(least=Min("price_minor"), most=Max("price_minor"))
    }
    left = dict(
        Stock.objects.filter(variant__offer_id__in=ids, variant__closed_at=None, place__closed_at=None)
        .values_list("variant__offer_id")
        .annotate(left=Sum("remaining"))
    )
    pictures = first_pictures(ids)
    rules = catalog.newest_rules(ids)
    return [
        Card(
            offer=offer,
            title=offer.title,
            picture=pictures.get(offer.pk, ""),
            least_minor=prices.get(offer.pk, (0, 0))[0],
            most_minor=prices.get(offer.pk, (0, 0))[1],
            is_left=bool(left.get(offer.pk)),
            terms=catalog.shop_terms(rules.get(offer.pk)),
        )
        for offer in offers
    ]
