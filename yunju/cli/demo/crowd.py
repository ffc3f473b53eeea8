"""The large demonstration: thirty studios, twelve makers, forty shops, four hundred offers, through the same actions."""

import io
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context

from yunju.catalog.actions.categories import CategoryFields, make_category
from yunju.catalog.actions.checks import OfferFields, VariantFields
from yunju.catalog.actions.freight import set_freight
from yunju.catalog.actions.offers import NewOffer, make_offer
from yunju.catalog.actions.pictures import add_picture
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import Offer, Variant
from yunju.catalog.terms import RoleTerms, Terms
from yunju.cli.demo import crowd_words as words
from yunju.cli.demo.people import DOMAIN, NAME, OPERATOR, Market, papers, phone
from yunju.cli.demo.pictures import picture
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.members import actions
from yunju.members.models import Member, Park, Site
from yunju.members.queries import actor_for
from yunju.shops.actions import open_shop, pick_many
from yunju.shops.models import Shop
from yunju.web.cities import ENGLISH

SEED = 20_260_701
OFFERS = 360
"""Beside the forty of the small demonstration."""

PICKS = (12, 30)
"""Fewest and most offers a shop of the crowd picks."""

Card = tuple[int, tuple[str, str], words.Piece]
"""Number and words of a style, and the thing that comes in it."""


@dataclass(frozen=True, slots=True)
class CrowdGood:
    """An offer of the crowd that can be bought."""

    category: str
    supplier_id: int
    offer: Offer
    variants: tuple[Variant, ...]
    piece: str
    style: int


@dataclass(slots=True)
class Crowd:
    """Everybody of the crowd: members with whoever acts for them, goods, shops with what they picked."""

    owners: dict[int, Actor]
    makers: list[Member]
    goods: list[CrowdGood]
    shops: list[tuple[Shop, list[CrowdGood]]]


def join(market: Market) -> Crowd:
    """Let the crowd in over some weeks: categories, studios with their shelves, makers, shops."""
    chance = random.Random(SEED)  # noqa: S311 - a story, no secret
    by = market.actor(OPERATOR)
    for position, (code, chinese, english) in enumerate(words.CATEGORIES, start=20):
        make_category(fields=CategoryFields(code, chinese, english, position), by=by)
    park = Park.objects.get(cluster=market.cluster)
    sites = list(Site.objects.filter(park=park).order_by("pk"))
    crowd = Crowd({}, [], [], [])
    numbers = iter(range(200, 400))
    for row in words.MAKERS:
        crowd.makers.append(_maker(market, park, sites, row, next(numbers)))
    studios = [
        (_studio(market, park, sites, one, next(numbers), crowd.owners), one) for one in words.workshops()
    ]
    _fill_shelf(studios, crowd, chance)
    for (name, keeper), number in zip(zip(words.SHOPS, words.KEEPERS, strict=True), numbers, strict=False):
        crowd.shops.append(_shop(market, name, keeper, number, crowd.goods, chance))
    return crowd


def _person(market: Market, name: str, number: int) -> Actor:
    draft = actions.UserDraft(email=f"person{number}@{DOMAIN}", name=name)
    user = actions.make_user(draft=draft, by=system(0, NAME))
    return actor_for(user, market.cluster)


def _again(market: Market, actor: Actor) -> Actor:
    """The same person with the roles they have by now."""
    return market.person(actor.user_id or 0)


def _maker(
    market: Market, park: Park, sites: list[Site], row: tuple[str, str, str, str, int | None], number: int
) -> Member:
    name, province, city, story, site = row
    person = _person(market, f"{name}负责人", number)
    draft = actions.MemberDraft(name, phone(number), province, city, story)
    member = actions.open_member(kind="organisation", draft=draft, capacity="maker", by=person)
    papers(member, number, _again(market, person))
    by = market.actor(OPERATOR)
    actions.admit_capacity(member_id=member.pk, kind="maker", by=by)
    actions.give_seat(
        member_id=member.pk, park_id=park.pk, site_id=None if site is None else sites[site].pk, by=by
    )
    return member


def _studio(
    market: Market,
    park: Park,
    sites: list[Site],
    one: words.Workshop,
    number: int,
    owners: dict[int, Actor],
) -> Member:
    person = _person(market, f"{one.name}掌柜", number)
    draft = actions.MemberDraft(one.name, phone(number), one.province, one.city, one.story)
    member = actions.open_member(kind="organisation", draft=draft, capacity="supplier", by=person)
    own = _again(market, person)
    papers(member, number, own)
    by = market.actor(OPERATOR)
    merchant = f"SUB19000000{number}"
    actions.admit_capacity(member_id=member.pk, kind="supplier", gateway_merchant=merchant, by=by)
    site = None if one.site is None else sites[one.site].pk
    actions.give_seat(member_id=member.pk, park_id=park.pk, site_id=site, by=by)
    terms = FreightTerms(
        kind="flat", flat_minor=600 + 200 * (number % 5), free_over_minor=9_900 + 5_000 * (number % 3)
    )
    set_freight(supplier_id=member.pk, terms=terms, by=own)
    member.refresh_from_db()
    owners[member.pk] = own
    return member


# --- the shelf ------------------------------------------------------------------------------------------------------


def _fill_shelf(studios: list[tuple[Member, words.Workshop]], crowd: Crowd, chance: random.Random) -> None:
    """Offers dealt to the studios one after the other, so that every part of the shelf is mixed."""
    decks = {category: iter(_deck(category, chance)) for category in words.TRADES}
    opened = clock.now()
    dealt: list[tuple[int, Member, words.Workshop, Card]] = []
    for turn in range(OFFERS * 2):  # a studio whose trade has been dealt out is passed over
        member, one = studios[turn % len(studios)]
        card = next(decks[one.category], None)
        if card is not None and len(dealt) < OFFERS:
            dealt.append((len(dealt), member, one, card))
    _typical_last(dealt)
    wishes = [
        (one.category, 1_000 + number, piece.chinese, style) for number, _, one, (style, _, piece) in dealt
    ]
    # Drawing is half of the work and knows no database: another process does it while this one writes.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as painter:
        for (number, member, one, found), drawn in zip(
            dealt, painter.map(picture, *zip(*wishes, strict=True), chunksize=8), strict=True
        ):
            with clock.at(opened + timedelta(hours=3.2 * number)):
                crowd.goods.append(_offer(member, one, found, number, crowd, drawn))


def _typical_last(dealt: list[tuple[int, Member, words.Workshop, Card]]) -> None:
    """The newest of a category stands for it on the front page: there it is the thing that one thinks of first."""
    for category, typical in words.TYPICAL.items():
        places = [n for n, (_, _, one, _) in enumerate(dealt) if one.category == category]
        found = next(n for n in reversed(places) if dealt[n][3][2].chinese == typical)
        cards = dealt[found][3], dealt[places[-1]][3]
        for place, card in zip((places[-1], found), cards, strict=True):
            dealt[place] = (*dealt[place][:3], card)


def _deck(category: str, chance: random.Random) -> Iterator[Card]:
    """Every style of every thing once, shuffled, with the number of its style."""
    trade = words.TRADES[category]
    deck = [(n, style, piece) for n, style in enumerate(trade.styles) for piece in trade.pieces]
    chance.shuffle(deck)
    return iter(deck)


def _offer(
    member: Member,
    one: words.Workshop,
    found: Card,
    number: int,
    crowd: Crowd,
    drawn: bytes,
) -> CrowdGood:
    style_number, (style, style_en), piece = found
    trade = words.TRADES[one.category]
    care, care_en = trade.care.split("\n\n")
    title = f"{style}{piece.chinese}"
    fields = OfferFields(
        title=title,
        body_html=(
            f"<p>{one.name}出品，{one.city}制作。{title}，{piece.option}可选：{'、'.join(piece.kinds)}。</p>"
            f"<p>{care}</p><p>{style_en} {piece.english}, made in {ENGLISH[one.city]}. {care_en}</p>"
        ),
        category=one.category,
        brand=one.name,
        tags=(style, piece.chinese),
        option_names=(piece.option,),
    )
    variants = tuple(
        VariantFields(
            _price(piece.yuan, style_number, place),
            (kind,),
            sku=f"C{number:03}-{place + 1}",
            weight_g=int(piece.grams * (1 + 0.4 * place)),
        )
        for place, kind in enumerate(piece.kinds)
    )
    maker = crowd.makers[number % len(crowd.makers)]
    roles = (RoleTerms("maker", maker.pk, 500),) if number % 9 == 0 else ()
    new = NewOffer(
        fields=fields,
        variants=variants,
        rule=RuleTerms(shop=Terms(bp=1_000 + 100 * (number % 11)), roles=roles),
        counts=tuple(_count(number, place) for place in range(len(variants))),
        listed=True,
    )
    own = crowd.owners[member.pk]
    offer = make_offer(supplier_id=member.pk, new=new, by=own)
    add_picture(offer_id=offer.pk, file=io.BytesIO(drawn), alt=title, by=own)
    variants_made = tuple(offer.variants.order_by("position"))
    return CrowdGood(one.category, member.pk, offer, variants_made, piece.chinese, style_number)


def _price(yuan: int, style_number: int, place: int) -> int:
    """Dearer in dearer styles and larger kinds; ends on 8 or 9 as prices do."""
    whole = int(yuan * (1 + 0.06 * style_number) * (1 + 0.75 * place))
    return (whole // 10 * 10 + (8 if whole > 100 else 9)) * 100


def _count(number: int, place: int) -> int:
    """Pieces to begin with; some have nearly none, so that shelves look as shelves do."""
    return 3 if number % 37 == 0 else 40 + (number * 7 + place * 13) % 160


# --- shops ----------------------------------------------------------------------------------------------------------


def _shop(
    market: Market, name: str, keeper: str, number: int, goods: list[CrowdGood], chance: random.Random
) -> tuple[Shop, list[CrowdGood]]:
    """A shop with a taste: two or three categories, and a few things from elsewhere."""
    person = _person(market, keeper, number)
    taste = chance.sample(sorted({good.category for good in goods}), 3)
    liked = [good for good in goods if good.category in taste]
    wanted = chance.sample(liked, min(len(liked), chance.randint(*PICKS)))
    wanted += [good for good in chance.sample(goods, 4) if good not in wanted]
    shop = open_shop(name=name, phone=phone(number), intro=words.INTRO, by=person)
    own = _again(market, person)
    pick_many(shop_id=shop.pk, offer_ids=[good.offer.pk for good in wanted], by=own)
    papers(shop.member, number, own)
    return shop, wanted
