"""Hearts: the list, and putting one on and taking it away."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog import hearts
from yunju.catalog.actions import favourites as actions
from yunju.web.cards import cards
from yunju.web.request import Request, local_address


@require_GET
def favourites(request: Request) -> HttpResponse:
    """What this person wants to find again, the newest first; what is no longer sold says so."""
    found = cards(list(hearts.offers_of(request.actor)), with_terms=False)
    return render(request, "web/home/favourites.html", {"here": "favourites", "cards": found})


@require_POST
def heart(request: Request, code: str) -> HttpResponse:
    """One tap puts it on, the next takes it away."""
    change = actions.remove if request.POST.get("heart") == "off" else actions.add
    change(offer_code=code, by=request.actor)
    to = local_address(request, request.POST.get("next", ""), reverse("offer", args=[code]))
    return HttpResponseRedirect(to)
