"""The shelf and the shops of the demonstration: offers with variants, rules, stock and pictures; what each shop picked."""

import io
from dataclasses import dataclass
from datetime import timedelta

from yunju.catalog.actions.checks import OfferFields, VariantFields
from yunju.catalog.actions.offers import NewOffer, make_offer
from yunju.catalog.actions.pictures import add_picture
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import Offer, Variant
from yunju.catalog.terms import RoleTerms, Terms
from yunju.cli.demo.people import SHOPS, Market
from yunju.cli.demo.pictures import picture
from yunju.cli.demo.shelf import Thing, things
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.shops.actions import ListingChange, edit_listing, pick_many
from yunju.shops.models import Listing

TO_ORDER = "定制"
PICKS = (
    ("ceramics", "bamboo", "prints", "letterpress", "textile", "toys"),
    ("teaware", "ceramics", "bamboo"),
    ("silver", "prints", "letterpress", "toys", "textile"),
)
"""The categories that each shop picks from, all offers of each."""


@dataclass(frozen=True, slots=True)
class Good:
    """An offer that can be bought, with its variants in order."""

    category: str
    offer: Offer
    variants: tuple[Variant, ...]


def stock_shelf(market: Market) -> list[Good]:
    """Every offer, listed by its supplier, a few minutes after each other."""
    owners = {category: market.owner_of(category) for category in market.suppliers}
    opened = clock.now()
    goods = []
    for number, thing in enumerate(things()):
        with clock.at(opened + timedelta(minutes=7 * number)):
            goods.append(_offer(market, thing, number, owners[thing.category]))
    return goods


def _offer(market: Market, thing: Thing, number: int, by: Actor) -> Good:
    fields = OfferFields(
        title=thing.title,
        body_html=f"<p>{thing.chinese}</p><p>{thing.english}</p>",
        category=thing.category,
        brand=market.suppliers[thing.category].name,
        option_names=(thing.option_name,),
        returnable=TO_ORDER not in thing.title,
    )
    variants = tuple(
        VariantFields(kind.price_minor, (kind.option,), sku=f"DEMO-{number:02}-{n}", weight_g=kind.weight_g)
        for n, kind in enumerate(thing.kinds, start=1)
    )
    roles = (RoleTerms("designer", market.designer.pk, thing.designer_bp),) if thing.designer_bp else ()
    new = NewOffer(
        fields=fields,
        variants=variants,
        rule=RuleTerms(shop=Terms(bp=thing.shop_bp), roles=roles),
        counts=tuple(kind.pieces for kind in thing.kinds),
        listed=True,
    )
    offer = make_offer(supplier_id=market.suppliers[thing.category].pk, new=new, by=by)
    for seed in range(2 if number % 5 == 0 else 1):
        drawn = io.BytesIO(picture(thing.category, number + 3 * seed, thing.title))
        add_picture(offer_id=offer.pk, file=drawn, alt=thing.title, by=by)
    return Good(thing.category, offer, tuple(offer.variants.order_by("position")))


def fill_shops(market: Market, goods: list[Good]) -> None:
    """Each shop picks; the first one gives a pick a title of its own."""
    for shop, (who, _, _), categories in zip(market.shops, SHOPS, PICKS, strict=True):
        wanted = [good.offer.pk for good in goods if good.category in categories]
        pick_many(shop_id=shop.pk, offer_ids=wanted, by=market.actor(who))
    first = Listing.objects.filter(shop=market.shops[0], ended_at=None).order_by("position").first()
    if first is not None:
        change = ListingChange(title="小满自用的青花杯，手感最好的一只")
        edit_listing(listing_id=first.pk, change=change, by=market.actor(SHOPS[0][0]))
