"""How to reach who sells."""

import pytest
from django.core.files.storage import default_storage

from tests.talks.scene import Scene
from yunju.kernel.errors import Forbidden, Invalid, NotFound
from yunju.talks import queries
from yunju.talks.actions import cards
from yunju.talks.actions.cards import Draft
from yunju.talks.models import ServiceCard

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_supplier_and_shop_each_have_one(scene: Scene, photo, django_assert_num_queries):
    supplier, shop = scene.market.suppliers[0], scene.market.shop
    cards.set_card(
        member_id=supplier.pk, draft=Draft("0571-88886666", "9:00-18:00", photo()), by=scene.supplier
    )
    cards.set_card(member_id=shop.member_id, shop_id=shop.pk, draft=Draft("13800138000"), by=scene.keeper)
    with django_assert_num_queries(1):
        found = queries.cards(scene.market.cluster.pk, supplier_id=supplier.pk, shop_id=shop.pk)
    assert found.supplier is not None
    assert found.shop is not None
    assert (found.supplier.phone, found.supplier.hours) == ("0571-88886666", "9:00-18:00")
    assert default_storage.exists(found.supplier.picture.name)
    assert found.shop.phone == "13800138000"


def test_a_new_picture_replaces_the_old_and_an_empty_card_is_none(scene: Scene, photo):
    supplier = scene.market.suppliers[0]
    first = cards.set_card(member_id=supplier.pk, draft=Draft(file=photo()), by=scene.supplier).picture.name
    second = cards.set_card(
        member_id=supplier.pk, draft=Draft(file=photo("red")), by=scene.supplier
    ).picture.name
    assert default_storage.exists(second)
    assert not default_storage.exists(first)
    cards.set_card(member_id=supplier.pk, draft=Draft(without_picture=True), by=scene.supplier)
    assert not default_storage.exists(second)
    assert ServiceCard.objects.filter(member_id=supplier.pk).count() == 1
    assert queries.cards(scene.market.cluster.pk, supplier_id=supplier.pk).supplier is None


def test_whose_card_it_is_not(scene: Scene):
    supplier, shop = scene.market.suppliers[0], scene.market.shop
    for actor, error in (
        (scene.other_supplier, NotFound),
        (scene.buyer, NotFound),
        (scene.cashier, Forbidden),
    ):
        with pytest.raises(error):
            cards.set_card(member_id=supplier.pk, draft=Draft("13800138000"), by=actor)
    with pytest.raises(NotFound):
        cards.set_card(member_id=supplier.pk, shop_id=shop.pk, draft=Draft("13800138000"), by=scene.supplier)
    assert not ServiceCard.objects.filter(cluster_id=scene.market.cluster.pk).exists()


@pytest.mark.parametrize("phone", ["abc", "１３８００１３８０００", "javascript:1", "12"])
def test_a_phone_is_a_phone(scene: Scene, phone: str):
    with pytest.raises(Invalid, match=r"input\.phone"):
        cards.set_card(member_id=scene.market.suppliers[0].pk, draft=Draft(phone), by=scene.supplier)


def test_hours_promise_no_riches(scene: Scene):
    with pytest.raises(Invalid, match=r"text\.forbidden"):
        cards.set_card(member_id=scene.market.suppliers[0].pk, draft=Draft(hours="躺赚"), by=scene.supplier)
