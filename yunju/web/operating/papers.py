"""Papers of the site: numbers and telephones for the footer, agreements by versions, words that may not be written."""

from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from yunju.kernel import clock
from yunju.members import actions, wording
from yunju.members import papers as reads
from yunju.members.models import AGREEMENTS
from yunju.members.words import Permission
from yunju.notices import preferences
from yunju.ui import drafts
from yunju.web.forms import Form
from yunju.web.operating.figures import BEIJING
from yunju.web.request import Request, go, missing, operating

TEXTS = (
    "firm",
    "credit_code",
    "icp_no",
    "police_no",
    "telecom_no",
    "other_nos",
    "address",
    "complaint_phone",
    "complaint_email",
)


class PapersForm(Form):
    """What stands in the footer and on the page about who runs the site."""

    firm = forms.CharField(
        label=gettext_lazy("Registered name of the operator"), required=False, max_length=120
    )
    credit_code = forms.CharField(
        label=gettext_lazy("Unified social credit code"), required=False, max_length=30
    )
    licence = forms.FileField(
        label=gettext_lazy("Picture of the business licence"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("Everybody can see it: the law asks for that."),
    )
    icp_no = forms.CharField(
        label=gettext_lazy("ICP filing number"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example 京ICP备12345678号-1. It links to the ministry."),
    )
    police_no = forms.CharField(
        label=gettext_lazy("Public security filing number"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example 京公网安备11010502030123号."),
    )
    telecom_no = forms.CharField(label=gettext_lazy("Telecom licence (EDI)"), required=False, max_length=60)
    other_nos = forms.CharField(
        label=gettext_lazy("Further licences"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line: name, colon, number."),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    complaint_phone = forms.CharField(
        label=gettext_lazy("Telephone for complaints"), required=False, max_length=20
    )
    complaint_email = forms.CharField(
        label=gettext_lazy("E-mail for complaints"), required=False, max_length=254
    )


class FaceForm(Form):
    """What the cluster is called, and how its days are cut."""

    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    timezone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "Days, months and deadlines follow it. It cannot be changed once the market is live."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, _zone_name(zone)) for zone in sorted(available_timezones())]
        self.fields["timezone"].choices = zones  # type: ignore[attr-defined]  # a ChoiceField


def _zone_name(zone: str) -> str:
    return f"{_('Beijing time')} ({zone})" if zone == BEIJING else zone


CLOCK = [(str(hour), f"{hour}:00") for hour in range(24)]


class QuietForm(Form):
    """When word outside the site waits for the morning."""

    quiet_from = forms.ChoiceField(label=gettext_lazy("Quiet from"), choices=CLOCK)
    quiet_until = forms.ChoiceField(
        label=gettext_lazy("until"),
        choices=CLOCK,
        help_text=gettext_lazy(
            "Text messages, e-mails and groups wait, but not codes. The same hour twice: never quiet. People may set their own."
        ),
    )


@require_http_methods(["GET", "POST"])
def papers(request: Request) -> HttpResponse:
    """Three forms: the papers of the site, the names and zone of the cluster, its quiet hours."""
    operating(request, Permission.CLUSTER_RULES)
    kept, cluster = reads.papers_of(request.cluster), request.cluster
    what = request.GET.get("form", "") if request.method == "POST" else ""
    papers_form = PapersForm(
        request.POST if what == "papers" else None,
        request.FILES if what == "papers" else None,
        initial={name: getattr(kept, name) for name in TEXTS},
    )
    face = {name: getattr(cluster, name) for name in ("name_zh", "name_en", "timezone")}
    face_form = FaceForm(request.POST if what == "face" else None, initial=face)
    quiet = dict(zip(("quiet_from", "quiet_until"), preferences.hours_of(cluster), strict=True))
    quiet_form = QuietForm(request.POST if what == "quiet" else None, initial=quiet)
    if (
        _papers_kept(request, papers_form)
        or _face_kept(request, face_form)
        or _quiet_kept(request, quiet_form)
    ):
        return go(request, "papers")
    told = {
        "here": "operator",
        "papers_form": papers_form,
        "face_form": face_form,
        "quiet_form": quiet_form,
        "kept": kept,
    }
    status = 422 if papers_form.errors or face_form.errors or quiet_form.errors else 200
    return render(request, "web/operator/papers.html", told, status=status)


def _papers_kept(request: Request, form: PapersForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    given = {name: form.cleaned_data[name] for name in TEXTS}

    def keep() -> None:
        actions.set_papers(draft=actions.PapersDraft(**given), by=request.actor)
        if form.cleaned_data["licence"]:
            actions.set_papers_picture(file=form.cleaned_data["licence"], by=request.actor)

    if form.carried_out(keep):
        flash.success(request, _("Saved. It stands in the footer of every page now."))
        return True
    return False


def _face_kept(request: Request, form: FaceForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    face = actions.ClusterFace(**form.cleaned_data)
    if form.carried_out(lambda: actions.set_face(face=face, by=request.actor)):
        flash.success(request, _("Saved."))
        return True
    return False


def _quiet_kept(request: Request, form: QuietForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    hours = {name: int(form.cleaned_data[name]) for name in ("quiet_from", "quiet_until")}
    if form.carried_out(lambda: preferences.set_quiet_hours(**hours, by=request.actor)):
        flash.success(request, _("Saved."))
        return True
    return False


class AgreementForm(Form):
    """The next version of an agreement."""

    body_zh = forms.CharField(
        label=gettext_lazy("Text in Chinese"),
        max_length=actions.BODY_MOST,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy("A line with # is a heading, with - a point of a list, an empty line parts."),
    )
    body_en = forms.CharField(
        label=gettext_lazy("Text in English"),
        required=False,
        max_length=actions.BODY_MOST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Empty: English readers see the Chinese text."),
    )
    summary = forms.CharField(
        label=gettext_lazy("What is new"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("One sentence for those who agreed before."),
    )
    from_day = forms.DateField(
        label=gettext_lazy("From the beginning of this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: at once."),
    )

    def effective_at(self, zone: str) -> datetime | None:
        """The first instant of the day; nothing (at once) when it is today."""
        day: date | None = self.cleaned_data["from_day"]
        is_today = day == clock.local_day(clock.now(), zone)
        return None if day is None or is_today else clock.at_local(day, 0, zone)


@require_GET
def agreements(request: Request) -> HttpResponse:
    """The four agreements: which version holds, which is announced, what is missing."""
    operating(request, Permission.CLUSTER_RULES)
    held = reads.in_force(request.cluster.pk)
    written = bool(held) or any(reads.agreement_versions(request.cluster.pk, kind) for kind in AGREEMENTS)
    told = {"here": "operator", "rows": [(kind, held.get(kind)) for kind in AGREEMENTS], "written": written}
    return render(request, "web/operator/agreements.html", told)


@require_http_methods(["GET", "POST"])
def agreement_edit(request: Request, kind: str) -> HttpResponse:
    """All versions of one agreement, and a form for the next that begins with the newest (or with a draft of ours)."""
    operating(request, Permission.CLUSTER_RULES)
    if kind not in AGREEMENTS:
        missing()
    versions = reads.agreement_versions(request.cluster.pk, kind)
    begin = (
        {"body_zh": versions[0].body_zh, "body_en": versions[0].body_en}
        if versions
        else {"body_zh": drafts.agreement(kind, request.cluster, reads.papers_of(request.cluster))}
    )
    form = AgreementForm(request.POST or None, initial=begin)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.carried_out(lambda: _publish(request, kind, form))
    ):
        flash.success(request, _("Published. It is public, and people agree to it from its day on."))
        return go(request, "agreements")
    told = {"here": "operator", "kind": kind, "versions": versions, "form": form, "now": clock.now()}
    told |= {"blank": actions.BLANK, "has_blanks": actions.BLANK in begin["body_zh"]}
    return render(request, "web/operator/agreement.html", told, status=422 if form.errors else 200)


def _publish(request: Request, kind: str, form: AgreementForm) -> None:
    given = form.cleaned_data
    draft = actions.AgreementDraft(
        kind=kind,
        body_zh=given["body_zh"],
        body_en=given["body_en"],
        summary=given["summary"],
        effective_at=form.effective_at(request.cluster.timezone),
    )
    actions.publish_agreement(draft=draft, by=request.actor)


class WordsForm(Form):
    """The list, a word a line."""

    words = forms.CharField(
        label=gettext_lazy("Words, one a line"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy("Width, case, spaces and signs between the letters do not matter."),
    )


class TryForm(Form):
    """A text to try the list on."""

    text = forms.CharField(
        label=gettext_lazy("Try a text"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_http_methods(["GET", "POST"])
def words(request: Request) -> HttpResponse:
    """The list of forbidden words, and a place to try it."""
    operating(request, Permission.CLUSTER_RULES)
    what = request.GET.get("form", "") if request.method == "POST" else ""
    listed = wording.words_of(request.cluster.pk)
    form = WordsForm(request.POST if what == "words" else None, initial={"words": "\n".join(listed)})
    trial = TryForm(request.POST if what == "try" else None)
    if (
        form.is_bound
        and form.is_valid()
        and form.carried_out(
            lambda: actions.set_forbidden_words(
                words=form.cleaned_data["words"].splitlines(), by=request.actor
            )
        )
    ):
        flash.success(request, _("Saved. Texts are checked against it when they are next changed."))
        return go(request, "wording")
    tried = trial.is_bound and trial.is_valid()
    told = {
        "here": "operator",
        "form": form,
        "trial": trial,
        "tried": tried,
        "found": wording.found_in(trial.cleaned_data["text"], listed) if tried else "",
        "count": len(listed),
        "is_default": listed == wording.DEFAULT_WORDS,
    }
    broken = form.errors or (trial.is_bound and trial.errors)
    return render(request, "web/operator/wording.html", told, status=422 if broken else 200)
