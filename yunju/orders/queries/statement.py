"""A member's month, its present earnings and balances: read from the book, explained by orders, refunds and payouts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.kernel.locks import one_instant
from yunju.ledger import queries as ledger
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster
from yunju.members.words import Permission
from yunju.orders.models import Line, Order, Refund, RefundPart, Share
from yunju.orders.statement import INCOME_KINDS, OWED, Detail, Movement, Statement, build
from yunju.payments.models import PayoutItem

END = datetime(3000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Balances:
    """What a member is owed, in minor units. `pending` is money that arrived; `debt` is what it owes (positive)."""

    currency: str
    pending_minor: int
    available_minor: int
    reserve_minor: int
    paying_out_minor: int
    debt_minor: int


def require_money(by: Actor, member_id: int) -> None:
    """A member's money is its own, and the operator's to see. To anybody else the member has none."""
    sees_all = by.kind == "system" or bool(by.members_with(Permission.CLUSTER_MONEY))
    if not sees_all and not by.holds(Permission.MONEY_SEE, member_id):
        raise NotFound("members.no_member")


def balances(*, member_id: int, by: Actor) -> Balances:
    """The five pots of a member. Raises NotFound for a stranger's."""
    require_money(by, member_id)
    cluster = Cluster.objects.get(pk=by.cluster_id)
    subject = subjects.member(member_id)
    found = ledger.balances(by.cluster_id, [subject], cluster.currency)
    pots = {kind: found.get((subject, kind), 0) for kind in Kind}
    return Balances(
        cluster.currency,
        pots[Kind.PENDING],
        pots[Kind.AVAILABLE],
        pots[Kind.RESERVE],
        pots[Kind.PAYING_OUT],
        -pots[Kind.DEBT],
    )


def statement(*, member_id: int, year: int, month: int, by: Actor) -> Statement:
    """The month's statement, cut in the cluster's time zone. Raises NotFound, Invalid (`input.month`)."""
    require_money(by, member_id)
    if not (2000 <= year <= 2999 and 1 <= month <= 12):
        raise Invalid("input.month", field="month")
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=by.cluster_id)
    first, following = clock.month_bounds(year, month, zone)
    with one_instant():
        opening, entries = _month(by, member_id, first)
        movements = _movements([entry for entry in entries if entry.effective_at < following])
        return build(opening, movements, _details(by.cluster_id, member_id, movements))


def _month(by: Actor, member_id: int, first: datetime) -> tuple[int, list[ledger.EntryRow]]:
    """What was owed at `first`, and every entry since: today's balance less what moved since then.

    Counted back from today, so that an old member's statement reads months and not years.
    """
    entries = ledger.entries(by.cluster_id, subjects.member(member_id), first, END)
    now = balances(member_id=member_id, by=by)
    owed = now.pending_minor + now.available_minor + now.reserve_minor + now.paying_out_minor - now.debt_minor
    return owed - sum(entry.amount for entry in entries if entry.kind.value in OWED), entries


def _movements(entries: Sequence[ledger.EntryRow]) -> list[Movement]:
    by_transfer: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    heads: dict[int, ledger.EntryRow] = {}
    for entry in entries:
        heads.setdefault(entry.transfer_id, entry)
        by_transfer[entry.transfer_id][entry.kind.value] += entry.amount
    return [
        Movement(
            pk, head.transfer_kind, head.source_type, head.source_id, head.effective_at, dict(by_transfer[pk])
        )
        for pk, head in heads.items()
        if any(kind in OWED for kind in by_transfer[pk])
    ]


Wanted = Mapping[str, Mapping[int, int]]
"""`kind:source type` of a transfer -> source id -> transfer id."""


def _details(cluster_id: int, member_id: int, movements: Sequence[Movement]) -> dict[int, list[Detail]]:
    """Why each transfer moved money, by transfer id; a fixed number of queries for any number of movements."""
    wanted: dict[str, dict[int, int]] = defaultdict(dict)
    for movement in movements:
        wanted[f"{movement.kind}:{movement.source_type}"][movement.source_id] = movement.transfer_id
    found: dict[int, list[Detail]] = {}
    for orders in (wanted["paid:order"], wanted["awarded:order"]):
        found |= {orders[pk]: details for pk, details in _earned(cluster_id, member_id, list(orders)).items()}
    refunds = wanted["refund_decided:refund"]
    found |= {
        refunds[pk]: details for pk, details in _given_back(cluster_id, member_id, list(refunds)).items()
    }
    return found | _released(cluster_id, wanted) | _payouts(cluster_id, wanted)


def _released(cluster_id: int, wanted: Wanted) -> dict[int, list[Detail]]:
    lines = wanted["released:line"]
    return {
        lines[line.pk]: [Detail("released", _names(line), "", 0)] for line in _lines(cluster_id, list(lines))
    }


def _payouts(cluster_id: int, wanted: Wanted) -> dict[int, list[Detail]]:
    found: dict[int, list[Detail]] = {}
    for kind in ("payout_started", "payout_failed"):
        items = wanted[f"{kind}:payout_item"]
        for item in PayoutItem.objects.filter(cluster_id=cluster_id, pk__in=list(items)).select_related(
            "run"
        ):
            found[items[item.pk]] = [Detail(kind, {"run": item.run.number, "words": item.bank_words}, "", 0)]
    return found


def _names(line: Line) -> Mapping[str, str | int]:
    return {"order": line.order.number, "title": line.title, "kind": line.kind, "quantity": line.quantity}


def _earned(cluster_id: int, member_id: int, order_ids: Sequence[int]) -> dict[int, list[Detail]]:
    shares = Share.objects.filter(cluster_id=cluster_id, order_id__in=order_ids, payee_id=member_id).order_by(
        "pk"
    )
    lines = {line.pk: line for line in _lines(cluster_id, [share.line_id for share in shares])}
    found: dict[int, list[Detail]] = defaultdict(list)
    for share in shares:
        detail = Detail(
            f"earned.{share.role}", _names(lines[share.line_id]), INCOME_KINDS[share.role], share.amount_minor
        )
        found[share.order_id].append(detail)
    return found


def _given_back(cluster_id: int, member_id: int, refund_ids: Sequence[int]) -> dict[int, list[Detail]]:
    parts = RefundPart.objects.filter(
        cluster_id=cluster_id, refund_id__in=refund_ids, payee_id=member_id
    ).order_by("pk")
    lines = {line.pk: line for line in _lines(cluster_id, [part.line_id for part in parts])}
    shares = Share.objects.filter(cluster_id=cluster_id, pk__in=[part.share_id for part in parts])
    refunds = Refund.objects.filter(cluster_id=cluster_id, pk__in=refund_ids)
    roles, reasons = dict(shares.values_list("pk", "role")), dict(refunds.values_list("pk", "reason"))
    found: dict[int, list[Detail]] = defaultdict(list)
    for part in parts:
        role = roles[part.share_id]
        params = {**_names(lines[part.line_id]), "why": reasons[part.refund_id]}
        cents = part.from_pending_minor + part.from_released_minor
        found[part.refund_id].append(Detail(f"given_back.{role}", params, INCOME_KINDS[role], cents))
    return found


def _lines(cluster_id: int, line_ids: Sequence[int]) -> list[Line]:
    lines = Line.objects.filter(cluster_id=cluster_id, order__cluster_id=cluster_id, pk__in=line_ids)
    return list(lines.select_related("order"))


@dataclass(frozen=True, slots=True)
class Earning:
    """One share as its payee sees it. `state`: expected (not yet received), waiting (dated), released, returned."""

    share: Share
    line: Line
    order: Order
    state: str
    due_at: datetime | None

    @property
    def left_minor(self) -> int:
        """What of it is or will be the payee's."""
        return self.share.amount_minor - self.share.refunded_minor - self.share.reclaimed_minor


def earnings(*, member_id: int, by: Actor, before_id: int | None = None, limit: int = 50) -> list[Earning]:
    """The newest shares of paid orders of a member, each with the date when it can be taken. Raises NotFound."""
    require_money(by, member_id)
    shares = Share.objects.filter(cluster_id=by.cluster_id, payee_id=member_id).order_by("-pk")
    paid = _paid(by.cluster_id)
    shares = shares.filter(order_id__in=paid.values("pk"))
    if before_id is not None:
        shares = shares.filter(pk__lt=before_id)
    page = list(shares[:limit])
    lines = {line.pk: line for line in _lines(by.cluster_id, [share.line_id for share in page])}
    return [earning_of(share, lines[share.line_id]) for share in page]


def _paid(cluster_id: int) -> QuerySet[Order]:
    return Order.objects.filter(
        cluster_id=cluster_id, purchase__cluster_id=cluster_id, purchase__payment_state="paid"
    )


def earning_of(share: Share, line: Line) -> Earning:
    """How far one share is, by what was taken of it and by the dates of its line."""
    if share.refunded_minor + share.reclaimed_minor == share.amount_minor:
        state = "returned"
    elif line.released_at is not None:
        state = "released"
    else:
        state = "expected" if line.release_due_at is None else "waiting"
    return Earning(share, line, line.order, state, line.release_due_at)


def expected_and_waiting(*, member_id: int, by: Actor) -> tuple[int, int]:
    """How the pending money divides, in minor units: expected (before receipt) and waiting (dated). One statement."""
    require_money(by, member_id)
    paid = _paid(by.cluster_id)
    due = Line.objects.filter(cluster_id=by.cluster_id, pk=OuterRef("line_id")).values("release_due_at")
    shares = Share.objects.filter(
        cluster_id=by.cluster_id, payee_id=member_id, order_id__in=paid.values("pk")
    )
    is_open = F("amount_minor") - F("released_minor") - F("refunded_minor")
    sums = shares.annotate(due=Subquery(due)).aggregate(
        expected=Sum(is_open, filter=Q(due__isnull=True), default=0),
        waiting=Sum(is_open, filter=Q(due__isnull=False), default=0),
    )
    return int(sums["expected"]), int(sums["waiting"])


def next_due(*, member_id: int, by: Actor) -> datetime | None:
    """When the next part of what a member waits for can be taken; None while nothing has a date."""
    require_money(by, member_id)
    shares = Share.objects.filter(
        cluster_id=by.cluster_id,
        payee_id=member_id,
        amount_minor__gt=F("released_minor") + F("refunded_minor"),
    )
    waiting = Line.objects.filter(
        cluster_id=by.cluster_id, release_due_at__isnull=False, released_at__isnull=True
    )
    soonest = waiting.filter(pk__in=shares.values("line_id")).order_by("release_due_at")
    return soonest.values_list("release_due_at", flat=True).first()
