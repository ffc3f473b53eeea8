"""Coming in: by a code to the phone, by a link from another browser; and where one is signed in."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.actions import favourites
from yunju.kernel.errors import Refused, YunjuError
from yunju.members import backends, sessions, waking
from yunju.members import queries as members
from yunju.members.actions import codes, sign_ins
from yunju.members.actions.codes import Purpose
from yunju.members.models import User
from yunju.notices import sms
from yunju.notices.models import ShownText
from yunju.notices.texts import covered
from yunju.orders.actions import carts
from yunju.shops import actions as shops
from yunju.ui import messages
from yunju.web import wechat
from yunju.web.forms import Form
from yunju.web.plain import LANGUAGE_SECONDS
from yunju.web.request import Request, go, local_address, signed_in

BACKEND = "django.contrib.auth.backends.ModelBackend"
ASKED_PHONE, ASKED_NEXT, SIGN_IN = "code_phone", "code_next", "sign_in"
PAGE = 30


class PhoneForm(Form):
    """The number that a code goes to."""

    phone = forms.CharField(
        label=gettext_lazy("Mobile phone"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2_000)


class CodeForm(Form):
    """The six digits. The phone's own keyboard offers them out of the message."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "code",
            }
        ),
    )


def enter(request: Request, user: User, way: str) -> None:
    """Sign in; what led the person here and what this browser holds go with the account from now on."""
    auth.login(request, user, backend=BACKEND)
    holder = request.actor.holder
    request.actor = request.powers = members.actor_for(user, request.cluster, holder=holder)
    carts.take_over(holder=holder, by=request.actor)
    favourites.take_over(holder=holder, by=request.actor)
    if request.attribution is not None:
        shops.remember(found=request.attribution, by=request.actor)
    if way != "link":  # a link shows who one is, not that one has phone or password at hand
        sessions.confirm(request.session, by_password=way == "password")
    kept = sign_ins.began(
        session_key=request.session.session_key or "",
        way=way,
        device=wechat.device(request),
        by=request.actor,
    )
    request.session[SIGN_IN] = kept.pk


def renew(request: Request, user: User) -> None:
    """Every other session has ended: this one goes on with the new epoch, under a new key. It is no fresher than before."""
    auth.update_session_auth_hash(request, user)
    sign_ins.renewed(
        sign_in_id=int(request.session.get(SIGN_IN, 0)),
        session_key=request.session.session_key or "",
        by=request.actor,
    )


def onward(request: Request, text: str) -> HttpResponse:
    """To where the person wanted to go, in the language of the account."""
    to = local_address(request, text)
    if to.partition("?")[0] in {reverse("sign_in"), reverse("sign_in_code"), reverse("sign_up")}:
        to = reverse("home")  # whoever pressed "Sign in" on this very page is not sent back to it
    response = HttpResponseRedirect(to)
    user = request.user
    if isinstance(user, User):
        keep_language(response, user.language)
    return response


def keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=LANGUAGE_SECONDS, samesite="Lax")


def ask(request: Request, form: Form, phone: str, purpose: Purpose) -> bool:
    """Have a code sent; a refusal stands in the form."""
    language = get_language() or settings.LANGUAGE_CODE
    address = request.META.get("REMOTE_ADDR", "")

    def work() -> None:
        request.session[ASKED_PHONE] = codes.ask_code(
            phone=phone, purpose=purpose, by=request.actor, language=language, address=address
        )

    return form.carried_out(work)


@require_http_methods(["GET", "POST"])
def code(request: Request) -> HttpResponse:
    """The second step of signing in by phone: the digits. An unknown number becomes an account here."""
    phone = str(request.session.get(ASKED_PHONE, ""))
    if not phone:
        return go(request, "sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found: list[User] = []
        digits, language = form.cleaned_data["code"], get_language() or settings.LANGUAGE_CODE
        if form.carried_out(
            lambda: found.append(
                codes.sign_in_by_code(phone=phone, digits=digits, by=request.actor, language=language)
            )
        ):
            to = str(request.session.pop(ASKED_NEXT, ""))
            request.session.pop(ASKED_PHONE, None)
            enter(request, found[0], "code")
            return onward(request, to)
    told = {"form": form, "phone": covered(phone), "shows": sms.shows(), "full": phone}
    return render(request, "web/account/code.html", told, status=422 if form.errors else 200)


@require_GET
def shown_texts(request: Request) -> HttpResponse:
    """The texts that the stand-in shows instead of sending. Not there where people really work."""
    if not sms.shows():
        raise Http404
    texts = ShownText.objects.filter(cluster_id=request.cluster.pk).order_by("-id")[:20]
    response = render(request, "web/account/texts.html", {"texts": texts})
    response["Cache-Control"] = "no-store"
    return response


# --- one's own phone ------------------------------------------------------------------------------------------------


class ConfirmForm(Form):
    """Who one is, again: a code to the present number, or the password."""

    code = forms.CharField(
        label=gettext_lazy("Code sent to your current number"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    password = forms.CharField(
        label=gettext_lazy("or your password"),
        max_length=256,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, by_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.phone_verified_at or not by_code:
            del self.fields["code"]
            self.fields["password"].label = _("Password")
        if not user.has_usable_password():
            del self.fields["password"]


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def confirm(request: Request) -> HttpResponse:
    """Before something weighty: a code to the number that the account has, or the password. Good for 15 minutes.

    Somebody with powers over a cluster, over who is paid and who acts gives the password; without one, sets it first.
    """
    signed_in(request)
    user = _me(request)
    to = local_address(request, request.GET.get("next", ""), reverse("me"))
    has_password, needs = user.has_usable_password(), _needs_password(request, user)
    if needs and not has_password:
        return HttpResponseRedirect(f"{reverse('password')}?{urlencode({'next': to})}")
    if needs and not waking.is_ripe(user):
        wait = {"here": "me", "ripens_at": user.password_ripens_at}
        return render(request, "web/account/confirm.html", wait)
    form = ConfirmForm(user, request.POST if "send" not in request.POST else None, by_code=not needs)
    if request.method == "POST" and "send" in request.POST and user.phone_verified_at and not needs:
        try:
            codes.ask_code(
                phone=user.phone, purpose=Purpose.PHONE_OLD, by=request.actor, language=user.language,
                address=request.META.get("REMOTE_ADDR", ""),
            )  # fmt: skip
            flash.success(request, _("A code was sent to %(phone)s.") % {"phone": covered(user.phone)})
        except YunjuError as refusal:
            flash.error(request, messages.of(refusal))
        return HttpResponseRedirect(request.get_full_path())
    if request.method == "POST" and form.is_valid() and _is_confirmed(request, user, form):
        sessions.confirm(request.session, by_password=bool(form.cleaned_data.get("password")))
        return HttpResponseRedirect(to)
    told = {
        "here": "me",
        "form": form,
        "has_phone": bool(user.phone_verified_at) and not needs,
        "needs_password": needs,
        "shows": sms.shows(),
    }
    return render(request, "web/account/confirm.html", told, status=422 if form.errors else 200)


def _needs_password(request: Request, user: User) -> bool:
    """A code is not enough for this person, but where it is asked for before a first password. Asked over all clusters:
    whoever runs another one does not change their number here with less."""
    if not user.has_usable_password() and request.GET.get("by") == "code":
        return False
    return waking.is_weighty(user)


def _is_confirmed(request: Request, user: User, form: ConfirmForm) -> bool:
    typed, digits = form.cleaned_data.get("password", ""), form.cleaned_data.get("code", "")
    if digits:
        return form.carried_out(
            lambda: codes.check_code(
                phone=user.phone, purpose=Purpose.PHONE_OLD, digits=digits, by=request.actor
            )
        )
    # Through the back ends, so that many wrong tries are counted and locked out as at the sign-in.
    name = backends.again(user)
    if typed and auth.authenticate(request, username=name, password=typed, confirming=user) == user:
        return True
    form.add_error(None, _("Neither fits. Look again at the code or the password."))
    return False


class NewPhoneForm(PhoneForm):
    """The new number and, in the second step, its code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    next = None  # type: ignore[assignment]  # Django's way to leave a field of the parent out


@require_http_methods(["GET", "POST"])
def phone(request: Request) -> HttpResponse:
    """Add or change one's number: after a fresh sign-in, by a code to the new one. All other devices are signed out."""
    signed_in(request)
    user, asked = _me(request), False
    needs = _needs_password(request, user)
    by_password = needs and user.has_usable_password()
    if not sessions.is_fresh(request.session) or (
        by_password and not sessions.knows_password(request.session)
    ):
        by = {"by": "code"} if needs and not by_password else {}
        words = urlencode({"next": reverse("my_phone")} | by, safe="/")
        return HttpResponseRedirect(f"{reverse('confirm')}?{words}")
    form = NewPhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number, digits = form.cleaned_data["phone"], form.cleaned_data["code"]
        if not digits:
            asked = ask(request, form, number, Purpose.PHONE_NEW)
        else:
            asked = True
            changed: list[User] = []
            if form.carried_out(
                lambda: changed.append(codes.change_phone(phone=number, digits=digits, by=request.actor))
            ):
                renew(request, changed[0])
                flash.success(request, _("Your number is kept. All other devices are signed out."))
                return go(request, "me")
    shown = covered(user.phone) if user.phone_verified_at else ""
    told = {"here": "me", "form": form, "asked": asked, "present": shown, "shows": sms.shows()}
    return render(request, "web/account/phone.html", told, status=422 if form.errors else 200)


def _me(request: Request) -> User:
    return User.objects.get(pk=signed_in(request))


# --- where one is signed in, and what happened ----------------------------------------------------------------------


@require_GET
def devices(request: Request) -> HttpResponse:
    """Where I am signed in."""
    user_id = signed_in(request)
    rows = User.objects.get(pk=user_id).sign_ins.filter(ended_at=None).order_by("-seen_at")
    told = {
        "here": "me",
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "own": request.session.get(SIGN_IN),
    }
    return render(request, "web/account/devices.html", told)


@require_POST
def end_device(request: Request, sign_in_id: int) -> HttpResponse:
    """Sign out there."""
    signed_in(request)
    sign_ins.end_one(sign_in_id=sign_in_id, by=request.actor)
    flash.success(request, _("That device is signed out."))
    return go(request, "devices")


@require_POST
def end_devices(request: Request) -> HttpResponse:
    """Sign out everywhere else: the epoch rises, this browser goes on with the new one."""
    signed_in(request)
    renew(request, sign_ins.end_all(by=request.actor))
    flash.success(request, _("All other devices are signed out."))
    return go(request, "devices")


@require_GET
def log(request: Request) -> HttpResponse:
    """What was done in my name, and who looked at the site as me."""
    user_id = signed_in(request)
    events = members.events_of_person(request.actor)
    visits = User.objects.get(pk=user_id).visits.filter(cluster_id=request.cluster.pk).order_by("-id")[:20]
    told = {
        "here": "me",
        "page": Paginator(events, PAGE).get_page(request.GET.get("page")),
        "visits": visits.select_related("by_user"),
    }
    return render(request, "web/account/log.html", told)


# --- from one browser to another ------------------------------------------------------------------------------------


@require_GET
def elsewhere(request: Request) -> HttpResponse:
    """For a page that WeChat cannot show: how to open it in the phone's browser. Any other browser goes on at once."""
    to = local_address(request, request.GET.get("to", ""), reverse("home"))
    if not request.in_wechat:
        return HttpResponseRedirect(to)
    return render(request, "web/account/elsewhere.html", {"to": to})


@require_http_methods(["GET", "POST"])
def carried(request: Request, token: str) -> HttpResponse:
    """A link from another browser. Looking at it uses nothing up: WeChat's own robots open links too."""
    if request.method == "GET" and request.in_wechat:
        response = render(request, "web/account/elsewhere.html", {"carries": True})
    elif request.method == "GET":
        whose = sign_ins.carried_as(token=token, cluster_id=request.cluster.pk)
        response = render(request, "web/account/carried.html", {"token": token, "whose": whose})
    else:
        try:
            user, path = sign_ins.use_carry(token=token, by=request.actor)
        except Refused as refusal:
            flash.error(request, messages.of(refusal))
            return go(request, "sign_in")
        if request.actor.user_id != user.pk:
            enter(request, user, "link")
        return HttpResponseRedirect(path)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
