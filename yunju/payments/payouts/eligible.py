"""Who can be paid now, and why the others cannot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balances
from yunju.members.models import Cluster, Member, PayoutAccount
from yunju.members.queries import missing_for_payout
from yunju.members.words import Channel
from yunju.payments.models import PayoutAsk, PayoutItem

OPEN = ("waiting", "sent")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payee that is ready: `gross_minor` is all that is available."""

    member_id: int
    name: str
    account_id: int
    holder: str
    number_last4: str
    gross_minor: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A payee with money or a wish that is not paid now. `codes` say why: `payouts.*` or `members.missing_*`."""

    member_id: int
    name: str
    available_minor: int
    debt_minor: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    cluster: Cluster
    channel: str
    available: dict[int, int]
    debt: dict[int, int]
    missing: dict[int, list[str]]
    accounts: dict[int, tuple[int, str, str, str]]
    busy: frozenset[int]


def candidates(
    cluster: Cluster,
    *,
    channel: str = Channel.BANK,
    only_asked: bool = False,
    member_ids: Sequence[int] | None = None,
) -> tuple[list[Candidate], list[LeftOut]]:
    """Everybody with money available, or with a wish: the ready ones and the others, by member id. Seven statements."""
    members = Member.objects.filter(cluster=cluster)
    asked = set(
        PayoutAsk.objects.filter(cluster_id=cluster.pk, answered_at=None).values_list("member_id", flat=True)
    )
    if only_asked:
        members = members.filter(pk__in=asked)
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    names = dict(members.order_by("pk").values_list("pk", "name"))
    facts = _facts(cluster, channel, names)
    ready: list[Candidate] = []
    others: list[LeftOut] = []
    for member_id, name in names.items():
        if facts.available[member_id] <= 0 and member_id not in asked:
            continue
        codes = _why_not(facts, member_id)
        if codes:
            others.append(LeftOut(member_id, name, facts.available[member_id], facts.debt[member_id], codes))
        else:
            account_id, _, holder, last4 = facts.accounts[member_id]
            ready.append(Candidate(member_id, name, account_id, holder, last4, facts.available[member_id]))
    return ready, others


def _facts(cluster: Cluster, channel: str, names: Iterable[int]) -> _Facts:
    ids = list(names)
    found = balances(cluster.pk, [subjects.member(member_id) for member_id in ids], cluster.currency)
    available = {one: found.get((subjects.member(one), Kind.AVAILABLE), 0) for one in ids}
    accounts = PayoutAccount.objects.filter(member_id__in=ids, ended_at=None)
    busy = PayoutItem.objects.filter(cluster_id=cluster.pk, state__in=OPEN).values_list(
        "member_id", flat=True
    )
    return _Facts(
        cluster=cluster,
        channel=channel,
        available=available,
        debt={one: -found.get((subjects.member(one), Kind.DEBT), 0) for one in ids},
        missing=missing_for_payout(ids),
        accounts={
            row[0]: row[1:]
            for row in accounts.values_list("member_id", "pk", "channel", "holder", "number_last4")
        },
        busy=frozenset(busy),
    )


def _why_not(facts: _Facts, member_id: int) -> tuple[str, ...]:
    """Every reason at once, so that a payee mends all in one go."""
    account = facts.accounts.get(member_id)
    reasons = [
        ("payouts.in_another_run", member_id in facts.busy),
        ("payouts.in_debt", facts.debt[member_id] > 0),
        ("payouts.below_minimum", facts.available[member_id] < max(facts.cluster.payout_min_minor, 1)),
        ("payouts.other_channel", account is not None and account[1] != facts.channel),
    ]
    return (*(code for code, holds in reasons if holds), *facts.missing[member_id])
