"""Who of a member is told something: by live roles, in one statement for any number of members."""

from collections import defaultdict
from collections.abc import Iterable

from yunju.members.models import Role
from yunju.members.words import GRANTS, OPERATOR_GRANTS, Permission, RoleKind


def readers(member_ids: Iterable[int]) -> dict[int, dict[int, RoleKind]]:
    """For each member its people with their roles."""
    rows = Role.objects.filter(
        member_id__in=set(member_ids), ended_at=None, user__is_active=True
    ).values_list("member_id", "user_id", "kind")
    found: dict[int, dict[int, RoleKind]] = defaultdict(dict)
    for member_id, user_id, kind in rows:
        found[member_id][user_id] = RoleKind(kind)
    return found


def may_read(role: RoleKind, permission: Permission | str | None) -> bool:
    """What an operator's role adds counts too: only the operator's member is ever told such things."""
    return not permission or permission in GRANTS[role] or permission in OPERATOR_GRANTS[role]
