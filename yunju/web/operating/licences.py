"""Licences: handed in by a member on its own page, checked by the operator, shown to nobody else."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.members import actions, papers
from yunju.members.models import Licence
from yunju.members.words import LICENCE_WARN_DAYS, LicenceKind, LicenceRefusal, Permission
from yunju.notices.actions import Draft, notify
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing, operating

PAGE = 20
VIEWS = ("waiting", *(str(days) for days in LICENCE_WARN_DAYS), "valid", "all")


class LicenceForm(Form):
    """What a paper says, and its picture."""

    kind = forms.ChoiceField(label=gettext_lazy("Which licence"))
    number = forms.CharField(label=gettext_lazy("Number on it"), max_length=60)
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: without an end."),
    )
    file = forms.FileField(
        label=gettext_lazy("Photo"),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("Only you and the operator see it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.value, messages.word("licence", one.value)) for one in LicenceKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField

    def draft(self) -> actions.LicenceDraft:
        given = self.cleaned_data
        return actions.LicenceDraft(given["kind"], given["number"], given["valid_from"], given["valid_until"])


@require_http_methods(["GET", "POST"])
def own_papers(request: Request, code: str) -> HttpResponse:
    """A member's own licences, and a form for another."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    form = LicenceForm(request.POST or None, request.FILES or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: actions.hand_in_licence(
                member_id=member.pk, draft=form.draft(), file=form.cleaned_data["file"], by=request.actor
            )
        )
    ):
        flash.success(request, _("Handed in. The operator looks at it, and you are told."))
        return go(request, "own_papers", member.code)
    told = {
        "here": "work",
        "member": member,
        "form": form,
        "rows": papers.licences_visible_to(request.actor).filter(member=member).order_by("-pk"),
        "today": _today(request),
    }
    return render(request, "web/account/papers.html", told, status=422 if form.errors else 200)


@require_GET
def licence_picture(request: Request, code: str) -> FileResponse:
    """The picture of a paper: for the member's people, and for the operator, whose looking is on record."""
    found = papers.licences_visible_to(request.actor).filter(code=code).first()
    if found is None or not found.picture:
        missing()
    if found.member_id not in request.actor.grants:
        actions.unmask(what="licence.picture", noun_id=found.pk, reason="licence check", by=request.actor)
    try:
        response = FileResponse(found.picture.open("rb"), content_type="image/webp")
    except FileNotFoundError:
        missing()
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_GET
def licences(request: Request) -> HttpResponse:
    """Papers of all members: those to check first, then those that end."""
    operating(request, Permission.CLUSTER_ADMIT)
    page = Paginator(wanted(request), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "operator",
        "page": page,
        "view": _view(request),
        "views": VIEWS,
        "reasons": [(one.value, messages.word("licence.refusal", one.value)) for one in LicenceRefusal],
        "today": _today(request),
    }
    return render(request, "web/operator/licences.html", told)


def _view(request: Request) -> str:
    view = request.GET.get("view", "waiting")
    return view if view in VIEWS else "waiting"


def wanted(request: Request) -> QuerySet[Licence]:
    """The papers that the address asks for."""
    return _of_view(request, _view(request)).select_related("member", "checked_by")


def _of_view(request: Request, view: str) -> QuerySet[Licence]:
    here = papers.licences_visible_to(request.actor)
    if view == "waiting":
        return here.filter(state="waiting", member__closed_at=None).order_by("handed_at", "pk")
    if view == "all":
        return here.order_by("-pk")
    if view == "valid":
        return here.filter(papers.valid_on(_today(request))).order_by("valid_until", "pk")
    days, today = int(view), _today(request)
    found = papers.ending(request.cluster.pk, days, today)
    nearer = max((one for one in LICENCE_WARN_DAYS if one < days), default=None)
    return found if nearer is None else found.filter(valid_until__gt=today + timedelta(days=nearer))


@require_POST
def licence_check(request: Request, licence_id: int) -> HttpResponse:
    """It holds, or not and why; the member is told."""
    operating(request, Permission.CLUSTER_ADMIT)
    what = request.POST.get("what", "")
    try:
        if what == "end":
            actions.end_licence(licence_id=licence_id, by=request.actor)
            flash.success(request, _("It counts no more. What needs it leaves the shelf within ten minutes."))
            return go(request, "licences", view="valid")
        reason = request.POST.get("reason", "") if what == "refuse" else ""
        paper = actions.check_licence(licence_id=licence_id, reason=reason, by=request.actor)
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
        return go(request, "licences")
    _tell(request, paper)
    flash.success(
        request, _("The licence holds.") if paper.state == "valid" else _("Sent back with the reason.")
    )
    return go(request, "licences")


def _tell(request: Request, paper: Licence) -> None:
    told = Draft(
        cluster_id=paper.cluster_id,
        member_id=paper.member_id,
        code="licence.accepted" if paper.state == "valid" else "licence.refused",
        params={"licence": paper.kind, "number": paper.number},
        link=f"/m/{paper.member.code}/papers",
    )
    notify(notices=[told], by=request.actor)


def _today(request: Request) -> date:
    return clock.local_day(clock.now(), request.cluster.timezone)
