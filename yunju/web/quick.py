"""On the shelf by photo, price and number alone: one screen of a phone, for those who have no computer."""

import io
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions import offers as actions
from yunju.catalog.actions import pictures, rules, stock
from yunju.catalog.actions.checks import OfferFields, VariantFields
from yunju.catalog.models import Offer
from yunju.kernel import pictures as drawn
from yunju.kernel.errors import Invalid, YunjuError
from yunju.members.models import Role
from yunju.members.words import Permission, RoleKind
from yunju.ui import messages
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.request import Request, acting_for, go

MOST_PHOTOS = 9


class Photos(forms.FileField):
    """One photo or several."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_Several(attrs={"accept": "image/*", "multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list) else [data] if data else []
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(_("At most %(most)s photos.") % {"most": MOST_PHOTOS})
        if not given:
            raise forms.ValidationError(_("Take or choose at least one photo."))
        return [super(Photos, self).clean(one, initial) for one in given]


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class QuickForm(Form):
    """Photo, price, pieces. A title may wait: until then the offer is called by its day."""

    photos = Photos(label=gettext_lazy("Photos"))
    price = MoneyField(label=gettext_lazy("Price"), least=1)
    count = CountField(label=gettext_lazy("Pieces"), least=1, most=stock.MOST)
    title = forms.CharField(
        label=gettext_lazy("What is it?"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A few words. You can leave this out and write it later."),
    )


@require_http_methods(["GET", "POST"])
def offer_quick(request: Request, code: str) -> HttpResponse:
    """Photos are read before anything is made: a picture that cannot be read leaves no offer behind."""
    member = acting_for(request, code, Permission.OFFER_EDIT)
    form = QuickForm(request.POST or None, request.FILES or None)
    in_currency(form, request)
    if request.method == "POST" and form.is_valid():
        offer = _made(request, member.pk, member.name, form)
        if offer is not None:
            flash.success(request, _("“%(title)s” is on the shelf.") % {"title": offer.title})
            return go(request, "offer_quick", member.code, done=offer.code)
    done = Offer.objects.filter(supplier=member, code=request.GET.get("done", "")).first()
    told = {
        "here": "work",
        "member": member,
        "form": form,
        "done": done,
        "helps": Role.objects.filter(
            user_id=request.actor.user_id or 0, member=member, kind=RoleKind.HELPER, ended_at=None
        ).exists(),
    }
    return render(request, "web/supplier/offer_quick.html", told, status=422 if form.errors else 200)


def _made(request: Request, supplier_id: int, name: str, form: QuickForm) -> Offer | None:
    given = form.cleaned_data
    files = [file.read(drawn.MOST_BYTES + 1) for file in given["photos"]]
    for content in files:
        try:
            drawn.rewritten(io.BytesIO(content))
        except Invalid as fault:
            form.add_error("photos", messages.of(fault))
            return None
    new = actions.NewOffer(
        fields=OfferFields(title=given["title"].strip() or _("New from %(name)s") % {"name": name[:100]}),
        variants=(VariantFields(price_minor=given["price"]),),
        counts=(given["count"],),
        rule=rules.usual_terms(supplier_id),
        listed=True,
    )
    made: list[Offer] = []
    if not form.carried_out(
        lambda: made.append(actions.make_offer(supplier_id=supplier_id, new=new, by=request.actor))
    ):
        return None
    for content in files:
        try:
            pictures.add_picture(offer_id=made[0].pk, file=io.BytesIO(content), by=request.actor)
        except YunjuError as fault:
            flash.warning(request, messages.of(fault))
    return made[0]
