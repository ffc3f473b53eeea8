"""The file of a list, at the foot of its page: every page whose list is declared in `web.listed` has it by itself."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from yunju.ui import messages
from yunju.web.export_lists import LISTS
from yunju.web.listed.base import Listed
from yunju.web.request import Request

register = template.Library()
PAGING = ("page", "before", "after", "dropped", "s")
"""Words of an address that say which part of the list is shown: the file has all of it."""


@dataclass(frozen=True, slots=True)
class File:
    """A link. `name` is empty where the page has one list only: the button needs no more words then."""

    address: str
    name: str


@register.simple_tag(takes_context=True)
def files(context: template.Context) -> list[File]:
    """Links to the files of the lists on this page that have rows. A look with another's eyes takes no file along."""
    request: Request = context["request"]
    match = request.resolver_match
    if match is None or request.actor.user_id is None or getattr(request, "visit", None) is not None:
        return []
    here = [one for one in LISTS.values() if one.page == match.url_name and context.get(one.seen)]
    subject = str(next(iter(match.kwargs.values()), ""))
    return [
        File(_address(request, one, subject), messages.word("export", one.name) if len(here) > 1 else "")
        for one in here
    ]


def _address(request: Request, listed: Listed, subject: str) -> str:
    words = request.GET.copy()
    for name in PAGING:
        words.pop(name, None)
    address = reverse("export", args=[listed.name, subject] if listed.whose.is_named else [listed.name])
    return f"{address}?{words.urlencode()}" if words else address
