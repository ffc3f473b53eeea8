"""Who acts for a member: given and taken by its owners. The operator's second person comes in here."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yunju.kernel.errors import YunjuError
from yunju.members import actions
from yunju.members.models import Role
from yunju.members.words import Permission, RoleKind
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go


class RoleForm(Form):
    """Whom to let in, and as what."""

    email = forms.CharField(
        label=gettext_lazy("E-mail of the account"),
        max_length=254,
        help_text=gettext_lazy("The person signs up first."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.value, messages.word("role", one.value)) for one in RoleKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]  # a ChoiceField


@require_http_methods(["GET", "POST"])
def roles(request: Request, code: str) -> HttpResponse:
    """The people of a member, and a form for another."""
    member = acting_for(request, code, Permission.ROLES_EDIT)
    form = RoleForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: actions.grant_role(
                member_id=member.pk,
                email=form.cleaned_data["email"],
                kind=form.cleaned_data["kind"],
                by=request.actor,
            )
        )
    ):
        flash.success(request, _("The person may act for the member now."))
        return go(request, "roles", member.code)
    rows = Role.objects.filter(member=member, ended_at=None).select_related("user").order_by("pk")
    told = {"here": "work", "member": member, "rows": rows, "form": form}
    return render(request, "web/account/roles.html", told, status=422 if form.errors else 200)


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
