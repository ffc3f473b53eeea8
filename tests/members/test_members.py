"""Clusters, members, capacities, parks and payees: what happens, and what is refused at which field."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.factories import members as make
from tests.members import scene
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Forbidden, Invalid, InvalidMany, NotFound, Refused, SignInNeeded
from yunju.members import actions, crypto, queries
from yunju.members.models import Capacity, Cluster, Member, MemberEvent, Payee, PayoutAccount, Role
from yunju.members.words import CONSENT_VERSION, MEMBERS_PER_USER, CapacityKind

pytestmark = pytest.mark.usefixtures("db_app")


def test_a_cluster_is_made_with_its_operator() -> None:
    owner, code = make.make_user(phone="+8613800138000"), f"c-{make.word()}"
    draft = actions.ClusterDraft(
        code=code, name_zh="福州集聚区", name_en="Fuzhou", host=f"{code}.Example.com"
    )
    cluster = actions.make_cluster(draft=draft, owner_id=owner.pk, by=system(0, "test"))
    assert (cluster.host, cluster.currency, cluster.country) == (f"{code}.example.com", "CNY", "CN")
    actor = queries.actor_for(owner, cluster)
    assert actor.is_operator
    assert list(actor.grants) == [queries.operator_of(cluster.pk)]
    event = MemberEvent.objects.get(cluster_id=cluster.pk)
    assert (event.what, event.by_name) == ("cluster.made", "test")
    with pytest.raises(Refused, match=r"members\.cluster_taken"):
        actions.make_cluster(draft=draft, owner_id=owner.pk, by=system(0, "test"))


def test_a_bad_cluster_names_every_field() -> None:
    draft = actions.ClusterDraft(
        code="No Good",
        name_zh="",
        name_en="x" * 81,
        host="http://x",
        timezone="Mars/Base",
        currency="ABC",
        country="C1",
    )
    with pytest.raises(InvalidMany) as refusal:
        actions.make_cluster(draft=draft, owner_id=make.make_user().pk, by=system(0, "test"))
    fields = [fault.field for fault in refusal.value.faults]
    assert fields == ["code", "name_zh", "name_en", "host", "timezone", "currency", "country"]


def test_rules_change_with_before_and_after() -> None:
    cluster = make.make_cluster()
    by = make.operator(cluster)
    rules = actions.ClusterRules(
        attribution_days=0, self_purchase="discount", unpaid_minutes=30, reserve_bp=0
    )
    actions.edit_cluster_rules(rules=rules, by=by)
    cluster.refresh_from_db()
    assert (cluster.attribution_days, cluster.self_purchase, cluster.unpaid_minutes) == (0, "discount", 30)
    events = MemberEvent.objects.filter(cluster_id=cluster.pk, what="cluster.rule_changed").order_by("id")
    assert [event.params for event in events] == [
        {"rule": "attribution_days", "before": 7, "after": 0},
        {"rule": "self_purchase", "before": "none", "after": "discount"},
        {"rule": "unpaid_minutes", "before": 15, "after": 30},
    ]
    assert {event.by_user_id for event in events} == {by.user_id}


@pytest.mark.parametrize(
    "rules",
    [
        {"attribution_days": 31},
        {"attribution_days": -1},
        {"attribution_days": True},
        {"attribution_days": "7"},
        {"self_purchase": "always"},
        {"unpaid_minutes": 0},
        {"unpaid_limit": 0},
        {"reserve_bp": 10_001},
        {"payout_min_minor": 0},
        {"shortage_tolerance_minor": -1},
    ],
)
def test_rules_out_of_range_change_nothing(rules: dict[str, Any]) -> None:
    cluster = make.make_cluster()
    before = scene.everything(cluster)
    with pytest.raises(Invalid) as refusal:
        actions.edit_cluster_rules(rules=actions.ClusterRules(**rules), by=system(cluster.pk))
    assert refusal.value.field == next(iter(rules))
    assert scene.everything(cluster) == before


def test_a_shopkeeper_begins_at_once_and_a_supplier_waits() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    draft = actions.MemberDraft(name=" 小店主 ", phone="13800138000")
    member = actions.open_member(
        kind="person", draft=draft, capacity="shopkeeper", by=make.buyer(cluster, user)
    )
    assert (member.name, member.phone) == ("小店主", "+8613800138000")
    assert queries.has_capacity(member.pk, CapacityKind.SHOPKEEPER)
    assert queries.working(cluster.pk, [member.pk], CapacityKind.SHOPKEEPER) == {member.pk}
    by = make.buyer(cluster, user)
    assert by.holds("member.payee", member.pk)
    actions.ask_capacity(member_id=member.pk, kind="supplier", by=by)
    assert not queries.has_capacity(member.pk, CapacityKind.SUPPLIER)
    with pytest.raises(Refused, match=r"members\.capacity_waiting"):
        actions.ask_capacity(member_id=member.pk, kind="supplier", by=by)
    with pytest.raises(Refused, match=r"members\.capacity_held"):
        actions.ask_capacity(member_id=member.pk, kind="shopkeeper", by=by)
    whats = list(
        MemberEvent.objects.filter(member_id=member.pk).order_by("id").values_list("what", flat=True)
    )
    assert whats == ["member.opened", "capacity.admitted", "capacity.asked"]


def test_the_operator_admits_only_who_is_complete() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    draft = actions.MemberDraft(name="福州云聚文化有限公司", phone="13800138000")
    member = actions.open_member(
        kind="organisation", draft=draft, capacity="supplier", by=make.buyer(cluster, user)
    )
    owner, operator = make.buyer(cluster, user), make.operator(cluster)
    with pytest.raises(Refused, match=r"members\.not_complete") as refusal:
        actions.admit_capacity(member_id=member.pk, kind="supplier", by=operator, gateway_merchant="sub-1")
    assert refusal.value.params["missing"] == " ".join(["members.missing_place", *queries.MISSING_PAYEE])
    member.refresh_from_db()
    assert member.gateway_merchant == "", "a refusal keeps nothing of what came with it"
    place = actions.MemberDraft(name=draft.name, phone=draft.phone, province="福建省", city="福州市")
    actions.edit_member(member_id=member.pk, draft=place, by=owner)
    actions.set_payee(member_id=member.pk, draft=scene.payee_draft(), by=owner)
    member.refresh_from_db()
    assert queries.missing_for_admission(member, CapacityKind.SUPPLIER) == ["members.missing_merchant"]
    done = actions.admit_capacity(member_id=member.pk, kind="supplier", by=operator, gateway_merchant="sub-1")
    assert (done.admitted_by_id, done.admitted_at is not None) == (operator.user_id, True)
    with pytest.raises(Refused, match=r"members\.capacity_held"):
        actions.admit_capacity(member_id=member.pk, kind="supplier", by=operator)


def test_a_refused_member_may_ask_again() -> None:
    at = scene.set_up()
    actions.refuse_capacity(
        member_id=at.member.pk, kind="supplier", reason="identity_unclear", by=at.actors["operator owner"]
    )
    event = MemberEvent.objects.filter(member_id=at.member.pk).latest("id")
    assert event.params == {"capacity": "supplier", "reason": "identity_unclear"}
    with pytest.raises(NotFound):
        actions.admit_capacity(member_id=at.member.pk, kind="supplier", by=at.actors["operator owner"])
    actions.ask_capacity(member_id=at.member.pk, kind="supplier", by=at.actors["owner"])
    assert Capacity.objects.filter(member=at.member, kind="supplier").count() == 2


def test_bad_members_are_refused_at_their_fields() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    with pytest.raises(InvalidMany) as refusal:
        actions.open_member(
            kind="robot",
            draft=actions.MemberDraft(name="", phone="", story="x" * 5_001),
            by=make.buyer(cluster, user),
        )
    assert [fault.field for fault in refusal.value.faults] == ["kind", "name", "phone", "story"]
    for kind in ("operator", "wizard"):
        with pytest.raises((Invalid, Forbidden)):
            actions.open_member(
                kind="person",
                draft=actions.MemberDraft(name="A", phone="13800138000"),
                capacity=kind,
                by=make.buyer(cluster, user),
            )
    assert not Role.objects.filter(user=user).exists()
    with pytest.raises(SignInNeeded):
        actions.open_member(
            kind="person", draft=actions.MemberDraft(name="A"), by=Actor(cluster_id=cluster.pk)
        )


def test_one_person_owns_so_many_members_and_no_more() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    for _ in range(MEMBERS_PER_USER):
        make.make_member(cluster, roles={user: make.RoleKind.OWNER})
    with pytest.raises(Refused, match=r"members\.too_many_members"):
        actions.open_member(
            kind="person",
            draft=actions.MemberDraft(name="A", phone="13800138000"),
            by=make.buyer(cluster, user),
        )


def test_the_software_opens_members_for_somebody_or_nobody() -> None:
    cluster, user = make.make_cluster(), make.make_user()
    by = system(cluster.pk, "replay")
    alone = actions.open_member(kind="organisation", draft=actions.MemberDraft(name="Seller 7"), by=by)
    owned = actions.open_member(
        kind="organisation",
        draft=actions.MemberDraft(name="Seller 8"),
        capacity="supplier",
        by=by,
        owner_id=user.pk,
    )
    actions.admit_capacity(member_id=owned.pk, kind="supplier", by=by, gateway_merchant="m-8")
    assert not alone.roles.exists()
    assert queries.actor_for(user, cluster).holds("order.ship", owned.pk)
    assert queries.working(cluster.pk, [alone.pk, owned.pk], CapacityKind.SUPPLIER) == {owned.pk}


def test_closing_ends_capacities_and_seats_and_keeps_the_people() -> None:
    at = scene.set_up()
    actions.close_member(member_id=at.member.pk, reason="own_wish", by=at.actors["owner"])
    at.member.refresh_from_db()
    assert at.member.closed_at is not None
    assert not at.member.capacities.filter(ended_at=None).exists()
    assert not at.member.seats.filter(until=None).exists()
    assert queries.actor_for(at.victim, at.cluster).holds("order.see", at.member.pk)
    assert at.member not in queries.members_visible_to(at.actors["buyer"])
    with pytest.raises(Refused, match=r"members\.member_closed"):
        actions.ask_capacity(member_id=at.member.pk, kind="maker", by=at.actors["owner"])
    account = scene.account_draft(number="9876543210")
    actions.set_payout_account(member_id=at.member.pk, draft=account, by=at.actors["owner"])


def test_a_cluster_keeps_an_operator() -> None:
    cluster = make.make_cluster()
    operator, by = queries.operator_of(cluster.pk), make.operator(cluster)
    with pytest.raises(Refused, match=r"members\.last_operator"):
        actions.end_capacity(member_id=operator, kind="operator", reason="own_wish", by=by)
    with pytest.raises(Refused, match=r"members\.last_operator"):
        actions.close_member(member_id=operator, reason="own_wish", by=by)
    second = make.make_member(cluster, capacities=[CapacityKind.OPERATOR])
    actions.end_capacity(member_id=operator, kind="operator", reason="own_wish", by=by)
    assert queries.operator_of(cluster.pk) == second.pk


def test_parks_sites_and_seats() -> None:
    cluster = make.make_cluster()
    by = make.operator(cluster)
    host = make.make_member(cluster, capacities=[CapacityKind.PARK])
    tenant = make.make_member(cluster)
    park = actions.make_park(member_id=host.pk, name="尚8", by=by)
    site = actions.make_site(park_id=park.pk, draft=actions.SiteDraft(name="一号楼", city="北京市"), by=by)
    with pytest.raises(Refused, match=r"members\.park_made"):
        actions.make_park(member_id=host.pk, name="尚8", by=by)
    with pytest.raises(Refused, match=r"members\.not_a_park"):
        actions.make_park(member_id=tenant.pk, name="尚9", by=by)
    with clock.at(clock.now()):
        seat = actions.give_seat(member_id=tenant.pk, park_id=park.pk, site_id=site.pk, by=by)
        assert queries.parks_of(cluster.pk, [tenant.pk]) == {tenant.pk: host.pk}
        with pytest.raises(Refused, match=r"members\.seat_held"):
            actions.give_seat(member_id=tenant.pk, park_id=park.pk, by=by)
        actions.end_seat(seat_id=seat.pk, reason="moved", by=by)
    assert queries.parks_of(cluster.pk, [tenant.pk]) == {}
    with pytest.raises(Refused, match=r"members\.seat_ended"):
        actions.end_seat(seat_id=seat.pk, reason="moved", by=by)
    with pytest.raises(Invalid, match=r"members\.seat_in_itself"):
        actions.give_seat(member_id=host.pk, park_id=park.pk, by=by)
    other = make.make_park(cluster)
    with pytest.raises(Invalid, match=r"members\.no_site"):
        actions.give_seat(member_id=tenant.pk, park_id=other.pk, site_id=site.pk, by=by)
    foreign = make.make_park(make.make_cluster())
    with pytest.raises(NotFound):
        actions.give_seat(member_id=tenant.pk, park_id=foreign.pk, by=by)


def test_payees_are_sealed_and_nothing_personal_is_in_an_event() -> None:
    at = scene.set_up()
    payee, account = (
        Payee.objects.get(member=at.member),
        PayoutAccount.objects.get(member=at.member, ended_at=None),
    )
    assert scene.CREDIT_CODE.encode() not in bytes(payee.id_cipher)
    assert crypto.unseal(payee.id_cipher, about=f"payee:{at.member.pk}") == scene.CREDIT_CODE
    assert (payee.id_last4, account.number_last4) == ("0Y43", "3445")
    assert queries.what_is_missing_for_payout(at.member.pk) == []
    newer = actions.set_payout_account(
        member_id=at.member.pk,
        draft=scene.account_draft(channel="alipay", number="Li@Example.com", bank=""),
        by=at.actors["owner"],
    )
    account.refresh_from_db()
    assert account.ended_at == newer.since
    numbers = actions.reveal_account_numbers(
        account_ids=[newer.pk, account.pk], reason="bank_file", by=at.actors["operator owner"]
    )
    assert numbers == {account.pk: "6222020200112233445", newer.pk: "li@example.com"}
    assert MemberEvent.objects.filter(member_id=at.member.pk, what="payout_account.read").count() == 2
    personal = ("福州云聚", scene.CREDIT_CODE, "6222", "3445", "example.com")
    for event in MemberEvent.objects.filter(cluster_id=at.cluster.pk):
        assert not any(word in str(event.params) for word in personal), event.params
    with pytest.raises(NotFound):
        actions.reveal_account_numbers(
            account_ids=[account.pk], reason="bank_file", by=at.actors["foreign operator"]
        )


@pytest.mark.parametrize(
    ("kind", "changes", "field", "code"),
    [
        ("organisation", {"id_kind": "resident"}, "id_kind", "members.firm_needs_credit_code"),
        (
            "organisation",
            {"licence_no": "", "exemption": "handicraft"},
            "exemption",
            "members.firm_needs_licence",
        ),
        ("organisation", {"id_number": "91350100M000100Y44"}, "id_number", "members.id_number_credit_code"),
        ("person", {"licence_no": ""}, "licence_no", "members.licence_or_ground"),
        ("person", {"exemption": "handicraft"}, "exemption", "members.licence_and_ground"),
        ("person", {"exemption": "because"}, "exemption", "input.choice"),
        ("person", {"licence_no": "12"}, "licence_no", "members.licence_form"),
        ("person", {"id_kind": "moon"}, "id_kind", "input.choice"),
        ("person", {"real_name": "A"}, "real_name", "input.too_short"),
        ("person", {"consent_version": ""}, "consent_version", "members.consent_needed"),
        ("person", {"consent_version": "2020-01"}, "consent_version", "members.consent_old"),
    ],
)
def test_bad_payees(kind: str, changes: dict[str, str], field: str, code: str) -> None:
    member = make.make_member(make.make_cluster(), kind=kind)
    with pytest.raises(Invalid) as refusal:
        actions.set_payee(member_id=member.pk, draft=scene.payee_draft(**changes), by=make.acts_for(member))
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not Payee.objects.filter(member=member).exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"channel": "cash"}, "channel", "input.choice"),
        ({"number": "１２３４５６７８９"}, "number", "input.digits"),
        ({"number": "1234"}, "number", "input.digits"),
        ({"bank": ""}, "bank", "input.required"),
        ({"holder": ""}, "holder", "input.required"),
        ({"channel": "wechat", "number": "short"}, "number", "members.wechat_account"),
        ({"channel": "alipay", "number": "not an account"}, "number", "members.alipay_account"),
    ],
)
def test_bad_accounts(changes: dict[str, str], field: str, code: str) -> None:
    member = make.make_member(make.make_cluster())
    with pytest.raises(Invalid) as refusal:
        actions.set_payout_account(
            member_id=member.pk, draft=scene.account_draft(**changes), by=make.acts_for(member)
        )
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not PayoutAccount.objects.filter(member=member).exists()


def test_what_a_payout_still_needs() -> None:
    cluster = make.make_cluster()
    nothing, someone = make.make_member(cluster), make.make_member(cluster, kind="person")
    assert queries.what_is_missing_for_payout(nothing.pk) == [
        *queries.MISSING_PAYEE,
        "members.missing_account",
    ]
    by = make.acts_for(someone)
    draft = scene.payee_draft(
        real_name="王芳",
        id_kind="resident",
        id_number=scene.RESIDENT,
        licence_no="",
        exemption="small_sporadic",
    )
    actions.set_payee(member_id=someone.pk, draft=draft, by=by)
    assert queries.what_is_missing_for_payout(someone.pk) == ["members.missing_account"]
    actions.set_payout_account(member_id=someone.pk, draft=scene.account_draft(holder="李雷"), by=by)
    assert queries.what_is_missing_for_payout(someone.pk) == ["members.missing_own_account"]
    actions.set_payout_account(member_id=someone.pk, draft=scene.account_draft(holder="王 芳"), by=by)
    assert queries.missing_for_payout([someone.pk, nothing.pk])[someone.pk] == []
    assert Payee.objects.get(member=someone).consent_version == CONSENT_VERSION
    twin = make.make_member(cluster, kind="person")
    actions.set_payee(member_id=twin.pk, draft=draft, by=make.acts_for(twin))
    assert queries.members_of_same_payee(someone.pk) == {twin.pk}
    assert queries.members_of_same_payee(nothing.pk) == set()
    make.make_payable(nothing)
    assert queries.what_is_missing_for_payout(nothing.pk) == []


def test_events_are_written_once() -> None:
    cluster = make.make_cluster()
    actions.edit_cluster_rules(rules=actions.ClusterRules(unpaid_limit=9), by=system(cluster.pk))
    events = MemberEvent.objects.filter(cluster_id=cluster.pk)
    for change in (lambda: events.update(what="nothing"), events.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert [event.what for event in events] == ["cluster.rule_changed"]


def test_no_key_leads_from_member_to_member() -> None:
    keys = [
        f"{m.__name__}.{f.name}"
        for m in (Member, Capacity, Role, Cluster)
        for f in m._meta.fields
        if f.related_model is Member
    ]
    assert sorted(keys) == ["Capacity.member", "Role.member"]
