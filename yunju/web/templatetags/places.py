"""Places in the reader's language."""

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from yunju.members.models import Member
from yunju.orders.flow.queries import Button
from yunju.orders.queries.carts import CartRow
from yunju.ui import messages
from yunju.web import cities, countries, provinces, stock_places

register = template.Library()


@register.filter
def province(name: str) -> str:
    """A province as the reader writes it."""
    return provinces.shown(name)


@register.filter
def province_written(name: str) -> str:
    """A province as it stands on an address label: in Chinese."""
    return provinces.chinese(name)


@register.simple_tag
def province_options(chosen: str) -> SafeString:
    """The provinces as options of a `select`."""
    return provinces.options(chosen)


@register.filter
def city(name: str) -> str:
    """A city as the reader writes it."""
    return cities.shown(name)


@register.simple_tag
def seat_of(member: Member) -> str:
    """Where somebody is at home: province and city."""
    return cities.place(member.province, member.city)


@register.filter
def country(code: str) -> str:
    """A country as the reader calls it."""
    return countries.shown(code)


@register.filter
def stock_place(name: str, supplier: Member) -> str:
    """A place of stock: `{{ place.name|stock_place:member }}`."""
    return stock_places.shown(name, supplier)


@register.filter
def code_in(row: CartRow, codes: dict[int, str]) -> str:
    """The code of the offer of a cart row."""
    return codes.get(row.sold.offer_id if row.sold else 0, "")


@register.simple_tag
def thumb(row: CartRow, pictures: dict[int, str]) -> str:
    """The picture of a cart row, or the lattice drawn for its offer."""
    offer_id = row.sold.offer_id if row.sold else 0
    return pictures.get(offer_id) or reverse("art", args=[offer_id])


@register.simple_tag
def button(one: Button) -> str:
    """What stands on the button of a move: its own words where it has some, else what the timeline will say."""
    said = messages.word("button", one.event)
    return messages.in_language(one.move.label) if said == one.event else said
