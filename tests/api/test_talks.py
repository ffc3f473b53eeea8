"""Threads, reviews and photos by program: the same rules as on the pages."""

import pytest

from tests.api.conftest import Caller, problem
from tests.factories.members import make_user
from tests.talks.scene import Scene
from yunju.members.models import User
from yunju.members.queries import actor_for
from yunju.orders.models import Order


@pytest.fixture
def scene(db_app) -> Scene:
    """Bought by an account: a token or a session is what an API has."""
    made = Scene()
    user = make_user()
    purchase = made.order.purchase
    type(purchase).objects.filter(pk=purchase.pk).update(user_id=user.pk, holder="")
    made.buyer = actor_for(user, made.market.cluster)
    return made


def caller(scene: Scene, actor) -> Caller:
    return Caller(scene.market.cluster.host, User.objects.get(pk=actor.user_id))


def test_both_sides_talk_and_the_shop_reads_no_word(scene: Scene):
    code = Order.objects.get(pk=scene.order_id).code
    buyer, supplier, keeper = (caller(scene, one) for one in (scene.buyer, scene.supplier, scene.keeper))
    assert buyer.post(f"/orders/{code}/messages", {"words": "When?"}).status_code == 201
    thread = supplier.get(f"/orders/{code}/thread").json()
    assert (thread["state"], [one["words"] for one in thread["messages"]]) == ("waiting", ["When?"])
    supplier.post(f"/orders/{code}/messages", {"words": "Today"})
    assert buyer.get(f"/orders/{code}/thread").json()["state"] == "answered"
    shop = keeper.get(f"/orders/{code}/thread").json()
    assert (shop["state"], shop["messages"], shop["side"]) == ("answered", [], "")
    assert problem(keeper.post(f"/orders/{code}/messages", {"words": "x"}))[0] == 404
    assert problem(buyer.post(f"/orders/{code}/messages", {"words": ""}))[0] == 422


def test_a_review_from_writing_to_its_answer(scene: Scene):
    code = Order.objects.get(pk=scene.order_id).code
    buyer, supplier = caller(scene, scene.buyer), caller(scene, scene.supplier)
    body = {"line": scene.line.seq, "stars": 4, "words": "Nice"}
    assert problem(buyer.post(f"/orders/{code}/reviews", body))[:2] == (409, "review.not_received")
    scene.receive()
    # the order was received in 2027: the wait until a review is too late counts from there
    review = buyer.post(f"/orders/{code}/reviews", body).json()
    assert (review["stars"], review["author"]) == (4, "李*")
    assert buyer.put(f"/reviews/{review['code']}", {"stars": 2, "words": "Chips"}).json()["stars"] == 2
    assert supplier.post(f"/reviews/{review['code']}/answers", {"words": "Sorry"}).status_code == 201
    offer = scene.market.offers[0].code
    shown = Caller(scene.market.cluster.host).get(f"/offers/{offer}/reviews").json()
    assert (shown["count"], shown["rating_tenths"], shown["items"][0]["answer"]) == (1, 20, "Sorry")
    assert problem(Caller(scene.market.cluster.host).get(f"/offers/{offer}/reviews?page=0"))[0] == 422
