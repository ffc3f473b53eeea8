"""Private pictures: shown through signed links that expire, never by their path."""

from typing import BinaryIO, cast

from django.core.files.storage import storages
from django.http import FileResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from yunju.kernel import pictures
from yunju.web.request import Request, missing

FOLDERS = ("cases/", "threads/")
address_of = pictures.private_link


def uploaded(request: Request, name: str) -> list[BinaryIO]:
    """The files of a form's field, as actions take them."""
    return [cast("BinaryIO", one.file) for one in request.FILES.getlist(name)]


@require_GET
def private_file(_request: Request, signed: str) -> HttpResponseBase:
    """The picture of a link that was signed and is not over; never sniffed, never run, kept by no proxy."""
    name = pictures.name_in_link(signed)
    if not name.startswith(FOLDERS) or ".." in name or not name.endswith(".webp"):
        missing()
    try:
        file = storages["private"].open(name)
    except FileNotFoundError:
        missing()
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={pictures.LINK_SECONDS}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
