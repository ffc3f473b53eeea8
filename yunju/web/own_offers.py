"""The list of a supplier's own offers. What is done to one of them stands in `offers`."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog import queries as catalog
from yunju.catalog.models import Offer
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.web.cards import cards
from yunju.web.home import PAGE
from yunju.web.request import Request, acting_for


@require_GET
def offers(request: Request, code: str) -> HttpResponse:
    """All offers of the supplier, the newest first, with what is left of each."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    page = Paginator(wanted(request, member), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "work",
        "member": member,
        "page": page,
        "words": _words(request),
        "cards": cards(list(page.object_list)),
    }
    return render(request, "web/supplier/offers.html", told)


def _words(request: Request) -> str:
    return request.GET.get("q", "").strip()[:80]


def wanted(request: Request, member: Member) -> QuerySet[Offer]:
    """The open offers that the address asks for."""
    mine = Offer.objects.filter(supplier=member, closed_at=None).select_related("supplier").order_by("-id")
    words = _words(request)
    return catalog.found_by(mine, words) if words else mine
