"""Private pictures: shown through signed links that expire and open for one viewer alone, never by their path."""

from typing import BinaryIO, cast

from django.core.files.storage import storages
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from yunju.kernel import pictures
from yunju.web.request import Request, missing


def address_of(request: Request, name: str) -> str:
    """Where whoever asks finds a picture for the next hour. For anybody else, passed on, the address is none."""
    return reverse("private_file", args=[pictures.private_link(name, request.actor)])


def uploaded(request: Request, name: str) -> list[BinaryIO]:
    """The files of a form's field, as actions take them."""
    return [cast("BinaryIO", one.file) for one in request.FILES.getlist(name)]


@require_GET
def private_file(request: Request, signed: str) -> HttpResponseBase:
    """The picture of a link that was signed for this viewer and is not over; never sniffed, never run, kept nowhere."""
    name = pictures.name_in_link(signed, request.actor)
    if not name:
        missing()
    try:
        file = storages["private"].open(name)
    except FileNotFoundError:
        missing()
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
