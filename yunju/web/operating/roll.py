"""The roll of members: a list that is searched and filtered, and one member with everything."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yunju.insight import roll
from yunju.kernel.errors import YunjuError
from yunju.members import actions
from yunju.members import queries as members
from yunju.members.models import Member, User
from yunju.members.words import LICENCE_WARN_DAYS, CapacityKind, EndReason, Permission, RefusalReason
from yunju.ui import messages
from yunju.web.forms import Form, PercentField
from yunju.web.operator import asked_with_missing
from yunju.web.request import Request, go, missing, operating

PAGE = 50


class FindForm(Form):
    """What the roll is narrowed to. A search is a GET: it can be kept as a bookmark."""

    q = forms.CharField(
        label=gettext_lazy("Name, code, credit code or end of the phone number"), required=False
    )
    capacity = forms.ChoiceField(label=gettext_lazy("Capacity"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    seat = forms.ChoiceField(label=gettext_lazy("Seat"), required=False)
    ends = forms.ChoiceField(label=gettext_lazy("Licence ends within"), required=False)
    page = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("All"))]
        days = [(str(n), _("%(days)s days") % {"days": n}) for n in LICENCE_WARN_DAYS]
        for name, words in (
            ("capacity", [(one.value, messages.word("capacity", one.value)) for one in CapacityKind]),
            ("state", [(one, messages.word("member.state", one)) for one in roll.STATES]),
            ("seat", [(one, messages.word("seat", one)) for one in roll.SEATS]),
            ("ends", days),
        ):
            self.fields[name].choices = everything + words  # type: ignore[attr-defined]  # a ChoiceField

    def wanted(self) -> roll.Filter:
        given = self.cleaned_data if self.is_valid() else {}
        return roll.Filter(
            words=given.get("q", "")[:60],
            capacity=given.get("capacity", ""),
            state=given.get("state", ""),
            seat=given.get("seat", ""),
            ends=int(given.get("ends") or 0),
        )


@require_GET
def members_roll(request: Request) -> HttpResponse:
    """All members, narrowed as wished."""
    operating(request, Permission.CLUSTER_ADMIT)
    form = FindForm(request.GET)
    found = roll.find(request.actor, form.wanted())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "operator",
        "form": form,
        "page": page,
        "rows": roll.rows(list(page.object_list)),
        "filtered": form.wanted() != roll.Filter(),
        "narrowed": form.wanted() != roll.Filter(words=form.wanted().words),
    }
    return render(request, "web/operator/members.html", told)


def _member(request: Request, code: str) -> Member:
    operating(request, Permission.CLUSTER_ADMIT)
    found = members.members_visible_to(request.actor).select_related("cluster").filter(code=code).first()
    if found is None:
        missing()
    return found


@require_GET
def member_by_id(request: Request, member_id: int) -> HttpResponse:
    """On to the page of a member that a row of money names by its number."""
    operating(request, Permission.CLUSTER_ORDERS)
    found = Member.objects.filter(cluster_id=request.cluster.pk, pk=member_id).first()
    if found is None:
        missing()
    return go(request, "member_sheet", found.code)


class MerchantForm(Form):
    """Where the provider sends this member's part."""

    merchant = forms.CharField(
        label=gettext_lazy("Sub-merchant at the payment provider"), required=False, max_length=60
    )


class ReserveForm(Form):
    """An own rate of the reserve."""

    reserve_bp = PercentField(
        label=gettext_lazy("Reserve, in per cent"),
        most=10_000,
        required=False,
        help_text=gettext_lazy("Empty: the rate of the cluster."),
    )


@require_GET
def member_sheet(request: Request, code: str) -> HttpResponse:
    """One member with papers, people, shops, offers, money and what happened."""
    return _sheet_page(request, _member(request, code))


def _sheet_page(request: Request, member: Member, *, broken: bool = False) -> HttpResponse:
    found = roll.sheet(request.actor, member)
    waiting = [
        asked_with_missing(one)
        for one in found.capacities
        if one.admitted_at is None and one.ended_at is None
    ]
    people = dict(
        User.objects.filter(
            pk__in={event.by_user_id for event in found.events if event.by_user_id}
        ).values_list("pk", "name")
    )
    told = {
        "here": "operator",
        "sheet": found,
        "member": member,
        "waiting": waiting,
        "live": [one for one in found.capacities if one.admitted_at and not one.ended_at],
        "reasons": [(one.value, messages.word("reason", one.value)) for one in RefusalReason],
        "ends": [(one.value, messages.word("reason", one.value)) for one in EndReason],
        "merchant_form": MerchantForm(initial={"merchant": member.gateway_merchant}),
        "reserve_form": ReserveForm(initial={"reserve_bp": member.reserve_bp}),
        "events": [(event, people.get(event.by_user_id or 0, event.by_name)) for event in found.events],
        "may_visit": bool(request.actor.members_with(Permission.CLUSTER_VISIT)),
        "may_rule": bool(request.actor.members_with(Permission.CLUSTER_RULES)),
    }
    response = render(request, "web/operator/member.html", told, status=422 if broken else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def member_do(request: Request, code: str) -> HttpResponse:
    """Admit, refuse, end a capacity, set merchant or reserve, close: one button each."""
    member = _member(request, code)
    what = request.POST.get("what", "")
    steps = {
        "admit": _admit,
        "refuse": _refuse,
        "end": _end,
        "close": _close,
        "merchant": _merchant,
        "reserve": _reserve,
    }
    if what not in steps:
        missing()
    try:
        flash.success(request, steps[what](request, member))
    except YunjuError as error:
        flash.error(request, messages.of(error, currency=request.cluster.currency))
    return go(request, "member_sheet", member.code)


def _admit(request: Request, member: Member) -> str:
    merchant = request.POST.get("merchant", "").strip()[:60] or None
    actions.admit_capacity(
        member_id=member.pk, kind=request.POST.get("kind", ""), gateway_merchant=merchant, by=request.actor
    )
    return _("%(name)s is admitted.") % {"name": member.name}


def _refuse(request: Request, member: Member) -> str:
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
    actions.refuse_capacity(member_id=member.pk, kind=kind, reason=reason, by=request.actor)
    return _("%(name)s was not admitted.") % {"name": member.name}


def _end(request: Request, member: Member) -> str:
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
    actions.end_capacity(member_id=member.pk, kind=kind, reason=reason, by=request.actor)
    return _("Ended. What was sold before goes on to its end.")


def _close(request: Request, member: Member) -> str:
    actions.close_member(member_id=member.pk, reason=request.POST.get("reason", ""), by=request.actor)
    return _("%(name)s is closed. Its people can still finish orders and take their money.") % {
        "name": member.name
    }


def _merchant(request: Request, member: Member) -> str:
    merchant = request.POST.get("merchant", "")
    actions.set_gateway_merchant(member_id=member.pk, gateway_merchant=merchant, by=request.actor)
    return _("Saved.")


def _reserve(request: Request, member: Member) -> str:
    form = ReserveForm({"reserve_bp": request.POST.get("reserve_bp", "")})
    if not form.is_valid():
        return " ".join(str(fault) for faults in form.errors.values() for fault in faults)
    actions.set_member_reserve(
        member_id=member.pk, reserve_bp=form.cleaned_data["reserve_bp"], by=request.actor
    )
    return _("Saved.")
