"""Balances: what the cluster owes a member, and in which state that money is."""

from ninja import Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Code
from yunju.kernel.actor import Actor
from yunju.members.models import Member
from yunju.members.queries import member_visible_to
from yunju.orders.queries import statement

router = Router(tags=["money"])


class BalancesShape(Schema):
    """Minor units. `pending`: expected before receipt and waiting for its date; `debt`: owed by the member, positive."""

    member: str
    currency: str
    pending_minor: int
    expected_minor: int
    waiting_minor: int
    available_minor: int
    reserve_minor: int
    paying_out_minor: int
    debt_minor: int


@router.get("/members/{code}/balances", response=BalancesShape, auth=needs(Scope.MONEY))
def show_balances(request: ApiRequest, code: Code) -> dict[str, object]:
    """The balances of a member, for those of its people who may see money, and for the operator's."""
    member = money_member(request.auth, code)
    found = statement.balances(member_id=member.pk, by=request.auth)
    expected, waiting = statement.expected_and_waiting(member_id=member.pk, by=request.auth)
    copied = [name for name in BalancesShape.model_fields if hasattr(found, name)]
    return {name: getattr(found, name) for name in copied} | {
        "member": member.code,
        "expected_minor": expected,
        "waiting_minor": waiting,
    }


def money_member(actor: Actor, code: str) -> Member:
    """A member whose money the actor may see; anybody else's does not exist."""
    member = member_visible_to(actor, code)
    statement.require_money(actor, member.pk)
    return member
