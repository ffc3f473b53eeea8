"""The steps that all actions of members share. Locks: cluster, member, user, each by id; then rows of the member."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db.models import F

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused
from yunju.kernel.locks import ALONE_MS, transaction_with_timeout, with_retries
from yunju.members.models import Cluster, Member, MemberEvent, User

P = ParamSpec("P")
T = TypeVar("T")


def action(work: Callable[P, T]) -> Callable[P, T]:
    """One transaction that waits for locks no longer than a person would, tried again after a deadlock."""

    @wraps(work)
    def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        def attempt() -> T:
            with transaction_with_timeout(ALONE_MS):
                return work(*args, **kwargs)

        return with_retries(attempt)

    return whole


def lock_cluster(cluster_id: int) -> Cluster:
    """The open cluster, so that two changes of its rules follow each other."""
    cluster = Cluster.objects.select_for_update(no_key=True).filter(pk=cluster_id, closed_at=None).first()
    if cluster is None:
        raise NotFound("members.no_cluster_here")
    return cluster


def lock_member(cluster_id: int, member_id: int, *, closed_too: bool = False) -> Member:
    """The member, so that its roles, capacities, seats and accounts change one after the other."""
    rows = Member.objects.select_for_update(no_key=True).filter(cluster_id=cluster_id, pk=member_id)
    member = rows.first()
    if member is None:
        raise NotFound("members.no_member")
    if member.closed_at is not None and not closed_too:
        raise Refused("members.member_closed")
    return member


def lock_user(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("members.no_user")
    return user


def end_sessions(user_id: int) -> None:
    """Every session and token of that user that remembers the old epoch is dead with the commit."""
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)


def event(by: Actor, what: str, member_id: int | None, params: dict[str, object]) -> MemberEvent:
    """An event row, not yet written. Ids, codes and rules only: no name, number or address of a person."""
    return MemberEvent(
        cluster_id=by.cluster_id,
        member_id=member_id,
        what=what,
        params=params,
        by_user_id=by.user_id,
        by_name="" if by.kind == "user" else by.name[:60],
        at=clock.now(),
    )


def note(by: Actor, what: str, member_id: int | None = None, **params: object) -> None:
    """Write what changed, by whom, when and why, beside the change."""
    event(by, what, member_id, params).save(force_insert=True)
