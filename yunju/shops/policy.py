"""Who may do what with a shop. Pure: an answer is None (allowed) or the refusal to raise."""

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound, SignInNeeded, YunjuError
from yunju.members.words import Permission


def may_edit(actor: Actor, member_id: int) -> YunjuError | None:
    """Changing a shop or its picks: whoever holds SHOP_EDIT for its member. To strangers the shop has no such door."""
    return _may(actor, member_id, Permission.SHOP_EDIT)


def may_close(actor: Actor, member_id: int) -> YunjuError | None:
    """Closing a shop for good: its managers and owners."""
    return _may(actor, member_id, Permission.MEMBER_EDIT)


def may_open_for(actor: Actor, member_id: int) -> YunjuError | None:
    """Opening a shop in the name of a firm: its managers and owners."""
    return _may(actor, member_id, Permission.MEMBER_EDIT)


def may_share_for(actor: Actor, member_id: int, user_id: int) -> YunjuError | None:
    """A share code: everybody who keeps the shop, for themselves; its managers for anybody of theirs."""
    if user_id == actor.user_id:
        return may_edit(actor, member_id)
    return _may(actor, member_id, Permission.MEMBER_EDIT)


def _may(actor: Actor, member_id: int, permission: Permission) -> YunjuError | None:
    if actor.holds(permission, member_id):
        return None
    if actor.kind == "anonymous":
        return SignInNeeded("shops.sign_in")
    return Forbidden("shops.role_may_not") if member_id in actor.grants else NotFound("shops.no_shop")
