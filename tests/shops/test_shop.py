"""Opening, changing and closing a shop; who may."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.members import acts_for, buyer, make_cluster, make_member, make_user, operator
from tests.factories.shops import make_shop
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, InvalidMany, NotFound, Refused, SignInNeeded
from yunju.members.models import Capacity, Member, Role
from yunju.members.queries import actor_for, anonymous, has_capacity
from yunju.members.words import CapacityKind, RoleKind
from yunju.shops import actions, queries
from yunju.shops.models import ShareCode, Shop, ShopEvent


def test_a_stranger_opens_a_shop_at_once_and_keeps_it(db_app):
    cluster, user = make_cluster(), make_user()
    began = time.perf_counter()
    shop = actions.open_shop(
        name=" 小李的店 ", phone="+86 138-0013-8000", intro="你好\r\n欢迎", by=buyer(cluster, user)
    )
    assert time.perf_counter() - began < 1
    assert (shop.name, shop.intro, shop.closed_at) == ("小李的店", "你好\n欢迎", None)
    member = Member.objects.get(pk=shop.member_id)
    assert (member.kind, member.name, member.phone, member.cluster_id) == (
        "person", "小李的店", "+8613800138000", cluster.pk,
    )  # fmt: skip
    assert has_capacity(member.pk, CapacityKind.SHOPKEEPER)
    assert Role.objects.get(member=member).user == user
    keeper = actor_for(user, cluster)
    assert list(queries.own_shops(keeper)) == [shop]
    event = ShopEvent.objects.get(shop_id=shop.pk)
    assert (event.what, event.by_user_id) == ("opened", user.pk)
    assert actions.edit_shop(shop_id=shop.pk, name="新名", by=keeper).name == "新名"


def test_a_second_shop_is_refused_with_the_first_ones_code(db_app):
    cluster, user = make_cluster(), make_user()
    shop = actions.open_shop(name="One", phone="13800138000", by=buyer(cluster, user))
    with pytest.raises(Refused) as refused:
        actions.open_shop(name="Two", phone="13800138000", by=actor_for(user, cluster))
    assert refused.value == Refused("shops.already_open", shop=shop.code)
    actions.close_shop(shop_id=shop.pk, by=actor_for(user, cluster))
    again = actions.open_shop(name="Three", phone="13800138000", by=actor_for(user, cluster))
    assert again.member_id == shop.member_id
    assert Capacity.objects.filter(member_id=shop.member_id).count() == 1


def test_two_taps_make_one_person_and_one_shop(db_app):
    cluster, user = make_cluster(), make_user()

    def tap(n):
        try:
            return actions.open_shop(name=f"Shop {n}", phone="13800138000", by=buyer(cluster, user))
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(tap, range(4)))
    assert answers.count("shops.already_open") == 3
    assert Member.objects.filter(roles__user=user).count() == 1


def test_a_firm_opens_a_shop_by_its_managers_alone(db_app):
    cluster = make_cluster()
    firm = make_member(cluster)
    with pytest.raises(Forbidden):
        actions.open_shop(name="F", phone="13800138000", by=acts_for(firm, RoleKind.STAFF), member_id=firm.pk)
    with pytest.raises(NotFound):
        actions.open_shop(name="F", phone="13800138000", by=buyer(cluster), member_id=firm.pk)
    assert not Shop.objects.filter(member=firm).exists()
    shop = actions.open_shop(
        name="F", phone="13800138000", by=acts_for(firm, RoleKind.MANAGER), member_id=firm.pk
    )
    assert shop.member_id == firm.pk
    assert has_capacity(firm.pk, CapacityKind.SHOPKEEPER)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "  ", "input.required"),
        ("name", "x" * 61, "input.too_long"),
        ("name", "a\x00b", "input.control_characters"),
        ("name", "a\nb", "input.control_characters"),
        ("name", "left\u202eright", "input.control_characters"),
        ("name", "<b>bold</b>", "shops.text_html"),
        ("intro", "x" * 301, "input.too_long"),
        ("intro", "<script>", "shops.text_html"),
        ("phone", "１３８００１３８０００", "members.phone_form"),
        ("phone", "12345", "members.phone_form"),
        ("phone", "13800138000; drop", "members.phone_form"),
    ],
)
def test_bad_words_are_refused_at_their_field(db_app, field, value, code):
    cluster, user = make_cluster(), make_user()
    given = {"name": "Good", "phone": "13800138000", "intro": ""} | {field: value}
    with pytest.raises(Invalid) as refused:
        actions.open_shop(**given, by=buyer(cluster, user))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Role.objects.filter(user=user).exists()


def test_all_faults_of_the_form_are_told_at_once(db_app):
    with pytest.raises(InvalidMany) as refused:
        actions.open_shop(name="", phone="x", intro="<", by=buyer(make_cluster()))
    assert [fault.field for fault in refused.value.faults] == ["name", "intro", "phone"]


def test_nobody_opens_nothing(db_app):
    cluster = make_cluster()
    for actor in (anonymous(cluster.pk), system(cluster.pk)):
        with pytest.raises(SignInNeeded):
            actions.open_shop(name="Shop", phone="13800138000", by=actor)


def people(cluster, firm):
    """Who tries, and what a change of the firm's shop answers."""
    return [
        (anonymous(cluster.pk), SignInNeeded),
        (buyer(cluster), NotFound),
        (acts_for(make_member(cluster)), NotFound),
        (operator(cluster), NotFound),
        (acts_for(firm, RoleKind.CASHIER), Forbidden),
        (acts_for(firm, RoleKind.AUDITOR), Forbidden),
        (buyer(make_cluster()), NotFound),
        (acts_for(firm, RoleKind.STAFF), None),
        (acts_for(firm, RoleKind.MANAGER), None),
        (acts_for(firm, RoleKind.OWNER), None),
        (system(cluster.pk), None),
    ]


def test_who_may_change_a_shop_and_nothing_changes_when_refused(db_app):
    cluster = make_cluster()
    firm = make_member(cluster)
    shop = make_shop(firm, name="Before")
    for number, (actor, refusal) in enumerate(people(cluster, firm)):
        if refusal is None:
            assert actions.edit_shop(shop_id=shop.pk, name=f"N{number}", by=actor).name == f"N{number}"
            continue
        with pytest.raises(refusal):
            actions.edit_shop(shop_id=shop.pk, name="After", by=actor)
        with pytest.raises(refusal):
            actions.pick_many(shop_id=shop.pk, offer_ids=[], by=actor)
        with pytest.raises(refusal):
            actions.reorder(shop_id=shop.pk, listing_ids=[], by=actor)
        with pytest.raises(refusal):
            actions.close_shop(shop_id=shop.pk, by=actor)
        assert Shop.objects.get(pk=shop.pk).name == "Before"
        assert not ShopEvent.objects.filter(shop_id=shop.pk).exists()


def test_closing_is_the_managers_and_ends_changes(db_app):
    cluster = make_cluster()
    firm = make_member(cluster)
    shop = make_shop(firm)
    with pytest.raises(Forbidden):
        actions.close_shop(shop_id=shop.pk, by=acts_for(firm, RoleKind.STAFF))
    boss = acts_for(firm)
    closed = actions.close_shop(shop_id=shop.pk, by=boss)
    assert actions.close_shop(shop_id=shop.pk, by=boss).closed_at == closed.closed_at
    assert ShopEvent.objects.filter(shop_id=shop.pk, what="closed").count() == 1
    with pytest.raises(Refused):
        actions.edit_shop(shop_id=shop.pk, name="x", by=boss)
    assert not queries.terms(cluster.pk, [shop.pk])[shop.pk].is_open
    assert shop not in queries.visible_to(buyer(cluster))
    assert shop in queries.visible_to(boss)


def test_terms_name_the_people_of_today_and_no_foreign_shop(db_app):
    cluster = make_cluster()
    owner, gone = make_user(), make_user()
    firm = make_member(cluster, roles={owner: RoleKind.OWNER, gone: RoleKind.STAFF})
    Role.objects.filter(user=gone).update(ended_at=firm.created_at)
    shop, bare = make_shop(firm, name="S"), make_shop(make_member(cluster))
    foreign = make_shop(make_member(make_cluster()))
    with CaptureQueriesContext(connection) as seen:
        found = queries.terms(cluster.pk, [shop.pk, bare.pk, foreign.pk, 10**15])
    assert len(seen) == 1
    assert found == {
        shop.pk: queries.ShopTerms(shop.pk, firm.pk, "S", frozenset({owner.pk}), is_open=True),
        bare.pk: queries.ShopTerms(bare.pk, bare.member_id, bare.name, frozenset(), is_open=True),
    }
    assert queries.terms(cluster.pk, []) == {}


def test_share_codes_are_a_firms_peoples(db_app):
    cluster, clerk, outsider = make_cluster(), make_user(), make_user()
    firm = make_member(cluster, roles={clerk: RoleKind.STAFF})
    shop, boss = make_shop(firm), acts_for(firm)
    own = actor_for(clerk, cluster)
    code = actions.make_share_code(shop_id=shop.pk, user_id=clerk.pk, by=own)
    assert actions.make_share_code(shop_id=shop.pk, user_id=clerk.pk, by=boss) == code
    assert len(code.code) == 8
    with pytest.raises(Forbidden):
        actions.make_share_code(shop_id=shop.pk, user_id=boss.user_id, by=own)
    with pytest.raises(Invalid):
        actions.make_share_code(shop_id=shop.pk, user_id=outsider.pk, by=boss)
    with pytest.raises(NotFound):
        actions.make_share_code(shop_id=shop.pk, user_id=outsider.pk, by=buyer(cluster, outsider))
    assert list(queries.share_codes_visible_to(own)) == [code]
    assert not queries.share_codes_visible_to(buyer(cluster)).exists()
    with pytest.raises(NotFound):
        actions.end_share_code(code=code.code, by=acts_for(make_member(cluster)))
    with pytest.raises(NotFound):
        actions.end_share_code(code="NOSUCH", by=boss)
    actions.end_share_code(code=code.code, by=boss)
    actions.end_share_code(code=code.code, by=boss)
    assert ShareCode.objects.get(pk=code.pk).ended_at is not None
    assert ShopEvent.objects.filter(shop_id=shop.pk, what="share_code_ended").count() == 1
    assert actions.make_share_code(shop_id=shop.pk, user_id=clerk.pk, by=own).code != code.code


def test_what_is_missing_is_said_member_by_member(db_app):
    cluster = make_cluster()
    nobody = queries.what_is_missing(buyer(cluster))
    assert {(one.capacity, one.code) for one in nobody} == {
        (kind, "shops.missing_member") for kind in ("supplier", "maker", "venue")
    }
    firm = make_member(cluster, capacities=(CapacityKind.SUPPLIER,))
    Capacity.objects.create(member=firm, kind=CapacityKind.MAKER, asked_at=firm.created_at)
    assert queries.what_is_missing(acts_for(firm)) == [
        queries.Missing("maker", "shops.missing_admitted", firm.pk),
        queries.Missing("venue", "shops.missing_asked", firm.pk),
    ]


@pytest.mark.database
@pytest.mark.parametrize(
    "statement",
    ["UPDATE shops_shopevent SET what = 'x'", "DELETE FROM shops_shopevent", "TRUNCATE shops_shopevent"],
)
def test_events_can_be_neither_changed_nor_deleted(clone, statement):
    insert = (
        "INSERT INTO shops_shopevent (cluster_id, shop_id, what, params, by_name, at)"
        " VALUES (1, 1, 'opened', '{}', '', now())"
    )
    for url in (clone.app_url, clone.owner_url):
        with psycopg.connect(url, autocommit=True) as connected:
            connected.execute(insert)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connected.execute(statement)


def test_one_member_keeps_one_open_shop_by_law_of_the_database(db_app):
    member = make_member(make_cluster())
    make_shop(member)
    with pytest.raises(DatabaseError), transaction.atomic():
        make_shop(member)
