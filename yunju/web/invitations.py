"""Members come in from a list: upload, faults row by row, taking it, inviting by text or card, who has joined; and the
page that an invitation opens."""

from dataclasses import dataclass
from typing import BinaryIO, cast

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.csvfile import spooled
from yunju.catalog.importing.handback import handback
from yunju.kernel.errors import Refused, TooMany
from yunju.members.actions import codes, invitations
from yunju.members.actions.codes import Purpose
from yunju.members.models import Invitation, MemberImport, User
from yunju.members.words import ASKED, CapacityKind, Permission
from yunju.notices import sms, texts
from yunju.ui import messages
from yunju.web.cashier import drawn
from yunju.web.entering import CodeForm, enter
from yunju.web.exports import Column, Table, attachment, content
from yunju.web.forms import Form
from yunju.web.request import Request, go, missing, operating

PAGE = 50
CARDS_MOST = 200
LISTED_MOST = 5_000
FILE_MOST = 5_000_000
HEADS = ("单位名称", "统一社会信用代码", "联系人", "行业", "手机号")


class ListForm(Form):
    """A list of members."""

    file = forms.FileField(
        label=gettext_lazy("Your list (Excel or CSV)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    capacity = forms.ChoiceField(label=gettext_lazy("They join as"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in CapacityKind if kind in ASKED]
        self.fields["capacity"].choices = [(kind.value, messages.word("capacity", kind)) for kind in kinds]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_file(self) -> object:
        """Before anything reads it."""
        file = self.cleaned_data["file"]
        if file.size > FILE_MOST:
            raise forms.ValidationError(messages.sentence("members.list_large", {"most": FILE_MOST // 10**6}))
        return file


@require_http_methods(["GET", "POST"])
def upload(request: Request) -> HttpResponse:
    """Choose a list: it is read and judged, nothing is made yet."""
    operating(request, Permission.CLUSTER_ADMIT)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept: list[MemberImport] = []
        if form.carried_out(lambda: kept.append(_kept(request, form))):
            return go(request, "member_list", kept[0].code)
    told = {"here": "operator", "form": form, "heads": _heads()}
    return render(request, "web/operator/member_upload.html", told, status=422 if form.errors else 200)


def _heads() -> str:
    """The heads of the file, which are Chinese, with what they mean for whoever reads the page in English."""
    if messages.is_chinese():
        return "、".join(HEADS)
    fields = ("firm", "credit_code", "contact", "trade", "phone")
    return ", ".join(
        f"{head} ({messages.word('list.column', field)})" for head, field in zip(HEADS, fields, strict=True)
    )


def _kept(request: Request, form: ListForm) -> MemberImport:
    file = form.cleaned_data["file"]
    with spooled(cast("BinaryIO", file.file)) as copy:
        table = list(copy.records())
    return invitations.keep_list(
        file_name=file.name, table=table, capacity=form.cleaned_data["capacity"], by=request.actor
    )


@require_GET
def template(request: Request) -> HttpResponse:
    """An empty list with the heads that are understood."""
    operating(request, Permission.CLUSTER_ADMIT)
    columns, here = [Column(head, width=24) for head in HEADS], request.cluster
    table = Table(_("Members"), columns, [], here.currency, here.timezone)
    return attachment(content(table, "xlsx"), f"{table.title}.xlsx")


@require_http_methods(["GET", "POST"])
def member_list(request: Request, code: str) -> HttpResponse:
    """What a list holds and what is wrong with it; taking it makes the members."""
    operating(request, Permission.CLUSTER_ADMIT)
    kept = MemberImport.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if kept is None:
        missing()
    if request.method == "POST":
        try:
            taken = invitations.take_list(code=code, by=request.actor)
        except Refused as refusal:
            flash.error(request, messages.of(refusal))
            return go(request, "member_list", code)
        flash.success(request, _("%(made)s members are here. Invite them now.") % {"made": taken.made})
        return go(request, "invitations")
    return render(request, "web/operator/member_list.html", {"here": "operator", "list": kept})


@require_GET
def member_list_mend(request: Request, code: str) -> HttpResponse:
    """The list as it came, with what is wrong beside each row, to be mended and uploaded again."""
    operating(request, Permission.CLUSTER_ADMIT)
    try:
        rows, faults = invitations.to_mend(code=code, by=request.actor)
    except Refused as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "member_list", code)
    told = {row: " ".join(_fault_words(fault) for fault in found) for row, found in faults.items()}
    made = handback(rows, told, heads=1, word=_("Errors"))
    return attachment(made.content, f"{_('Members to mend')}.{made.suffix}", mime=made.mime)


def _fault_words(fault: invitations.Fault) -> str:
    column = messages.word("list.column", fault.field) if fault.field else ""
    sentence = messages.sentence(fault.code, fault.params)
    return f"{column}: {sentence}" if column else sentence


@require_GET
def progress(request: Request) -> HttpResponse:
    """Who is invited, has opened, has joined."""
    operating(request, Permission.CLUSTER_ADMIT)
    rows = standing(request)
    states: dict[str, int] = {}
    for one in rows:
        states[one.state] = states.get(one.state, 0) + 1
    wanted = request.GET.get("state", "")
    shown = [one for one in rows if not wanted or one.state == wanted]
    told = {
        "here": "operator",
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "states": states,
        "wanted": wanted,
        "waiting": states.get("made", 0),
        "can_send": sms.can_send(),
        "lists": MemberImport.objects.filter(cluster_id=request.cluster.pk, taken_at=None).exclude(
            rows_cipher=b""
        )[:5],
    }
    return render(request, "web/operator/invitations.html", told)


@dataclass(frozen=True, slots=True)
class Standing:
    """An invitation and where it stands."""

    invitation: Invitation
    state: str


def standing(request: Request, state: str = "") -> list[Standing]:
    """The newest invitations and where they stand, all or those of one state."""
    rows = Invitation.objects.filter(cluster_id=request.cluster.pk).select_related("member").order_by("-id")
    every = [Standing(one, invitations.state_of(one)) for one in rows[:LISTED_MOST]]
    return [one for one in every if not state or one.state == state]


@require_POST
def step(request: Request) -> HttpResponse:
    """Invite one, or all who were not invited yet, by text or card; or revoke one."""
    operating(request, Permission.CLUSTER_ADMIT)
    code, way = request.POST.get("code", ""), request.POST.get("way", "")
    if way == "revoke":
        invitations.revoke(code=code, by=request.actor)
        flash.success(request, _("That link is dead."))
        return go(request, "invitations")
    if way not in ("sms", "card"):
        missing()
    chosen = [code] if code else [one.invitation.code for one in standing(request) if one.state == "made"]
    if way == "card":
        chosen = chosen[:CARDS_MOST]
    made = [invitations.renew(code=one, way=way, by=request.actor) for one in chosen]
    if way == "card":
        ids = ",".join(str(one.pk) for one in made)
        return HttpResponseRedirect(f"{reverse('invitation_cards')}?ids={ids}")
    flash.success(request, _("%(count)s invitations are on their way.") % {"count": len(made)})
    return go(request, "invitations")


@require_GET
def cards(request: Request) -> HttpResponse:
    """A sheet to print: a card with a QR code for each firm."""
    operating(request, Permission.CLUSTER_ADMIT)
    ids = [int(one) for one in request.GET.get("ids", "").split(",") if one.isascii() and one.isdigit()]
    rows = Invitation.objects.filter(cluster_id=request.cluster.pk, pk__in=ids[:CARDS_MOST], way="card")
    made = []
    for one in rows.select_related("member").order_by("pk"):
        if invitations.state_of(one) in ("sent", "opened"):
            path = reverse("invited", args=[invitations.token_of(one)])
            address = texts.absolute(request.cluster, path)
            made.append({"invitation": one, "address": address, "qr": drawn(address)})
    response = render(request, "web/operator/cards.html", {"here": "operator", "cards": made})
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def invited(request: Request, token: str) -> HttpResponse:
    """What an invitation opens: have a code sent to the number of the list, type it, and be the owner."""
    found = invitations.opened(token=token, by=request.actor)
    phone = invitations.phone_of(found)
    form = CodeForm(request.POST if "code" in request.POST else None)
    asked = request.method == "POST"
    if asked and "code" not in request.POST:
        language = get_language() or "zh-hans"
        try:
            codes.ask_code(
                phone=phone, purpose=Purpose.INVITED, by=request.actor, language=language,
                address=request.META.get("REMOTE_ADDR", ""),
            )  # fmt: skip
        except TooMany as limit:
            flash.error(request, messages.of(limit))
    elif asked and form.is_valid() and form.carried_out(lambda: _joined(request, token, phone, form)):
        flash.success(request, _("Welcome! Look through what is asked, then begin."))
        return go(request, "work")
    told = {
        "form": form,
        "invitation": found,
        "phone": texts.covered(phone),
        "asked": asked,
        "shows": sms.shows(),
    }
    response = render(request, "web/account/invited.html", told, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _joined(request: Request, token: str, phone: str, form: CodeForm) -> None:
    digits, language = form.cleaned_data["code"], get_language() or "zh-hans"
    user: User = codes.sign_in_by_code(
        phone=phone, digits=digits, by=request.actor, language=language, purpose=Purpose.INVITED
    )
    enter(request, user, "invited")
    invitations.accept(token=token, phone=phone, user_id=user.pk, by=request.actor)
