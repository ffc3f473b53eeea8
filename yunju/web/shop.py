"""Shops: the page buyers see, opening one, and what its keeper picks and arranges."""

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog import queries as catalog
from yunju.kernel.errors import Refused
from yunju.members.words import Permission
from yunju.shops import actions, attribution, queries
from yunju.shops.actions import ListingChange
from yunju.shops.models import Listing, Shop
from yunju.web.cards import Card, cards
from yunju.web.forms import CountField, Form
from yunju.web.home import PAGE, keeper_shop
from yunju.web.request import Request, go, local_address, missing, signed_in


@require_GET
def page(request: Request, code: str) -> HttpResponse:
    """A shop as its buyers see it: its picks that are on the shelf, under its own titles."""
    shop = _shop(request, code)
    shown = Paginator(_picks(shop), PAGE).get_page(request.GET.get("page"))
    listings = list(shown.object_list)
    told = {
        "shop": shop,
        "page": shown,
        "cards": _as_listed(listings),
        "is_mine": request.actor.holds(Permission.SHOP_EDIT, shop.member_id),
        "share": share_address(request, shop),
    }
    return render(request, "web/shop/page.html", told)


def _shop(request: Request, code: str) -> Shop:
    found = queries.visible_to(request.actor).filter(code=code).first()
    if found is None:
        missing()
    return found


def _picks(shop: Shop) -> QuerySet[Listing]:
    sold = catalog.on_shelf(shop.cluster_id).filter(pk=OuterRef("offer_id"))
    live = queries.live_listings(shop.cluster_id).filter(Exists(sold), shop=shop)
    return live.select_related("offer__supplier", "picture").order_by("position", "id")


def _as_listed(listings: list[Listing]) -> list[Card]:
    """The cards of the offers, each with the shop's own title and picture where it has one."""
    found = cards([listing.offer for listing in listings])
    return [
        Card(
            offer=card.offer,
            title=listing.title or card.title,
            picture=f"{settings.MEDIA_URL}{listing.picture.file.name}"
            if listing.picture and listing.picture.file
            else card.picture,
            least_minor=card.least_minor,
            most_minor=card.most_minor,
            is_left=card.is_left,
            terms=card.terms,
        )
        for card, listing in zip(found, listings, strict=True)
    ]


def share_address(request: Request, shop: Shop, path: str = "") -> str:
    """The link a keeper sends around: it names the shop, signed."""
    token = attribution.make_token(shop.pk, "link")
    return request.build_absolute_uri(f"{path or f'/shops/{shop.code}'}?s={token}")


class OpenForm(Form):
    """What opening a shop asks, and nothing else."""

    name = forms.CharField(label=gettext_lazy("Name of the shop"), max_length=60)
    phone = forms.CharField(
        label=gettext_lazy("Mobile phone"),
        max_length=20,
        help_text=gettext_lazy("So that the operator can reach you. Buyers do not see it."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


@require_http_methods(["GET", "POST"])
def open_shop(request: Request) -> HttpResponse:
    """A shop of one's own in two answers; nobody's approval."""
    signed_in(request)
    mine = keeper_shop(request)
    if mine is not None:
        return go(request, "arrange", mine.code)
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        opened: list[Shop] = []
        try:
            if form.carried_out(
                lambda: opened.append(actions.open_shop(**form.cleaned_data, by=request.actor))
            ):
                flash.success(request, _("Your shop is open. Now choose what to sell."))
                return go(request, "shelf")
        except Refused as refusal:
            return go(request, "arrange", refusal.params.get("shop"))
    return render(request, "web/shop/open.html", {"form": form}, status=422 if form.errors else 200)


def _own_shop(request: Request, code: str) -> Shop:
    signed_in(request)
    shop = _shop(request, code)
    if not request.actor.holds(Permission.SHOP_EDIT, shop.member_id):
        missing()
    return shop


@require_POST
def pick(request: Request) -> HttpResponse:
    """一键上架: one offer of the shelf into one's shop, or out of it."""
    shop = _own_shop(request, request.POST.get("shop", ""))
    offer = catalog.visible_to(request.actor).filter(code=request.POST.get("offer", "")).first()
    if offer is None:
        missing()
    actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=request.actor)
    flash.success(request, _("“%(title)s” is in your shop.") % {"title": offer.title})
    return HttpResponseRedirect(
        local_address(request, request.POST.get("next", ""), f"/shops/{shop.code}/arrange")
    )


class ListingForm(Form):
    """What a shop may say of its own about a pick."""

    title = forms.CharField(label=gettext_lazy("Own title"), max_length=200, required=False)
    position = CountField(label=gettext_lazy("Place in the shop"), required=False, most=2_999)
    picture_id = CountField(label=gettext_lazy("Picture"), required=False)


@require_http_methods(["GET", "POST"])
def arrange(request: Request, code: str) -> HttpResponse:
    """The keeper's view of the shop: what is picked, in which order, under which title; and the link to share."""
    shop = _own_shop(request, code)
    live = Listing.objects.filter(shop=shop, ended_at=None).select_related("offer__supplier", "picture")
    shown = Paginator(live.order_by("position", "id"), PAGE).get_page(request.GET.get("page"))
    listings = list(shown.object_list)
    told = {
        "here": "work",
        "shop": shop,
        "page": shown,
        "rows": list(zip(listings, _as_listed(listings), strict=True)),
        "share": share_address(request, shop),
    }
    return render(request, "web/shop/arrange.html", told)


@require_http_methods(["GET", "POST"])
def listing(request: Request, code: str, listing_id: int) -> HttpResponse:
    """One pick: title, picture and place of the shop's own."""
    shop = _own_shop(request, code)
    found = Listing.objects.filter(shop=shop, pk=listing_id, ended_at=None).select_related("offer").first()
    if found is None:
        missing()
    pictures = [one for one in found.offer.pictures.all() if one.file]
    initial = {"title": found.title, "position": found.position, "picture_id": found.picture_id or 0}
    form = ListingForm(request.POST or None, initial=initial)
    form.fields["title"].help_text = found.offer.title
    form.fields["picture_id"].widget = forms.Select(
        choices=[
            (0, _("The supplier's first picture")),
            *((one.pk, one.alt or f"{one.position + 1}") for one in pictures),
        ]
    )
    if request.method == "POST" and form.is_valid():
        change = ListingChange(**form.cleaned_data)
        if form.carried_out(
            lambda: actions.edit_listing(listing_id=found.pk, change=change, by=request.actor)
        ):
            return go(request, "arrange", shop.code)
    told = {"here": "work", "shop": shop, "listing": found, "form": form}
    return render(request, "web/shop/listing.html", told, status=422 if form.errors else 200)


@require_POST
def drop(request: Request, code: str, listing_id: int) -> HttpResponse:
    """A pick leaves the shop."""
    shop = _own_shop(request, code)
    if not Listing.objects.filter(shop=shop, pk=listing_id).exists():
        missing()
    actions.drop(listing_id=listing_id, by=request.actor)
    flash.success(request, _("Taken out of the shop."))
    return go(request, "arrange", shop.code)


@require_POST
def move(request: Request, code: str, listing_id: int) -> HttpResponse:
    """One place up: the pick changes places with the one before it."""
    shop = _own_shop(request, code)
    order = list(
        Listing.objects.filter(shop=shop, ended_at=None)
        .order_by("position", "id")
        .values_list("id", flat=True)
    )
    if listing_id not in order:
        missing()
    at = order.index(listing_id)
    if at:
        order[at - 1], order[at] = order[at], order[at - 1]
        actions.reorder(shop_id=shop.pk, listing_ids=order, by=request.actor)
    return go(request, "arrange", shop.code, page=request.POST.get("page", ""))
