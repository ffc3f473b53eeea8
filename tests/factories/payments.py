"""Attempts, payees and money of payees, as rows and postings: no gateway is asked."""

import itertools
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from tests.factories.members import make_user, word
from yunju.kernel import clock
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.members import crypto
from yunju.members.models import Cluster, Member, Payee, PayoutAccount
from yunju.members.words import Channel, IdKind
from yunju.payments.contract import Part, Payable, VerifiedEvent
from yunju.payments.models import Attempt

_numbers = itertools.count(1_000_000)


def make_payable(cluster: Cluster, amounts: Sequence[int] = (1_000,), **fields: Any) -> Payable:
    """A purchase with one part per amount. Suppliers are numbers: the gateway only repeats them."""
    parts = tuple(
        Part(supplier_id=7_000 + n, merchant=f"sub-{n}", amount_minor=amount, description=f"Supplier {n}")
        for n, amount in enumerate(amounts, start=1)
    )
    values = {
        "cluster_id": cluster.pk,
        "purchase_id": next(_numbers),
        "purchase_code": word(16).upper(),
        "amount_minor": sum(amounts),
        "currency": cluster.currency,
        "parts": parts,
    }
    return Payable(**(values | fields))


def make_attempt(cluster: Cluster, **fields: Any) -> Attempt:
    """An attempt that was started just now."""
    values = {
        "cluster_id": cluster.pk,
        "purchase_id": next(_numbers),
        "gateway": "simulated",
        "out_no": "A" + word(24),
        "currency": cluster.currency,
        "amount_minor": 1_000,
        "kind": "redirect",
        "started_at": clock.now(),
    }
    return Attempt.objects.create(**(values | fields))


def paid_event(attempt: Attempt, **fields: Any) -> VerifiedEvent:
    """What the gateway would say when this attempt was paid in full."""
    values = {
        "gateway": attempt.gateway,
        "event_id": f"paid-{attempt.out_no}",
        "kind": "paid",
        "out_no": attempt.out_no,
        "provider_no": f"S{attempt.out_no}"[:40],
        "amount_minor": attempt.amount_minor,
        "currency": attempt.currency,
        "at": clock.now(),
    }
    return VerifiedEvent(**(values | fields))


def make_payee(
    member: Member, *, channel: Channel = Channel.BANK, number: str = "6222020000000012345"
) -> PayoutAccount:
    """All papers that a first payout needs, and an account in the same name."""
    Payee.objects.create(
        member=member,
        real_name=member.name,
        id_kind=IdKind.CREDIT_CODE,
        id_cipher=crypto.seal(f"91{member.pk:016}", about=f"payee:{member.pk}"),
        id_index=crypto.blind_index(f"91{member.pk:016}"),
        id_last4=f"{member.pk:04}"[-4:],
        licence_no=f"91{member.pk:016}",
        consent_version="2026-11",
        consented_at=clock.now(),
        consented_by=make_user(),
    )
    return make_account(member, channel=channel, number=number)


def make_account(
    member: Member, *, channel: Channel = Channel.BANK, number: str = "6222020000000012345"
) -> PayoutAccount:
    return PayoutAccount.objects.create(
        member=member,
        channel=channel,
        holder=member.name,
        bank="中国银行",
        number_cipher=crypto.seal(number, about=f"payout_account:{member.pk}"),
        number_last4=number[-4:],
        since=clock.now(),
    )


def give(cluster: Cluster, amounts: dict[int, int], kind: Kind = Kind.AVAILABLE) -> None:
    """Put money of the simulated gateway on accounts of members (member id to amount; of debt negative)."""
    clearing = subjects.gateway("simulated")
    postings = [
        Posting(
            cluster_id=cluster.pk,
            kind="test_given",
            source_type="test",
            source_id=next(_numbers),
            currency=cluster.currency,
            legs=(Leg(clearing, Kind.CLEARING, -amount), Leg(subjects.member(member_id), kind, amount)),
            effective_at=clock.now(),
        )
        for member_id, amount in amounts.items()
    ]
    for first in range(0, len(postings), 1_000):  # a statement has seconds, also where much else runs
        with transaction.atomic():
            post(postings[first : first + 1_000])


def many(cluster: Cluster, count: int) -> dict[int, int]:
    """So many members with papers and uneven amounts available, in a few statements; member id to amount."""
    at, tag, consenter = clock.now(), word(), make_user()
    members = Member.objects.bulk_create(
        [
            Member(cluster=cluster, kind="person", name=f"收款人 {tag} {n}", created_at=at)
            for n in range(count)
        ]
    )
    papers = {
        "id_kind": IdKind.RESIDENT,
        "id_cipher": b"x",
        "id_last4": "0000",
        "exemption": "small_sporadic",
    }
    papers |= {"consent_version": "2026-11", "consented_at": at, "consented_by": consenter}
    Payee.objects.bulk_create(
        [Payee(member=one, real_name=one.name, id_index=f"{one.pk}".encode(), **papers) for one in members]
    )
    PayoutAccount.objects.bulk_create(
        [
            PayoutAccount(
                member=one,
                channel=Channel.BANK,
                holder=one.name,
                bank="中国银行",
                number_cipher=crypto.seal(f"6222{one.pk:015}", about=f"payout_account:{one.pk}"),
                number_last4=f"{one.pk:04}"[-4:],
                since=at,
            )
            for one in members
        ]
    )
    amounts = {one.pk: 100 + (n * 7_919) % 1_000_003 for n, one in enumerate(members)}
    give(cluster, amounts)
    return amounts
