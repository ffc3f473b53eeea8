"""Photos that come with a form and belong to an offer made by it: read before anything is made, added after it."""

import io
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.utils.translation import gettext as _

from yunju.catalog.actions import pictures
from yunju.kernel import pictures as drawn
from yunju.kernel.errors import Invalid, YunjuError
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request

MOST_PHOTOS = 9


class Photos(forms.FileField):
    """One photo or several."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_Several(attrs={"accept": "image/*", "multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list) else [data] if data else []
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(_("At most %(most)s photos.") % {"most": MOST_PHOTOS})
        if not given and self.required:
            raise forms.ValidationError(_("Take or choose at least one photo."))
        return [super(Photos, self).clean(one, initial) for one in given]


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


def readable(form: Form) -> list[bytes] | None:
    """The photos of a valid form. None, and the fault stands at the field, when one of them cannot be read."""
    files = [file.read(drawn.MOST_BYTES + 1) for file in form.cleaned_data["photos"]]
    for content in files:
        try:
            drawn.rewritten(io.BytesIO(content))
        except Invalid as fault:
            form.add_error("photos", messages.of(fault))
            return None
    return files


def add_photos(request: Request, offer_id: int, files: Sequence[bytes]) -> None:
    """Give the offer its photos in their order. A refused one is told; the others are there."""
    for content in files:
        try:
            pictures.add_picture(offer_id=offer_id, file=io.BytesIO(content), by=request.actor)
        except YunjuError as fault:
            flash.warning(request, messages.of(fault))
