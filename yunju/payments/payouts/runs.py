"""Asking, making, approving and cancelling. Each is one transaction with a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from yunju.kernel import clock, ids, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster, Member, PayoutAccount
from yunju.members.words import Channel
from yunju.payments import journal, registry
from yunju.payments.models import PayoutAsk, PayoutItem, PayoutRun
from yunju.payments.payouts import booking, policy
from yunju.payments.payouts.eligible import Candidate, LeftOut, candidates

PAYEES_MAX = 10_000
ITEM_COLUMNS = {
    "cluster_id": "bigint",
    "run_id": "bigint",
    "member_id": "bigint",
    "account_id": "bigint",
    "holder": "text",
    "number_last4": "text",
    "gross_minor": "bigint",
    "tax_minor": "bigint",
    "net_minor": "bigint",
    "state": "text",
    "bank_no": "text",
    "bank_words": "text",
    "code": "text",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A run, and whom it leaves out for which reasons."""

    run: PayoutRun
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved run, the items that fell out since it was made (`code` says why), and whether one person did both."""

    run: PayoutRun
    dropped: tuple[PayoutItem, ...]
    alone: bool


@transaction.atomic
def ask_payout(*, member_id: int, by: Actor) -> PayoutAsk:
    """A member wishes to be paid out; asking again while the wish is open is the same wish.

    Raises NotFound (`payouts.no_member`), Forbidden (`payouts.may_not_ask`), Refused with the first reason that stands
    in the way: `payouts.below_minimum`, `payouts.in_debt`, `payouts.in_another_run`, `members.missing_*`.
    """
    policy.require_asker(by, member_id)
    member = Member.objects.select_related("cluster").filter(pk=member_id, cluster_id=by.cluster_id).first()
    if member is None:
        raise NotFound("payouts.no_member")
    account = PayoutAccount.objects.filter(member=member, ended_at=None).first()
    ask, is_new = PayoutAsk.objects.get_or_create(
        cluster_id=member.cluster_id,
        member=member,
        answered_at=None,
        defaults={"asked_at": clock.now(), "asked_by": by.user_id},
    )
    if not is_new:
        return ask
    channel = account.channel if account else Channel.BANK
    _, others = candidates(member.cluster, channel=channel, member_ids=[member_id])
    if others:
        raise Refused(
            others[0].codes[0], available=others[0].available_minor, least=member.cluster.payout_min_minor
        )
    journal.note("ask", ask.pk, "asked", {"member": member_id}, by)
    return ask


def make_run(
    *,
    by: Actor,
    gateway: str = "",
    channel: str = Channel.BANK,
    only_asked: bool = False,
    limit: int = PAYEES_MAX,
) -> Made:
    """Put everybody who can be paid into a run of the actor's cluster, the lowest member ids first. No money moves yet.

    `gateway` is the provider whose money it is (empty: the first one). Raises Forbidden or NotFound, Invalid
    (`payouts.limit`, `payouts.channel`, `payments.unknown_gateway`), Refused (`payouts.nobody`, `payouts.in_another_run`).
    """
    policy.require_payer(by)
    if not 1 <= limit <= PAYEES_MAX:
        raise Invalid("payouts.limit", field="limit", most=PAYEES_MAX)
    if channel not in set(Channel):
        raise Invalid("payouts.channel", field="channel")
    code = registry.gateway(gateway or registry.default()).code
    cluster = Cluster.objects.get(pk=by.cluster_id)
    try:
        with transaction.atomic():
            allow_long_statements()
            ready, others = candidates(cluster, channel=channel, only_asked=only_asked)
            if not ready:
                raise Refused("payouts.nobody", left_out=len(others))
            run = _insert(cluster, ready[:limit], (code, channel), by)
    except IntegrityError as error:  # two people made a run at once: a payee is in one of them only
        raise Refused("payouts.in_another_run") from error
    late = [
        LeftOut(one.member_id, one.name, one.gross_minor, 0, ("payouts.over_limit",)) for one in ready[limit:]
    ]
    return Made(run, (*others, *late))


def _insert(cluster: Cluster, payees: Sequence[Candidate], way: tuple[str, str], by: Actor) -> PayoutRun:
    at = clock.now()
    gateway, channel = way
    run = PayoutRun.objects.create(
        cluster=cluster,
        number=f"P{clock.local_day(at, cluster.timezone):%y%m%d}-{ids.public_code(8)}",
        currency=cluster.currency,
        channel=channel,
        gateway=gateway,
        total_minor=sum(one.gross_minor for one in payees),
        count=len(payees),
        made_at=at,
        made_by=by.user_id,
    )
    # Tax is withheld from the issue on that brings it; the columns are there from the first day.
    rows = [(cluster.pk, run.pk, *_row(one), "waiting", "", "", "") for one in payees]
    sql.insert_rows("payments_payoutitem", ITEM_COLUMNS, rows)
    journal.note("run", run.pk, "made", {"count": run.count, "total": run.total_minor}, by)
    return run


def _row(one: Candidate) -> tuple[int | str, ...]:
    return (one.member_id, one.account_id, one.holder, one.number_last4, one.gross_minor, 0, one.gross_minor)


@transaction.atomic
def approve_run(*, run_id: int, by: Actor) -> Approved:
    """One approval for all payees of a run: available -> paying_out. Whose money or account changed since falls out.

    Raises NotFound, Forbidden (`payouts.second_person`), Refused (`payouts.run_state`, `payouts.nobody`).
    """
    run = lock_run(run_id, by)
    if run.state != "made":
        raise Refused("payouts.run_state", state=run.state)
    alone = policy.require_second_person(run, by)
    at, items = clock.now(), items_of(run, "waiting")
    dropped = _dropped(run, items)
    staying = [item for item in items if not item.code]
    if not staying:
        raise Refused("payouts.nobody", left_out=len(dropped))
    booking.start(run, staying, at)
    _cancel_items(dropped)
    run.state, run.approved_at, run.approved_by = "approved", at, by.user_id
    run.count, run.total_minor = len(staying), sum(item.gross_minor for item in staying)
    run.save(update_fields=["state", "approved_at", "approved_by", "count", "total_minor"])
    PayoutAsk.objects.filter(
        cluster_id=run.cluster_id, answered_at=None, member_id__in=[item.member_id for item in staying]
    ).update(answered_at=at, run_id=run.pk)
    params = {"count": run.count, "total": run.total_minor, "dropped": len(dropped), "alone": alone}
    journal.note("run", run.pk, "approved", params, by)
    return Approved(run, tuple(dropped), alone)


def _dropped(run: PayoutRun, items: Sequence[PayoutItem]) -> list[PayoutItem]:
    """The items that cannot be paid any more, with their `code` set. Locks the payees' balances."""
    account_ids = [item.account_id for item in items]
    live = set(PayoutAccount.objects.filter(pk__in=account_ids, ended_at=None).values_list("pk", flat=True))
    found = booking.locked(run, items)
    for item in items:
        if item.account_id not in live:
            item.code = "payouts.account_changed"
        elif found.get((item.member_id, Kind.DEBT)):
            item.code = "payouts.in_debt"
        elif found[item.member_id, Kind.AVAILABLE] < item.gross_minor:
            item.code = "payouts.balance_fell"
    return [item for item in items if item.code]


@transaction.atomic
def cancel_run(*, run_id: int, by: Actor) -> PayoutRun:
    """Give a run up. After the approval the money goes back to available; once the bank has the file it is too late.

    Raises NotFound, Forbidden, Refused (`payouts.run_state`; `payouts.file_is_out`: let the bank's answer settle it).
    """
    run = lock_run(run_id, by)
    if run.state not in {"made", "approved"}:
        raise Refused("payouts.run_state", state=run.state)
    if run.items.exclude(state__in=("waiting", "cancelled")).exists():
        raise Refused("payouts.file_is_out")
    at, items = clock.now(), items_of(run, "waiting")
    if run.state == "approved":
        booking.give_back(run, items, booking.CANCELLED, at)
    for item in items:
        item.code = "payouts.run_cancelled"
    _cancel_items(items)
    run.state, run.done_at = "cancelled", at
    run.save(update_fields=["state", "done_at"])
    journal.note("run", run.pk, "cancelled", {"count": len(items)}, by)
    return run


def _cancel_items(items: Sequence[PayoutItem]) -> None:
    sql.execute(
        "UPDATE payments_payoutitem i SET state = 'cancelled', code = c.code, settled_at = %s"
        " FROM unnest(%s::bigint[], %s::text[]) AS c(id, code) WHERE i.id = c.id",
        [clock.now(), [item.pk for item in items], [item.code for item in items]],
    )


def allow_long_statements() -> None:
    """10,000 rows in one statement may take longer than a page's statements may, on a small or busy machine."""
    sql.execute("SET LOCAL statement_timeout = '60s'")


def lock_run(run_id: int, by: Actor) -> PayoutRun:
    """The run of the actor's cluster, locked until the transaction ends. Raises NotFound, Forbidden."""
    policy.require_payer(by)
    allow_long_statements()
    run = PayoutRun.objects.select_for_update().filter(pk=run_id, cluster_id=by.cluster_id).first()
    if run is None:
        raise NotFound("payouts.no_run")
    return run


def items_of(run: PayoutRun, *states: str) -> list[PayoutItem]:
    """Its items in the order of the bank file."""
    return list(PayoutItem.objects.filter(run=run, state__in=states).order_by("id"))
