"""Who may ask for, make and approve payouts."""

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound
from yunju.members.models import Role
from yunju.members.queries import live_capacities
from yunju.members.words import OPERATOR_GRANTS, CapacityKind, Permission
from yunju.payments.models import PayoutRun


def require_asker(by: Actor, member_id: int) -> None:
    """Owners and managers of the payee itself. Raises NotFound for strangers, Forbidden for its other people."""
    if by.holds(Permission.PAYOUT_ASK, member_id):
        return
    if member_id in by.grants:
        raise Forbidden("payouts.may_not_ask")
    raise NotFound("payouts.no_member")


def require_payer(by: Actor) -> None:
    """The operator's people with the right to pay out. To anybody else there are no runs."""
    if by.kind == "system" or by.members_with(Permission.CLUSTER_PAYOUT):
        return
    raise Forbidden("payouts.may_not_pay") if by.is_operator else NotFound("payouts.no_run")


def people_who_pay(cluster_id: int) -> int:
    """How many active users of the operator may pay out."""
    kinds = [kind for kind, words in OPERATOR_GRANTS.items() if Permission.CLUSTER_PAYOUT in words]
    operators = live_capacities(CapacityKind.OPERATOR).filter(
        member__cluster_id=cluster_id, member__closed_at=None
    )
    roles = Role.objects.filter(
        member_id__in=operators.values("member_id"), kind__in=kinds, ended_at=None, user__is_active=True
    )
    return roles.values("user_id").distinct().count()


def require_second_person(run: PayoutRun, by: Actor) -> bool:
    """Whoever made a run does not approve it, where the operator has somebody else. Returns True when it has nobody.

    Raises Forbidden (`payouts.second_person`).
    """
    if by.kind == "system" or run.made_by != by.user_id:
        return False
    if people_who_pay(run.cluster_id) > 1:
        raise Forbidden("payouts.second_person")
    return True
