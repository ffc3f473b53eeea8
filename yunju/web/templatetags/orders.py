"""What the pages of orders look up by id: pictures, codes, reviews."""

from collections.abc import Mapping

from django import template
from django.urls import reverse

from yunju.talks.models import Review

register = template.Library()


@register.simple_tag
def picture_of(offer_id: int | None, pictures: Mapping[int, str]) -> str:
    """The picture of an offer, or the lattice drawn for it."""
    return pictures.get(offer_id or 0) or reverse("art", args=[offer_id or 0])


@register.simple_tag
def code_of(offer_id: int | None, codes: Mapping[int, str]) -> str:
    """The code of an offer in addresses; empty when it is gone."""
    return codes.get(offer_id or 0, "")


@register.simple_tag
def thing_of(key: int, things: Mapping[int, object]) -> object:
    """One of many, by its id."""
    return things.get(key)


@register.simple_tag
def review_of(line_id: int, reviews: Mapping[int, Review]) -> Review | None:
    """The review of a line."""
    return reviews.get(line_id)


@register.filter
def stars(review: Review) -> str:
    """Full and empty stars; beside them stands the number in words."""
    return "★" * review.stars + "☆" * (5 - review.stars)
