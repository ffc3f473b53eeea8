"""Opening a shop on a phone: a name, a look over what it begins with, and it is there with its link.

Whoever has no account yet gives the name first and is brought back here after signing in: nothing is asked twice.
"""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from yunju.catalog import queries as catalog
from yunju.kernel.errors import Invalid
from yunju.members import inputs
from yunju.members.models import User
from yunju.members.wording import refuse_forbidden
from yunju.shops import actions, texts
from yunju.shops.models import Shop
from yunju.shops.starting import starting_picks
from yunju.web.cards import Card, cards
from yunju.web.forms import Form
from yunju.web.keeping import kept_shop, own_shop, share_address
from yunju.web.request import Request, go, signed_in

DRAFT = "opening_shop"
"""What the session keeps between the steps: the name."""


class NameForm(Form):
    """The first step."""

    name = forms.CharField(
        label=gettext_lazy("Name of the shop"),
        max_length=texts.NAME_LENGTH,
        help_text=gettext_lazy("Buyers see it. You can change it at any time."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "next"}),
    )

    def check(self, cluster_id: int) -> None:
        """What the action will ask too: better said here than two steps later."""
        name = texts.line(self.cleaned_data["name"], field="name", most=texts.NAME_LENGTH)
        refuse_forbidden(cluster_id=cluster_id, texts={"name": name})


@require_http_methods(["GET", "POST"])
def open_shop(request: Request) -> HttpResponse:
    """Step 1 of 3. Whoever keeps a shop already is led to it."""
    mine = kept_shop(request)
    if mine is not None:
        return go(request, "today", mine.code)
    form = NameForm(request.POST or None, initial={"name": request.session.get(DRAFT, "")})
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: form.check(request.cluster.pk))
    ):
        request.session[DRAFT] = form.cleaned_data["name"]
        if request.actor.user_id is None:
            return go(request, "sign_in", next=reverse("opening_picks"))
        return go(request, "opening_picks")
    return render(request, "web/shop/open.html", {"form": form}, status=422 if form.errors else 200)


class PicksForm(Form):
    """The second step: which of the picks stay; and a phone where the account has none."""

    offers = forms.MultipleChoiceField(required=False)
    phone = forms.CharField(
        label=gettext_lazy("Mobile phone"),
        max_length=20,
        help_text=gettext_lazy("So that the operator can reach you. Buyers do not see it."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, phone: str, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offers"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]  # a choice
        if phone:
            del self.fields["phone"]


@require_http_methods(["GET", "POST"])
def opening_picks(request: Request) -> HttpResponse:
    """Step 2 of 3: twelve offers stand ready, each goes and comes back with one tap. The button opens the shop."""
    signed_in(request)
    mine = kept_shop(request)
    if mine is not None:
        return go(request, "today", mine.code)
    name = str(request.session.get(DRAFT, ""))
    if not name:
        return go(request, "open_shop")
    found = _offered(request)
    phone = _phone(request)
    codes = [card.offer.code for card in found]
    sent = request.POST if request.method == "POST" else None  # nothing ticked is an answer too
    form = PicksForm(sent, phone=phone, codes=_named(request, codes))
    if form.is_bound and form.is_valid():
        opened: list[Shop] = []
        number = phone or form.cleaned_data["phone"]
        picks = _ids(request, form.cleaned_data["offers"])
        if form.carried_out(
            lambda: opened.append(
                actions.open_shop(name=name, phone=number, offer_ids=picks, by=request.actor)
            )
        ):
            del request.session[DRAFT]
            return go(request, "opened", opened[0].code)
    chosen = request.POST.getlist("offers") if form.is_bound else codes
    told = {"form": form, "name": name, "cards": found, "chosen": chosen}
    return render(request, "web/shop/open_picks.html", told, status=422 if form.errors else 200)


def _offered(request: Request) -> list[Card]:
    order = starting_picks(request.cluster.pk)
    offers = catalog.on_shelf(request.cluster.pk).filter(pk__in=order).select_related("supplier").in_bulk()
    return cards([offers[pk] for pk in order if pk in offers])


def _named(request: Request, codes: list[str]) -> list[str]:
    """What the page shows now, and what it showed when it was sent: something may have sold better meanwhile."""
    asked = request.POST.getlist("offers")[:50]
    there = catalog.on_shelf(request.cluster.pk).filter(code__in=asked).values_list("code", flat=True)
    return [*codes, *there]


def _ids(request: Request, codes: list[str]) -> list[int]:
    found = dict(catalog.on_shelf(request.cluster.pk).filter(code__in=codes).values_list("code", "pk"))
    return [found[code] for code in codes if code in found]


def _phone(request: Request) -> str:
    """The phone of the account, where it is one."""
    user = request.user
    try:
        return inputs.phone(user.phone) if isinstance(user, User) and user.phone else ""
    except Invalid:
        return ""


@require_GET
def opened(request: Request, code: str) -> HttpResponse:
    """Step 3 of 3: it is there. The link, the poster, and where to go on."""
    shop = own_shop(request, code)
    told = {"here": "work", "shop": shop, "share": share_address(request, shop)}
    return render(request, "web/shop/opened.html", told)
