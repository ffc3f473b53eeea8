"""今日 of a supplier: what must go today, what is late, what came back, who waits for an answer, what runs out, the money."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yunju.catalog.models import OfferEvent
from yunju.kernel import clock
from yunju.members.models import Member, Role, User
from yunju.members.words import Permission, RoleKind
from yunju.modes.ship import waves
from yunju.modes.ship.models import Wave
from yunju.orders.models import Case, Event, Order
from yunju.orders.queries import statement
from yunju.orders.transitions import CASE_ENDS
from yunju.talks import queries as talks
from yunju.web.goods import low_stock_of, variants_of
from yunju.web.request import Request, acting_for
from yunju.web.sending import counts
from yunju.web.sheets import Picked, pick_list

DAYS = 7
THINGS, LISTED_MOST = 6, 5_000
"""So many things to take stand on the first page; beyond so many parcels waves are the way, not a list."""

TOLD = {
    "offer.made": "made",
    "offer.listed": "listed",
    "price.set": "priced",
    "stock.received": "counted",
    "stock.counted": "counted",
    "bulk.edited": "edited",
    "picture.added": "pictured",
    "pack": "sent",
}
"""What a helper did, by event, in the words of the page (`helped.<word>`)."""


@dataclass(frozen=True, slots=True)
class Help:
    """So often a helper did something for the seller."""

    name: str
    what: str
    count: int
    at: datetime


@require_GET
def supply_today(request: Request, code: str) -> HttpResponse:
    """Figures that lead to the lists behind them."""
    member = acting_for(request, code, Permission.ORDER_SEE)
    actor = request.actor
    open_cases = _open_cases(member)
    sees_money = actor.holds(Permission.MONEY_SEE, member.pk)
    low = low_stock_of(member)
    rows: QuerySet[Any] = variants_of(member).order_by()
    waiting = counts(member)
    things = _to_take(member) if 0 < waiting["to_pack"] <= LISTED_MOST else []
    answers = actor.holds(Permission.CASE_ANSWER, member.pk)
    told = {
        "here": "work",
        "member": member,
        "day": clock.local_day(clock.now(), request.cluster.timezone),
        "counts": waiting,
        "things": things[:THINGS],
        "more_things": max(len(things) - THINGS, 0),
        "cases": open_cases.filter(state__in=("asked", "refused_by", "disputed")).count(),
        "returning": open_cases.filter(state__in=("agreed", "returning"), kind="return").count(),
        "threads": talks.waiting(actor, supplier_id=member.pk).count() if answers else 0,
        "low": rows.filter(left__gt=0, left__lte=low).count(),
        "sold_out": rows.filter(left=0, offer__listed_at__isnull=False, offer__withdrawn_at=None).count(),
        "waves": Wave.objects.filter(
            cluster_id=member.cluster_id, supplier_id=member.pk, made_at__gte=clock.now() - timedelta(days=1)
        ).count(),
        "money": statement.balances(member_id=member.pk, by=actor) if sees_money else None,
        "helped": helped(member),
        "has_goods": rows.exists(),
        "may_answer": answers,
        "may_edit": actor.holds(Permission.OFFER_EDIT, member.pk),
    }
    return render(request, "web/supplier/today.html", told)


def _to_take(member: Member) -> list[Picked]:
    """What to take for all that may go: of one thing at several places all of it, the most first."""
    taken: dict[tuple[str, str], Picked] = {}
    for _place, things in pick_list(member, waves.ready(member.cluster_id, member.pk)):
        for one in things:
            held = taken.get((one.title, one.variant_title))
            pieces, orders = (held.pieces, held.orders) if held else (0, 0)
            whole = replace(one, pieces=one.pieces + pieces, orders=one.orders + orders)
            taken[one.title, one.variant_title] = whole
    return sorted(taken.values(), key=lambda one: -one.pieces)


def _open_cases(member: Member) -> QuerySet[Case]:
    orders = Order.objects.filter(cluster_id=member.cluster_id, supplier_id=member.pk)
    return Case.objects.filter(cluster_id=member.cluster_id, order_id__in=orders.values("pk")).exclude(
        state__in=CASE_ENDS
    )


def helped(member: Member, days: int = DAYS) -> list[Help]:
    """What helpers did for this seller, most recent first: four queries. A role that ended is told too."""
    users = Role.objects.filter(member=member, kind=RoleKind.HELPER).values_list("user_id", flat=True)
    helpers: dict[int, str] = {
        user.pk: user.name or str(user.email) for user in User.objects.filter(pk__in=list(users))
    }
    if not helpers:
        return []
    since = clock.now() - timedelta(days=days)
    offers = OfferEvent.objects.filter(
        Q(offer_id__in=member.offers.values("pk")),
        cluster_id=member.cluster_id,
        by_user_id__in=helpers,
        at__gte=since,
    ).values_list("by_user_id", "what", "at")
    orders = Event.objects.filter(
        cluster_id=member.cluster_id,
        noun="order",
        noun_id__in=Order.objects.filter(cluster_id=member.cluster_id, supplier_id=member.pk).values("pk"),
        who="supplier",
        by_user_id__in=helpers,
        at__gte=since,
    ).values_list("by_user_id", "event", "at")
    number: Counter[tuple[int, str]] = Counter()
    last: dict[tuple[int, str], datetime] = {}
    for user_id, what, at in [*offers, *orders]:
        key = (int(user_id or 0), TOLD.get(what, "other"))
        number[key] += 1
        last[key] = max(at, last.get(key, at))
    done = [Help(helpers[user], what, count, last[user, what]) for (user, what), count in number.items()]
    return sorted(done, key=lambda one: one.at, reverse=True)
