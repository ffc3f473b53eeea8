"""Long work as its asker sees it: my jobs, one job with its progress, stopping it, and the file it made."""

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yunju.kernel import jobs
from yunju.kernel.errors import Refused, TooMany
from yunju.kernel.models import Job
from yunju.ui import messages
from yunju.web.request import Request, go, signed_in

PAGE = 20


@require_GET
def mine(request: Request) -> HttpResponse:
    """What I asked for, the newest first."""
    signed_in(request)
    page = Paginator(jobs.visible_to(request.actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "web/account/jobs.html", {"here": "me", "page": page})


@require_GET
def job(request: Request, code: str) -> HttpResponse:
    """How far it is while it is under way, then what it says and its file."""
    signed_in(request)
    one = jobs.one_of(request.actor, code)
    told = {
        "here": "me",
        "job": one,
        "is_open": one.state in jobs.UNDER_WAY,
        "is_stopping": one.state == "running" and one.stop_asked_at is not None,
        "faults_beyond": one.report.get("refused", 0) > len(one.report.get("faults", ())),
        "file_until": one.ended_at + jobs.FILE_KEPT if one.file and one.ended_at else None,
    }
    response = render(request, "web/account/job.html", told)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def state(request: Request, code: str) -> HttpResponse:
    """For the page's own polling: how far, and where to go when it is over."""
    signed_in(request)
    one = jobs.one_of(request.actor, code)
    told = {
        "state": one.state,
        "rows": one.total,
        "rows_done": one.done,
        "go": "" if one.state in jobs.UNDER_WAY else reverse("job", args=[one.code]),
    }
    response = JsonResponse(told)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def stop(request: Request, code: str) -> HttpResponse:
    """Stop it; whoever comes too late reads the result."""
    signed_in(request)
    try:
        jobs.stop(code=code, by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
    return go(request, "job", code)


@require_POST
def again(request: Request, code: str) -> HttpResponse:
    """Once more after it stopped."""
    signed_in(request)
    try:
        following = jobs.again(code=code, by=request.actor)
    except (Refused, TooMany) as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "job", code)
    return go(request, "job", following.code)


@require_GET
def file(request: Request, code: str) -> HttpResponse | FileResponse:
    """The file, for who asked, while they may and it is kept."""
    signed_in(request)
    return attachment(jobs.file_of(request.actor, code))


def attachment(one: Job) -> FileResponse:
    """A private file as a download that no cache keeps."""
    response = FileResponse(one.file.open("rb"), as_attachment=True, filename=one.file_name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
