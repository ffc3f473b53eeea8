"""素材: who may write it, how much of it, and what is refused."""

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from tests.factories.catalog import make_offer
from tests.factories.materials import drawn, make_material
from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from yunju.catalog.actions import materials as actions
from yunju.catalog.materials import materials_visible_to, newest_sets
from yunju.catalog.models import Material, MaterialPicture, OfferEvent
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, SignInNeeded
from yunju.members.words import RoleKind


@pytest.fixture
def offer(db_app):
    return make_offer(make_member(make_cluster(), capacities=("supplier",)))


@pytest.fixture
def seller(offer):
    return acts_for(offer.supplier)


def test_a_set_is_a_text_and_pictures_as_jpeg(offer, seller):
    glass = drawn(size=(2_400, 1_200))
    made = actions.add_material(
        offer_id=offer.pk, text=" 手绘茶杯\r\n\n\n\n两天画一只 ", files=[glass, drawn("WEBP")], by=seller
    )
    assert made.text == "手绘茶杯\n\n两天画一只"
    pictures = list(made.pictures.all())
    assert [(one.width, one.height, one.position) for one in pictures] == [(2_000, 1_000, 0), (30, 20, 1)]
    with default_storage.open(pictures[0].file.name) as file, Image.open(file) as found:
        assert (found.format, found.size) == ("JPEG", (2_000, 1_000))
    event = OfferEvent.objects.filter(offer_id=offer.pk).latest("id")
    assert (event.what, event.params, event.by_user_id) == (
        "material.added",
        {"material": made.code},
        seller.user_id,
    )


@pytest.mark.parametrize("count", [0, 10])
def test_one_to_nine_pictures(offer, seller, count: int):
    with pytest.raises(Invalid) as refused:
        actions.add_material(offer_id=offer.pk, text="x", files=[drawn() for _ in range(count)], by=seller)
    assert (refused.value.code, refused.value.field) == ("material.pictures", "pictures")
    assert not offer.materials.exists()


@pytest.mark.parametrize("text", ["", " ", "长" * 501, "跟我一起躺 赚吧", "诚招代理，月入过万"])
def test_texts_are_bounded_and_promise_nothing(offer, seller, text: str):
    with pytest.raises(Invalid) as refused:
        actions.add_material(offer_id=offer.pk, text=text, files=[drawn()], by=seller)
    assert refused.value.field == "text"
    made = make_material(offer)
    with pytest.raises(Invalid):
        actions.edit_material(material_id=made.pk, text=text, by=seller)
    made.refresh_from_db()
    assert (made.text, offer.materials.count()) == ("好看又好用", 1)


def test_five_sets_and_no_more_but_a_deleted_one_makes_room(offer, seller):
    made = [make_material(offer) for _ in range(5)]
    with pytest.raises(Refused) as refused:
        actions.add_material(offer_id=offer.pk, text="x", files=[drawn()], by=seller)
    assert (refused.value.code, refused.value.params) == ("material.too_many", {"most": 5})
    actions.take_back_material(material_id=made[0].pk, by=seller)
    actions.add_material(offer_id=offer.pk, text="x", files=[drawn()], by=seller)
    assert offer.materials.filter(ended_at=None).count() == 5
    assert not MaterialPicture.objects.filter(material=made[0]).exists()


def test_a_broken_picture_leaves_neither_row_nor_file(offer, seller, tmp_path, settings):
    broken = drawn()
    broken.write(b"not a picture at all")
    broken.seek(0)
    broken.truncate(10)
    before = set(default_storage.listdir("materials")[1]) if default_storage.exists("materials") else set()
    with pytest.raises(Invalid) as refused:
        actions.add_material(offer_id=offer.pk, text="x", files=[drawn(), broken], by=seller)
    assert (refused.value.code, refused.value.field) == ("picture.unreadable", "pictures")
    assert not offer.materials.exists()
    after = set(default_storage.listdir("materials")[1]) if default_storage.exists("materials") else set()
    assert after == before


def test_a_set_is_changed_picture_by_picture_and_keeps_one(offer, seller):
    made = actions.add_material(offer_id=offer.pk, text="x", files=[drawn()], by=seller)
    actions.edit_material(material_id=made.pk, text="y", files=[drawn(colour="blue")], by=seller)
    made.refresh_from_db()
    first, second = made.pictures.all()
    assert (made.text, first.position, second.position) == ("y", 0, 1)
    actions.remove_material_picture(picture_id=first.pk, by=seller)
    assert not default_storage.exists(first.file.name)
    with pytest.raises(Refused, match="last_picture"):
        actions.remove_material_picture(picture_id=second.pk, by=seller)
    assert list(made.pictures.all()) == [second]
    with pytest.raises(Invalid):
        actions.edit_material(material_id=made.pk, text="z", files=[drawn() for _ in range(9)], by=seller)


STRANGERS = {
    "nobody": (SignInNeeded, lambda offer: Actor(cluster_id=offer.cluster_id)),
    "a buyer": (NotFound, lambda offer: buyer(offer.cluster)),
    "another supplier": (
        NotFound,
        lambda offer: acts_for(make_member(offer.cluster, capacities=("supplier",))),
    ),
    "the operator of another cluster": (NotFound, lambda offer: operator(make_cluster())),
    "a cashier": (Forbidden, lambda offer: acts_for(offer.supplier, RoleKind.CASHIER)),
    "an auditor": (Forbidden, lambda offer: acts_for(offer.supplier, RoleKind.AUDITOR)),
}


@pytest.mark.parametrize("who", STRANGERS)
def test_only_the_suppliers_people_write(offer, who: str):
    refusal, make = STRANGERS[who]
    by, made = make(offer), make_material(offer, pictures=2)
    picture = made.pictures.first()
    attempts = (
        lambda: actions.add_material(offer_id=offer.pk, text="x", files=[drawn()], by=by),
        lambda: actions.edit_material(material_id=made.pk, text="x", by=by),
        lambda: actions.remove_material_picture(picture_id=picture.pk, by=by),
        lambda: actions.take_back_material(material_id=made.pk, by=by),
    )
    for attempt in attempts:
        with pytest.raises((refusal, NotFound)):
            attempt()
    made.refresh_from_db()
    assert (made.text, made.ended_at, made.pictures.count(), offer.materials.count()) == (
        "好看又好用",
        None,
        2,
        1,
    )


@pytest.mark.parametrize("role", [RoleKind.OWNER, RoleKind.MANAGER, RoleKind.STAFF, RoleKind.HELPER])
def test_who_prepares_offers_may_write_material(offer, role: RoleKind):
    made = actions.add_material(
        offer_id=offer.pk, text="x", files=[drawn()], by=acts_for(offer.supplier, role)
    )
    assert Material.objects.get(pk=made.pk).text == "x"


def test_what_is_off_the_shelf_or_taken_back_is_not_offered(offer):
    shown = make_material(offer)
    make_material(offer, ended_at=clock.now())
    hidden = make_material(make_offer(offer.supplier, listed=False))
    cluster_id = offer.cluster_id
    assert list(newest_sets(cluster_id)) == [shown]
    assert list(newest_sets(cluster_id, without=[shown.pk])) == []
    assert list(materials_visible_to(buyer(offer.cluster))) == [shown]
    assert set(materials_visible_to(acts_for(offer.supplier))) == {shown, hidden}
