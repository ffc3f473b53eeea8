"""素材 on the supplier's side: up to five sets of pictures and words that shops may share."""

from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import messages as flash
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yunju.catalog.actions import materials as actions
from yunju.catalog.materials import materials_visible_to
from yunju.catalog.models import Material, Offer
from yunju.catalog.models.materials import TEXT_LENGTH
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.shops.models import MaterialPost
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files of one input."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", ManyFiles(attrs={"accept": "image/*", "multiple": True}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"])
        return [super(FilesField, self).clean(one, initial) for one in given]


class MaterialForm(Form):
    """One set."""

    text = forms.CharField(
        label=gettext_lazy("Text to post"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": TEXT_LENGTH}),
        help_text=gettext_lazy("At most 500 characters. The shop's link is added by itself."),
    )
    pictures = FilesField(label=gettext_lazy("Pictures"))

    def __init__(self, *args: Any, needs_pictures: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pictures"].required = needs_pictures
        self.fields["pictures"].help_text = (
            _("One to nine; they are shown in this order.")
            if needs_pictures
            else _("More pictures, nine in all.")
        )

    def files_given(self) -> Sequence[BinaryIO]:
        return cast("Sequence[BinaryIO]", self.cleaned_data["pictures"])


@require_http_methods(["GET", "POST"])
def material(request: Request, code: str, offer_code: str) -> HttpResponse:
    """All sets of one own offer, how many shops have posted each, and the form for a new one."""
    member, offer = _own(request, code, offer_code)
    form = MaterialForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = {"text": form.cleaned_data["text"], "files": form.files_given()}
        if form.carried_out(lambda: actions.add_material(offer_id=offer.pk, **given, by=request.actor)):
            flash.success(request, _("The material is there: shops see it from now on."))
            return go(request, "material", member.code, offer.code)
    sets = list(materials_visible_to(request.actor).filter(offer=offer))
    posts = MaterialPost.objects.filter(material__in=sets).values_list("material_id")
    posted = dict(posts.annotate(count=Count("pk")))
    told = {
        "here": "work",
        "member": member,
        "offer": offer,
        "sets": [(one, posted.get(one.pk, 0)) for one in sets],
        "form": form,
        "is_full": len(sets) >= actions.MOST_SETS,
        "most": actions.MOST_SETS,
    }
    return render(request, "web/supplier/material.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def material_edit(request: Request, code: str, offer_code: str, material_code: str) -> HttpResponse:
    """One set: its text, its pictures one by one."""
    member, offer = _own(request, code, offer_code)
    found = _set(request, offer, material_code)
    form = MaterialForm(
        request.POST or None, request.FILES or None, initial={"text": found.text}, needs_pictures=False
    )
    if request.method == "POST" and form.is_valid():
        given = {"text": form.cleaned_data["text"], "files": form.files_given()}
        if form.carried_out(lambda: actions.edit_material(material_id=found.pk, **given, by=request.actor)):
            flash.success(request, _("Saved."))
            return go(request, "material", member.code, offer.code)
    told = {"here": "work", "member": member, "offer": offer, "material": found, "form": form}
    return render(request, "web/supplier/material_edit.html", told, status=422 if form.errors else 200)


@require_POST
def material_remove(request: Request, code: str, offer_code: str, material_code: str) -> HttpResponse:
    """One picture of a set (`picture`), or the whole set."""
    member, offer = _own(request, code, offer_code)
    found = _set(request, offer, material_code)
    picture = request.POST.get("picture", "")
    if picture:
        mine = found.pictures.filter(
            pk=int(picture) if picture.isascii() and picture.isdigit() else 0
        ).first()
        if mine is None:
            missing()
        actions.remove_material_picture(picture_id=mine.pk, by=request.actor)
        return go(request, "material_edit", member.code, offer.code, found.code)
    actions.take_back_material(material_id=found.pk, by=request.actor)
    flash.success(request, _("The material is deleted. What was posted stays posted."))
    return go(request, "material", member.code, offer.code)


def _own(request: Request, code: str, offer_code: str) -> tuple[Member, Offer]:
    member = acting_for(request, code, Permission.OFFER_EDIT)
    offer = Offer.objects.filter(supplier=member, code=offer_code, closed_at=None).first()
    if offer is None:
        missing()
    return member, offer


def _set(request: Request, offer: Offer, code: str) -> Material:
    found = materials_visible_to(request.actor).filter(offer=offer, code=code).first()
    if found is None:
        missing()
    return found
