"""Going live: what must be in order, checked for real each time the page is opened; the button refuses until it is."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yunju.insight import readiness
from yunju.kernel.errors import Refused
from yunju.members import actions, inputs, papers
from yunju.members.words import Permission
from yunju.notices import sms
from yunju.web.forms import Form
from yunju.web.request import Request, go, operating
from yunju.web.templatetags.operating import found_out


class BackupForm(Form):
    """Where copies of the database go."""

    backup_note = forms.CharField(
        label=gettext_lazy("Where do backups go, and who has restored one for trial?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TextForm(Form):
    """A phone for the trial message."""

    phone = forms.CharField(label=gettext_lazy("Mobile number for a trial message"), max_length=30)


@require_GET
def setup(request: Request) -> HttpResponse:
    """The list with its ticks, never hidden, also after going live."""
    operating(request, Permission.CLUSTER_RULES)
    return _page(request, readiness.look(request.cluster))


def _page(
    request: Request, found: list[readiness.Outcome], forms_given: dict[str, Any] | None = None
) -> HttpResponse:
    kept = papers.papers_of(request.cluster)
    told = {
        "here": "operator",
        "found": found,
        "well": sum(one.is_well for one in found),
        "to_do": sum(not one.is_well for one in found),
        "kept": kept,
        "backup_form": BackupForm(initial={"backup_note": kept.backup_note}),
        "text_form": TextForm(),
        "shows": sms.shows(),
        **(forms_given or {}),
    }
    broken = any(form.errors for form in (forms_given or {}).values())
    return render(request, "web/operator/setup.html", told, status=422 if broken else 200)


@require_POST
def setup_live(request: Request) -> HttpResponse:
    """Go live, or back to trial."""
    operating(request, Permission.CLUSTER_RULES)
    if request.POST.get("what") == "trial":
        actions.set_live(live=False, by=request.actor)
        flash.warning(request, _("The market is in trial again, and every page says so."))
        return go(request, "setup")
    found = readiness.go_live(by=request.actor)
    if all(one.is_well for one in found):
        flash.success(request, _("The market is live."))
        return go(request, "setup")
    flash.error(request, _("Not yet: the points below are not in order."))
    return _page(request, found)


@require_POST
def setup_try(request: Request) -> HttpResponse:
    """Make the trial order now."""
    operating(request, Permission.CLUSTER_RULES)
    found = readiness.try_order(by=request.actor)
    if found.is_well:
        flash.success(request, _("Placed, paid, booked and refunded. Nothing of it stays."))
    else:
        flash.error(request, found_out(found))
    return go(request, "setup")


@require_POST
def setup_backup(request: Request) -> HttpResponse:
    """Keep the note about backups."""
    operating(request, Permission.CLUSTER_RULES)
    form = BackupForm(request.POST)
    if form.is_valid() and form.carried_out(
        lambda: actions.set_papers(
            draft=actions.PapersDraft(backup_note=form.cleaned_data["backup_note"]), by=request.actor
        )
    ):
        flash.success(request, _("Saved."))
        return go(request, "setup")
    return _page(request, readiness.look(request.cluster), {"backup_form": form})


@require_POST
def setup_text(request: Request) -> HttpResponse:
    """Send a message with the sender of this installation; it counts when the sender took it."""
    operating(request, Permission.CLUSTER_RULES)
    form = TextForm(request.POST)
    if form.is_valid() and form.carried_out(lambda: _send(request, form.cleaned_data["phone"])):
        flash.success(request, _("Sent. Look whether it arrives."))
        return go(request, "setup")
    return _page(request, readiness.look(request.cluster), {"text_form": form})


def _send(request: Request, phone: str) -> None:
    number = inputs.phone(phone)
    answer = sms.sender().send(readiness.trial_text(request.cluster, number))
    if answer.outcome is not sms.Outcome.SENT:
        raise Refused("live.text_refused", field="phone", error=answer.error or answer.outcome.value)
    actions.note_trial(what="texted", by=request.actor)
