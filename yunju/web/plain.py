"""Answers that belong to no cluster: health, generated artwork, stored pictures, the choice of language."""

from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_GET, require_POST

from yunju.kernel import loops
from yunju.members.models import User
from yunju.ui import drawing
from yunju.web.request import local_address

PICTURE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
LANGUAGE_SECONDS = 365 * 24 * 3600


@require_GET
def health(_request: HttpRequest) -> HttpResponse:
    """200 only when the database answers; names the loops of the worker that are late."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        late = [beat.name for beat in loops.late()]
    except DatabaseError:
        return JsonResponse({"database": "does not answer", "late": []}, status=503)
    return JsonResponse({"database": "answers", "late": late})


@require_GET
def art(_request: HttpRequest, seed: int) -> HttpResponse:
    """A lattice window (窗棂) drawn from a number: what an offer without a picture shows."""
    response = HttpResponse(drawing.picture(seed), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_GET
def picture(_request: HttpRequest, name: str) -> FileResponse:
    """A public picture out of the store: known types only, never sniffed, never run."""
    kind = PICTURE_TYPES.get(PurePosixPath(name).suffix.lower())
    try:
        path = safe_join(settings.MEDIA_ROOT, name)
        if kind is None:
            raise Http404
        response = FileResponse(open(path, "rb"), content_type=kind)  # noqa: PTH123, SIM115  (the answer closes it)
    except (OSError, ValueError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Another language for this browser, and for the account; back to the same page."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(local_address(request, request.POST.get("next", "")))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=LANGUAGE_SECONDS, samesite="Lax")
        if isinstance(request.user, User) and request.user.language != wanted:
            User.objects.filter(pk=request.user.pk).update(language=wanted)
    return response
