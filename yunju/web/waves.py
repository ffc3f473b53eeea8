"""Waves and files: parcels of the same content together, out in the supplier's own layout, tracking numbers back in."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.kernel.errors import TooMany, YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.modes.ship import jobs, waves
from yunju.modes.ship.actions import Packing, dissolve_wave, make_wave, own_wave, pack_many, set_layout
from yunju.modes.ship.columns import COLUMNS, PER_FILE, PRESETS, Layout
from yunju.modes.ship.flow import SHIP
from yunju.modes.ship.models import Wave
from yunju.modes.ship.words import CARRIERS
from yunju.ui import messages
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing
from yunju.web.sending import last_carrier

PAGE = 20
MOST_PASTED = 1_000


class NumbersForm(Form):
    """A file of tracking numbers."""

    file = forms.FileField(
        label=gettext_lazy("File with order numbers and tracking numbers (XLSX or CSV)"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier, where the file names none"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [("", _("The file names it")), *_carriers()]
        self.fields["carrier"].choices = named  # type: ignore[attr-defined]  # a ChoiceField


def _carriers() -> list[tuple[str, str]]:
    return [(code, messages.in_language(label)) for code, label in CARRIERS.items()]


@require_http_methods(["GET", "POST"])
def waves_page(request: Request, code: str) -> HttpResponse:
    """What is ready, by content; the waves so far. POST makes a wave of a group, or of all."""
    member = acting_for(request, code, Permission.ORDER_SHIP)
    if request.method == "POST":
        try:
            wave = make_wave(
                supplier_id=member.pk, content=request.POST.get("content", "")[:400], by=request.actor
            )
        except YunjuError as refusal:
            flash.error(request, messages.of(refusal))
            return go(request, "waves", member.code)
        return go(request, "wave", member.code, wave.code)
    groups = waves.groups(member.cluster_id, member.pk)
    page = Paginator(waves.waves_of(member.cluster_id, member.pk), PAGE).get_page(request.GET.get("page"))
    told = {
        "here": "work",
        "member": member,
        "groups": groups,
        "ready": sum(group.count for group in groups),
        "page": page,
        "form": NumbersForm(),
        "per_file": PER_FILE,
    }
    return render(request, "web/supplier/waves.html", told)


def _own(request: Request, code: str, wave_code: str) -> tuple[Member, Wave]:
    member = acting_for(request, code, Permission.ORDER_SHIP)
    wave = own_wave(wave_code, request.actor)
    if wave.supplier_id != member.pk:
        missing()
    return member, wave


@require_http_methods(["GET", "POST"])
def wave_page(request: Request, code: str, wave_code: str) -> HttpResponse:
    """One wave: print it, export it, send it whole with a list of numbers pasted in the order of its parcels."""
    member, wave = _own(request, code, wave_code)
    orders = waves.in_wave(wave)
    waiting = orders.filter(fulfilment_state="to_pack")
    told: dict[str, Any] = {"typed": "", "carrier": last_carrier(member), "faults": []}
    if request.method == "POST":
        told = _send_pasted(request, member, list(waiting.values_list("pk", "number")[:MOST_PASTED]))
        if not told["faults"]:
            return go(request, "wave", member.code, wave.code)
    page = Paginator(orders, PAGE).get_page(request.GET.get("page"))
    told |= {
        "here": "work",
        "member": member,
        "wave": wave,
        "parts": waves.parts_of([wave.content]).get(wave.content, ()),
        "waiting": waiting.count(),
        "page": page,
        "rows": [
            (order, messages.in_language(SHIP.states[order.fulfilment_state].label))
            for order in page.object_list
        ],
        "carriers": _carriers(),
        "form": NumbersForm(),
        "most": MOST_PASTED,
    }
    return render(request, "web/supplier/wave.html", told, status=422 if told["faults"] else 200)


def _send_pasted(request: Request, member: Member, waiting: list[tuple[int, str]]) -> dict[str, Any]:
    """A number a line, for the waiting orders from the first on. A line with a fault stays and says why."""
    carrier, text = request.POST.get("carrier", ""), request.POST.get("numbers", "")[:100_000]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return {"typed": text, "carrier": carrier, "faults": [_("Paste at least one tracking number.")]}
    if len(lines) > len(waiting):
        counts = {"lines": len(lines), "waiting": len(waiting)}
        fault = _("There are %(lines)s numbers for %(waiting)s parcels. Nothing was sent.") % counts
        return {"typed": text, "carrier": carrier, "faults": [fault]}
    items = [Packing(pk, carrier, line) for (pk, _number), line in zip(waiting, lines, strict=False)]
    answers = pack_many(cluster_id=member.cluster_id, items=items, by=request.actor)
    faults = [
        f"{number} · {line}: {messages.of(answer)}"
        for (_pk, number), line, answer in zip(waiting, lines, answers, strict=False)
        if isinstance(answer, YunjuError)
    ]
    sent = len(items) - len(faults)
    if sent:
        words = ngettext("%(count)s parcel is sent.", "%(count)s parcels are sent.", sent)
        flash.success(request, words % {"count": sent})
    left = [line for line, answer in zip(lines, answers, strict=True) if isinstance(answer, YunjuError)]
    return {"typed": "\n".join(left), "carrier": carrier, "faults": faults}


@require_POST
def wave_dissolve(request: Request, code: str, wave_code: str) -> HttpResponse:
    """What is not sent goes back among the ready orders."""
    member, wave = _own(request, code, wave_code)
    gone = dissolve_wave(code=wave.code, by=request.actor)
    words = ngettext("%(count)s parcel is ready again.", "%(count)s parcels are ready again.", gone)
    flash.success(request, words % {"count": gone})
    return go(request, "waves", member.code)


@require_POST
def export(request: Request, code: str) -> HttpResponse:
    """A file of a wave, or of all that is ready: a job, whose page has the file."""
    member = acting_for(request, code, Permission.ORDER_SHIP)
    wave = request.POST.get("wave", "")
    # Only a name that the address can hold: what it names is for the action to find or to refuse.
    back = (
        reverse("wave", args=[member.code, wave]) if wave.isalnum() else reverse("waves", args=[member.code])
    )
    try:
        job = jobs.ask_export(supplier_id=member.pk, wave=wave, back=back, by=request.actor)
    except TooMany as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "waves", member.code)
    return go(request, "job", job.code)


@require_http_methods(["GET", "POST"])
def numbers(request: Request, code: str) -> HttpResponse:
    """Tracking numbers read in from a file: a job that hands the file back with a word on each row."""
    member = acting_for(request, code, Permission.ORDER_SHIP)
    form = NumbersForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        asked: list[Any] = []
        if form.carried_out(
            lambda: asked.append(
                jobs.ask_numbers(
                    supplier_id=member.pk,
                    file=file.file,
                    name=file.name,
                    carrier=form.cleaned_data["carrier"],
                    back=reverse("waves", args=[member.code]),
                    by=request.actor,
                )
            )
        ):
            return go(request, "job", asked[0].code)
    told = {"here": "work", "member": member, "form": form}
    return render(request, "web/supplier/numbers.html", told, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def layout(request: Request, code: str) -> HttpResponse:
    """Which columns, in which order, under which headings: arranged once, kept for this supplier."""
    member = acting_for(request, code, Permission.ORDER_SHIP)
    held = waves.layout_of(member.cluster_id, member.pk)
    faults: dict[str, str] = {}
    if request.method == "POST":
        preset = request.POST.get("preset", "")
        wanted = PRESETS[preset][1] if preset in PRESETS else _read_layout(request)
        try:
            held = set_layout(supplier_id=member.pk, layout=wanted, by=request.actor)
            flash.success(request, _("Saved. All files look like this from now on."))
            return go(request, "parcel_layout", member.code)
        except YunjuError as refusal:
            faults = {refusal.field or "": messages.of(refusal)}
            held = wanted
    told = {
        "here": "work",
        "member": member,
        "rows": _layout_rows(held, faults),
        "fault": ""
        if any(name.startswith("heading_") for name in faults)
        else next(iter(faults.values()), ""),
        "presets": [(name, messages.in_language(label)) for name, (label, _layout) in PRESETS.items()],
    }
    return render(request, "web/supplier/layout.html", told, status=422 if faults else 200)


def _read_layout(request: Request) -> Layout:
    """Rows with a place in the order; equal places in the order of the page. Without a place a column is left out."""
    placed = []
    for number, name in enumerate(COLUMNS):
        place = request.POST.get(f"place_{name}", "").strip()
        if place.isascii() and place.isdigit():
            placed.append((int(place[:4]), number, name))
    return tuple((name, request.POST.get(f"heading_{name}", "")) for _place, _number, name in sorted(placed))


def _layout_rows(held: Layout, faults: dict[str, str]) -> list[dict[str, object]]:
    """The kept columns first, in their order, then the others."""
    rest = [(name, "") for name in COLUMNS if name not in dict(held)]
    return [
        {
            "name": name,
            "label": messages.in_language(COLUMNS[name]) if name in COLUMNS else name,
            "place": place if place <= len(held) else "",
            "heading": heading,
            "fault": faults.get(f"heading_{name}", ""),
        }
        for place, (name, heading) in enumerate([*held, *rest], start=1)
    ]


@require_GET
def numbers_template(request: Request, code: str) -> HttpResponse:
    """An empty list to fill in, in the columns that are read."""
    acting_for(request, code, Permission.ORDER_SHIP)
    heads = [messages.in_language(COLUMNS[name]) for name in ("number", "carrier", "tracking_no")]
    response = HttpResponse("﻿" + ",".join(heads) + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="numbers.csv"'
    return response
