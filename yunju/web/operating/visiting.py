"""Looking at the site as a member's person: the middleware that lends the eyes, and the two buttons.

While a visit goes on every page is the other person's, and nothing can be sent but the end of the visit (and the
language). The sign-in stays the visitor's: what is lent lives for one request at a time and ends with the visit.
"""

from collections.abc import Callable
from typing import cast

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yunju.kernel.errors import Forbidden, YunjuError
from yunju.members import actions, papers
from yunju.members import queries as members
from yunju.members.models import Member, Unmasking, Visit
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.request import Request, go, missing, operating, signed_in

KEY = "visit"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
SHUT = (
    "/desk/", "/api/", "/operator", "/me/password", "/me/phone", "/me/confirm", "/me/devices", "/notices/", "/e/", "/i/",
)  # fmt: skip
"""What a visit never opens, not even to read: the keys of the account, and addresses that do something when opened."""

SHEETS = "/print/"
"""Slips and labels: hundreds of buyers on a page, and opened they count as printed."""

PAGE = 100


class VisitMiddleware:
    """Lends the eyes of the visited person to a request, and refuses everything that is not reading."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        ours = cast("Request", request)
        visit = _visit_of(ours)
        if visit is not None:
            ours.visit = visit
            if request.path not in (reverse("visit_end"), reverse("language")):
                is_shut = request.path.startswith(SHUT) or SHEETS in request.path
                if request.method not in READING or is_shut:
                    return _refused(ours)
                request.user = visit.as_user
                ours.is_asleep = False  # the visitor gave the password, or there would be no visit
                ours.actor = ours.powers = members.actor_for(visit.as_user, ours.cluster)
                return _without_files(ours, self.get_response(request))
        return self.get_response(request)


def _visit_of(request: Request) -> Visit | None:
    """The visit that this session began and that still goes on; what is over is forgotten."""
    number = request.session.get(KEY) if hasattr(request, "session") and hasattr(request, "actor") else None
    if number is None or request.actor.user_id is None:
        return None
    visit = actions.going_on(visit_id=number, visitor_id=request.actor.user_id, cluster_id=request.cluster.pk)
    if visit is None or not request.actor.members_with(Permission.CLUSTER_VISIT):
        del request.session[KEY]
        return None
    return visit


def _without_files(request: Request, response: HttpResponse) -> HttpResponse:
    """Pages only: a list of a thousand buyers does not leave the house by a look. Nor does a link that would carry the
    person's sign-in to another browser, which WeChat's browser gets instead of a file (`web.wechat`)."""
    if not response.get("Content-Disposition", "").startswith("attachment"):
        return response
    response.close()
    return _refused(request)


def _refused(request: Request) -> HttpResponse:
    error = Forbidden("visit.read_only")
    told = {"sentence": messages.of(error), "status": error.status}
    return render(request, "web/refusal.html", told, status=error.status)


@require_POST
def visit_begin(request: Request, code: str, user_id: int) -> HttpResponse:
    """With a reason, look as one of a member's people."""
    operating(request, Permission.CLUSTER_VISIT)
    member = Member.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if member is None:
        missing()
    try:
        visit = actions.begin_visit(
            as_user_id=user_id, member_id=member.pk, reason=request.POST.get("reason", ""), by=request.actor
        )
    except YunjuError as error:
        flash.error(request, messages.of(error))
        return go(request, "member_sheet", code)
    request.session[KEY] = visit.pk
    return go(request, "work")


@require_POST
def visit_end(request: Request) -> HttpResponse:
    """Back to oneself."""
    visit = getattr(request, "visit", None)
    request.session.pop(KEY, None)
    if visit is None:
        flash.info(request, _("The look had ended already."))
        return go(request, "home")
    actions.end_visit(visit_id=visit.pk, by=request.actor)
    code = Member.objects.values_list("code", flat=True).get(pk=visit.member_id)
    flash.success(request, _("You are yourself again."))
    return go(request, "member_sheet", code)


@require_GET
def own_visits(request: Request) -> HttpResponse:
    """Who of the operator looked at the site as this person: the person's own log."""
    user_id = signed_in(request)
    told = {"here": "me", "rows": papers.visits_of(user_id)[:PAGE]}
    return render(request, "web/account/visits.html", told)


@require_GET
def looks(request: Request) -> HttpResponse:
    """Who looked as whom, and at what is covered: for those who make the rules."""
    operating(request, Permission.CLUSTER_RULES)
    here = request.cluster.pk
    seen = list(Unmasking.objects.filter(cluster_id=here).order_by("-pk")[:PAGE])
    people = members.names_of({row.by_user_id for row in seen if row.by_user_id})
    told = {
        "here": "operator",
        "visits": Visit.objects.filter(cluster_id=here)
        .select_related("by_user", "as_user")
        .order_by("-pk")[:PAGE],
        "seen": [(row, people.get(row.by_user_id or 0, "")) for row in seen],
    }
    return render(request, "web/operator/looks.html", told)
