"""The card with which a supplier can be reached: set here, shown on orders and offers. A shop's is on its own page."""

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.members.words import Permission
from yunju.talks import queries
from yunju.talks.actions import cards
from yunju.web.files import uploaded
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go


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
    card = queries.cards(request.cluster.pk, supplier_id=member.pk).supplier
    first = {"phone": card.phone, "hours": card.hours} if card else {"phone": member.phone}
    form = CardForm(request.POST or None, initial=first)
    files = uploaded(request, "picture")
    if request.method == "POST" and form.is_valid():
        draft = cards.Draft(**form.cleaned_data, file=files[0] if files else None)
        if form.carried_out(lambda: cards.set_card(member_id=member.pk, draft=draft, by=request.actor)):
            flash.success(request, _("Saved. Buyers see it on their orders and on the offers."))
            return go(request, "member_service", member.code)
    told = {
        "here": "work",
        "tab": "member_service",
        "member": member,
        "form": form,
        "picture": f"{settings.MEDIA_URL}{card.picture.name}" if card and card.picture else "",
    }
    return render(request, "web/supplier/service.html", told, status=422 if form.errors else 200)
