"""Roles that are offered: the same answer for every address, taken up by the person alone, and by nobody who came later."""

from datetime import timedelta

import pytest

from tests.factories import members as make
from tests.members import scene
from tests.members.scene import Scene
from yunju.kernel import clock, outbox
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded, TooMany
from yunju.members import actions, queries
from yunju.members.models import Role, RoleOffer, User
from yunju.notices.models import Notice

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def at() -> Scene:
    return scene.set_up()


def offered(at: Scene, email: str, kind: str = "staff") -> RoleOffer:
    actions.offer_role(member_id=at.member.pk, email=email, kind=kind, by=at.actors["owner"])
    return RoleOffer.objects.get(member=at.member, email=email, ended_at=None)


def shown(offer: RoleOffer) -> tuple[object, ...]:
    return (offer.kind, offer.taken_by_id, offer.ended_at, offer.expires_at - offer.offered_at)


def test_who_offers_sees_the_same_whether_there_is_an_account_or_not(at: Scene) -> None:
    known, unknown = offered(at, at.newcomer.email), offered(at, f"{make.word()}@example.com")
    assert shown(known) == shown(unknown)
    assert {one.pk for one in queries.offers_waiting(at.member.pk)} == {known.pk, unknown.pk}
    assert not Role.objects.filter(user=at.newcomer).exists()
    for one in (known, unknown):  # again, as another role: answered alike too
        actions.offer_role(member_id=at.member.pk, email=one.email, kind="cashier", by=at.actors["owner"])
    assert [one.kind for one in queries.offers_waiting(at.member.pk)] == ["cashier", "cashier"]


def test_the_person_takes_it_up_or_declines(at: Scene) -> None:
    me = make.buyer(at.cluster, at.newcomer)
    declined = offered(at, at.newcomer.email)
    actions.answer_offer(offer_id=declined.pk, takes=False, by=me)
    assert not Role.objects.filter(user=at.newcomer).exists()
    taken = offered(at, at.newcomer.email, "manager")
    actions.answer_offer(offer_id=taken.pk, takes=True, by=me)
    role = Role.objects.get(user=at.newcomer, ended_at=None)
    assert (role.member_id, role.kind, role.granted_by_id) == (
        at.member.pk,
        "manager",
        at.actors["owner"].user_id,
    )
    with pytest.raises(NotFound, match=r"members\.no_offer"):
        actions.answer_offer(offer_id=taken.pk, takes=True, by=me)
    assert not queries.offers_waiting(at.member.pk).exists()


def test_nobody_signs_up_under_an_address_to_find_an_offer(at: Scene) -> None:
    email = f"{make.word()}@example.com"
    offer = offered(at, email)
    thief = make.make_user(email=email, joined_at=clock.now() + timedelta(seconds=1))
    by = make.buyer(at.cluster, thief)
    assert not queries.offers_to(by).exists()
    with pytest.raises(NotFound):
        actions.answer_offer(offer_id=offer.pk, takes=True, by=by)
    assert not Role.objects.filter(user=thief).exists()


def test_an_offer_is_its_addressees_alone_and_ends(at: Scene) -> None:
    offer = offered(at, at.newcomer.email)
    for who in ("buyer", "stranger", "owner", "operator owner"):
        with pytest.raises(NotFound):
            actions.answer_offer(offer_id=offer.pk, takes=True, by=at.actors[who])
    with pytest.raises(SignInNeeded):
        actions.answer_offer(offer_id=offer.pk, takes=True, by=at.actors["anonymous"])
    me = make.buyer(at.cluster, at.newcomer)
    with clock.at(clock.now() + timedelta(days=15)), pytest.raises(NotFound):
        actions.answer_offer(offer_id=offer.pk, takes=True, by=me)
    for who in ("stranger", "staff", "buyer"):
        with pytest.raises((Forbidden, NotFound)):
            actions.withdraw_offer(offer_id=offer.pk, member_id=at.member.pk, by=at.actors[who])
    actions.withdraw_offer(offer_id=offer.pk, member_id=at.member.pk, by=at.actors["owner"])
    with pytest.raises(NotFound):
        actions.answer_offer(offer_id=offer.pk, takes=True, by=me)


def test_a_right_that_is_gone_gives_nothing_any_more(at: Scene) -> None:
    offer = offered(at, at.newcomer.email)
    make.acts_for(at.member)  # another owner stays
    Role.objects.filter(user_id=at.actors["owner"].user_id).update(ended_at=clock.now())
    with pytest.raises(Refused, match=r"members\.offer_over"):
        actions.answer_offer(offer_id=offer.pk, takes=True, by=make.buyer(at.cluster, at.newcomer))
    assert not Role.objects.filter(user=at.newcomer).exists()


def test_oneself_too_much_and_too_many_are_refused(at: Scene) -> None:
    owner = at.actors["owner"]
    own = User.objects.get(pk=owner.user_id).email or ""
    with pytest.raises(Forbidden):
        offered(at, own, "manager")
    with pytest.raises(Invalid):
        offered(at, "no address")
    with pytest.raises(Forbidden):
        actions.offer_role(
            member_id=at.member.pk, email="a@example.com", kind="owner", by=at.actors["operator manager"]
        )
    for step in range(30):
        offer = offered(at, f"many-{step % 3}@example.com")
        if step % 2:
            actions.withdraw_offer(offer_id=offer.pk, member_id=at.member.pk, by=owner)
    with pytest.raises(TooMany, match=r"members\.too_many_offers"):
        offered(at, "one-more@example.com")
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        offered(at, "one-more@example.com")


def test_somebody_who_acts_already_gets_another_role_at_once(at: Scene) -> None:
    actions.offer_role(
        member_id=at.member.pk, email=at.victim.email or "", kind="manager", by=at.actors["owner"]
    )
    assert Role.objects.get(user=at.victim, member=at.member, ended_at=None).kind == "manager"
    assert not queries.offers_waiting(at.member.pk).exists()


def test_only_an_account_that_is_there_is_told(at: Scene) -> None:
    offered(at, at.newcomer.email)
    offered(at, f"{make.word()}@example.com")
    while outbox.drain():
        pass
    told = Notice.objects.filter(cluster_id=at.cluster.pk, code="role.offered")
    assert [one.user_id for one in told] == [at.newcomer.pk]


def test_a_first_password_is_for_accounts_without_one(at: Scene) -> None:
    with pytest.raises(Refused, match=r"members\.password_there"):
        actions.set_first_password(new="bamboo-river-52", by=at.actors["owner"])
    with pytest.raises(SignInNeeded):
        actions.set_first_password(new="bamboo-river-52", by=at.actors["anonymous"])
    user = make.make_user(email=None, phone=f"+86139{User.objects.count():08}", phone_verified_at=clock.now())
    user.set_unusable_password()
    user.save()
    made = actions.set_first_password(new="bamboo-river-52", by=make.buyer(at.cluster, user))
    assert (made.check_password("bamboo-river-52"), made.password_ripens_at) == (True, None)
    assert made.session_epoch == user.session_epoch + 1
