"""Places in the reader's language."""

from django import template

from yunju.web import provinces

register = template.Library()


@register.filter
def province(name: str) -> str:
    """A province as the reader writes it."""
    return provinces.shown(name)
