"""Accounts: signing in, up and out, one's own data, one's memberships and what they may do."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib import messages as flash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.kernel import loops
from yunju.members import actions, sessions
from yunju.members import queries as members
from yunju.members.actions import sign_ins
from yunju.members.actions.codes import Purpose
from yunju.members.models import Member, User
from yunju.members.words import ASKED, CapacityKind
from yunju.notices import sms
from yunju.notices.texts import covered
from yunju.web import provinces
from yunju.web.entering import ASKED_NEXT, PhoneForm, ask, enter, keep_language, onward, renew
from yunju.web.forms import Form
from yunju.web.middleware import BROWSER_COOKIE
from yunju.web.request import Request, doors, go, local_address, signed_in


class SignInForm(Form):
    """E-mail and password."""

    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "username", "inputmode": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2_000)


class SignUpForm(SignInForm):
    """A new account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password", "next"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        self.fields["password"].help_text = _("At least 8 characters, not a common password.")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """By a code to the phone (its digits are the next page) or by e-mail and password; then back to where one came from."""
    told = {"next": request.GET.get("next", "")}
    by_password = request.method == "POST" and "password" in request.POST
    form = SignInForm(request.POST if by_password else None, initial=told)
    phone = PhoneForm(request.POST if request.method == "POST" and not by_password else None, initial=told)
    if by_password and form.is_valid():
        if _enter(request, form):
            return onward(request, form.cleaned_data.get("next", ""))
        form.add_error("password", _("E-mail and password do not fit together."))
    if (
        phone.is_bound
        and phone.is_valid()
        and ask(request, phone, phone.cleaned_data["phone"], Purpose.SIGN_IN)
    ):
        request.session[ASKED_NEXT] = phone.cleaned_data.get("next", "")
        return HttpResponseRedirect(reverse("sign_in_code"))
    shown = {"form": form, "phone": phone, "can_send": sms.can_send(), "by_password": by_password}
    return render(
        request, "web/account/sign_in.html", shown, status=422 if form.errors or phone.errors else 200
    )


def _enter(request: Request, form: Form) -> bool:
    """Try the credentials of a form."""
    given = form.cleaned_data
    user = auth.authenticate(request, username=given["email"].strip().lower(), password=given["password"])
    if not isinstance(user, User):
        return False
    enter(request, user, "password")
    return True


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: Request) -> HttpResponse:
    """A new account. An address that has one already is answered like a wrong password: nobody learns who is here."""
    form = SignUpForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("email", "password", "name")}
        language = get_language() or settings.LANGUAGE_CODE
        if form.carried_out(lambda: actions.sign_up(**given, language=language, by=request.actor)):
            if _enter(request, form):
                return onward(request, form.cleaned_data.get("next", ""))
            form.add_error("email", _("This e-mail cannot be used. If it is yours, sign in instead."))
    status = 422 if form.errors else 200
    return render(request, "web/account/sign_up.html", {"form": form}, status=status)


@require_POST
def sign_out(request: Request) -> HttpResponse:
    """The session ends, and the browser's secret with it: whoever comes next here sees none of the orders."""
    sign_ins.ended(session_key=request.session.session_key or "")
    auth.logout(request)
    response = go(request, "home")
    response.delete_cookie(BROWSER_COOKIE)
    return response


class MeForm(Form):
    """What a person says of themselves."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=80)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@require_http_methods(["GET", "POST"])
def me(request: Request) -> HttpResponse:
    """One's own page: orders, data, memberships, the way out."""
    signed_in(request)
    user = request.user
    initial = {"name": user.name, "language": get_language()} if isinstance(user, User) else {}
    form = MeForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: actions.edit_user(**form.cleaned_data, by=request.actor))
    ):
        flash.success(request, _("Saved."))
        response = go(request, "me")
        keep_language(response, form.cleaned_data["language"])
        return response
    shown = covered(user.phone) if isinstance(user, User) and user.phone_verified_at else ""
    told = {"here": "me", "form": form, "phone": shown}
    return render(request, "web/account/me.html", told, status=422 if form.errors else 200)


class FirstPasswordForm(Form):
    """A password where there is none."""

    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "At least 8 characters, not a common password. All other devices are signed out."
        ),
    )


class PasswordForm(FirstPasswordForm):
    """The old password and the new one."""

    field_order = ("old_password", "new_password")

    old_password = forms.CharField(
        label=gettext_lazy("Current password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("old_password", "new_password")
@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    """Another password; this browser stays signed in, all others are out."""
    signed_in(request)
    if not isinstance(request.user, User) or not request.user.has_usable_password():
        return _first_password(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed: list[User] = []
        old, new = form.cleaned_data["old_password"], form.cleaned_data["new_password"]
        if form.carried_out(
            lambda: changed.append(actions.change_password(old=old, new=new, by=request.actor))
        ):
            renew(request, changed[0])
            sessions.confirm(request.session, by_password=True)
            flash.success(request, _("The password is changed."))
            return go(request, "me")
    return render(
        request, "web/account/password.html", {"here": "me", "form": form}, status=422 if form.errors else 200
    )


def _first_password(request: Request) -> HttpResponse:
    """For an account that came in by phone: after a fresh code to it. Then on to where the password was asked for."""
    to = local_address(request, request.GET.get("next", ""), reverse("me"))
    if not sessions.is_fresh(request.session):
        words = urlencode({"next": request.get_full_path(), "by": "code"})
        return HttpResponseRedirect(f"{reverse('confirm')}?{words}")
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made: list[User] = []
        new = form.cleaned_data["new_password"]
        if form.carried_out(lambda: made.append(actions.set_first_password(new=new, by=request.actor))):
            renew(request, made[0])
            sessions.confirm(request.session, by_password=True)
            flash.success(request, _("The password is kept. All other devices are signed out."))
            return HttpResponseRedirect(to)
    told = {"here": "me", "form": form, "first": True}
    return render(request, "web/account/password.html", told, status=422 if form.errors else 200)


@require_GET
def work(request: Request) -> HttpResponse:
    """What a person works on here: a card per member with the doors that their role opens."""
    signed_in(request)
    mine = (
        Member.objects.filter(cluster_id=request.cluster.pk, pk__in=list(request.powers.grants))
        .prefetch_related("capacities", "shops")
        .order_by("id")
    )
    told = {
        "here": "work",
        "offers": members.offers_to(request.actor),
        "desks": [_place(request, member) for member in mine],
        "late": loops.late() if request.actor.is_operator else [],
    }
    return render(request, "web/account/work.html", told)


def _place(request: Request, member: Member) -> dict[str, object]:
    live = [one for one in member.capacities.all() if one.ended_at is None]
    return {
        "member": member,
        "admitted": [one.kind for one in live if one.admitted_at],
        "asked": [one for one in live if not one.admitted_at],
        "shops": [shop for shop in member.shops.all() if shop.closed_at is None],
        "doors": doors(request.powers.grants[member.pk], [one.kind for one in live]),
        "missing": [
            code
            for one in live
            if not one.admitted_at
            for code in members.missing_for_admission(member, CapacityKind(one.kind))
        ],
    }


class JoinForm(Form):
    """Asking to be a supplier, a maker, ...: the operator admits."""

    capacity = forms.ChoiceField(label=gettext_lazy("You are"))
    kind = forms.ChoiceField(
        label=gettext_lazy("You act as"),
        choices=[("organisation", gettext_lazy("a firm")), ("person", gettext_lazy("a person"))],
    )
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("As buyers see it.")
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"), max_length=30, widget=forms.TextInput(attrs={"type": "tel"})
    )
    province = forms.ChoiceField(label=gettext_lazy("Province"))
    city = forms.CharField(label=gettext_lazy("City"), max_length=40)
    story = forms.CharField(
        label=gettext_lazy("What you make"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["capacity"].choices = _capacities()  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["province"].choices = [("", _("Choose a province")), *provinces.choices()]  # type: ignore[attr-defined]  # a ChoiceField


def _capacities() -> list[tuple[str, str]]:
    words = {
        CapacityKind.SUPPLIER: _("a supplier: you sell your own goods"),
        CapacityKind.MAKER: _("a maker"),
        CapacityKind.DESIGNER: _("a designer"),
        CapacityKind.PROVIDER: _("a provider of services"),
        CapacityKind.VENUE: _("a venue"),
    }
    return [(kind.value, text) for kind, text in words.items() if kind in ASKED]


@require_http_methods(["GET", "POST"])
def join(request: Request) -> HttpResponse:
    """A new member of the cluster, waiting for the operator's word."""
    signed_in(request)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = actions.MemberDraft(
            **{name: given[name] for name in ("name", "phone", "province", "city", "story")}
        )
        if form.carried_out(
            lambda: actions.open_member(
                kind=given["kind"], draft=draft, capacity=given["capacity"], by=request.actor
            )
        ):
            flash.success(request, _("The operator has been asked. You will find the answer here."))
            return go(request, "work")
    return render(
        request, "web/account/join.html", {"here": "work", "form": form}, status=422 if form.errors else 200
    )
