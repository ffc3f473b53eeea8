"""The card of an offer, drawn once for all lists that show it within a minute."""

from django import template
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from yunju.web.cards import Card
from yunju.web.public import remembered

register = template.Library()
SECONDS = 60


@register.simple_tag(takes_context=True)
def card_of(context: template.Context, card: Card) -> SafeString:
    """Drawn anew when anything that it shows has changed: all of that is in the key."""
    share, cluster = context.get("share_token", ""), context["cluster"]
    shown = (
        card.offer.pk,
        card.offer.code,
        card.offer.supplier.name,
        card.title,
        card.picture,
        card.least_minor,
    )
    reduced = card.reduced and (
        card.price_minor,
        card.is_range,
        card.reduced.list_minor,
        card.reduced.sale.variant,
    )
    state = (card.most_minor, card.is_left, card.sold, card.ship_from, reduced)
    key = ("card", shown, state, share, cluster.currency, translation.get_language())
    told = {"card": card, "share_token": share, "cluster": cluster}
    return remembered(key, SECONDS, lambda: render_to_string("web/home/_card.html", told))
