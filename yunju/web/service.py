"""The card with which a supplier or a shop can be reached: set here, shown on orders and offers."""

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.shops import queries as shops
from yunju.shops.models import Shop
from yunju.talks import queries
from yunju.talks.actions import cards
from yunju.talks.models import ServiceCard
from yunju.web.files import uploaded
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing


class CardForm(Form):
    """Phone, hours, the picture that opens a chat."""

    phone = forms.CharField(
        label=gettext_lazy("Service phone"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    hours = forms.CharField(
        label=gettext_lazy("Hours"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example: Monday to Saturday, 9:00 to 18:00"),
    )
    without_picture = forms.BooleanField(label=gettext_lazy("Take the picture off"), required=False)


@require_http_methods(["GET", "POST"])
def member_service(request: Request, code: str) -> HttpResponse:
    """The card of a supplier."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    return _page(request, member, None)


@require_http_methods(["GET", "POST"])
def shop_service(request: Request, code: str) -> HttpResponse:
    """The card of a shop."""
    shop = shops.own_shops(request.actor).select_related("member").filter(code=code).first()
    if shop is None:
        missing()
    return _page(request, shop.member, shop)


def _page(request: Request, member: Member, shop: Shop | None) -> HttpResponse:
    card = _card(request, member, shop)
    first = {"phone": card.phone, "hours": card.hours} if card else {"phone": member.phone}
    form = CardForm(request.POST or None, initial=first)
    files = uploaded(request, "picture")
    if request.method == "POST" and form.is_valid():
        draft = cards.Draft(**form.cleaned_data, file=files[0] if files else None)
        if form.carried_out(
            lambda: cards.set_card(
                member_id=member.pk, shop_id=shop.pk if shop else None, draft=draft, by=request.actor
            )
        ):
            flash.success(request, _("Saved. Buyers see it on their orders and on the offers."))
            if shop:
                return go(request, "shop_service", shop.code)
            return go(request, "member_service", member.code)
    told = {
        "here": "work",
        "tab": "member_service",
        "member": member,
        "shop": shop,
        "form": form,
        "picture": f"{settings.MEDIA_URL}{card.picture.name}" if card and card.picture else "",
    }
    return render(request, "web/supplier/service.html", told, status=422 if form.errors else 200)


def _card(request: Request, member: Member, shop: Shop | None) -> ServiceCard | None:
    if shop is None:
        return queries.cards(request.cluster.pk, supplier_id=member.pk).supplier
    return queries.cards(request.cluster.pk, supplier_id=None, shop_id=shop.pk).shop
