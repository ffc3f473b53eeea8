"""Powers that sleep until the password was given: a phone can be stolen, and its number be given to somebody else.

A code to the phone shows who one is well enough to buy, to look, to ship and to answer. What runs the cluster, says where
money goes or lets somebody in needs the password besides: at the sign-in, or on the page that asks for it again. Pure but
for `is_weighty`.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members.models import Role, User
from yunju.members.words import GRANTS, Permission, RoleKind

WEIGHTY = frozenset(
    {
        Permission.PAYEE_EDIT,
        Permission.ROLES_EDIT,
        *(one for one in Permission if one.value.startswith("cluster.")),
    }
)
WAIT = timedelta(hours=24)
"""After the number changed: no change of who is paid. After a first password of an account that has powers: they sleep on."""


def asleep(actor: Actor) -> Actor:
    """The same person without what needs the password."""
    if not actor.grants:
        return actor
    grants = {member: words - WEIGHTY for member, words in actor.grants.items()}
    return replace(actor, grants=grants, is_operator=False)


def has_weight(actor: Actor) -> bool:
    """True for somebody who runs a cluster, or says for a member who is paid and who acts."""
    return actor.is_operator or any(words & WEIGHTY for words in actor.grants.values())


def ripens_at(user: User, at: datetime) -> datetime | None:
    """When a first password of an account counts: at once (None), or a day from now where its powers are older than a day.

    Whoever sets up their firm today goes on today. A phone that is stolen next year opens nothing weighty for a day, in
    which the owner is told by notice and text.
    """
    return at + WAIT if is_weighty(user, at - WAIT) else None


def is_weighty(user: User, since: datetime | None = None) -> bool:
    """True for somebody with such powers in any cluster of the installation (held since then): an account is one for all."""
    held = Role.objects.filter(user_id=user.pk, ended_at=None)
    if since is not None:
        held = held.filter(granted_at__lte=since)
    owns = held.filter(kind__in=[kind for kind in RoleKind if GRANTS[kind] & WEIGHTY])
    runs = held.filter(
        member__capacities__kind="operator",
        member__capacities__admitted_at__isnull=False,
        member__capacities__ended_at=None,
    )
    return user.is_staff or owns.exists() or runs.exists()


def is_ripe(user: User) -> bool:
    """True when the account's password may wake its powers."""
    return user.password_ripens_at is None or user.password_ripens_at <= clock.now()
