"""Signing up, passwords, roles; and that a session ends the moment a role is taken away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse  # noqa: TID251 (a page of this test alone)
from django.test import Client, override_settings
from django.urls import path

from tests.factories import members as make
from tests.members import scene
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Forbidden, Invalid, InvalidMany, NotFound, Refused, SignInNeeded, YunjuError
from yunju.members import actions, queries, sessions
from yunju.members.models import Address, Cluster, MemberEvent, Role, User
from yunju.members.words import ADDRESSES_PER_USER, RoleKind

pytestmark = pytest.mark.usefixtures("db_app")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def who_am_i(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.pk))


urlpatterns = [path("me", who_am_i)]


@pytest.fixture
def pages() -> Iterator[None]:
    middleware = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"], MIDDLEWARE=middleware):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    assert me(client) == str(user.pk)
    return client


def me(client: Client) -> str:
    return client.get("/me").content.decode()


def nobody(cluster: Cluster) -> Actor:
    return Actor(cluster_id=cluster.pk)


def test_sign_up_makes_an_account_once_and_says_the_same_twice() -> None:
    cluster, email = make.make_cluster(), f"New-{make.word()}@Example.com"
    said = actions.sign_up(
        email=email, password=make.PASSWORD, name=" 李伟 ", language="en", by=nobody(cluster)
    )
    user = User.objects.get(email=email.lower())
    assert (user.name, user.language, user.check_password(make.PASSWORD)) == ("李伟", "en", True)
    again = actions.sign_up(email=email.upper(), password="another-lantern-7", name="X", by=nobody(cluster))
    assert again == said
    user.refresh_from_db()
    assert (user.name, user.check_password(make.PASSWORD)) == ("李伟", True)
    event = MemberEvent.objects.get(cluster_id=cluster.pk, what="user.signed_up")
    assert event.params == {"user_id": user.pk}
    with pytest.raises(Refused, match=r"members\.email_taken"):
        actions.make_user(draft=actions.UserDraft(email=email, password=make.PASSWORD), by=system(cluster.pk))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": "nonsense"}, "email", "members.email_form"),
        ({"password": "short-1"}, "password", "members.password_too_short"),
        ({"password": "password123"}, "password", "members.password_too_common"),
        ({"password": ""}, "password", "input.required"),
        ({"password": "x\x00" * 20}, "password", "input.control_characters"),
        ({"password": "x" * 257}, "password", "input.too_long"),
        ({"language": "fr"}, "language", "input.choice"),
        ({"name": "a\x07b"}, "name", "input.control_characters"),
    ],
)
def test_a_bad_sign_up_changes_nothing(changes: dict[str, str], field: str, code: str) -> None:
    cluster, email = make.make_cluster(), f"{make.word()}@example.com"
    values = {"email": email, "password": make.PASSWORD, "name": "", "language": "zh-hans"} | changes
    with pytest.raises(Invalid) as refusal:
        actions.sign_up(**values, by=nobody(cluster))
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not User.objects.filter(email=values["email"]).exists()
    assert not MemberEvent.objects.filter(cluster_id=cluster.pk).exists()


def test_a_password_like_the_address_is_refused_and_all_faults_are_named() -> None:
    cluster = make.make_cluster()
    with pytest.raises(Invalid, match=r"members\.password_too_similar"):
        actions.sign_up(email="wang.xiaoming@example.com", password="wang.xiaoming", by=nobody(cluster))
    with pytest.raises(InvalidMany) as refusal:
        actions.sign_up(email="x", password="1234", by=nobody(cluster))
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("email", "members.email_form"),
        ("password", "members.password_too_short"),
        ("password", "members.password_too_common"),
    ]


def test_two_sign_ups_at_once_make_one_account() -> None:
    cluster, email, gate = make.make_cluster(), f"{make.word()}@example.com", Barrier(4)

    def sign_up(_: int) -> None:
        gate.wait()
        try:
            actions.sign_up(email=email, password=make.PASSWORD, by=nobody(cluster))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sign_up, range(4)))
    assert User.objects.filter(email=email).count() == 1


@pytest.mark.usefixtures("pages")
def test_an_old_cookie_is_dead_right_after_the_role_is_taken() -> None:
    cluster = make.make_cluster()
    worker, other = make.make_user(), make.make_user()
    member = make.make_member(cluster, roles={worker: RoleKind.STAFF, other: RoleKind.STAFF})
    owner = make.acts_for(member)
    old, untouched = signed_in(worker), signed_in(other)
    actions.end_role(member_id=member.pk, user_id=worker.pk, by=owner)
    assert me(old) == "None"
    assert me(untouched) == str(other.pk)
    worker.refresh_from_db()
    assert me(signed_in(worker)) == str(worker.pk)


@pytest.mark.usefixtures("pages")
def test_sessions_end_when_a_role_changes_and_when_the_password_does() -> None:
    cluster, worker = make.make_cluster(), make.make_user()
    member = make.make_member(cluster, roles={worker: RoleKind.MANAGER})
    old = signed_in(worker)
    role = actions.grant_role(
        member_id=member.pk, email=worker.email, kind="cashier", by=make.acts_for(member)
    )
    assert me(old) == "None"
    assert list(Role.objects.filter(user=worker, ended_at=None)) == [role]
    worker.refresh_from_db()
    old = signed_in(worker)
    changed = actions.change_password(
        old=make.PASSWORD, new="bamboo-river-52", by=make.buyer(cluster, worker)
    )
    assert me(old) == "None"
    assert changed.check_password("bamboo-river-52")
    assert changed.session_epoch == worker.session_epoch + 1
    with pytest.raises(Invalid) as refusal:
        actions.change_password(old=make.PASSWORD, new="bamboo-river-53", by=make.buyer(cluster, worker))
    assert refusal.value.field == "old_password"
    with pytest.raises(Invalid) as refusal:
        actions.change_password(old="bamboo-river-52", new="12", by=make.buyer(cluster, worker))
    assert {fault.field for fault in refusal.value.faults} == {"new_password"}


def test_a_session_is_fresh_for_fifteen_minutes() -> None:
    session: dict[str, str] = {}
    assert not sessions.is_fresh(session)
    sessions.confirm(session, by_password=False)
    assert not sessions.knows_password(session)
    assert sessions.is_fresh(session)
    with clock.at(clock.now() + sessions.FRESH * 2):
        assert not sessions.is_fresh(session)


def test_nobody_grants_to_themselves_or_above_their_own() -> None:
    at = scene.set_up()
    owner = at.actors["owner"]
    own_email = User.objects.get(pk=owner.user_id).email
    before = scene.everything(at.cluster)
    with pytest.raises(Forbidden, match=r"members\.no_self_grant"):
        actions.grant_role(member_id=at.member.pk, email=own_email, kind="manager", by=owner)
    weak = Actor(
        cluster_id=at.cluster.pk,
        kind="user",
        user_id=at.newcomer.pk,
        grants={at.member.pk: frozenset({"member.roles", "order.see"})},
    )
    for kind in ("staff", "manager", "owner", "auditor"):
        with pytest.raises(Forbidden, match=r"members\.above_own_rights"):
            actions.grant_role(member_id=at.member.pk, email=at.victim.email, kind=kind, by=weak)
    with pytest.raises(Forbidden, match=r"members\.above_own_rights"):
        actions.end_role(member_id=at.member.pk, user_id=owner.user_id or 0, by=weak)
    assert scene.everything(at.cluster) == before


def test_only_who_may_grant_learns_whether_an_address_has_an_account() -> None:
    at = scene.set_up()
    for email in ("nobody-at-all@example.com", at.newcomer.email):
        with pytest.raises(NotFound, match=r"members\.no_member"):
            actions.grant_role(member_id=at.member.pk, email=email, kind="staff", by=at.actors["stranger"])
        with pytest.raises(Forbidden, match=r"members\.may_not"):
            actions.grant_role(member_id=at.member.pk, email=email, kind="staff", by=at.actors["staff"])
    with pytest.raises(Invalid, match=r"members\.no_account_with_email"):
        actions.grant_role(
            member_id=at.member.pk, email="nobody-at-all@example.com", kind="staff", by=at.actors["owner"]
        )


def test_roles_that_are_there_already_or_not_at_all() -> None:
    at = scene.set_up()
    before = scene.everything(at.cluster)
    with pytest.raises(Refused, match=r"members\.role_held"):
        actions.grant_role(
            member_id=at.member.pk, email=at.victim.email, kind="cashier", by=at.actors["owner"]
        )
    with pytest.raises(NotFound, match=r"members\.no_role"):
        actions.end_role(member_id=at.member.pk, user_id=at.newcomer.pk, by=at.actors["owner"])
    with pytest.raises(NotFound, match=r"members\.no_member"):
        actions.end_role(member_id=0, user_id=at.newcomer.pk, by=at.actors["system"])
    assert scene.everything(at.cluster) == before


def test_the_last_owner_stays() -> None:
    cluster, owner = make.make_cluster(), make.make_user()
    member = make.make_member(cluster, roles={owner: RoleKind.OWNER})
    me_here = make.buyer(cluster, owner)
    with pytest.raises(Refused, match=r"members\.last_owner"):
        actions.end_role(member_id=member.pk, user_id=owner.pk, by=me_here)
    with pytest.raises(Refused, match=r"members\.last_owner"):
        actions.grant_role(member_id=member.pk, email=owner.email, kind="staff", by=system(cluster.pk))
    make.acts_for(member)
    actions.end_role(member_id=member.pk, user_id=owner.pk, by=me_here)
    assert Role.objects.filter(member=member, kind="owner", ended_at=None).count() == 1


def test_two_owners_taking_each_other_away_leave_one() -> None:
    cluster = make.make_cluster()
    member = make.make_member(cluster)
    owners, gate = [make.acts_for(member), make.acts_for(member)], Barrier(2)

    def take(pair: tuple[Actor, Actor]) -> str:
        gate.wait()
        try:
            actions.end_role(member_id=member.pk, user_id=pair[1].user_id or 0, by=pair[0])
        except YunjuError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(take, [(owners[0], owners[1]), (owners[1], owners[0])]))
    assert said == ["done", "members.last_owner"]
    assert Role.objects.filter(member=member, kind="owner", ended_at=None).count() == 1


def test_a_person_edits_their_own_account() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    done = actions.edit_user(name="王芳", language="zh-hans", by=make.buyer(cluster, user))
    assert (done.name, done.language) == ("王芳", "zh-hans")
    event = MemberEvent.objects.get(cluster_id=cluster.pk, what="user.edited")
    assert event.params == {"user_id": user.pk, "fields": ["language", "name"]}
    actions.edit_user(name="王芳", language="zh-hans", by=make.buyer(cluster, user))
    assert MemberEvent.objects.filter(cluster_id=cluster.pk, what="user.edited").count() == 1


HOME = actions.AddressDraft(
    name="王芳",
    phone="13800138000",
    province="福建省",
    city="福州市",
    district="鼓楼区",
    street="五四路 1 号",
)


def test_an_address_book_is_its_own_persons() -> None:
    cluster = make.make_cluster()
    mine, other = make.buyer(cluster), make.buyer(cluster)
    address = actions.add_address(draft=HOME, by=mine)
    assert address.phone == "+8613800138000"
    assert list(queries.addresses_visible_to(mine)) == [address]
    for stranger in (other, make.operator(cluster), system(cluster.pk), nobody(cluster)):
        assert not queries.addresses_visible_to(stranger).exists()
        with pytest.raises((NotFound, SignInNeeded)):
            actions.edit_address(address_id=address.pk, draft=replace(HOME, city="厦门市"), by=stranger)
        with pytest.raises((NotFound, SignInNeeded)):
            actions.remove_address(address_id=address.pk, by=stranger)
    address.refresh_from_db()
    assert address.city == "福州市"
    assert (
        actions.edit_address(address_id=address.pk, draft=replace(HOME, city="厦门市"), by=mine).city
        == "厦门市"
    )
    with pytest.raises(InvalidMany) as refusal:
        actions.add_address(
            draft=actions.AddressDraft(name="", phone="1", province="", city="", street="x"), by=mine
        )
    assert [fault.field for fault in refusal.value.faults] == ["name", "phone", "province", "city", "street"]
    actions.remove_address(address_id=address.pk, by=mine)
    assert not queries.addresses_visible_to(mine).exists()
    assert "王芳" not in str(list(MemberEvent.objects.filter(cluster_id=cluster.pk).values_list("params")))


def test_an_address_book_has_an_end() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    row = Address(user=user, name="A", phone="1", province="P", city="C")
    Address.objects.bulk_create([copy(row) for _ in range(ADDRESSES_PER_USER)])
    with pytest.raises(Refused, match=r"members\.too_many_addresses"):
        actions.add_address(draft=HOME, by=make.buyer(cluster, user))
