"""Who is told what happens to orders, cases and payouts: rooms that may not know each other, joined by the outbox.

A handler is told a batch of one cluster; it works in the transaction that marks the events as done, so that each is told
once. What it writes waits in `notices` and leaves the house from there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from yunju.kernel import clock, outbox
from yunju.kernel.actor import system
from yunju.kernel.outbox import Event
from yunju.members.actions import codes, invitations, payees, roles, users
from yunju.members.models import Cluster, Invitation, Member
from yunju.members.queries import operator_of, readers_of_offers
from yunju.notices import leaving, texts, words
from yunju.notices.actions import Draft, notify
from yunju.orders.models import Case, FlowTimer, Order
from yunju.payments.models import PayoutItem
from yunju.ui import messages

NAME = "notices"
BEFORE_DEADLINE = timedelta(hours=24)
DEADLINES = 500
TOLD_WITHIN = timedelta(days=2)
"""For so long a provider of texts that is away is asked again to tell an old number."""

TO_BUYER = frozenset({"agreed", "refused_by", "refused", "settled"})
"""What a case becomes by somebody else's word, and its buyer wants to know."""


def connect() -> None:
    """Called once at start-up."""
    texts.hand_over(_sentence)
    outbox.subscribe("order.opened", tell_suppliers)
    outbox.subscribe("case.moved", tell_of_cases)
    outbox.subscribe("payout.settled", tell_payees)
    outbox.subscribe(codes.TOPIC, send_codes)
    outbox.subscribe(codes.CHANGED_TOPIC, tell_old_numbers)
    outbox.subscribe(users.FIRST_TOPIC, tell_of_passwords)
    outbox.subscribe(payees.CHANGED_TOPIC, tell_of_accounts)
    outbox.subscribe(roles.OFFERED_TOPIC, tell_of_offers)
    outbox.subscribe(invitations.TOPIC, send_invitations)


def tell_suppliers(events: Sequence[Event]) -> None:
    """Orders are paid: each supplier is told once a batch, with how many."""
    counts = Counter(int(event.payload["supplier"]) for event in events if event.payload.get("supplier"))
    members = dict(Member.objects.filter(pk__in=counts).values_list("pk", "code"))
    drafts = [
        Draft(
            cluster_id=events[0].cluster_id,
            code="order.new",
            member_id=member_id,
            link=reverse("to_ship", args=[members[member_id]]),
            count=count,
        )
        for member_id, count in sorted(counts.items())
    ]
    notify(notices=drafts, by=system(events[0].cluster_id, NAME))


def tell_of_cases(events: Sequence[Event]) -> None:
    """A case was opened, moved or ended: the supplier, the operator or the buyer is told, whoever did not do it."""
    cluster_id = events[0].cluster_id
    wanted = {int(event.payload["order"]) for event in events}
    orders = Order.objects.filter(
        cluster_id=cluster_id, purchase__cluster_id=cluster_id, pk__in=wanted
    ).select_related("purchase")
    found = {order.pk: order for order in orders}
    drafts = []
    for event in events:
        order = found.get(int(event.payload["order"]))
        draft = _of_case(order, str(event.payload["to"])) if order else None
        if draft is not None:
            drafts.append(draft)
    notify(notices=drafts, by=system(cluster_id, NAME))


def _of_case(order: Order, to: str) -> Draft | None:
    page = reverse("order", args=[order.code])
    params = {"number": order.number}
    if to == "opened" and order.supplier_id:
        return Draft(order.cluster_id, "case.asked", params, page, member_id=order.supplier_id)
    if to == "disputed":
        return Draft(order.cluster_id, "case.disputed", params, page, member_id=operator_of(order.cluster_id))
    if to in TO_BUYER and order.purchase.user_id:
        return Draft(order.cluster_id, "case.answered", params, page, user_id=order.purchase.user_id)
    return None


def tell_payees(events: Sequence[Event]) -> None:
    """Payouts arrived at the bank, or did not."""
    cluster_id = events[0].cluster_id
    items = PayoutItem.objects.filter(cluster_id=cluster_id, pk__in=[event.noun_id for event in events])
    drafts = [
        Draft(
            cluster_id,
            "payout.paid" if item.state == "paid" else "payout.failed",
            {"amount_minor": item.net_minor, "last4": item.number_last4},
            reverse("earnings", args=[item.member.code]),
            member_id=item.member_id,
            once=f"payout:{item.pk}:{item.state}",
        )
        for item in items.select_related("member").order_by("pk")
        if item.state in ("paid", "failed")
    ]
    notify(notices=drafts, by=system(cluster_id, NAME))


def tell_deadlines() -> int:
    """Cases whose silence decides within a day: their supplier is told once."""
    soon = clock.now() + BEFORE_DEADLINE
    timers = FlowTimer.objects.filter(noun="case", due_at__gt=clock.now(), due_at__lte=soon)
    rows = timers.order_by("due_at").values_list("noun_id", "due_at")[:DEADLINES]
    due = {case_id: at for case_id, at in rows if at is not None}
    by_cluster: dict[int, list[Draft]] = {}
    for case in Case.objects.filter(pk__in=due, state="asked"):
        order = Order.objects.filter(cluster_id=case.cluster_id, pk=case.order_id).first()
        if order is not None and order.supplier_id:
            draft = Draft(
                case.cluster_id,
                "case.deadline",
                {"number": order.number, "due_at": due[case.pk].isoformat()},
                reverse("order", args=[order.code]),
                member_id=order.supplier_id,
                once=f"case.deadline:{case.pk}:{case.version}",
            )
            by_cluster.setdefault(case.cluster_id, []).append(draft)
    for cluster_id, drafts in by_cluster.items():
        notify(notices=drafts, by=system(cluster_id, NAME))
    return 0


def send_codes(events: Sequence[Event]) -> None:
    """Codes that people asked for: their digits are made here and leave with the commit."""
    for told in codes.make_digits(code_ids=[event.noun_id for event in events]):
        leaving.send_text(
            cluster_id=told.cluster_id,
            phone=told.phone,
            code=words.SMS_CODE,
            params={"code": told.digits},
            language=told.language,
            expires_at=told.expires_at,
        )


def tell_old_numbers(events: Sequence[Event]) -> None:
    """A number was changed: the old one is told by text, the account by a notice."""
    cluster_id = events[0].cluster_id
    for event in events:
        leaving.send_text(
            cluster_id=cluster_id,
            phone=codes.old_number(event.payload),
            code=words.SMS_PHONE_CHANGED,
            params={},
            language=str(event.payload["language"]),
            expires_at=clock.now() + TOLD_WITHIN,
        )
    link = reverse("my_log")
    drafts = [Draft(cluster_id, "account.phone_changed", {}, link, user_id=event.noun_id) for event in events]
    notify(notices=drafts, by=system(cluster_id, NAME))


def tell_of_passwords(events: Sequence[Event]) -> None:
    """An account that had none has a password now: its person hears of it, also by text."""
    cluster_id, link = events[0].cluster_id, reverse("my_log")
    drafts = [Draft(cluster_id, "account.password_set", {}, link, user_id=event.noun_id) for event in events]
    notify(notices=drafts, by=system(cluster_id, NAME))


def tell_of_accounts(events: Sequence[Event]) -> None:
    """A member's money goes elsewhere from now on: its owners hear of it, also by text."""
    cluster_id = events[0].cluster_id
    codes_of = dict(Member.objects.filter(pk__in={e.noun_id for e in events}).values_list("pk", "code"))
    drafts = [
        Draft(cluster_id, "payee.account_changed", {}, reverse("payee", args=[code]), member_id=member_id)
        for member_id, code in sorted(codes_of.items())
    ]
    notify(notices=drafts, by=system(cluster_id, NAME))


def tell_of_offers(events: Sequence[Event]) -> None:
    """A role was offered: who has the address hears of it, where it has an account at all."""
    cluster_id, link = events[0].cluster_id, reverse("work")
    found = readers_of_offers([event.noun_id for event in events])
    drafts = [
        Draft(cluster_id, "role.offered", {"name": offer.member.name}, link, user_id=user_id)
        for user_id, offer in found
    ]
    notify(notices=drafts, by=system(cluster_id, NAME))


def send_invitations(events: Sequence[Event]) -> None:
    """Links to people whose firm came in from a list: the newest of each, as long as it holds."""
    turns = {event.noun_id: int(event.payload["turn"]) for event in events}
    rows = Invitation.objects.filter(cluster_id=events[0].cluster_id, pk__in=turns).select_related("member")
    cluster = Cluster.objects.get(pk=events[0].cluster_id)
    for one in rows.order_by("pk"):
        if one.turn != turns[one.pk] or invitations.state_of(one) not in ("sent", "opened"):
            continue
        link = texts.absolute(cluster, reverse("invited", args=[invitations.token_of(one)]))
        leaving.send_text(
            cluster_id=cluster.pk,
            phone=invitations.phone_of(one),
            code=words.SMS_INVITATION,
            params={"firm": one.member.name, "link": link},
            language="zh-hans",
            expires_at=one.expires_at,
        )


def _sentence(code: str, params: Mapping[str, Any], language: str, cluster: Cluster) -> str:
    """A code in the language, time zone and currency that its reader knows."""
    with translation.override(language), timezone.override(cluster.timezone):
        return messages.sentence(code, params, currency=cluster.currency)
