"""Whoever signs up, opens a shop or asks to sell agrees to what holds then, and that is kept with the step."""

from dataclasses import replace

import pytest

from tests.factories.members import buyer, make_cluster, make_user, operator
from yunju.kernel.errors import Refused
from yunju.members import actions
from yunju.members.actions.papers import AgreementDraft, publish_agreement
from yunju.members.models import Acceptance, Cluster
from yunju.members.queries import actor_for, anonymous
from yunju.shops.actions import open_shop

BODY = "一、" + "双方按公开的规则交易，不得发布违法内容。" * 10


@pytest.fixture
def cluster(db_app) -> Cluster:
    made = make_cluster()
    for kind in ("terms", "privacy", "shop", "supplier"):
        publish_agreement(draft=AgreementDraft(kind, BODY), by=operator(made))
    return made


def steps(cluster: Cluster, user_id: int) -> set[tuple[str, str]]:
    rows = Acceptance.objects.filter(cluster_id=cluster.pk, user_id=user_id)
    return set(rows.values_list("agreement__kind", "at_step"))


def test_opening_a_shop_agrees_to_its_terms_once(cluster):
    user = make_user()
    open_shop(name="窗下", phone="13800138000", by=actor_for(user, cluster))
    assert steps(cluster, user.pk) == {("shop", "open_shop")}
    with pytest.raises(Refused):
        open_shop(name="窗下", phone="13800138000", by=actor_for(user, cluster))
    assert Acceptance.objects.filter(user_id=user.pk).count() == 1


def test_asking_to_sell_agrees_to_the_suppliers_terms(cluster):
    user = make_user()
    draft = actions.MemberDraft("青禾", "13800138000")
    by = actor_for(user, cluster)
    actions.open_member(kind="organisation", draft=draft, capacity="supplier", by=by)
    actions.open_member(kind="organisation", draft=replace(draft, name="青苗"), capacity="maker", by=by)
    assert steps(cluster, user.pk) == {("supplier", "join")}


def test_signing_up_agrees_to_terms_and_privacy(cluster):
    by = anonymous(cluster.pk, "a browser's own secret, long enough")
    email = f"new-{cluster.code}@example.com"
    actions.sign_up(email=email, password="jade-lantern-418", by=by)
    user_id = Acceptance.objects.filter(cluster_id=cluster.pk, agreement__kind="terms").get().user_id
    assert steps(cluster, user_id) == {("terms", "sign_up"), ("privacy", "sign_up")}
    actions.sign_up(email=email, password="jade-lantern-418", by=by)
    assert Acceptance.objects.filter(cluster_id=cluster.pk).count() == 2


def test_an_account_that_the_operator_makes_agrees_to_nothing_but_its_person_later_does(cluster):
    draft = actions.UserDraft(email=f"made-{cluster.code}@example.com", password="jade-lantern-418")
    user = actions.make_user(draft=draft, by=operator(cluster))
    assert steps(cluster, user.pk) == set()


def test_where_nothing_is_published_nothing_is_kept(db_app):
    bare = make_cluster()
    by = buyer(bare)
    open_shop(name="空窗", phone="13800138000", by=by)
    assert not Acceptance.objects.filter(cluster_id=bare.pk).exists()
