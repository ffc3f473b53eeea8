"""What people are told: the list behind the bell, how they want it outside the site, and the groups of a member."""

from django import forms
from django.conf import settings
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.members.models import Member, User
from yunju.members.words import Permission
from yunju.notices import actions, preferences, queries
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, local_address, missing, signed_in

PAGE = 30


@require_GET
def mine(request: Request) -> HttpResponse:
    """What I was told, the newest first."""
    signed_in(request)
    rows = queries.visible_to(request.actor).order_by("-at", "-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for notice in page:
        notice.params = notice.params | {"count": notice.count}
    unread = queries.unread(request.actor)
    return render(request, "web/account/notices.html", {"here": "me", "page": page, "unread": unread})


@require_GET
def follow(request: Request, notice_id: int) -> HttpResponse:
    """On to what a notice is about; it is read then."""
    signed_in(request)
    notice = queries.visible_to(request.actor).filter(pk=notice_id).first()
    if notice is None:
        missing()
    actions.mark_read(ids=[notice.pk], by=request.actor)
    return HttpResponseRedirect(local_address(request, notice.link, reverse("notices")))


@require_POST
def read_all(request: Request) -> HttpResponse:
    """Everything is read."""
    signed_in(request)
    actions.mark_read(by=request.actor)
    return go(request, "notices")


HOURS = [("", gettext_lazy("market default")), *((str(hour), f"{hour}:00") for hour in range(24))]


class PreferenceForm(Form):
    """Word outside the site."""

    by_sms = forms.BooleanField(label=gettext_lazy("Text messages for what matters most"), required=False)
    by_email = forms.BooleanField(label=gettext_lazy("E-mail for everything"), required=False)
    quiet_from = forms.ChoiceField(label=gettext_lazy("Quiet from"), choices=HOURS, required=False)
    quiet_until = forms.ChoiceField(label=gettext_lazy("until"), choices=HOURS, required=False)


@require_http_methods(["GET", "POST"])
def wishes(request: Request) -> HttpResponse:
    """How I want to be told."""
    user = User.objects.get(pk=signed_in(request))
    kept = queries.preference_of(request.actor)
    initial = {name: getattr(kept, name) for name in ("by_sms", "by_email", "quiet_from", "quiet_until")}
    form = PreferenceForm(request.POST or None, initial=initial)
    if not (settings.YUNJU_MAILS and user.email):
        del form.fields["by_email"]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        hours = {name: int(given[name]) if given[name] else None for name in ("quiet_from", "quiet_until")}
        if form.carried_out(
            lambda: preferences.set_preference(
                by_sms=given["by_sms"], by_email=given.get("by_email", False), by=request.actor, **hours
            )
        ):
            flash.success(request, _("Saved."))
            return go(request, "notice_wishes")
    told = {
        "here": "me",
        "form": form,
        "hours": preferences.hours_of(request.cluster),
        "has_phone": user.phone_verified_at is not None,
        "members": Member.objects.filter(
            pk__in=request.actor.members_with(Permission.MEMBER_EDIT), closed_at=None
        ).order_by("name")[:20],
    }
    return render(request, "web/account/wishes.html", told, status=422 if form.errors else 200)


class RobotForm(Form):
    """A group of the member's people."""

    name = forms.CharField(label=gettext_lazy("Name of the group"), max_length=60)
    address = forms.CharField(
        label=gettext_lazy("Webhook address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=gettext_lazy("From the group's robot in WeCom, DingTalk or Feishu: copy it whole."),
    )
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only where the robot signs (加签)."),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@require_http_methods(["GET", "POST"])
def robots(request: Request, code: str) -> HttpResponse:
    """The robots of a member's groups."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    form = RobotForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(
            lambda: preferences.add_robot(member_id=member.pk, by=request.actor, **form.cleaned_data)
        )
    ):
        flash.success(request, _("The group hears from now on. Try it."))
        return go(request, "robots", member.code)
    rows = queries.robots_visible_to(request.actor).filter(member_id=member.pk)
    told = {"here": "work", "member": member, "form": form, "robots": rows}
    return render(request, "web/account/robots.html", told, status=422 if form.errors else 200)


@require_POST
def robot_step(request: Request, code: str, robot_code: str) -> HttpResponse:
    """Try a robot, or remove it."""
    member = acting_for(request, code, Permission.MEMBER_EDIT)
    if not queries.robots_visible_to(request.actor).filter(member_id=member.pk, code=robot_code).exists():
        missing()
    if request.POST.get("step") == "try":
        preferences.try_robot(code=robot_code, by=request.actor)
        flash.success(request, _("A greeting is on its way to the group."))
    elif request.POST.get("step") == "end":
        preferences.end_robot(code=robot_code, by=request.actor)
        flash.success(request, _("The group hears nothing more."))
    else:
        missing()
    return go(request, "robots", member.code)
