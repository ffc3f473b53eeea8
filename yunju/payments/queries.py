"""Reads of attempts, notifications, payout runs and bills."""

from collections.abc import Sequence

from django.db.models import QuerySet

from yunju.kernel.actor import Actor
from yunju.members.models import Cluster
from yunju.members.words import Permission
from yunju.payments.models import (
    Attempt,
    BillDay,
    BillDifference,
    PaymentEvent,
    PayoutAsk,
    PayoutItem,
    PayoutRun,
)

NOBODY = 0
"""The cluster of bill lines about payments that none of ours knows."""


def attempts_by_out_no(out_nos: Sequence[str]) -> dict[str, Attempt]:
    """Our attempts by their number at the provider; unknown numbers are absent. One statement."""
    return {attempt.out_no: attempt for attempt in Attempt.objects.filter(out_no__in=set(out_nos))}


def attempt_by_out_no(out_no: str) -> Attempt | None:
    return Attempt.objects.filter(out_no=out_no).first()


def attempts_of(cluster_id: int, purchase_ids: Sequence[int]) -> QuerySet[Attempt]:
    """All attempts of these purchases, the oldest first. The caller has checked that the purchases may be seen."""
    return Attempt.objects.filter(cluster_id=cluster_id, purchase_id__in=list(purchase_ids)).order_by("id")


def may_pay_out(actor: Actor) -> bool:
    """True for the system and for the operator's people who make payouts here."""
    return actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_PAYOUT))


def may_see_money(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_MONEY))


def runs_visible_to(actor: Actor) -> QuerySet[PayoutRun]:
    """Payout runs are the operator's business alone."""
    here = PayoutRun.objects.filter(cluster_id=actor.cluster_id)
    return here if may_pay_out(actor) or may_see_money(actor) else here.none()


def asks_visible_to(actor: Actor) -> QuerySet[PayoutAsk]:
    """Wishes to be paid out that no run has taken up yet, the oldest first."""
    waiting = PayoutAsk.objects.filter(cluster_id=actor.cluster_id, answered_at=None, run_id=None)
    found = waiting.select_related("member").order_by("asked_at", "pk")
    return found if may_pay_out(actor) or may_see_money(actor) else found.none()


def items_visible_to(actor: Actor) -> QuerySet[PayoutItem]:
    """A payee sees its own payouts; who pays out or watches the money sees all."""
    here = PayoutItem.objects.filter(cluster_id=actor.cluster_id)
    if may_pay_out(actor) or may_see_money(actor):
        return here
    return here.filter(member_id__in=actor.members_with(Permission.MONEY_SEE))


def may_explain(actor: Actor) -> bool:
    """Whoever answers for the operator's money. An auditor sees it and changes nothing."""
    return may_see_money(actor) and may_pay_out(actor)


def differences_visible_to(actor: Actor) -> QuerySet[BillDifference]:
    """Where bills and book differ in the actor's cluster; in the oldest one also the lines that belong to nobody.

    Such a line names a payment that no cluster knows: money that somebody must look after. Only one cluster may be
    shown it, lest two explain it or each leaves it to the other; the oldest is whose operator set up the site.
    """
    if not may_see_money(actor):
        return BillDifference.objects.none()
    oldest = Cluster.objects.filter(closed_at=None).order_by("pk").values_list("pk", flat=True).first()
    mine = [actor.cluster_id, NOBODY] if actor.cluster_id == oldest else [actor.cluster_id]
    return BillDifference.objects.filter(cluster_id__in=mine)


def bill_days_visible_to(actor: Actor) -> QuerySet[BillDay]:
    here = BillDay.objects.filter(cluster_id=actor.cluster_id)
    return here if may_see_money(actor) else here.none()


def events_of(actor: Actor, noun: str, noun_id: int) -> QuerySet[PaymentEvent]:
    """What happened to one attempt, run or ask, the oldest first; the operator's to read."""
    here = PaymentEvent.objects.filter(cluster_id=actor.cluster_id, noun=noun, noun_id=noun_id)
    allowed = may_pay_out(actor) or may_see_money(actor)
    return here.order_by("id") if allowed else here.none()
