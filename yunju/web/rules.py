"""What the market takes and by which rules it runs: for everybody to read, for the operator to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from yunju.catalog import queries as catalog
from yunju.catalog.actions.rules import FEE_MOST_BP, over_the_cap, set_fees
from yunju.catalog.terms import Terms
from yunju.kernel import clock
from yunju.members.actions import ClusterRules, edit_cluster_rules
from yunju.members.actions.clusters import RANGES, SELF_PURCHASE
from yunju.members.models import Cluster
from yunju.members.words import Permission
from yunju.ui import formats, messages
from yunju.web.forms import CountField, Form, MoneyField, PercentField
from yunju.web.offers import in_currency
from yunju.web.request import Request, go, operating

RULES = (
    "attribution_days",
    "self_purchase",
    "unpaid_minutes",
    "unpaid_limit",
    "reserve_bp",
    "after_sale_days",
    "payout_min_minor",
    "shortage_tolerance_minor",
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the fees in words."""

    number: int
    effective_at: datetime
    state: str
    platform: str
    park: str


def versions_of(cluster: Cluster) -> list[Version]:
    return [
        Version(
            number=one.fees.version,
            effective_at=one.effective_at,
            state=one.state,
            platform=in_words(one.fees.platform, cluster.currency),
            park=in_words(one.fees.park, cluster.currency),
        )
        for one in catalog.fee_versions(cluster.pk, clock.now())
    ]


def in_words(terms: Terms, currency: str) -> str:
    """A part of a price as people say it: `2.5% of the price, at least ¥1.00, at most ¥50.00`."""
    if terms.bp == 0 and terms.floor_minor == 0:
        return _("nothing")
    said = [_("%(share)s of the price") % {"share": formats.share(terms.bp)}]
    if terms.floor_minor:
        said.append(_("at least %(least)s") % {"least": formats.money(terms.floor_minor, currency)})
    if terms.cap_minor is not None:
        said.append(_("at most %(most)s") % {"most": formats.money(terms.cap_minor, currency)})
    return ("，" if messages.is_chinese() else ", ").join(said)


@require_GET
def fees(request: Request) -> HttpResponse:
    """What platform and park take, since when, and what was announced: nobody has to sign in to know."""
    versions = versions_of(request.cluster)
    told = {
        "held": next((one for one in versions if one.state == "now"), None),
        "announced": [one for one in versions if one.state == "announced"],
        "versions": versions,
        "days": request.cluster.after_sale_days,
    }
    return render(request, "web/home/fees.html", told)


class FeesForm(Form):
    """The next version of the fees."""

    platform_bp = PercentField(label=gettext_lazy("Platform, in per cent"), most=FEE_MOST_BP)
    platform_floor_minor = MoneyField(label=gettext_lazy("Platform, at least"), required=False)
    platform_cap_minor = MoneyField(
        label=gettext_lazy("Platform, at most"), required=False, help_text=gettext_lazy("Empty: no limit.")
    )
    park_bp = PercentField(label=gettext_lazy("Park, in per cent"), most=FEE_MOST_BP)
    park_floor_minor = MoneyField(label=gettext_lazy("Park, at least"), required=False)
    park_cap_minor = MoneyField(
        label=gettext_lazy("Park, at most"), required=False, help_text=gettext_lazy("Empty: no limit.")
    )
    from_day = forms.DateField(
        label=gettext_lazy("From the beginning of this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: at once. Orders placed before keep their fees."),
    )

    def __init__(self, cluster: Cluster, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = cluster.timezone

    def clean_from_day(self) -> date | None:
        day: date | None = self.cleaned_data["from_day"]
        if day is not None and day < clock.local_day(clock.now(), self.zone):
            raise forms.ValidationError(_("Fees cannot change for days that are over."))
        return day

    def part(self, name: str) -> Terms:
        given = self.cleaned_data
        return Terms(given[f"{name}_bp"], given[f"{name}_floor_minor"] or 0, given[f"{name}_cap_minor"])

    def effective_at(self) -> datetime:
        day = self.cleaned_data["from_day"]
        return clock.at_local(day, 0, self.zone) if day else clock.now()


def _count(label: Any, name: str, help_text: Any = "") -> CountField:
    """A whole number within what the action takes."""
    least, most = RANGES[name]
    return CountField(label=label, least=least, most=most, help_text=help_text)


class RulesForm(Form):
    """The rules of the cluster."""

    attribution_days = _count(
        gettext_lazy("Days that a share link counts"),
        "attribution_days",
        gettext_lazy(
            "A purchase within this time after a tap on the link earns the shop commission. 0: never."
        ),
    )
    self_purchase = forms.ChoiceField(
        label=gettext_lazy("When shopkeepers buy in their own shop"), widget=forms.RadioSelect
    )
    unpaid_minutes = _count(gettext_lazy("Minutes to pay, with the goods reserved"), "unpaid_minutes")
    unpaid_limit = _count(gettext_lazy("Unpaid purchases one buyer may hold"), "unpaid_limit")
    reserve_bp = PercentField(
        label=gettext_lazy("Reserve, in per cent"),
        most=RANGES["reserve_bp"][1],
        help_text=gettext_lazy("Held back from what becomes available, for refunds that come late."),
    )
    after_sale_days = _count(
        gettext_lazy("Days of after-sale service from receipt"),
        "after_sale_days",
        gettext_lazy("After that the money of an order can be withdrawn. Offers may have their own."),
    )
    payout_min_minor = MoneyField(label=gettext_lazy("Smallest payout"), least=RANGES["payout_min_minor"][0])
    shortage_tolerance_minor = MoneyField(
        label=gettext_lazy("A payment may be short by"),
        help_text=gettext_lazy("It still counts as paid, and the operator bears the difference."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [(one, messages.word("self_purchase", one)) for one in SELF_PURCHASE]
        self.fields["self_purchase"].choices = ways  # type: ignore[attr-defined]  # a ChoiceField


@require_http_methods(["GET", "POST"])
def rules(request: Request) -> HttpResponse:
    """The versions of the fees and a form for the next; the rules of the cluster."""
    operating(request, Permission.CLUSTER_RULES)
    cluster = request.cluster
    what = request.GET.get("form", "") if request.method == "POST" else ""
    versions = catalog.fee_versions(cluster.pk, clock.now())
    fees_form = FeesForm(cluster, request.POST if what == "fees" else None, initial=_newest(versions))
    rules_form = RulesForm(
        request.POST if what == "rules" else None, initial={name: getattr(cluster, name) for name in RULES}
    )
    for form in (fees_form, rules_form):
        in_currency(form, request)
    if _fees_kept(request, fees_form) or _rules_kept(request, rules_form):
        return go(request, "rules")
    told = {
        "here": "operator",
        "versions": versions_of(cluster),
        "fees_form": fees_form,
        "rules_form": rules_form,
    }
    status = 422 if fees_form.errors or rules_form.errors else 200
    return render(request, "web/operator/rules.html", told, status=status)


def _newest(versions: Sequence[catalog.FeeVersion]) -> dict[str, object]:
    """The form begins with what the newest version says."""
    newest = versions[0].fees if versions else catalog.Fees()
    typed: dict[str, object] = {}
    for name, terms in (("platform", newest.platform), ("park", newest.park)):
        typed |= {
            f"{name}_bp": terms.bp,
            f"{name}_floor_minor": terms.floor_minor,
            f"{name}_cap_minor": terms.cap_minor,
        }
    return typed


def _fees_kept(request: Request, form: FeesForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    kept = form.carried_out(
        lambda: set_fees(
            platform=form.part("platform"),
            park=form.part("park"),
            effective_at=form.effective_at(),
            by=request.actor,
        )
    )
    if kept:
        flash.success(request, _("The next version of the fees is published."))
        over = over_the_cap(request.cluster.pk)
        if over:
            words = ngettext(
                "%(number)s offer pays others more than 30%% of its price: some payment providers refuse that.",
                "%(number)s offers pay others more than 30%% of their price: some payment providers refuse that.",
                over,
            )
            flash.warning(request, words % {"number": over})
    return kept


def _rules_kept(request: Request, form: RulesForm) -> bool:
    if not (form.is_bound and form.is_valid()):
        return False
    given = ClusterRules(**form.cleaned_data)
    kept = form.carried_out(lambda: edit_cluster_rules(rules=given, by=request.actor))
    if kept:
        flash.success(request, _("Saved. It is in force from now on; placed orders stay as they are."))
    return kept
