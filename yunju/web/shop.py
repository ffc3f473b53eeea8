"""The shop as its buyers see it, and what its keeper arranges in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog import queries as catalog
from yunju.catalog.models import Category
from yunju.members.words import Permission
from yunju.shops import actions, texts
from yunju.shops import queries as picks
from yunju.shops.actions import ListingChange
from yunju.shops.models import Listing, Shop
from yunju.talks import queries as talks
from yunju.talks.actions import cards as service
from yunju.web.cards import Card, cards
from yunju.web.forms import CountField, Form
from yunju.web.keeping import origin, own_shop, shop_of
from yunju.web.public import public_home, remembered
from yunju.web.request import Request, go, missing

PAGE = 24
LABEL_SECONDS = 30
ARRANGED = 60
"""Picks on a page of the keeper's: the order is easier to see on one page than on three."""


@require_GET
@public_home
def page(request: Request, code: str) -> HttpResponse:
    """A shop as its buyers see it: its picks that are on the shelf, under its own titles; by category and by words."""
    shop = shop_of(request, code)
    words = _words(request.GET)
    chosen = request.GET.get("category", "")[:60]
    shown = Paginator(_found(shop, words, chosen), PAGE).get_page(request.GET.get("page"))
    found = as_listed(picks.shown(list(shown.object_list)), with_terms=False)
    told = {
        "shop": shop,
        "page": shown,
        "cards": found,
        "words": words,
        "chosen": chosen,
        "categories": _shown_categories(request, shop),
        "is_mine": request.actor.holds(Permission.SHOP_EDIT, shop.member_id),
        "service": talks.cards(shop.cluster_id, supplier_id=None, shop_id=shop.pk).shop,
        "origin": origin(request),
        "first_picture": next((card.picture for card in found if card.picture), ""),
    }
    return render(request, "web/shop/page.html", told)


def _found(shop: Shop, words: str, category: str) -> Sequence[int] | QuerySet[Listing, int]:
    """The picks that buyers see, by their ids; words are looked for in the shop's own titles too."""
    if not words and not category:
        return picks.ids_on_show(shop)
    live = picks.on_show(shop).values_list("pk", flat=True)
    if category:
        live = live.filter(offer__category__code=category)
    if not words:
        return live
    shelf = catalog.found_by(catalog.on_shelf(shop.cluster_id), words, cluster_id=shop.cluster_id)
    return live.filter(Q(title__icontains=words) | Exists(shelf.filter(pk=OuterRef("offer_id"))))


def _shown_categories(request: Request, shop: Shop) -> list[Category]:
    """They may be half a minute old; who keeps the shop sees her last pick."""
    if request.actor.holds(Permission.SHOP_EDIT, shop.member_id):
        return _categories(shop)
    return remembered(("shop's categories", shop.pk), LABEL_SECONDS, lambda: _categories(shop))


def _categories(shop: Shop) -> list[Category]:
    """Those that have something in this shop; one alone is no choice."""
    picked = picks.on_show(shop).order_by().filter(offer__category=OuterRef("pk"))
    found = list(Category.objects.filter(Exists(picked), cluster=shop.cluster).order_by("position", "id"))
    return found if len(found) > 1 else []


def as_listed(listings: list[Listing], *, with_terms: bool = True) -> list[Card]:
    """The cards of the offers, each with the shop's own title and picture where it has one."""
    found = cards([listing.offer for listing in listings], with_terms=with_terms)
    return [_own(card, listing) for card, listing in zip(found, listings, strict=True)]


def _own(card: Card, listing: Listing) -> Card:
    picture = card.picture
    if listing.picture and listing.picture.file:
        picture = f"{settings.MEDIA_URL}{listing.picture.file.name}"
    return replace(card, title=listing.title or card.title, picture=picture)


# --- what the keeper arranges -----------------------------------------------------------------------------------------


class ShopForm(Form):
    """What stands over the shop."""

    name = forms.CharField(label=gettext_lazy("Name of the shop"), max_length=texts.NAME_LENGTH)
    intro = forms.CharField(
        label=gettext_lazy("A few words about the shop"),
        required=False,
        max_length=texts.INTRO_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ServiceForm(Form):
    """客服: how buyers reach the shop."""

    phone = forms.CharField(
        label=gettext_lazy("Phone for buyers"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Empty: none is shown."),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    hours = forms.CharField(
        label=gettext_lazy("Hours"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example: Monday to Saturday, 9:00 to 18:00"),
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture to add you in WeChat"),
        required=False,
        help_text=gettext_lazy("The QR code of your WeChat. Buyers long-press it."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    without_picture = forms.BooleanField(label=gettext_lazy("Take the picture away"), required=False)

    def draft(self) -> service.Draft:
        given = self.cleaned_data
        return service.Draft(given["phone"], given["hours"], given["picture"], given["without_picture"])


@require_http_methods(["GET", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    """Name, words and 客服 of the shop, on two forms."""
    shop = own_shop(request, code)
    card = talks.cards(shop.cluster_id, supplier_id=None, shop_id=shop.pk).shop
    what = request.GET.get("form", "") if request.method == "POST" else ""
    form = ShopForm(
        request.POST if what == "shop" else None, initial={"name": shop.name, "intro": shop.intro}
    )
    reach = ServiceForm(
        request.POST if what == "service" else None,
        request.FILES if what == "service" else None,
        initial={"phone": card.phone, "hours": card.hours} if card else None,
    )
    if not card or not card.picture:
        reach.fields["without_picture"].widget = forms.HiddenInput()
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        if form.carried_out(lambda: actions.edit_shop(shop_id=shop.pk, **given, by=request.actor)):
            return _kept(request, shop)
    if reach.is_bound and reach.is_valid():
        draft = reach.draft()
        whose = {"member_id": shop.member_id, "shop_id": shop.pk}
        if reach.carried_out(lambda: service.set_card(**whose, draft=draft, by=request.actor)):
            return _kept(request, shop)
    told = {"here": "work", "shop": shop, "tab": "arrange", "form": form, "reach": reach, "card": card}
    status = 422 if form.errors or reach.errors else 200
    return render(request, "web/shop/edit.html", told, status=status)


def _kept(request: Request, shop: Shop) -> HttpResponse:
    flash.success(request, _("Saved."))
    return go(request, "shop_edit", shop.code)


class ListingForm(Form):
    """What a shop may say of its own about a pick."""

    title = forms.CharField(label=gettext_lazy("Own title"), max_length=texts.TITLE_LENGTH, required=False)
    picture_id = CountField(label=gettext_lazy("Picture"), required=False)


@require_GET
def arrange(request: Request, code: str) -> HttpResponse:
    """The keeper's view of the shop: what is picked, in which order, under which title; `?q=` finds among it.

    `?dropped=` comes with the way back, `?moved=` with the place where the pick stands now.
    """
    shop = own_shop(request, code)
    shown = Paginator(wanted_picks(request, shop), ARRANGED).get_page(request.GET.get("page"))
    listings = list(shown.object_list)
    places = {pk: n for n, pk in enumerate(_picks_of(shop).values_list("pk", flat=True), 1)}
    moved = _named(request, shop, "moved")
    told = {
        "here": "work",
        "tab": "arrange",
        "shop": shop,
        "page": shown,
        "words": _words(request.GET),
        "rows": list(zip(listings, as_listed(listings), [places[one.pk] for one in listings], strict=True)),
        "last": len(places),
        "dropped": _named(request, shop, "dropped"),
        "moved": moved,
        "moved_to": places.get(moved.pk) if moved else None,
    }
    return render(request, "web/shop/arrange.html", told)


def wanted_picks(request: Request, shop: Shop) -> QuerySet[Listing]:
    """What is picked, in the keeper's order; with words in the address, that whose own or first title has them."""
    found, words = _picks_of(shop), _words(request.GET)
    return found.filter(Q(title__icontains=words) | Q(offer__title__icontains=words)) if words else found


def _picks_of(shop: Shop) -> QuerySet[Listing]:
    live = Listing.objects.filter(shop=shop, ended_at=None).select_related("offer__supplier", "picture")
    return live.order_by("position", "id")


def _words(given: QueryDict) -> str:
    return " ".join(given.get("q", "").split())[:80]


def _named(request: Request, shop: Shop, name: str) -> Listing | None:
    """The pick that the address names as `moved`, or as `dropped`: no longer in the shop."""
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    is_gone = name == "dropped"
    found = Listing.objects.filter(shop=shop, pk=int(text), ended_at__isnull=not is_gone)
    return found.select_related("offer").first()


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture to choose."""

    pk: int
    address: str


@require_http_methods(["GET", "POST"])
def listing(request: Request, code: str, listing_id: int) -> HttpResponse:
    """One pick: title and picture of the shop's own."""
    shop = own_shop(request, code)
    found = Listing.objects.filter(shop=shop, pk=listing_id, ended_at=None).select_related("offer").first()
    if found is None:
        missing()
    form = ListingForm(
        request.POST or None, initial={"title": found.title, "picture_id": found.picture_id or 0}
    )
    form.fields["title"].widget.attrs["placeholder"] = found.offer.title
    if request.method == "POST" and form.is_valid():
        change = ListingChange(**form.cleaned_data)
        if form.carried_out(
            lambda: actions.edit_listing(listing_id=found.pk, change=change, by=request.actor)
        ):
            flash.success(request, _("Saved."))
            return go(request, "arrange", shop.code)
    stored = [one for one in found.offer.pictures.all() if one.file]
    told = {
        "here": "work",
        "tab": "arrange",
        "shop": shop,
        "listing": found,
        "form": form,
        "pictures": [Shown(one.pk, f"{settings.MEDIA_URL}{one.file.name}") for one in stored],
        "picture_id": str(form["picture_id"].value() or 0),
    }
    return render(request, "web/shop/listing.html", told, status=422 if form.errors else 200)


def _own_listing(request: Request, code: str, listing_id: int) -> Shop:
    shop = own_shop(request, code)
    if not Listing.objects.filter(shop=shop, pk=listing_id).exists():
        missing()
    return shop


@require_POST
def drop(request: Request, code: str, listing_id: int) -> HttpResponse:
    """A pick leaves the shop; the page it comes back to knows the way back."""
    shop = _own_listing(request, code, listing_id)
    actions.drop(listing_id=listing_id, by=request.actor)
    return _back(request, shop, dropped=listing_id)


@require_POST
def restore(request: Request, code: str, listing_id: int) -> HttpResponse:
    """Undo: the pick stands again where it stood, under its own title."""
    shop = _own_listing(request, code, listing_id)
    actions.restore(listing_id=listing_id, by=request.actor)
    flash.success(request, _("It is back in your shop."))
    return _back(request, shop)


@require_POST
def move(request: Request, code: str, listing_id: int) -> HttpResponse:
    """One place up or down, to the top, or to the place of a number."""
    shop = _own_listing(request, code, listing_id)
    place = request.POST.get("place", "")
    if place.isascii() and place.isdigit() and len(place) < 19:
        actions.place_listing(listing_id=listing_id, place=int(place), by=request.actor)
    else:
        actions.raise_listing(listing_id=listing_id, step=request.POST.get("step", "up"), by=request.actor)
    return _back(request, shop, moved=listing_id)


def _back(request: Request, shop: Shop, **told: object) -> HttpResponse:
    """To the page of picks, and the search, from which something was asked."""
    page = request.POST.get("page", "")
    return go(request, "arrange", shop.code, page=page, q=_words(request.POST), **told)
