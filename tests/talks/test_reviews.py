"""Reviews: after receipt, once a line, for 30 days; bad ones stay; names are masked."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from tests.factories.markets import stranger
from tests.factories.members import acts_for
from tests.talks.scene import DAY, START, Scene
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.talks import queries
from yunju.talks.actions import reviews
from yunju.talks.actions.reviews import Draft
from yunju.talks.models import Review, TalkEvent

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.receive()
    return made


def write(scene: Scene, stars=5, words="很好看", at=START, by: Actor | None = None, **fields) -> Review:
    with clock.at(at):
        return reviews.write(line_id=scene.line.pk, draft=Draft(stars, words, **fields), by=by or scene.buyer)


def test_a_review_stands_on_the_offer_with_a_masked_name(scene: Scene, photo):
    write(scene, 4, "釉色很美", files=[photo()])
    found = queries.reviews_of(scene.market.offers[0].pk)
    review = found.page.object_list[0]
    assert (review.author, review.stars, review.words) == ("李*", 4, "釉色很美")
    assert found.rating == queries.Rating(1, 40)
    assert found.rating.shown == "4.0"
    picture = review.pictures.get()
    assert default_storage.exists(picture.name)
    assert default_storage.exists(picture.small)
    assert queries.reviews_of(scene.market.offers[1].pk).rating is None


def test_before_receipt_there_is_none():
    scene = Scene()
    with pytest.raises(Refused, match=r"review\.not_received"):
        write(scene)


def test_once_a_line_and_not_after_half_a_year(scene: Scene):
    write(scene)
    with pytest.raises(Refused, match=r"review\.once"):
        write(scene)
    late = Scene()
    late.receive()
    with pytest.raises(Refused, match=r"review\.too_late"):
        write(late, at=START + timedelta(days=181))
    assert not Review.objects.filter(order_id=late.order_id).exists()


def test_whose_it_is_not(scene: Scene):
    for actor, error in (
        (scene.somebody, NotFound),
        (stranger(scene.market), NotFound),
        (scene.keeper, NotFound),
        (scene.supplier, Forbidden),
        (scene.operator, Forbidden),
    ):
        with pytest.raises(error):
            write(scene, by=actor)
    assert not Review.objects.filter(order_id=scene.order_id).exists()


def test_nobody_praises_the_own_goods():
    scene = Scene()
    own = acts_for(scene.market.suppliers[0])
    purchase = scene.order.purchase
    type(purchase).objects.filter(pk=purchase.pk).update(user_id=own.user_id, holder="")
    scene.buyer = own
    scene.receive()
    with pytest.raises(Forbidden, match=r"review\.own_goods"):
        write(scene)


@pytest.mark.parametrize("stars", [0, 6, True, "5"])
def test_stars_are_one_to_five(scene: Scene, stars):
    with pytest.raises(Invalid):
        write(scene, stars)


def test_it_may_be_changed_for_30_days(scene: Scene, photo):
    review = write(scene, 5, "很好", files=[photo()])
    old = review.pictures.get().name
    with clock.at(START + 30 * DAY):
        reviews.edit(code=review.code, draft=Draft(2, "掉漆", [photo("red"), photo()]), by=scene.buyer)
    review.refresh_from_db()
    assert (review.stars, review.words, review.pictures.count()) == (2, "掉漆", 2)
    assert not default_storage.exists(old)
    with clock.at(START + 30 * DAY + timedelta(seconds=1)), pytest.raises(Refused, match=r"review\.fixed"):
        reviews.edit(code=review.code, draft=Draft(5), by=scene.buyer)
    with pytest.raises(Forbidden):
        reviews.edit(code=review.code, draft=Draft(5), by=scene.somebody)
    edited = TalkEvent.objects.get(noun="review", noun_id=review.pk, what="edited")
    assert edited.params == {"before": 5, "stars": 2}


def test_the_supplier_answers_once_and_without_forbidden_words(scene: Scene):
    review = write(scene, 1, "碎了")
    with pytest.raises(Invalid, match=r"text\.forbidden"):
        reviews.answer(code=review.code, words="加我躺赚", by=scene.supplier)
    reviews.answer(code=review.code, words="抱歉，已补发", by=scene.supplier)
    with pytest.raises(Refused, match=r"review\.answered"):
        reviews.answer(code=review.code, words="再说一句", by=scene.supplier)
    for actor, error in (
        (scene.other_supplier, NotFound),
        (scene.buyer, NotFound),
        (scene.cashier, Forbidden),
    ):
        with pytest.raises(error):
            reviews.answer(code=review.code, words="x", by=actor)
    review.refresh_from_db()
    assert review.answer == "抱歉，已补发"


def test_a_bad_one_is_hidden_only_by_the_operator_for_a_ground_in_law(scene: Scene):
    review = write(scene, 1, "太差")
    for actor in (scene.supplier, scene.keeper, scene.buyer):
        with pytest.raises(Forbidden):
            reviews.hide(code=review.code, reason="insult", by=actor)
    with pytest.raises(Invalid):
        reviews.hide(code=review.code, reason="bad_for_business", by=scene.operator)
    assert queries.reviews_of(review.offer_id).rating == queries.Rating(1, 10)
    reviews.hide(code=review.code, reason="personal_data", by=scene.operator)
    assert list(queries.reviews_of(review.offer_id).page.object_list) == []
    assert queries.ratings_of([review.offer_id]) == {}
    assert queries.reviews_of_order(scene.order)[scene.line.pk].hidden_for == "personal_data"
    reviews.show_again(code=review.code, by=scene.operator)
    assert len(queries.reviews_of(review.offer_id).page.object_list) == 1
    whats = TalkEvent.objects.filter(noun="review", noun_id=review.pk).order_by("id")
    assert list(whats.values_list("what", flat=True)) == ["written", "hidden", "shown"]


def test_ratings_of_many_offers_are_one_query(scene: Scene, django_assert_num_queries):
    write(scene, 4)
    with django_assert_num_queries(1):
        found = queries.ratings_of([offer.pk for offer in scene.market.offers])
    assert found == {scene.market.offers[0].pk: queries.Rating(1, 40)}


def test_a_page_of_reviews_is_a_fixed_number_of_queries(scene: Scene, photo, django_assert_max_num_queries):
    write(scene, files=[photo(), photo()])
    with django_assert_max_num_queries(4):
        found = queries.reviews_of(scene.market.offers[0].pk)
        assert [list(one.pictures.all()) for one in found.page.object_list]


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("Jane Doe", "J*"), ("", "**"), (" 欧阳 ", "欧*")]
)
def test_names_are_masked(name: str, shown: str):
    assert reviews.masked(name) == shown
