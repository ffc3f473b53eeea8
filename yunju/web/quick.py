"""On the shelf by photo, price and number alone: one screen of a phone, for those who have no computer."""

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions import offers as actions
from yunju.catalog.actions import rules, stock
from yunju.catalog.actions.checks import OfferFields, VariantFields
from yunju.catalog.models import Offer
from yunju.members.models import Role
from yunju.members.words import Permission, RoleKind
from yunju.web.forms import CountField, Form, MoneyField
from yunju.web.offers import in_currency
from yunju.web.photos import Photos, add_photos, readable
from yunju.web.request import Request, acting_for, go


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
    given, files = form.cleaned_data, readable(form)
    if files is None:
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
    add_photos(request, made[0].pk, files)
    return made[0]
