"""What every template knows: the cluster as the face of the site, who is asking, the alarms of the operator."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from yunju.kernel import loops
from yunju.members.papers import papers_of
from yunju.notices import queries as notices
from yunju.web import export_lists
from yunju.web.request import Request


def page(request: HttpRequest) -> dict[str, object]:
    """Names for the base layout. Works for requests that never met our middleware (early refusals)."""
    known: dict[str, object] = {
        "languages": settings.LANGUAGES,
        "share_token": getattr(request, "share_token", ""),
    }
    cluster, actor = getattr(request, "cluster", None), getattr(request, "actor", None)
    if cluster is None or actor is None:
        return known
    return known | {
        "cluster": cluster,
        "actor": getattr(
            request, "powers", actor
        ),  # places are named; what sleeps asks for the password on the way in
        "alarms": loops.late() if actor.is_operator else [],
        "papers": papers_of(cluster),
        "unread": notices.unread(actor),
        "visit": getattr(request, "visit", None),
        "lists_here": SimpleLazyObject(lambda: export_lists.links(cast("Request", request))),
    }
