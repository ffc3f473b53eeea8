"""What payments prove for `yunju ledger verify`: payouts (I12) and bills (I14). `config` registers them at start-up."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Sum

from yunju.kernel import clock
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balances
from yunju.ledger.verify import BREACHES_MAX, Breach, Check, Result, register
from yunju.payments.bills.compare import bounds, clearing_entries
from yunju.payments.models import Attempt, BillDay, BillDifference, PayoutItem, PayoutRun

RECENT_DAYS = 7


def register_checks() -> None:
    """Add the checks below to `verify`. Twice is once."""
    for check in CHECKS:
        register(check)


def check_payouts(cluster_id: int, whole: bool) -> Result:  # noqa: ARG001, FBT001 - the contract of run
    """What stands in paying_out is exactly the open items of approved runs, payee by payee."""
    open_items = PayoutItem.objects.filter(
        cluster_id=cluster_id, state__in=("waiting", "sent"), run__state="approved"
    )
    expected = {
        (row["member_id"], row["run__currency"]): row["gross"]
        for row in open_items.values("member_id", "run__currency").annotate(gross=Sum("gross_minor"))
    }
    members: dict[str, set[int]] = defaultdict(set)
    for member_id, currency in (
        PayoutItem.objects.filter(cluster_id=cluster_id).values_list("member_id", "run__currency").distinct()
    ):
        members[currency].add(member_id)
    looked_at, breaches = 0, []
    for currency, ids in members.items():
        found = balances(cluster_id, [subjects.member(one) for one in sorted(ids)], currency)
        for one in sorted(ids):
            looked_at += 1
            held, due = (
                found.get((subjects.member(one), Kind.PAYING_OUT), 0),
                expected.get((one, currency), 0),
            )
            if held != due:
                breaches.append(Breach("member", one, f"paying_out is {held}, open payout items are {due}"))
    return Result(looked_at + _runs(cluster_id), [*breaches, *_wrong_runs(cluster_id)][:BREACHES_MAX])


def _runs(cluster_id: int) -> int:
    return PayoutRun.objects.filter(cluster_id=cluster_id).count()


def _wrong_runs(cluster_id: int) -> Iterator[Breach]:
    """A run's total is the sum of what it carries, and nothing is open in a run that is done."""
    runs = PayoutRun.objects.filter(cluster_id=cluster_id, state__in=("approved", "done"))
    sums = PayoutItem.objects.filter(cluster_id=cluster_id).exclude(state="cancelled")
    gross = {row["run_id"]: row["gross"] for row in sums.values("run_id").annotate(gross=Sum("gross_minor"))}
    unsettled = set(sums.filter(state__in=("waiting", "sent")).values_list("run_id", flat=True))
    for run in runs:
        if gross.get(run.pk, 0) != run.total_minor:
            yield Breach(
                "payout_run", run.pk, f"total is {run.total_minor}, items are {gross.get(run.pk, 0)}"
            )
        if run.state == "done" and run.pk in unsettled:
            yield Breach("payout_run", run.pk, "done with open items")


def check_parts(cluster_id: int, whole: bool) -> Result:  # noqa: ARG001, FBT001 - the contract of run
    """What is split among receivers is exactly what the attempt asked for."""
    attempts = Attempt.objects.filter(cluster_id=cluster_id).exclude(parts=[])
    looked_at, breaches = 0, []
    for attempt in attempts.only("amount_minor", "parts").iterator(2_000):
        looked_at += 1
        parts = sum(part["amount_minor"] for part in attempt.parts)
        if parts != attempt.amount_minor:
            breaches.append(
                Breach("attempt", attempt.pk, f"amount is {attempt.amount_minor}, parts are {parts}")
            )
    return Result(looked_at, breaches[:BREACHES_MAX])


def check_bills(cluster_id: int, whole: bool) -> Result:  # noqa: FBT001 - the contract of run
    """A compared day fits the bill but for its noted differences, and nobody has booked into it since."""
    days = BillDay.objects.filter(cluster_id=cluster_id)
    if not whole:
        days = days.filter(day__gte=clock.now().date() - timedelta(days=RECENT_DAYS))
    rows = list(days.order_by("day"))
    breaches = [breach for row in rows for breach in _wrong_day(row)]
    return Result(len(rows), breaches[:BREACHES_MAX])


def _wrong_day(row: BillDay) -> Iterator[Breach]:
    noted = BillDifference.objects.filter(cluster_id=row.cluster_id, gateway=row.gateway, day=row.day)
    explained = sum((one.theirs_minor or 0) - (one.ours_minor or 0) for one in noted)
    apart = row.paid_minor - row.refunded_minor - row.ours_minor
    if apart != explained:
        yield Breach("bill_day", row.pk, f"the bill differs by {apart}, its exceptions by {explained}")
    booked = sum(
        one.amount for one in clearing_entries(row.cluster_id, row.gateway, *bounds(row.gateway, row.day))
    )
    if booked != row.clearing_minor:
        yield Breach("bill_day", row.pk, f"clearing was {row.clearing_minor} when compared, is {booked}")


CHECKS = (
    Check("I12", "money in payouts is the open items of approved runs", check_payouts),
    Check("I12", "the parts of an attempt add up to it", check_parts, whole_only=True),
    Check("I14", "gateway clearing equals the bills, or an exception is noted", check_bills),
)
