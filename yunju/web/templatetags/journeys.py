"""Where a person can go: the rail of a journey with many places, and the five under the thumb.

A page of a journey includes its `_tabs.html`, which draws the rail and leaves on the request the places for the bar at
the bottom; the base layout draws that bar after the page's own content. Pages of no journey get the buyer's bar.
Icons and order stand here, who may see a place is asked where the place is (`request.doors`, `operating.ROOMS`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from yunju.members.models import Member
from yunju.members.words import CapacityKind
from yunju.shops import queries as shops
from yunju.shops.models import Shop
from yunju.ui import messages
from yunju.ui.templatetags.yunju import link
from yunju.web.request import doors
from yunju.web.templatetags.operating import ROOMS

register = template.Library()
MOST_UNDER_THE_THUMB = 5
ICONS = {
    # the market
    "home": "home",
    "shelf": "shelf",
    "cart": "cart",
    "orders": "orders",
    "work": "badge",
    "operator": "today",
    "me": "me",
    # a shop
    "today": "today",
    "choose": "plus",
    "arrange": "shop",
    "materials": "picture",
    "share": "poster",
    "shop_orders": "orders",
    # a supplier
    "supply_today": "today",
    "to_ship": "truck",
    "cases": "return",
    "talks": "chat",
    "offers": "tag",
    "imports": "upload",
    "storing": "box",
    "freight": "parcel",
    "sellers": "shop",
    "member_reviews": "star",
    "member_service": "phone",
    "helpers": "people",
    "own_papers": "badge",
    "roles": "people",
    "own_filings": "chart",
    # everybody's money
    "earnings": "money",
    "statement": "book",
    "payee": "bank",
    "robots": "bell",
    # rooms of a supplier
    "day": "today",
    "goods": "tag",
    "seen": "shop",
    "house": "gear",
    # rooms of the operator
    "people": "people",
    "trade": "orders",
    "money": "money",
    "settings": "gear",
}
DAY = ("supply_today", "to_ship", "cases", "talks")
GOODS = ("offers", "imports", "storing", "freight")
SEEN = ("sellers", "member_reviews", "member_service")
MONEY = ("earnings", "statement", "payee")
SHOP = ("today", "choose", "arrange", "materials", "share", "shop_orders")
SHOP_TABS = {"material": "materials", "orders": "shop_orders"}
"""What pages of a shop call themselves, where that is not the name of their address."""
SHOP_BAR = ("today", "choose", "arrange", "materials", "earnings")
NEAREST = {"share": "materials", "shop_orders": "today", "statement": "earnings", "payee": "earnings"}
"""Places that have no room in the bar, and the one there that is shown as the present instead."""


@dataclass(frozen=True)
class Place:
    """`name` is that of its address."""

    name: str
    label: str
    address: str
    is_here: bool

    @property
    def icon(self) -> str:
        return ICONS.get(self.name, "note")


@dataclass(frozen=True)
class Group:
    """`is_here`: one of its places is this page."""

    code: str
    label: str
    places: Sequence[Place]

    @property
    def is_here(self) -> bool:
        return any(place.is_here for place in self.places)

    @property
    def name(self) -> str:
        """In the bar. That of a day is what it opens: today."""
        return self.places[0].label if self.code == "day" else self.label


@register.inclusion_tag("web/_rail.html", takes_context=True)
def member_rail(context: template.Context, tab: str) -> dict[str, Any]:
    """What somebody may open of a member: a supplier's rooms, or a shop with its money."""
    request, member = context["request"], context["member"]
    open_doors = list(request.tabs)
    if "supply_today" not in open_doors:
        shop = shops.own_shops(request.actor).select_related("member").filter(member_id=member.pk).first()
        if shop:
            groups = _of_shop(shop, open_doors, tab)
            return _rail(context, shop.name, groups, _picked(groups, SHOP_BAR))
    return _in_rooms(context, member.name, _of_member(member, open_doors, tab))


@register.simple_tag
def rooms_of(member: Member, open_doors: Sequence[str]) -> list[Group]:
    """The rooms of a member that have something for this person."""
    return [group for group in _of_member(member, open_doors, "") if group.places]


def _of_member(member: Member, open_doors: Sequence[str], tab: str) -> list[Group]:
    named = {*DAY, *GOODS, *SEEN, *MONEY}
    rest = tuple(name for name in open_doors if name not in named)
    sets = (("day", DAY), ("goods", GOODS), ("seen", SEEN), ("money", MONEY), ("house", rest))
    return [_group(code, _doors(names, open_doors, member.code, tab)) for code, names in sets]


@register.inclusion_tag("web/_rail.html", takes_context=True)
def shop_rail(context: template.Context, tab: str) -> dict[str, Any]:
    """A shop's places and those of its keeper's money."""
    shop = context["shop"]
    mine = context["actor"].grants.get(shop.member_id, frozenset())
    groups = _of_shop(shop, doors(mine, [CapacityKind.SHOPKEEPER]), tab)
    return _rail(context, shop.name, groups, _picked(groups, SHOP_BAR))


@register.inclusion_tag("web/_rail.html", takes_context=True)
def operator_rail(context: template.Context, tab: str) -> dict[str, Any]:
    """The operator's rooms, in each the pages that this person may open; the bar has the rooms themselves."""
    groups = []
    for code, pages in ROOMS:
        names = [name for name, needed in pages if context["actor"].members_with(needed)]
        places = [Place(name, messages.word("operate", name), reverse(name), name == tab) for name in names]
        groups.append(Group(code, messages.word("operate", code), places))
    return _in_rooms(context, _("Operate"), groups) | {"has_icons": False}


@register.simple_tag(takes_context=True)
def under_thumb(context: template.Context) -> Sequence[Place]:
    """The bar of this page's journey; where it has none, that of somebody who looks and buys."""
    found: Sequence[Place] | None = getattr(context["request"], "under_thumb", None)
    if found:
        return found
    actor, here = context["actor"], context.get("here", "")
    own = ("orders", _("My orders"))
    if actor.is_operator:
        own = ("operator", _("Operate"))
    elif actor.grants:
        own = ("work", _("My work"))
    names = (("home", _("Home")), ("shelf", _("Shelf")), ("cart", _("Cart")), own, ("me", _("Me")))
    return [Place(name, label, link(context, name), here == name) for name, label in names]


def _rail(context: template.Context, name: str, groups: list[Group], bar: Sequence[Place]) -> dict[str, Any]:
    """Groups that have something, and on the request what the base layout draws under the thumb."""
    context["request"].under_thumb = bar[:MOST_UNDER_THE_THUMB]
    return {"groups": [group for group in groups if group.places], "name": name, "has_icons": True}


def _in_rooms(context: template.Context, name: str, groups: list[Group]) -> dict[str, Any]:
    """Too many places for one row on a phone: the bar has the rooms, the row those of the room one is in."""
    rooms = [
        Place(group.code, group.name, group.places[0].address, group.is_here)
        for group in groups
        if group.places
    ]
    return _rail(context, name, groups, rooms) | {"is_in_rooms": True}


def _picked(groups: list[Group], names: Sequence[str]) -> list[Place]:
    found = {place.name: place for group in groups for place in group.places}
    here = {NEAREST.get(place.name, place.name) for place in found.values() if place.is_here}
    return [replace(found[name], is_here=name in here) for name in names if name in found]


def _group(code: str, places: list[Place]) -> Group:
    return Group(code, messages.word("rail", code), places)


def _doors(names: Sequence[str], open_doors: Sequence[str], code: str, tab: str) -> list[Place]:
    return [
        Place(name, messages.word("door", name), reverse(name, args=[code]), name == tab)
        for name in names
        if name in open_doors
    ]


def _of_shop(shop: Shop, open_doors: Sequence[str], tab: str) -> list[Group]:
    """Today, goods, material, sharing, orders; then money and the rest of the keeper's own pages."""
    labels = {
        "today": _("Today"),
        "choose": _("Pick goods"),
        "arrange": _("Arrange"),
        "materials": _("Material"),
        "share": _("Share"),
        "shop_orders": _("Orders"),
    }
    places = [
        Place(name, labels[name], reverse(name, args=[shop.code]), name == SHOP_TABS.get(tab, tab))
        for name in SHOP
    ]
    rest = tuple(name for name in open_doors if name not in MONEY)
    return [
        _group("shop", places),
        _group("money", _doors(MONEY, open_doors, shop.member.code, tab)),
        _group("house", _doors(rest, open_doors, shop.member.code, tab)),
    ]
