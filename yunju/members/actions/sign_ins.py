"""Where a person is signed in, and links that carry a sign-in from one browser to another."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.sessions.models import Session

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, TooMany
from yunju.members import policy
from yunju.members.actions.steps import action, end_sessions, lock_user, note
from yunju.members.models import CarryLink, SignIn, User

CARRY_VALID = timedelta(minutes=10)
CARRIED_AN_HOUR = 20
SEEN_EVERY = timedelta(hours=1)
FORGOTTEN = timedelta(days=30)


@action
def began(*, session_key: str, way: str, device: str, by: Actor) -> SignIn:
    """A session began: the page notes it, so that the person sees where they are signed in."""
    at = clock.now()
    note(by, "user.signed_in", user_id=policy.person(by), way=way)
    return SignIn.objects.create(
        user_id=policy.person(by),
        session_key=session_key,
        way=way,
        device=device[:60],
        began_at=at,
        seen_at=at,
    )


def seen(*, sign_in_id: int) -> None:
    """The session is in use: noted once an hour."""
    SignIn.objects.filter(pk=sign_in_id, ended_at=None).update(seen_at=clock.now())


@action
def renewed(*, sign_in_id: int, session_key: str, by: Actor) -> None:
    """All sessions ended but this one, which goes on under a new key."""
    at = clock.now()
    mine = SignIn.objects.filter(user_id=policy.person(by))
    mine.filter(ended_at=None).exclude(pk=sign_in_id).update(ended_at=at)
    mine.filter(pk=sign_in_id).update(session_key=session_key, seen_at=at, ended_at=None)


@action
def end_one(*, sign_in_id: int, by: Actor) -> None:
    """Sign out somewhere else: that session is gone with the commit."""
    mine = SignIn.objects.select_for_update().filter(pk=sign_in_id, user_id=policy.person(by), ended_at=None)
    sign_in = mine.first()
    if sign_in is None:
        raise NotFound("members.no_sign_in")
    Session.objects.filter(session_key=sign_in.session_key).delete()
    sign_in.ended_at = clock.now()
    sign_in.save(update_fields=["ended_at"])
    note(by, "user.signed_out_there", user_id=by.user_id, sign_in=sign_in.pk)


def ended(*, session_key: str) -> None:
    """The person signed out here."""
    SignIn.objects.filter(session_key=session_key, ended_at=None).update(ended_at=clock.now())


@action
def end_all(*, by: Actor) -> User:
    """Sign out everywhere: sessions, links and tokens of the old epoch are dead with the commit."""
    user_id = policy.person(by)
    lock_user(user_id)
    end_sessions(user_id)
    SignIn.objects.filter(user_id=user_id, ended_at=None).update(ended_at=clock.now())
    note(by, "user.signed_out_everywhere", user_id=user_id)
    return User.objects.get(pk=user_id)


@action
def make_carry(*, path: str, by: Actor) -> str:
    """A token for ten minutes that opens `path` in another browser as this person. `path` was checked to be ours."""
    user = lock_user(policy.person(by))
    assert path.startswith("/"), "a link leads to this site only"
    assert not path.startswith(("//", "/\\")), "a link leads to this site only"
    at = clock.now()
    if CarryLink.objects.filter(user=user, made_at__gt=at - timedelta(hours=1)).count() >= CARRIED_AN_HOUR:
        raise TooMany("members.carry_often", most=CARRIED_AN_HOUR)
    CarryLink.objects.filter(user=user, used_at=None, expires_at__gt=at).update(expires_at=at)
    token = secrets.token_urlsafe(32)
    CarryLink.objects.create(
        cluster_id=by.cluster_id,
        user=user,
        token_hash=_hash(token),
        path=path[:500],
        epoch=user.session_epoch,
        made_at=at,
        expires_at=at + CARRY_VALID,
    )
    note(by, "user.carry_made", user_id=user.pk)
    return token


def carried_as(*, token: str, cluster_id: int) -> User | None:
    """Who a link would sign in, to be named before it does: it may have been sent by somebody else."""
    rows = CarryLink.objects.select_related("user")
    link = rows.filter(
        token_hash=_hash(token), cluster_id=cluster_id, used_at=None, expires_at__gt=clock.now()
    ).first()
    return link.user if link else None


@action
def use_carry(*, token: str, by: Actor) -> tuple[User, str]:
    """Who the link signs in, and where it leads. A second use, a late one, or one after a sign-out is refused alike."""
    at = clock.now()
    rows = CarryLink.objects.select_for_update(of=("self",)).select_related("user")
    link = rows.filter(
        token_hash=_hash(token), cluster_id=by.cluster_id, used_at=None, expires_at__gt=at
    ).first()
    if link is None or not link.user.is_active or link.user.session_epoch != link.epoch:
        raise Refused("members.carry_over")
    link.used_at = at
    link.save(update_fields=["used_at"])
    note(by, "user.carry_used", user_id=link.user_id)
    return link.user, link.path


def forget() -> int:
    """Delete links that are over and sign-ins that ended or were not seen for a month."""
    long_ago = clock.now() - FORGOTTEN
    gone = CarryLink.objects.filter(expires_at__lt=long_ago).delete()[0]
    SignIn.objects.filter(seen_at__lt=long_ago).delete()
    return gone


def _hash(token: str) -> str:
    return hashlib.sha256(f"yunju-carry:{token}".encode()).hexdigest()
