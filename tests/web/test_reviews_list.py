"""A supplier's list of reviews: who waits for an answer stands first."""

from datetime import timedelta

from tests.web.conftest import Browser
from tests.web.market import make_market
from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.talks.models import Review


def test_reviews_without_an_answer_stand_first_then_the_newest(browser: Browser, cluster):
    market, at = make_market(cluster), clock.now()
    supplier = market.suppliers[0]
    said = ((9, "old answered", 8), (7, "old", None), (5, "new answered", 4), (3, "new", None))
    for days, words, answered in said:
        Review.objects.create(
            cluster_id=cluster.pk,
            code=public_code(),
            order_id=days,
            line_id=-(market.offers[0].pk * 10 + days),  # of no order, and nobody else's
            offer_id=market.offers[0].pk,
            supplier_id=supplier.pk,
            stars=3,
            author="C*",
            words=words,
            at=at - timedelta(days=days),
            answered_at=answered and at - timedelta(days=answered),
            answer="thanks" if answered else "",
        )
    page = browser(market.owner()).get(f"/m/{supplier.code}/reviews").content.decode()
    places = [page.index(f">{words}<") for words in ("new", "old", "new answered", "old answered")]
    assert places == sorted(places)
