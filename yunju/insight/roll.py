"""The roll of members as an operator reads it: found, filtered, and one member with everything beside it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from yunju.catalog.models import Offer
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.ledger import queries as ledger
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.members import papers
from yunju.members.models import (
    Capacity,
    Cluster,
    Licence,
    Member,
    MemberEvent,
    PayoutAccount,
    Role,
    Seat,
    Visit,
)
from yunju.members.queries import (
    events_visible_to,
    members_visible_to,
    payees_visible_to,
    payout_accounts_visible_to,
    roles_visible_to,
    seats_visible_to,
)
from yunju.members.words import LICENCE_WARN_DAYS, CapacityKind
from yunju.orders.models import Order
from yunju.shops.models import Shop

STATES = ("open", "asked", "closed", "none")
SEATS = ("site", "cloud", "none")
EVENTS = 50
MONEY = (Kind.PENDING, Kind.AVAILABLE, Kind.RESERVE, Kind.PAYING_OUT, Kind.DEBT)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; empty parts narrow nothing. `ends`: days until a licence ends."""

    words: str = ""
    capacity: str = ""
    state: str = ""
    seat: str = ""
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the roll."""

    member: Member
    capacities: tuple[Capacity, ...]
    seats: tuple[Seat, ...]
    licence_ends: dt.date | None
    offers: int
    shops: int


def find(actor: Actor, wanted: Filter) -> QuerySet[Member]:
    """The members that the filter leaves, newest first. Nothing is read yet."""
    found = members_visible_to(actor)
    if wanted.words:
        found = found.filter(_named(wanted.words.strip()))
    live = Capacity.objects.filter(member=OuterRef("pk"), ended_at=None)
    if wanted.capacity in {word.value for word in CapacityKind}:
        live = live.filter(kind=wanted.capacity)
        found = found.filter(Exists(live))
    found = _in_state(found, wanted.state, live)
    found = _seated(found, wanted.seat)
    if wanted.ends in LICENCE_WARN_DAYS:
        ending = papers.ending(actor.cluster_id, wanted.ends, _today(actor.cluster_id))
        found = found.filter(pk__in=ending.values("member_id"))
    return found.order_by("-pk")


def _named(words: str) -> Q:
    """Name, public code, credit code of the payee, or the end of the phone number."""
    found = Q(name__icontains=words) | Q(code__iexact=words) | Q(gateway_merchant__iexact=words)
    if words.isascii() and words.isdigit() and len(words) >= 4:
        found |= Q(phone__endswith=words)
    return found | Q(payee__licence_no__iexact=words)


def _in_state(found: QuerySet[Member], state: str, live: QuerySet[Capacity]) -> QuerySet[Member]:
    if state == "open":
        return found.filter(Exists(live.filter(admitted_at__isnull=False)), closed_at=None)
    if state == "asked":
        return found.filter(Exists(live.filter(admitted_at=None)), closed_at=None)
    if state == "closed":
        return found.filter(closed_at__isnull=False)
    if state == "none":
        return found.filter(~Exists(live), closed_at=None)
    return found


def _seated(found: QuerySet[Member], seat: str) -> QuerySet[Member]:
    seats = Seat.objects.filter(member=OuterRef("pk"), until=None)
    if seat == "site":
        return found.filter(Exists(seats.filter(site__isnull=False)))
    if seat == "cloud":
        return found.filter(Exists(seats.filter(site=None)))
    return found.filter(~Exists(seats)) if seat == "none" else found


def rows(members: Sequence[Member]) -> list[Row]:
    """The members with what stands beside them: five statements for any number."""
    ids = [member.pk for member in members]
    capacities, seats = defaultdict(list), defaultdict(list)
    for capacity in Capacity.objects.filter(member_id__in=ids, ended_at=None).order_by("pk"):
        capacities[capacity.member_id].append(capacity)
    for seat in (
        Seat.objects.filter(member_id__in=ids, until=None).select_related("park", "site").order_by("pk")
    ):
        seats[seat.member_id].append(seat)
    valid = Licence.objects.filter(member_id__in=ids, state="valid", valid_until__isnull=False)
    ends = dict(
        valid.values("member_id").annotate(first=Min("valid_until")).values_list("member_id", "first")
    )
    offers = _counts(Offer.objects.filter(supplier_id__in=ids, closed_at=None), "supplier_id")
    shops = _counts(Shop.objects.filter(member_id__in=ids), "member_id")
    return [
        Row(
            member,
            tuple(capacities[member.pk]),
            tuple(seats[member.pk]),
            ends.get(member.pk),
            offers.get(member.pk, 0),
            shops.get(member.pk, 0),
        )
        for member in members
    ]


def _counts(found: QuerySet[Offer] | QuerySet[Shop], by: str) -> dict[int, int]:
    counted = found.order_by().values(by).annotate(number=Count("pk"))
    return {row[by]: row["number"] for row in counted}


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that an operator needs about one member on one page."""

    member: Member
    capacities: Sequence[Capacity]
    seats: Sequence[Seat]
    roles: Sequence[Role]
    licences: Sequence[Licence]
    payee: object
    account: PayoutAccount | None
    shops: Sequence[Shop]
    offers: Sequence[Offer]
    offers_count: int
    orders: int
    money: Sequence[tuple[Kind, int]]
    events: Sequence[MemberEvent]
    visits: Sequence[Visit]


def sheet(actor: Actor, member: Member) -> Sheet:
    """One member with everything. What the actor may not see (payee, account) is left out by its own rule."""
    cluster = member.cluster
    offers = Offer.objects.filter(supplier=member, closed_at=None).order_by("-pk")
    subject = subjects.member(member.pk)
    balances = ledger.balances(cluster.pk, [subject], cluster.currency)
    return Sheet(
        member=member,
        capacities=list(member.capacities.order_by("-pk")),
        seats=list(
            seats_visible_to(actor).filter(member=member).select_related("park", "site").order_by("-pk")
        ),
        roles=list(
            roles_visible_to(actor).filter(member=member, ended_at=None).select_related("user").order_by("pk")
        ),
        licences=list(papers.licences_visible_to(actor).filter(member=member).order_by("-pk")),
        payee=payees_visible_to(actor).filter(member=member).first(),
        account=payout_accounts_visible_to(actor).filter(member=member, ended_at=None).first(),
        shops=list(Shop.objects.filter(member=member).order_by("-pk")),
        offers=list(offers[:10]),
        offers_count=offers.count(),
        orders=Order.objects.filter(cluster_id=cluster.pk, supplier_id=member.pk)
        .exclude(fulfilment_state="")
        .count(),
        money=[(kind, balances.get((subject, kind), 0)) for kind in MONEY],
        events=list(events_visible_to(actor).filter(member_id=member.pk).order_by("-pk")[:EVENTS]),
        visits=list(
            Visit.objects.filter(cluster_id=cluster.pk, member_id=member.pk)
            .select_related("by_user", "as_user")
            .order_by("-pk")[:10]
        ),
    )


def _today(cluster_id: int) -> dt.date:
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    return clock.local_day(clock.now(), zone)
