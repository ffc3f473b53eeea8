"""Answers that belong to no cluster: health, generated artwork, stored pictures, the choice of language."""

import random
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils._os import safe_join
from django.views.decorators.http import require_GET, require_POST

from yunju.kernel import loops
from yunju.members.models import User
from yunju.web.request import local_address

PICTURE_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
LANGUAGE_SECONDS = 365 * 24 * 3600
GROUNDS = (("#E9E2D3", "#B5341F"), ("#E4EAF0", "#274B73"), ("#E2ECE5", "#2B6B49"), ("#F0E8D6", "#7A5600"))


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
    response = HttpResponse(lattice(seed), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def lattice(seed: int) -> str:
    """The same number draws the same window: a symmetric frame of bars on a coloured ground."""
    dice = random.Random(seed)  # noqa: S311  (a pattern, not a secret)
    ground, ink = dice.choice(GROUNDS)
    steps = sorted(dice.sample(range(2, 11), dice.choice((2, 3, 4))))
    bars = []
    for step in steps:
        near, far, start = 20 * step, 480 - 20 * step, dice.choice((0, 40, 80, 120))
        for at in {near, far}:
            bars.append(f"M{at} {start}V{480 - start}M{start} {at}H{480 - start}")
    middle = dice.choice(("circle", "square", "diamond"))
    shapes = {
        "circle": '<circle cx="240" cy="240" r="72"/>',
        "square": '<rect x="172" y="172" width="136" height="136"/>',
        "diamond": '<path d="M240 148L332 240L240 332L148 240Z"/>',
    }
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -20 520 520"><rect x="-20" y="-20" width="520" height="520" '
        f'fill="{ground}"/><g fill="none" stroke="{ink}" stroke-width="7" opacity=".75"><rect width="480" height="480"/>'
        f'<path d="{"".join(sorted(bars))}"/></g><g fill="{ground}" stroke="{ink}" stroke-width="7">{shapes[middle]}</g></svg>'
    )


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
