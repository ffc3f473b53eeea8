"""Places in the reader's language."""

from django import template

from yunju.kernel.actor import Actor
from yunju.orders.queries.carts import CartRow
from yunju.web import provinces

register = template.Library()


@register.filter
def province(name: str) -> str:
    """A province as the reader writes it."""
    return provinces.shown(name)


@register.filter
def grants(member_id: int, actor: Actor) -> frozenset[str]:
    """What the person may do for a member."""
    return actor.grants.get(member_id, frozenset())


@register.filter
def code_in(row: CartRow, codes: dict[int, str]) -> str:
    """The code of the offer of a cart row."""
    return codes.get(row.sold.offer_id if row.sold else 0, "")
