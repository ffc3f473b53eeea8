"""The files of the lists on a page, at its foot: every page whose list is declared in `web.listed` has them by itself."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def files(context: template.Context) -> list[Any]:
    """Links (`web.export_lists.Link`) to the files of those lists that have rows on this page."""
    return [one for one in context["lists_here"] if context.get(one.seen)] if "lists_here" in context else []
