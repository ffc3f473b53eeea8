"""Comparing a day of a provider's bill with the clearing of each cluster."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Forbidden, NotFound, Refused
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import EntryRow, entries
from yunju.members import inputs
from yunju.payments import journal, queries, registry
from yunju.payments.bills.references import references_of
from yunju.payments.contract import Bill, BillLine
from yunju.payments.models import Attempt, BillDay, BillDifference
from yunju.payments.payouts.booking import SOURCE as PAYOUT

LATE_DAYS = 3
"""How long after the provider's day a movement may have been booked here and still be the same."""

WORDS_MOST = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` or `theirs` is None where that side does not have the movement. Net amounts: refunds are negative."""

    kind: str  # missing_here | missing_there | amount
    reference: str
    ours: int | None
    theirs: int | None


def differences(
    theirs: Mapping[str, int], ours: Mapping[str, int], booked_that_day: Iterable[str]
) -> list[Difference]:
    """What a bill and the book do not agree on, by reference. Pure.

    `ours` may know more than the day (what was booked later for it); only references in `booked_that_day` are asked for
    on the bill.
    """
    found = []
    for reference, amount in sorted(theirs.items()):
        if reference not in ours:
            found.append(Difference("missing_here", reference, None, amount))
        elif ours[reference] != amount:
            found.append(Difference("amount", reference, ours[reference], amount))
    for reference in sorted(set(booked_that_day) - theirs.keys()):
        found.append(Difference("missing_there", reference, ours[reference], None))
    return found


def compare_day(*, gateway: str, day: date) -> int:
    """Fetch the bill of a day and compare it with every cluster's clearing; returns how many differences are open.

    Comparing again replaces what was found before, but not what somebody has explained. Not inside a transaction.
    Raises GatewayRefused (`too_early`), GatewaySilent.
    """
    adapter = registry.gateway(gateway)
    bill, before = adapter.bill(day), adapter.bill(day - timedelta(days=1))
    lines = _by_cluster(bill)
    earlier = {line.reference for line in before.lines}
    clusters = set(Attempt.objects.filter(gateway=gateway).values_list("cluster_id", flat=True))
    for cluster_id in sorted(clusters | lines.keys()):
        _compare(bill, lines[cluster_id], earlier, cluster_id)
    return BillDifference.objects.filter(gateway=gateway, day=day, explained_at=None).count()


def _by_cluster(bill: Bill) -> defaultdict[int, list[BillLine]]:
    attempts = queries.attempts_by_out_no([line.out_no for line in bill.lines])
    found: defaultdict[int, list[BillLine]] = defaultdict(list)
    for line in bill.lines:
        attempt = attempts.get(line.out_no)
        found[attempt.cluster_id if attempt else queries.NOBODY].append(line)
    return found


def _compare(bill: Bill, lines: Sequence[BillLine], earlier: set[str], cluster_id: int) -> None:
    theirs: dict[str, int] = defaultdict(int)
    for line in lines:
        theirs[line.reference] += line.amount_minor if line.kind == "paid" else -line.amount_minor
    start, end = bounds(bill.gateway, bill.day)
    booked = clearing_entries(cluster_id, bill.gateway, start, end + timedelta(days=LATE_DAYS))
    names = references_of(cluster_id, booked)
    ours: dict[str, int] = defaultdict(int)
    for entry in booked:
        ours[names[entry.transfer_id]] -= entry.amount
    that_day = {names[entry.transfer_id] for entry in booked if entry.effective_at < end} - earlier
    found = differences(theirs, ours, that_day)
    sums = {
        "paid_minor": sum(line.amount_minor for line in lines if line.kind == "paid"),
        "refunded_minor": sum(line.amount_minor for line in lines if line.kind != "paid"),
        "lines": len(lines),
        "ours_minor": sum(ours.get(reference, 0) for reference in theirs.keys() | that_day),
        "clearing_minor": sum(entry.amount for entry in booked if entry.effective_at < end),
        "compared_at": clock.now(),
    }
    _keep(bill, cluster_id, sums, found)


def bounds(gateway: str, day: date) -> tuple[datetime, datetime]:
    """First instant of a day of this gateway's bills, and of the next."""
    zone = registry.gateway(gateway).timezone
    return clock.at_local(day, 0, zone), clock.at_local(day + timedelta(days=1), 0, zone)


def clearing_entries(cluster_id: int, gateway: str, since: datetime, until: datetime) -> list[EntryRow]:
    """What moved the clearing of a gateway, but for payouts: the bank's, not on this bill."""
    rows = entries(cluster_id, subjects.gateway(gateway), since, until)
    return [row for row in rows if row.kind is Kind.CLEARING and row.source_type != PAYOUT]


@transaction.atomic
def _keep(bill: Bill, cluster_id: int, sums: dict[str, object], found: Sequence[Difference]) -> None:
    """The day's row, and its differences: explained ones stay, the others are what was found now."""
    kept, _ = BillDay.objects.update_or_create(
        cluster_id=cluster_id, gateway=bill.gateway, day=bill.day, defaults=sums
    )
    here = BillDifference.objects.filter(cluster_id=cluster_id, gateway=bill.gateway, day=bill.day)
    here.filter(explained_at=None).delete()
    explained = set(here.values_list("kind", "reference"))
    BillDifference.objects.bulk_create(
        BillDifference(
            cluster_id=cluster_id,
            gateway=bill.gateway,
            day=bill.day,
            kind=one.kind,
            reference=one.reference,
            ours_minor=one.ours,
            theirs_minor=one.theirs,
            found_at=clock.now(),
        )
        for one in found
        if (one.kind, one.reference) not in explained
    )
    journal.note("bill", kept.pk, "compared", {"differences": len(found)}, system(cluster_id, "bills"))


@transaction.atomic
def explain_difference(*, difference_id: int, words: str, by: Actor) -> BillDifference:
    """Somebody of the operator says why a bill and the book differ, once. Raises Forbidden, NotFound, Invalid, Refused."""
    if not queries.may_explain(by):
        raise Forbidden("payments.may_not_explain") if by.is_operator else NotFound("payments.no_difference")
    text = inputs.text(words, field="words", most=WORDS_MOST)
    row = queries.differences_visible_to(by).select_for_update().filter(pk=difference_id).first()
    if row is None:
        raise NotFound("payments.no_difference")
    if row.explained_at is not None:
        raise Refused("payments.already_explained")
    row.words, row.explained_at, row.explained_by = text, clock.now(), by.user_id
    row.save(update_fields=["words", "explained_at", "explained_by"])
    bill = BillDay.objects.get(cluster_id=row.cluster_id, gateway=row.gateway, day=row.day)
    journal.note("bill", bill.pk, "explained", {"reference": row.reference, "kind": row.kind}, by)
    return row
