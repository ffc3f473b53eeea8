"""The thread of an order on its page, and the supplier's list of those who wait for an answer."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yunju.members.words import Permission
from yunju.orders.models import Line, Order
from yunju.talks import queries
from yunju.talks.actions import threads
from yunju.talks.models import MessagePicture
from yunju.web.doors import seen_order
from yunju.web.files import address_of, uploaded
from yunju.web.forms import Form
from yunju.web.request import Request, acting_for
from yunju.web.reviews import told as told_reviews

PAGE = 30


class SayForm(Form):
    """Words and pictures."""

    words = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        max_length=threads.MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    side = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


def told(request: Request, found: Order, lines: Sequence[Line]) -> dict[str, object]:
    """What the order page shows of the talk. Looking at it is reading it, but not with somebody else's eyes."""
    view = queries.view(request.actor, found)
    if view.unread and getattr(request, "visit", None) is None:
        threads.read(order_id=found.pk, side=view.side, by=request.actor)
    usual = queries.usual_minutes(found.cluster_id, found.supplier_id) if view.side == "buyer" else None
    return {
        "talk": view,
        "said": [
            (one, [_addresses(request, picture) for picture in one.pictures.all()]) for one in view.messages
        ],
        "usual": duration(usual) if usual else "",
        "may_say": bool(view.side and found.fulfilment_state and not view.may_join),
    } | told_reviews(found, lines, view.side)


def _addresses(request: Request, picture: MessagePicture) -> tuple[str, str]:
    """Of the small picture and of the whole one."""
    return address_of(request, picture.small), address_of(request, picture.name)


def duration(minutes: int) -> str:
    """About how long, as people say it."""
    if minutes < 60:
        return _("%(count)s minutes") % {"count": minutes}
    return _("%(count)s hours") % {"count": round(minutes / 60)}


@require_POST
def say(request: Request, code: str) -> HttpResponse:
    """One more message of whoever may speak."""
    found = seen_order(request, code)
    form = SayForm(request.POST)
    if form.is_valid() and form.carried_out(
        lambda: threads.say(
            order_id=found.pk,
            words=form.cleaned_data["words"],
            files=uploaded(request, "pictures"),
            side=form.cleaned_data["side"],
            by=request.actor,
        )
    ):
        return _to_thread(code)
    flash.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    return _to_thread(code)


@require_POST
def join(request: Request, code: str) -> HttpResponse:
    """The operator joins the conversation; both sides see it."""
    found = seen_order(request, code)
    threads.join(order_id=found.pk, by=request.actor)
    return _to_thread(code)


def _to_thread(code: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('order', args=[code])}#thread")


@require_GET
def talks(request: Request, code: str) -> HttpResponse:
    """Who waits for an answer of this supplier, the most urgent first; below, what was said lately."""
    member = acting_for(request, code, Permission.CASE_ANSWER)
    asking = queries.waiting(request.actor, supplier_id=member.pk)
    waiting = list(queries.with_last_words(asking)[:200])
    others = (
        queries.threads_visible_to(request.actor)
        .filter(supplier_id=member.pk, answer_due_at__isnull=True)
        .order_by("-last_at")
    )
    page = Paginator(queries.with_last_words(others), PAGE).get_page(request.GET.get("page"))
    ids = [one.order_id for one in (*waiting, *page.object_list)]
    orders = Order.objects.filter(cluster_id=request.cluster.pk, pk__in=ids).in_bulk()
    usual = queries.usual_minutes(request.cluster.pk, member.pk)
    told = {
        "here": "work",
        "tab": "talks",
        "member": member,
        "waiting": [(one, orders[one.order_id], queries.state_of(one)) for one in waiting],
        "late": sum(1 for one in waiting if queries.state_of(one) == "late"),
        "page": page,
        "others": [(one, orders[one.order_id]) for one in page.object_list],
        "usual": duration(usual) if usual else "",
    }
    return render(request, "web/supplier/talks.html", told)
