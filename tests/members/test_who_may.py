"""Who may do what, for every action: the allowed do it and leave an event, the others change nothing at all."""

from collections.abc import Callable

import pytest

from tests.factories import members as make
from tests.members import scene
from tests.members.scene import Scene
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, NotFound, SignInNeeded
from yunju.members import actions
from yunju.members.models import Capacity, Member, MemberEvent

pytestmark = pytest.mark.usefixtures("db_app")

PEOPLE = [
    "anonymous",
    "buyer",
    "stranger",
    "park owner",
    "free park owner",
    "foreign operator",
    "system",
    "owner",
    "manager",
    "staff",
    "cashier",
    "auditor",
    "operator owner",
    "operator manager",
    "operator staff",
    "operator cashier",
    "operator auditor",
]
ADMITTING = {"system", "operator owner", "operator manager"}
RULING = {"system", "operator owner"}
PAYING = {"system", "operator owner", "operator manager"}
EDITING = {"system", "owner", "manager"}
OWNING = {"system", "owner"}

Act = Callable[[Scene, Actor], object]


def rules(at: Scene, by: Actor) -> object:
    return actions.edit_cluster_rules(rules=actions.ClusterRules(attribution_days=30), by=by)


def admit(at: Scene, by: Actor) -> object:
    return actions.admit_capacity(member_id=at.member.pk, kind="supplier", by=by)


def refuse(at: Scene, by: Actor) -> object:
    return actions.refuse_capacity(member_id=at.member.pk, kind="supplier", reason="documents_missing", by=by)


def end_capacity(at: Scene, by: Actor) -> object:
    return actions.end_capacity(member_id=at.member.pk, kind="supplier", reason="inactive", by=by)


def ask(at: Scene, by: Actor) -> object:
    return actions.ask_capacity(member_id=at.member.pk, kind="maker", by=by)


def edit(at: Scene, by: Actor) -> object:
    draft = actions.MemberDraft(name="新名字", phone="13900139000")
    return actions.edit_member(member_id=at.member.pk, draft=draft, by=by)


def merchant(at: Scene, by: Actor) -> object:
    return actions.set_gateway_merchant(member_id=at.member.pk, gateway_merchant="mine", by=by)


def reserve(at: Scene, by: Actor) -> object:
    return actions.set_member_reserve(member_id=at.member.pk, reserve_bp=500, by=by)


def close(at: Scene, by: Actor) -> object:
    return actions.close_member(member_id=at.member.pk, reason="own_wish", by=by)


def grant(at: Scene, by: Actor) -> object:
    return actions.grant_role(member_id=at.member.pk, email=at.newcomer.email, kind="staff", by=by)


def offer(at: Scene, by: Actor) -> object:
    return actions.offer_role(member_id=at.member.pk, email="new-face@example.com", kind="staff", by=by)


def end_role(at: Scene, by: Actor) -> object:
    return actions.end_role(member_id=at.member.pk, user_id=at.victim.pk, by=by)


def make_park(at: Scene, by: Actor) -> object:
    member = Member.objects.get(cluster=at.cluster, name="Park to be")
    return actions.make_park(member_id=member.pk, name="新园区", by=by)


def make_site(at: Scene, by: Actor) -> object:
    return actions.make_site(park_id=at.park.pk, draft=actions.SiteDraft(name="二号楼"), by=by)


def give_seat(at: Scene, by: Actor) -> object:
    return actions.give_seat(member_id=at.member.pk, park_id=at.free_park.pk, by=by)


def end_seat(at: Scene, by: Actor) -> object:
    return actions.end_seat(seat_id=at.seat.pk, reason="moved", by=by)


def payee(at: Scene, by: Actor) -> object:
    return actions.set_payee(member_id=at.member.pk, draft=scene.payee_draft(real_name="新名称"), by=by)


def account(at: Scene, by: Actor) -> object:
    return actions.set_payout_account(
        member_id=at.member.pk, draft=scene.account_draft(number="12345678"), by=by
    )


def reveal(at: Scene, by: Actor) -> object:
    return actions.reveal_account_numbers(account_ids=[at.account.pk], reason="bank_file", by=by)


TABLE: list[tuple[Act, set[str]]] = [
    (rules, RULING),
    (admit, ADMITTING),
    (refuse, ADMITTING),
    (end_capacity, OWNING | ADMITTING),
    (ask, EDITING),
    (edit, EDITING | ADMITTING),
    (merchant, ADMITTING),
    (reserve, RULING),
    (close, OWNING | ADMITTING),
    (grant, OWNING),
    (offer, OWNING),
    (end_role, OWNING),
    (make_park, ADMITTING),
    (make_site, {"park owner"} | ADMITTING),
    (give_seat, ADMITTING),
    (end_seat, {"park owner", "owner", "manager"} | ADMITTING),
    (payee, {"owner"}),
    (account, OWNING),
    (reveal, PAYING),
]


@pytest.fixture(scope="module")
def untouched(db_app: object) -> Scene:
    """One scene for all who are refused: each test proves that it stayed as it was."""
    return scene.set_up()


@pytest.mark.parametrize(("act", "allowed"), TABLE, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may(act: Act, allowed: set[str], who: str, untouched: Scene) -> None:
    if who in allowed:
        at = scene.set_up()
        events = MemberEvent.objects.filter(cluster_id=at.cluster.pk)
        before = events.count()
        act(at, at.actors[who])
        assert events.count() > before
        return
    before_all = scene.everything(untouched.cluster)
    if (who, act) == ("foreign operator", rules):
        rules(untouched, untouched.actors[who])  # of their own cluster: nothing here may change
        assert scene.everything(untouched.cluster) == before_all
        return
    with pytest.raises((Forbidden, NotFound, SignInNeeded)) as refusal:
        act(untouched, untouched.actors[who])
    assert scene.everything(untouched.cluster) == before_all
    if who == "anonymous":
        assert refusal.type is SignInNeeded
    if act in {ask, edit, close, grant, offer, payee, account} and who in {"buyer", "stranger"}:
        assert refusal.type is NotFound, "a stranger's object is not found"


def test_every_action_is_in_the_table() -> None:
    elsewhere = {"sign_up", "change_password", "edit_user", "make_user", "make_cluster", "open_member"}
    elsewhere |= {"set_first_password", "answer_offer", "withdraw_offer"}  # tests/members/test_offers.py
    elsewhere |= {"add_address", "edit_address", "remove_address", "checked_address"}
    elsewhere |= {  # tests/members/test_papers.py has their table
        *(
            "accept",
            "begin_visit",
            "check_licence",
            "end_licence",
            "end_visit",
            "going_on",
            "hand_in_licence",
        ),
        *("note_trial", "publish_agreement", "set_face", "set_forbidden_words", "set_live", "set_papers"),
        *("set_papers_picture", "unmask"),
    }
    tried = {act.__name__ for act, _ in TABLE}
    named = {
        "edit_cluster_rules": "rules",
        "admit_capacity": "admit",
        "refuse_capacity": "refuse",
        "ask_capacity": "ask",
        "edit_member": "edit",
        "set_gateway_merchant": "merchant",
        "set_member_reserve": "reserve",
        "close_member": "close",
        "grant_role": "grant",
        "offer_role": "offer",
        "set_payee": "payee",
        "set_payout_account": "account",
        "reveal_account_numbers": "reveal",
    }
    functions = {name for name in actions.__all__ if name[0].islower()}
    assert {named.get(name, name) for name in functions - elsewhere} == tried


def test_a_seat_by_somebody_who_acts_for_both() -> None:
    at = scene.set_up()
    owner = make.owner_of(at.member)
    role = at.member.roles.get(user=owner)
    role.kind = "owner"
    role.save()
    make.Role.objects.create(
        user=owner, member=at.free_park.member, kind="manager", granted_at=role.granted_at
    )
    seat = give_seat(at, make.buyer(at.cluster, owner))
    assert seat.site_id is None


@pytest.mark.parametrize("who", ["anonymous", "buyer", "operator staff", "operator cashier"])
def test_who_may_not_make_users_and_clusters(who: str) -> None:
    at = scene.set_up()
    draft = actions.UserDraft(email=f"{make.word()}@example.com", password=make.PASSWORD)
    cluster = actions.ClusterDraft(code=f"c-{make.word()}", name_zh="新", name_en="New")
    with pytest.raises((Forbidden, SignInNeeded)):
        actions.make_user(draft=draft, by=at.actors[who])
    with pytest.raises((Forbidden, SignInNeeded)):
        actions.make_cluster(draft=cluster, owner_id=at.newcomer.pk, by=at.actors[who])
    assert not make.User.objects.filter(email=draft.email).exists()
    assert not make.Cluster.objects.filter(code=cluster.code).exists()


def test_nobody_admits_their_own_way_around_the_operator() -> None:
    at = scene.set_up()
    with pytest.raises(Forbidden):
        actions.ask_capacity(member_id=at.member.pk, kind="operator", by=at.actors["owner"])
    assert not Capacity.objects.filter(member=at.member, kind="operator").exists()
