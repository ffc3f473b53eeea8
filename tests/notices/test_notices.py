"""Telling people in the site: who reads it, what folds, what is told once, in how many statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.members import acts_for, make_cluster, make_member, make_user
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import SignInNeeded
from yunju.members.queries import actor_for
from yunju.members.words import CapacityKind, RoleKind
from yunju.notices import actions, queries
from yunju.notices.actions import Draft


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def tell(member, *drafts: Draft) -> None:
    actions.notify(notices=drafts, by=system(member.cluster_id))


def order_new(member, **options) -> Draft:
    return Draft(cluster_id=member.cluster_id, code="order.new", member_id=member.pk, **options)


def of(actor: Actor) -> list[tuple[str, int, str]]:
    return [(one.code, one.count, one.link) for one in queries.visible_to(actor).order_by("id")]


def test_those_of_a_member_who_may_know_it_are_told(supplier):
    owner, staff, cashier = (
        acts_for(supplier, kind) for kind in (RoleKind.OWNER, RoleKind.STAFF, RoleKind.CASHIER)
    )
    tell(supplier, order_new(supplier, link="/m/x/orders"))
    assert of(owner) == of(staff) == [("order.new", 1, "/m/x/orders")]
    assert of(cashier) == []
    tell(supplier, Draft(cluster_id=supplier.cluster_id, code="other", member_id=supplier.pk))
    assert of(cashier) == [("other", 1, "")]


def test_what_is_alike_folds_while_it_is_unread(supplier):
    owner = acts_for(supplier)
    tell(supplier, order_new(supplier, params={"n": 1}), order_new(supplier, params={"n": 2}, link="/b"))
    tell(supplier, order_new(supplier, params={"n": 3}, link="/c", count=5))
    assert of(owner) == [("order.new", 7, "/c")]
    assert queries.unread(owner) == 1
    assert actions.mark_read(by=owner) == 1
    tell(supplier, order_new(supplier))
    assert of(owner) == [("order.new", 7, "/c"), ("order.new", 1, "")]
    assert queries.unread(owner) == 1


def test_once_is_once(supplier):
    owner = acts_for(supplier)
    draft = Draft(
        cluster_id=supplier.cluster_id, code="case.deadline", member_id=supplier.pk, once="case:1:2"
    )
    tell(supplier, draft, draft)
    actions.mark_read(by=owner)
    tell(supplier, draft)
    assert [code for code, _, _ in of(owner)] == ["case.deadline"]
    assert queries.unread(owner) == 0


def test_a_person_is_told_whoever_they_act_for(supplier):
    reader = actor_for(make_user(), supplier.cluster_id)
    draft = Draft(
        cluster_id=supplier.cluster_id, code="case.answered", user_id=reader.user_id, link="/orders/A"
    )
    tell(supplier, draft)
    assert of(reader) == [("case.answered", 1, "/orders/A")]
    assert of(Actor(cluster_id=make_cluster().pk, kind="user", user_id=reader.user_id)) == []


def test_nobody_reads_or_marks_what_is_told_to_others(supplier):
    owner, stranger = acts_for(supplier), actor_for(make_user(), supplier.cluster_id)
    tell(supplier, order_new(supplier))
    note = queries.visible_to(owner).get()
    assert of(stranger) == []
    assert actions.mark_read(ids=[note.pk], by=stranger) == 0
    with pytest.raises(SignInNeeded):
        actions.mark_read(by=Actor(cluster_id=supplier.cluster_id))
    assert queries.unread(owner) == 1
    assert queries.unread(Actor(cluster_id=supplier.cluster_id)) == 0


def test_a_notice_leads_nowhere_else(supplier):
    acts_for(supplier)
    for link in ("https://evil.example/", "//evil.example/", "javascript:x"):
        with pytest.raises(AssertionError):
            tell(supplier, order_new(supplier, link=link))


def test_any_number_is_told_in_the_same_number_of_statements(supplier):
    acts_for(supplier)

    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            tell(supplier, *[order_new(supplier, params={"n": n}) for n in range(count)])
        return len(asked)

    assert cost(1) == cost(300)
