"""Clusters with an operator, users, members, parks and seats, as rows: no action runs, so they are quick."""

import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members import actions, queries
from yunju.members.models import Capacity, Cluster, Member, Park, PayoutAccount, Role, Seat, Site, User
from yunju.members.words import CONSENT_VERSION, CapacityKind, RoleKind

PASSWORD = "jade-lantern-418"


def word(length: int = 8) -> str:
    """Random lower-case letters and digits, unique enough for a shared database."""
    return secrets.token_hex((length + 1) // 2)[:length]


@cache
def _hashed() -> str:
    """Hashing is slow by design: once per run."""
    return make_password(PASSWORD)


def make_user(**fields: Any) -> User:
    """A login; its password is PASSWORD."""
    tag = word()
    values = {
        "email": f"u-{tag}@example.com",
        "name": f"User {tag}",
        "language": "en",
        "password": _hashed(),
        "joined_at": clock.now(),
    }
    return User.objects.create(**(values | fields))


def make_cluster(**fields: Any) -> Cluster:
    """A cluster of its own host with an operator member that has an owner (see `operator`)."""
    tag = word()
    values = {
        "code": f"c-{tag}",
        "host": f"c-{tag}.test",
        "name_zh": f"测试集聚区 {tag}",
        "name_en": f"Test cluster {tag}",
    }
    cluster = Cluster.objects.create(**(values | fields))
    make_member(
        cluster,
        capacities=(CapacityKind.OPERATOR,),
        roles={make_user(): RoleKind.OWNER},
        name=f"Operator {tag}",
    )
    return cluster


def make_member(
    cluster: Cluster,
    *,
    capacities: Iterable[CapacityKind | str] = (),
    roles: Mapping[User, RoleKind] | None = None,
    **fields: Any,
) -> Member:
    """A member with its capacities admitted and `roles` live."""
    tag, now = word(), clock.now()
    values = {
        "kind": "organisation",
        "name": f"Member {tag}",
        "gateway_merchant": f"sub-{tag}",
        "created_at": now,
    }
    member = Member.objects.create(cluster=cluster, **(values | fields))
    for kind in capacities:
        Capacity.objects.create(member=member, kind=CapacityKind(kind), asked_at=now, admitted_at=now)
    for user, role in (roles or {}).items():
        Role.objects.create(user=user, member=member, kind=role, granted_at=now)
    return member


def make_park(cluster: Cluster, **fields: Any) -> Park:
    """A park with one site, itself a member."""
    member = make_member(cluster, capacities=(CapacityKind.PARK,), **fields)
    park = Park.objects.create(cluster=cluster, member=member, name=member.name)
    Site.objects.create(park=park, name="Site 1", province="北京市", city="北京市")
    return park


def make_seat(member: Member, park: Park, **fields: Any) -> Seat:
    """An open seat, in the cloud when no site is given."""
    return Seat.objects.create(member=member, park=park, **({"since": clock.now()} | fields))


def owner_of(member: Member) -> User:
    """The user with the oldest live role of a member; one is made when there is none."""
    role = member.roles.filter(ended_at=None).order_by("id").first()
    if role is None:
        role = Role.objects.create(
            user=make_user(), member=member, kind=RoleKind.OWNER, granted_at=clock.now()
        )
    return role.user


def acts_for(member: Member, kind: RoleKind = RoleKind.OWNER) -> Actor:
    """A fresh user with that role, as an actor."""
    user = make_user()
    Role.objects.create(user=user, member=member, kind=kind, granted_at=clock.now())
    return queries.actor_for(user, member.cluster_id)


def operator(cluster: Cluster, kind: RoleKind = RoleKind.OWNER) -> Actor:
    """Somebody of the operator, as an actor."""
    return acts_for(Member.objects.get(pk=queries.operator_of(cluster.pk)), kind)


def buyer(cluster: Cluster, user: User | None = None) -> Actor:
    """A signed-in person without any role here (unless the user has one)."""
    return queries.actor_for(user or make_user(), cluster)


def make_payable(member: Member) -> PayoutAccount:
    """Give a member all that a first payout asks for, through the real actions; answers the account."""
    by, name, licence = acts_for(member), f"Firm {word()}", "91350100M000100Y43"
    payee = actions.PayeeDraft(
        real_name=name,
        id_kind="credit_code",
        id_number=licence,
        licence_no=licence,
        consent_version=CONSENT_VERSION,
    )
    actions.set_payee(member_id=member.pk, draft=payee, by=by)
    number = str(10**11 + secrets.randbelow(9 * 10**11))
    account = actions.AccountDraft(channel="bank", holder=name, number=number, bank="Bank of Test")
    return actions.set_payout_account(member_id=member.pk, draft=account, by=by)
