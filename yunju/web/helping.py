"""Helpers: people who list, ship and answer for a seller. Given by the seller or the operator; what they did is told."""

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from yunju.kernel.errors import Forbidden, YunjuError
from yunju.members import queries as members
from yunju.members.actions import end_role, offer_role
from yunju.members.models import Member, Role
from yunju.members.words import Permission, RoleKind
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing, signed_in
from yunju.web.supply_today import helped

DAYS = 30
OFFERED = gettext_lazy(
    "Offered. If there is an account with this e-mail, its person finds the offer under My work; else they sign up, and you offer it again."
)
"""The same whether there is one or not: nobody learns from a form who is here."""


class HelperForm(Form):
    """Whose log-in it is."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail of the helper's account"),
        help_text=gettext_lazy(
            "The person needs an account here first, and takes the role up under My work."
        ),
    )


@require_http_methods(["GET", "POST"])
def helpers(request: Request, code: str) -> HttpResponse:
    """Who helps, what they did in 30 days, one more, one less."""
    member = whose(request, code)
    if request.method == "POST" and request.POST.get("end"):
        return _end(request, member)
    form = HelperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if form.carried_out(
            lambda: offer_role(member_id=member.pk, email=email, kind=RoleKind.HELPER, by=request.actor)
        ):
            flash.success(request, OFFERED)
            return go(request, "helpers", member.code)
    held = Role.objects.filter(member=member, kind=RoleKind.HELPER, ended_at=None).select_related("user")
    told = {
        "here": "work",
        "member": member,
        "form": form,
        "roles": held.order_by("pk"),
        "waiting": members.offers_waiting(member.pk).filter(kind=RoleKind.HELPER),
        "helped": helped(member, DAYS),
        "days": DAYS,
    }
    return render(request, "web/supplier/helpers.html", told, status=422 if form.errors else 200)


def whose(request: Request, code: str) -> Member:
    """The seller's owner; or the operator, for any member."""
    signed_in(request)
    if request.actor.members_with(Permission.CLUSTER_ADMIT):
        member = Member.objects.filter(cluster_id=request.cluster.pk, code=code).first()
        if member is None:
            missing()
        if member.pk not in request.actor.grants:
            request.tabs = []
            return member
    member = acting_for(request, code, Permission.ORDER_SEE)
    if not request.actor.holds(Permission.ROLES_EDIT, member.pk):
        raise Forbidden("web.role_may_not")
    return member


def _end(request: Request, member: Member) -> HttpResponse:
    role = Role.objects.filter(
        member=member, kind=RoleKind.HELPER, ended_at=None, pk=_number(request)
    ).first()
    if role is None:
        missing()
    try:
        end_role(member_id=member.pk, user_id=role.user_id, by=request.actor)
        flash.success(request, _("They no longer act for you."))
    except YunjuError as refusal:
        flash.error(request, messages.of(refusal))
    return go(request, "helpers", member.code)


def _number(request: Request) -> int:
    text = request.POST.get("end", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
