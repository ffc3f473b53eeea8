"""Who somebody is in a cluster, and what that opens."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tests.factories import members as make
from yunju.kernel import clock
from yunju.kernel.errors import NotFound
from yunju.members import queries
from yunju.members.models import Capacity, Role
from yunju.members.words import CapacityKind, Permission, RoleKind

pytestmark = pytest.mark.usefixtures("db_app")


def test_grants_come_from_live_roles_of_this_cluster_only() -> None:
    here, elsewhere = make.make_cluster(), make.make_cluster()
    user = make.make_user()
    mine = make.make_member(here, roles={user: RoleKind.STAFF})
    make.make_member(elsewhere, roles={user: RoleKind.OWNER})
    ended = make.make_member(here)
    Role.objects.create(user=user, member=ended, kind="owner", granted_at=clock.now(), ended_at=clock.now())
    actor = queries.actor_for(user, here)
    assert list(actor.grants) == [mine.pk]
    assert actor.holds(Permission.ORDER_SHIP, mine.pk)
    assert not actor.holds(Permission.PAYEE_EDIT, mine.pk)
    assert not actor.is_operator


def test_operator_grants_need_an_admitted_live_operator_capacity() -> None:
    cluster = make.make_cluster()
    member_id = queries.operator_of(cluster.pk)
    actor = make.operator(cluster)
    assert actor.is_operator
    assert actor.holds(Permission.CLUSTER_RULES, member_id)
    asked = make.make_member(cluster)
    Capacity.objects.create(member=asked, kind=CapacityKind.OPERATOR, asked_at=clock.now())
    assert not make.acts_for(asked).is_operator
    Capacity.objects.filter(member_id=member_id).update(ended_at=clock.now())
    again = queries.actor_for(make.owner_of(make.Member.objects.get(pk=member_id)), cluster)
    assert not again.is_operator
    assert not again.holds(Permission.CLUSTER_RULES, member_id)
    with pytest.raises(NotFound):
        queries.operator_of(cluster.pk)


def test_a_disabled_user_is_anonymous() -> None:
    cluster = make.make_cluster()
    user = make.make_user(is_active=False)
    make.make_member(cluster, roles={user: RoleKind.OWNER})
    assert queries.actor_for(user, cluster).kind == "anonymous"
    assert queries.actor_for(None, cluster, holder="h").holder == "h"


def test_the_cluster_of_a_host() -> None:
    host = f"shang8-{make.word()}.example"
    cluster = make.make_cluster(host=host)
    assert queries.cluster_for_host(f"{host.upper()}:8000") == cluster
    assert queries.cluster_for_host(f"{host}.") == cluster
    cluster.closed_at = clock.now()
    cluster.save()
    with suppress(NotFound):
        assert queries.cluster_for_host(host).host == "", "only one that names no host answers for others"


def test_the_park_of_a_seat_is_the_lowest_open_one() -> None:
    cluster = make.make_cluster()
    first, second, other = (
        make.make_park(cluster),
        make.make_park(cluster),
        make.make_park(make.make_cluster()),
    )
    both, late, gone, none = (make.make_member(cluster) for _ in range(4))
    make.make_seat(both, second)
    make.make_seat(both, first)
    make.make_seat(late, second)
    make.make_seat(late, other)
    make.make_seat(gone, first, until=clock.now() + timedelta(seconds=1))
    found = queries.parks_of(cluster.pk, [both.pk, late.pk, gone.pk, none.pk])
    assert found == {both.pk: first.member_id, late.pk: second.member_id}


def test_the_directory_shows_admitted_members_and_a_person_sees_their_own() -> None:
    cluster = make.make_cluster()
    admitted = make.make_member(cluster, capacities=[CapacityKind.SUPPLIER])
    waiting = make.make_member(cluster)
    Capacity.objects.create(member=waiting, kind=CapacityKind.MAKER, asked_at=clock.now())
    foreign = make.make_member(make.make_cluster(), capacities=[CapacityKind.SUPPLIER])
    stranger, own, operator = make.buyer(cluster), make.acts_for(waiting), make.operator(cluster)
    assert admitted in queries.members_visible_to(stranger)
    assert waiting not in queries.members_visible_to(stranger)
    assert waiting in queries.members_visible_to(own)
    assert waiting in queries.members_visible_to(operator)
    assert all(foreign not in queries.members_visible_to(who) for who in (stranger, own, operator))
    with pytest.raises(NotFound):
        queries.member_visible_to(stranger, waiting.code)
