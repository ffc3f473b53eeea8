"""What a commission rule means in money."""

from django import template

from yunju.catalog.terms import Terms
from yunju.orders import shares

register = template.Library()


@register.filter
def earning(terms: Terms, price_minor: int) -> int:
    """What a shop would earn on one piece, by the same split that fixes it at placement."""
    if not price_minor or (terms.bp == 0 and terms.floor_minor == 0):
        return 0
    claim = shares.Claimant("shop", 1, terms.bp, terms.floor_minor, terms.cap_minor)
    return shares.fix(price_minor, 0, [claim])[1].amount_minor
