"""Inside WeChat's own browser, by its user agent alone: what it cannot download is opened in the phone's browser."""

import re

from django import forms
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.members.actions import sign_ins
from yunju.members.actions import wechat as actions
from yunju.members.models import VerifyFile, WechatSettings
from yunju.members.words import Permission
from yunju.web.forms import Form
from yunju.web.request import Request, go, missing, operating

AGENT = re.compile(r"\bMicroMessenger/")
DEVICES = (
    ("iphone", re.compile(r"iPhone|iPad")),
    ("android", re.compile(r"Android|HarmonyOS")),
    ("mac", re.compile(r"Macintosh")),
    ("windows", re.compile(r"Windows")),
    ("linux", re.compile(r"Linux")),
)
BROWSERS = (  # those that name others of this list in what they send stand before them
    ("wechat", AGENT),
    ("alipay", re.compile(r"AlipayClient/")),
    ("qq", re.compile(r"QQBrowser/")),
    ("uc", re.compile(r"UCBrowser/")),
    ("edge", re.compile(r"Edg(A|iOS)?/")),
    ("firefox", re.compile(r"(Firefox|FxiOS)/")),
    ("chrome", re.compile(r"(Chrome|CriOS)/")),
    ("safari", re.compile(r"Safari/")),
)


def is_wechat(request: HttpRequest) -> bool:
    """True inside WeChat's browser, on a phone and on a desk."""
    return bool(AGENT.search(request.headers.get("User-Agent", "")))


def device(request: HttpRequest) -> str:
    """What asks, as words that `ui` knows: the kind of device and the browser on it; nothing more is kept of it."""
    agent = request.headers.get("User-Agent", "")
    kind = next((name for name, pattern in DEVICES if pattern.search(agent)), "other")
    browser = next((name for name, pattern in BROWSERS if pattern.search(agent)), "")
    return f"{kind} {browser}".strip()


def instead_of_download(request: Request, response: HttpResponse) -> HttpResponse:
    """WeChat shows an empty page for a download: the person is shown how to open it in the phone's browser instead.

    Whoever is signed in gets a link that works there for ten minutes, once.
    """
    is_download = response.get("Content-Disposition", "").startswith("attachment")
    if not (request.in_wechat and is_download and request.method == "GET"):
        return response
    response.close()
    path = request.get_full_path()
    if request.actor.user_id is None:
        return HttpResponseRedirect(f"{reverse('elsewhere')}?{urlencode({'to': path})}")
    return HttpResponseRedirect(reverse("carried", args=[sign_ins.make_carry(path=path, by=request.actor)]))


@require_GET
def verify_file(request: Request, name: str) -> HttpResponse:
    """The line by which WeChat knows that this host is the cluster's."""
    found = VerifyFile.objects.filter(cluster=request.cluster, name=f"MP_verify_{name}.txt").first()
    if found is None:
        missing()
    response = HttpResponse(found.content, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


class VerifyForm(Form):
    """A file as WeChat's console gives it."""

    name = forms.CharField(label=gettext_lazy("File name"), max_length=60, help_text="MP_verify_….txt")
    content = forms.CharField(label=gettext_lazy("Content of the file"), max_length=200)


class HostForm(Form):
    """The host of share links."""

    share_host = forms.CharField(
        label=gettext_lazy("Host of share links"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Empty: the site's own. If an app blocks one host, the other still works."),
    )


@require_http_methods(["GET", "POST"])
def settings_page(request: Request) -> HttpResponse:
    """The operator's settings for WeChat."""
    operating(request, Permission.CLUSTER_RULES)
    kept = WechatSettings.objects.filter(cluster=request.cluster).first()
    of_host = request.method == "POST" and "share_host" in request.POST
    host = HostForm(
        request.POST if of_host else None, initial={"share_host": kept.share_host if kept else ""}
    )
    verify = VerifyForm(request.POST if request.method == "POST" and not of_host else None)
    form = host if of_host else verify
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        act = actions.set_share_host if of_host else actions.keep_verify_file
        if form.carried_out(lambda: act(**given, by=request.actor)):
            flash.success(request, _("Saved."))
            return go(request, "wechat_settings")
    files = VerifyFile.objects.filter(cluster=request.cluster).order_by("name")
    told = {"here": "operator", "host": host, "verify": verify, "files": files}
    faults = host.errors or verify.errors
    return render(request, "web/operator/wechat.html", told, status=422 if faults else 200)


@require_POST
def verify_drop(request: Request, name: str) -> HttpResponse:
    """The host answers to that name no more."""
    operating(request, Permission.CLUSTER_RULES)
    actions.drop_verify_file(name=f"MP_verify_{name}.txt", by=request.actor)
    return go(request, "wechat_settings")
