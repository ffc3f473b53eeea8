"""Reviews: written from the order, answered by the supplier, hidden by the operator for a reason in law."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yunju.catalog.models import Offer
from yunju.kernel import clock
from yunju.kernel.errors import YunjuError
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders.models import Line, Order
from yunju.talks import queries
from yunju.talks.actions import reviews as actions
from yunju.talks.models import Review
from yunju.ui import messages
from yunju.web.doors import seen_order
from yunju.web.files import uploaded
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for, go, missing

PAGE = 20


class ReviewForm(Form):
    """Stars, words and up to six pictures."""

    stars = forms.ChoiceField(label=gettext_lazy("How good is it?"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("Describe it in your own words"),
        required=False,
        max_length=actions.MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(count), messages.word("stars", str(count))) for count in (5, 4, 3, 2, 1)]
        self.fields["stars"].choices = named  # type: ignore[attr-defined]  # a ChoiceField


def told(found: Order, lines: Sequence[Line], side: str) -> dict[str, object]:
    """Line id -> its review, and what this person may do about them."""
    reviews = queries.reviews_of_order(found)
    is_received = found.fulfilment_state == "received"
    return {
        "reviews": reviews,
        "reviewable": {
            line.pk
            for line in lines
            if side == "buyer" and is_received and line.kind == "goods" and line.pk not in reviews
        },
        "changeable": {
            line_id
            for line_id, review in reviews.items()
            if side == "buyer" and clock.now() <= review.at + actions.CHANGED_WITHIN
        },
        "grounds": actions.HIDDEN_FOR if side == "operator" else (),
    }


@require_http_methods(["GET", "POST"])
def review(request: Request, code: str, seq: int) -> HttpResponse:
    """Write or change the review of one line."""
    found = seen_order(request, code)
    line = Line.objects.filter(cluster_id=found.cluster_id, order_id=found.pk, seq=seq, kind="goods").first()
    if line is None:
        missing()
    before = Review.objects.filter(line_id=line.pk).prefetch_related("pictures").first()
    first = {"stars": str(before.stars), "words": before.words} if before else {}
    form = ReviewForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        draft = actions.Draft(
            int(form.cleaned_data["stars"]), form.cleaned_data["words"], uploaded(request, "pictures")
        )
        if form.carried_out(lambda: _written(request, line, before, draft)):
            flash.success(request, _("Thank you. Your review stands on the page of the offer."))
            return go(request, "order", code)
    told = {"here": "orders", "order": found, "line": line, "form": form, "review": before}
    return render(request, "web/buyer/review.html", told, status=422 if form.errors else 200)


def _written(request: Request, line: Line, before: Review | None, draft: actions.Draft) -> Review:
    if before is None:
        return actions.write(line_id=line.pk, draft=draft, by=request.actor)
    return actions.edit(code=before.code, draft=draft, by=request.actor)


@require_POST
def hide(request: Request, code: str) -> HttpResponse:
    """The operator hides a review for a ground in law, or shows it again."""
    review = Review.objects.filter(cluster_id=request.cluster.pk, code=code).first()
    if review is None:
        missing()
    reason = request.POST.get("reason", "")[:20]
    try:
        if reason:
            actions.hide(code=code, reason=reason, by=request.actor)
        else:
            actions.show_again(code=code, by=request.actor)
        flash.success(request, _("Done."))
    except YunjuError as error:
        if error.status != 422:
            raise
        flash.error(request, messages.of(error))
    return go(request, "order", Order.objects.values_list("code", flat=True).get(pk=review.order_id))


class AnswerForm(Form):
    """What the supplier says to a review, once."""

    words = forms.CharField(
        label=gettext_lazy("Your answer, once and in public"),
        max_length=actions.MOST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_GET
def member_reviews(request: Request, code: str) -> HttpResponse:
    """What buyers say of a supplier's goods, those without an answer first."""
    member = acting_for(request, code, Permission.CASE_ANSWER)
    page = Paginator(wanted(request, member), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    offers = Offer.objects.filter(pk__in=[one.offer_id for one in shown])
    told = {
        "here": "work",
        "tab": "member_reviews",
        "member": member,
        "page": page,
        "reviews": shown,
        "offers": offers.in_bulk(),
        "form": AnswerForm(),
    }
    return render(request, "web/supplier/reviews.html", told)


def wanted(request: Request, member: Member) -> QuerySet[Review]:
    """What buyers say of the member's goods, those without an answer first."""
    return queries.reviews_for(request.actor, supplier_id=member.pk).order_by(
        F("answered_at").desc(nulls_first=True), "-id"
    )


@require_POST
def answer(request: Request, code: str, review_code: str) -> HttpResponse:
    """The supplier's answer."""
    acting_for(request, code, Permission.CASE_ANSWER)
    form = AnswerForm(request.POST)
    if form.is_valid() and form.carried_out(
        lambda: actions.answer(code=review_code, words=form.cleaned_data["words"], by=request.actor)
    ):
        flash.success(request, _("Your answer stands below the review."))
    else:
        flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return go(request, "member_reviews", code)
