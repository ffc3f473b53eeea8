"""Buyers who wait for an answer longer than they should: the operator may step in on the page of the order."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.kernel import clock
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.orders.models import Order
from yunju.talks.models import Message, Thread
from yunju.web.request import Request, operating

PAGE = 30


@require_GET
def operator_threads(request: Request) -> HttpResponse:
    """Threads whose answer is overdue first, then those that wait."""
    operating(request, Permission.CLUSTER_CASES)
    page = Paginator(waiting(request), PAGE).get_page(request.GET.get("page"))
    threads = list(page.object_list)
    orders = Order.objects.in_bulk([one.order_id for one in threads])
    names = dict(Member.objects.filter(pk__in={one.supplier_id for one in threads}).values_list("pk", "name"))
    asked = _asked(threads)
    rows = [
        (one, orders[one.order_id], names.get(one.supplier_id, ""), asked.get(one.pk, ""))
        for one in threads
        if one.order_id in orders
    ]
    told = {"here": "operator", "page": page, "rows": rows, "now": clock.now()}
    return render(request, "web/operator/threads.html", told)


def _asked(threads: list[Thread]) -> dict[int, str]:
    """By thread, the newest words of its buyer: that is what waits for an answer."""
    said = Message.objects.filter(thread__in=threads, side="buyer").exclude(words="")
    return dict(said.order_by("thread_id", "-pk").distinct("thread_id").values_list("thread_id", "words"))


def waiting(request: Request) -> QuerySet[Thread]:
    """All of them, the longest wait first."""
    found = Thread.objects.filter(cluster_id=request.cluster.pk, answer_due_at__isnull=False)
    return found.order_by("answer_due_at", "pk")
