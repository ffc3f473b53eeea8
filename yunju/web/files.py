"""Private pictures: shown through signed links that expire, never by their path."""

from typing import BinaryIO, cast

from django.core import signing
from django.core.files.storage import storages
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from yunju.web.request import Request, missing

SALT, SECONDS = "yunju.web.files", 3600
FOLDERS = ("cases/", "threads/")


def address_of(name: str) -> str:
    """The address of a private picture for the next hour. Only pages that may show it ask for one."""
    return reverse("private_file", args=[signing.dumps(name, salt=SALT)])


def uploaded(request: Request, name: str) -> list[BinaryIO]:
    """The files of a form's field, as actions take them."""
    return [cast("BinaryIO", one.file) for one in request.FILES.getlist(name)]


@require_GET
def private_file(_request: Request, signed: str) -> HttpResponseBase:
    """The picture of a link that was signed and is not over; never sniffed, never run, kept by no proxy."""
    try:
        name = str(signing.loads(signed, salt=SALT, max_age=SECONDS))
    except signing.BadSignature:
        missing()
    if not name.startswith(FOLDERS) or ".." in name or not name.endswith(".webp"):
        missing()
    try:
        file = storages["private"].open(name)
    except FileNotFoundError:
        missing()
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={SECONDS}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
