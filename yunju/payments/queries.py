"""Reads of attempts, notifications, payout runs and bills."""

from collections.abc import Sequence

from django.db.models import QuerySet

from yunju.kernel.actor import Actor
from yunju.members.words import Permission
from yunju.payments.models import Attempt, BillDay, BillDifference, PaymentEvent, PayoutItem, PayoutRun


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


def items_visible_to(actor: Actor) -> QuerySet[PayoutItem]:
    """A payee sees its own payouts; who pays out or watches the money sees all."""
    here = PayoutItem.objects.filter(cluster_id=actor.cluster_id)
    if may_pay_out(actor) or may_see_money(actor):
        return here
    return here.filter(member_id__in=actor.members_with(Permission.MONEY_SEE))


def differences_visible_to(actor: Actor) -> QuerySet[BillDifference]:
    here = BillDifference.objects.filter(cluster_id=actor.cluster_id)
    return here if may_see_money(actor) else here.none()


def bill_days_visible_to(actor: Actor) -> QuerySet[BillDay]:
    here = BillDay.objects.filter(cluster_id=actor.cluster_id)
    return here if may_see_money(actor) else here.none()


def events_of(actor: Actor, noun: str, noun_id: int) -> QuerySet[PaymentEvent]:
    """What happened to one attempt, run or ask, the oldest first; the operator's to read."""
    here = PaymentEvent.objects.filter(cluster_id=actor.cluster_id, noun=noun, noun_id=noun_id)
    allowed = may_pay_out(actor) or may_see_money(actor)
    return here.order_by("id") if allowed else here.none()
