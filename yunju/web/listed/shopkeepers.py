"""Lists of a shopkeeper. Of a buyer she takes away what her page shows: nickname, city, the last four digits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yunju.kernel import clock
from yunju.members.words import Permission
from yunju.orders.models import Share
from yunju.orders.queries import shop_orders
from yunju.orders.queries.shop_orders import Brought
from yunju.shops import traffic
from yunju.shops.models import Listing, Shop
from yunju.ui import messages
from yunju.web import choosing, posting
from yunju.web.cards import Card, earning
from yunju.web.listed.base import Field, Found, Listed, left, of_shop
from yunju.web.request import Request
from yunju.web.shop import as_listed, wanted_picks
from yunju.web.today import DAYS
from yunju.web.words import order_word

# --- what was bought through the shop ----------------------------------------------------------------------------------


def _brought(request: Request, shop: Shop, shares: list[Share]) -> Iterable[Brought]:
    """The same rows as the page has, read by the same statement: it alone knows what of a buyer a shop may see."""
    if not shares:
        return ()
    return shop_orders.brought(shop, by=request.actor, before_id=shares[0].pk + 1, limit=len(shares))


def _brought_fields(request: Request, shop: Shop) -> Sequence[Field]:
    fields = [
        Field(_("Day"), lambda one: one.order.placed_at, "moment", 18),
        Field(_("Order"), lambda one: one.order.number, width=20),
        Field(_("Item"), lambda one: f"{one.line.title} {one.line.variant_title}".strip(), width=40),
        Field(_("Quantity"), lambda one: one.line.quantity, "number", 10),
        Field(
            _("Buyer"), lambda one: f"{one.buyer.nickname}**" if one.buyer.nickname else _("Guest"), width=10
        ),
        Field(_("City"), lambda one: one.buyer.city, width=14),
        Field(_("End of the phone"), lambda one: one.buyer.last4, width=14),
        Field(_("State"), lambda one: order_word(one.order, [one.line]).text, width=14),
    ]
    if request.actor.holds(Permission.MONEY_SEE, shop.member_id):
        fields.append(Field(_("Commission"), lambda one: one.left_minor, "money", 14))
    return fields


# --- how the shop was looked at ----------------------------------------------------------------------------------------


def _days(request: Request, shop: Shop) -> Found:
    last = clock.local_day(clock.now(), request.cluster.timezone)
    return list(reversed(traffic.days(shop, last=last, count=DAYS, by=request.actor)))


def _day_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Day"), lambda one: one.day, "day", 14),
        Field(_("Views"), lambda one: one.views, "number", 12),
        Field(_("Visitors"), lambda one: one.visitors, "number", 12),
    ]


@dataclass(frozen=True, slots=True)
class _Way:
    """Looks of one way, or at one thing."""

    kind: str
    name: str
    views: int


def _ways(request: Request, shop: Shop) -> Found:
    """By the way they came, then by what was looked at."""
    days = _days(request, shop)
    by_source, by_offer = traffic.ways(shop, first=days[-1].day, last=days[0].day, by=request.actor)
    came = [
        _Way(_("How they came"), messages.word("look.source", one.source), one.views) for one in by_source
    ]
    at = _("What was looked at")
    page = _("The shop's page")
    return [*came, *(_Way(at, one.offer.title if one.offer else page, one.views) for one in by_offer)]


def _way_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Kind"), lambda one: one.kind, width=20),
        Field(_("By or at"), lambda one: one.name, width=40),
        Field(_("Views"), lambda one: one.views, "number", 12),
    ]


# --- what it has and could have ----------------------------------------------------------------------------------------


def _earns(card: Card) -> int:
    return earning(card.terms, card.price_minor)


def _choice_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda one: one.card.title, width=40),
        Field(_("Supplier"), lambda one: one.card.offer.supplier.name, width=28),
        Field(_("Price from"), lambda one: one.card.price_minor, "money"),
        Field(_("You earn"), lambda one: one.earns_minor, "money"),
        Field(_("Sold in 30 days"), lambda one: one.sold, "number"),
        Field(_("Pieces in stock"), lambda one: one.left, "number"),
        Field(_("In my shop"), lambda one: _("Yes") if one.is_picked else _("No"), width=12),
    ]


def _picked(_request: Request, _of: Any, listings: list[Listing]) -> Iterable[Any]:
    return zip(listings, as_listed(listings), strict=True)


def _pick_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda row: row[1].title, width=40),
        Field(_("Supplier"), lambda row: row[1].offer.supplier.name, width=28),
        Field(_("Price from"), lambda row: row[1].price_minor, "money"),
        Field(_("You earn"), lambda row: _earns(row[1]), "money"),
        Field(_("State"), lambda row: left(row[1]), width=18),
        Field(_("Picked on"), lambda row: row[0].picked_at, "moment", 18),
    ]


def _material_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda one: one.material.offer.title, width=40),
        Field(_("Text"), lambda one: one.material.text, width=60),
        Field(_("Pictures"), lambda one: len(one.material.pictures.all()), "number", 10),
        Field(_("You earn"), lambda one: one.earns_minor, "money"),
        Field(_("Posted"), lambda one: one.posted_at, "moment", 18),
    ]


LISTS = (
    Listed(
        "shop_orders",
        "shop_orders",
        of_shop(Permission.ORDER_SEE),
        lambda r, shop: shop_orders.shares_of(shop, by=r.actor),
        _brought_fields,
        _brought,
        seen="rows",
    ),
    Listed("shop_views", "shop_views", of_shop(), _days, _day_fields, seen="total"),
    Listed("shop_ways", "shop_views", of_shop(), _ways, _way_fields, seen="total"),
    Listed(
        "choose",
        "choose",
        of_shop(),
        choosing.wanted,
        _choice_fields,
        lambda _r, shop, offers: choosing.choices(shop, offers),
    ),
    Listed("shop_picks", "arrange", of_shop(), lambda r, shop: wanted_picks(r, shop), _pick_fields, _picked),
    Listed(
        "materials",
        "materials",
        of_shop(),
        posting.to_post,
        _material_fields,
        lambda _r, shop, found: posting.entries(shop, found),
    ),
)
