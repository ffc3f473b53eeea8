"""Who acts for a member: given and taken by its owners. The operator's second person comes in here."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yunju.kernel.errors import YunjuError
from yunju.members import actions
from yunju.members import queries as members
from yunju.members.models import Role
from yunju.members.words import Permission, RoleKind
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.helping import OFFERED, whose
from yunju.web.request import Request, acting_for, go, local_address, signed_in


class RoleForm(Form):
    """Whom to let in, and as what."""

    email = forms.CharField(
        label=gettext_lazy("E-mail of the account"),
        max_length=254,
        help_text=gettext_lazy(
            "The person needs an account here first, and takes the role up under My work."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.value, messages.word("role", one.value)) for one in RoleKind]
        self.fields["kind"].choices = [("", _("Choose a role")), *kinds]  # type: ignore[attr-defined]  # a ChoiceField


@require_http_methods(["GET", "POST"])
def roles(request: Request, code: str) -> HttpResponse:
    """The people of a member, and a form for another."""
    member = acting_for(request, code, Permission.ROLES_EDIT)
    form = RoleForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: actions.offer_role(
                member_id=member.pk,
                email=form.cleaned_data["email"],
                kind=form.cleaned_data["kind"],
                by=request.actor,
            )
        )
    ):
        flash.success(request, OFFERED)
        return go(request, "roles", member.code)
    rows = list(Role.objects.filter(member=member, ended_at=None).select_related("user").order_by("pk"))
    owners = [one.pk for one in rows if one.kind == RoleKind.OWNER]
    told = {
        "here": "work",
        "member": member,
        "rows": rows,
        "last_owner": owners[0] if len(owners) == 1 else None,
        "form": form,
        "waiting": members.offers_waiting(member.pk),
    }
    return render(request, "web/account/roles.html", told, status=422 if form.errors else 200)


@require_POST
def offer_end(request: Request, code: str, offer_id: int) -> HttpResponse:
    """What waits is offered no more. The seller's owner; for helpers the operator too."""
    member = whose(request, code)
    try:
        actions.withdraw_offer(offer_id=offer_id, member_id=member.pk, by=request.actor)
        flash.success(request, _("The offer is withdrawn."))
    except YunjuError as error:
        flash.error(request, messages.of(error))
    return HttpResponseRedirect(local_address(request, request.POST.get("next", ""), reverse("work")))


@require_POST
def offer_answer(request: Request, offer_id: int) -> HttpResponse:
    """Take up a role that was offered, or decline it."""
    signed_in(request)
    takes = request.POST.get("answer") == "take"
    try:
        actions.answer_offer(offer_id=offer_id, takes=takes, by=request.actor)
        flash.success(request, _("You act for them from now on.") if takes else _("You declined."))
    except YunjuError as error:
        flash.error(request, messages.of(error))
    return go(request, "work")


@require_POST
def role_end(request: Request, code: str, user_id: int) -> HttpResponse:
    """Take a role away; the person's sessions end."""
    member = acting_for(request, code, Permission.ROLES_EDIT)
    try:
        actions.end_role(member_id=member.pk, user_id=user_id, by=request.actor)
        flash.success(request, _("The person acts for the member no more."))
    except YunjuError as error:
        flash.error(request, messages.of(error))
    return go(request, "roles", member.code)
