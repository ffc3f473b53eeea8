"""Who somebody is in a cluster, and what that opens."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import members as make
from tests.members import scene
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


def test_the_number_of_statements_does_not_grow() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    park = make.make_park(cluster)
    many = [
        make.make_member(cluster, capacities=["supplier"], roles={user: RoleKind.STAFF}) for _ in range(5)
    ]
    for member in many:
        make.make_seat(member, park)
    ids = [member.pk for member in many]
    for question, statements in (
        (lambda: queries.actor_for(user, cluster), 1),
        (lambda: queries.parks_of(cluster.pk, ids), 1),
        (lambda: queries.working(cluster.pk, ids, CapacityKind.SUPPLIER), 1),
        (lambda: queries.missing_for_payout(ids), 2),
        (lambda: queries.operator_of(cluster.pk), 1),
    ):
        with CaptureQueriesContext(connection) as asked:
            question()
        assert len(asked) == statements


SEES = {
    # who: (roles, events, past seats, asked capacities, payees and accounts) of a member they may see
    "anonymous": (False, False, False, False, False),
    "buyer": (False, False, False, False, False),
    "stranger": (False, False, False, False, False),
    "foreign operator": (False, False, False, False, False),
    "park owner": (False, False, True, False, False),
    "owner": (True, True, True, True, True),
    "manager": (False, True, True, True, False),
    "staff": (False, False, True, True, False),
    "auditor": (False, False, True, True, False),
    "operator owner": (True, True, True, True, True),
    "operator manager": (True, True, True, True, True),
    "operator staff": (False, False, False, False, False),
    "system": (True, True, True, True, True),
}


@pytest.fixture(scope="module")
def stage(db_app: object) -> scene.Scene:
    at = scene.set_up()
    at.seat.until = clock.now() + timedelta(seconds=1)
    at.seat.save()
    return at


@pytest.mark.parametrize("who", SEES)
def test_who_sees_what_of_a_member(who: str, stage: scene.Scene) -> None:
    actor = stage.actors[who]
    roles, events, seats, asked, money = SEES[who]
    member = stage.member
    assert queries.roles_visible_to(actor).filter(member=member).exists() is roles
    assert queries.events_visible_to(actor).filter(member_id=member.pk).exists() is events
    assert queries.seats_visible_to(actor).filter(member=member).exists() is seats
    assert queries.capacities_visible_to(actor).filter(member=member).exists() is asked
    assert queries.payees_visible_to(actor).filter(member=member).exists() is money
    assert queries.payout_accounts_visible_to(actor).filter(member=member).exists() is money
    here = actor.cluster_id == stage.cluster.pk
    assert queries.parks_visible_to(actor).filter(pk=stage.park.pk).exists() is here


def test_open_seats_and_admitted_capacities_are_public() -> None:
    cluster = make.make_cluster()
    park, member = make.make_park(cluster), make.make_member(cluster, capacities=[CapacityKind.MAKER])
    seat = make.make_seat(member, park)
    anybody = queries.anonymous(cluster.pk)
    assert seat in queries.seats_visible_to(anybody)
    assert queries.capacities_visible_to(anybody).filter(member=member).count() == 1
    assert queries.member_visible_to(anybody, member.code) == member
