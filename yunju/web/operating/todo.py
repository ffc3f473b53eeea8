"""今日待办: the operator's first page. Counts that open lists; below them, how much money lies where."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.insight import todo
from yunju.ledger import queries as ledger
from yunju.ledger.kinds import Kind
from yunju.members.words import Permission
from yunju.web.request import Request, operating

SUMS = (Kind.PENDING, Kind.AVAILABLE, Kind.UNAPPLIED, Kind.REFUND_DUE)


@require_GET
def operator(request: Request) -> HttpResponse:
    """What waits for the operator today, the urgent first; what is done is said too."""
    operating(request, Permission.CLUSTER_ORDERS)
    waiting = todo.today(request.actor)
    sees_money = bool(request.actor.members_with(Permission.CLUSTER_MONEY))
    here, currency = request.cluster.pk, request.cluster.currency
    told = {
        "here": "operator",
        "groups": [
            (urgency.value, found)
            for urgency in todo.Urgency
            if (found := [one for one in waiting if one.count and one.entry.urgency is urgency])
        ],
        "done": [one.entry.code for one in waiting if not one.count],
        "sums": [(kind.value, ledger.total(here, kind, currency)) for kind in SUMS] if sees_money else [],
    }
    return render(request, "web/operator/operator.html", told)
