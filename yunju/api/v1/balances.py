"""Balances: what the cluster owes a member, and in which state that money is."""

from ninja import Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Code
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.ledger import queries as ledger
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.members.models import Member
from yunju.members.queries import members_visible_to
from yunju.members.words import Permission

router = Router(tags=["money"])
SHOWN = (Kind.PENDING, Kind.AVAILABLE, Kind.RESERVE, Kind.PAYING_OUT, Kind.DEBT)


class BalancesShape(Schema):
    """Minor units per kind of account; `debt` is zero or negative."""

    member: str
    currency: str
    pending: int
    available: int
    reserve: int
    paying_out: int
    debt: int


@router.get("/members/{code}/balances", response=BalancesShape, auth=needs(Scope.MONEY))
def show_balances(request: ApiRequest, code: Code) -> dict[str, object]:
    """The balances of a member, for those of its people who may see money, and for the operator's."""
    member = money_member(request.auth, code)
    subject, currency = subjects.member(member.pk), request.cluster.currency
    found = ledger.balances(member.cluster_id, [subject], currency)
    amounts = {kind.value: found.get((subject, kind), 0) for kind in SHOWN}
    return {"member": member.code, "currency": currency, **amounts}


def money_member(actor: Actor, code: str) -> Member:
    """A member whose money the actor may see; anybody else's does not exist."""
    member = members_visible_to(actor).filter(code=code).first()
    sees_all = actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_MONEY))
    if member is None or not (sees_all or actor.holds(Permission.MONEY_SEE, member.pk)):
        raise NotFound("members.no_member")
    return member
