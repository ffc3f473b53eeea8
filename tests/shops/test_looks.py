"""Looks at shops: what counts, on which day, for whom, and what is left of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError

from tests.factories.catalog import make_offer
from tests.factories.members import acts_for, make_cluster, make_member
from tests.factories.shops import make_listing, make_shop
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.shops import looks, traffic
from yunju.shops.looks import Look, Notebook, is_person
from yunju.shops.models import ShopDay, ShopVisitor, ViewCount

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari MicroMessenger/8.0.50"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in Shanghai
DAY = date(2026, 11, 20)


@pytest.fixture
def shop(db_app):
    cluster = make_cluster()
    return make_shop(make_member(cluster, capacities=("shopkeeper",)))


@pytest.fixture
def offer(shop):
    made = make_offer(make_member(shop.cluster, capacities=("supplier",)))
    make_listing(shop, made)
    return made


def at(shop, browser="a", /, **fields) -> Look:
    return Look(**{"shop": shop.code, "offer": "", "source": "link", "browser": browser} | fields)


def written(*noted: tuple[Look, datetime]) -> int:
    book = Notebook()
    for look, moment in noted:
        book.note(look, moment)
    return book.write()


def counts(shop) -> dict[tuple[date, int, str], int]:
    rows = ViewCount.objects.filter(shop_id=shop.pk)
    return {(row.day, row.offer_id, row.source): row.views for row in rows}


def test_looks_are_added_up_by_day_thing_and_way(shop, offer):
    thing = at(shop, shop=shop.pk, offer=offer.code, source="poster")
    assert written((at(shop), NOON), (at(shop, "b"), NOON), (at(shop), NOON), (thing, NOON)) == 4
    assert written((at(shop), NOON)) == 1
    assert counts(shop) == {(DAY, 0, "link"): 4, (DAY, offer.pk, "poster"): 1}
    assert ShopVisitor.objects.filter(shop_id=shop.pk, day=DAY).count() == 2


def test_a_day_is_the_clusters(shop):
    before_midnight = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    written((at(shop), before_midnight), (at(shop), before_midnight + timedelta(seconds=1)))
    assert counts(shop) == {(DAY, 0, "link"): 1, (DAY + timedelta(days=1), 0, "link"): 1}


def test_what_is_not_listed_closed_or_ones_own_does_not_count(shop, offer):
    other = make_offer(offer.supplier)
    closed = make_shop(make_member(shop.cluster), closed_at=clock.now())
    assert (
        written(
            (at(shop, shop=shop.pk, offer=other.code), NOON),
            (at(shop, shop=shop.pk, offer="NOSUCHOFFER"), NOON),
            (at(closed), NOON),
            (at(shop, keeps=(shop.member_id,)), NOON),
            (at(shop, shop="NOSUCHSHOP"), NOON),
        )
        == 0
    )
    assert counts(shop) == {}
    assert not ShopVisitor.objects.filter(shop_id__in=[shop.pk, closed.pk]).exists()


def test_an_offer_of_another_cluster_is_not_this_shops(shop):
    foreign = make_offer(make_member(make_cluster(), capacities=("supplier",)))
    assert written((at(shop, shop=shop.pk, offer=foreign.code), NOON)) == 0


def test_nothing_tells_who_it_was(shop):
    other = make_shop(make_member(shop.cluster))
    written((at(shop, "secret-hash"), NOON), (at(other, "secret-hash"), NOON))
    seen = list(ShopVisitor.objects.filter(shop_id__in=[shop.pk, other.pk]).values_list("visitor", flat=True))
    assert len(set(seen)) == 2
    assert "secret-hash" not in "".join(seen)


def test_writing_takes_the_same_statements_for_one_and_for_many(shop, offer, django_assert_num_queries):
    book = Notebook()
    for n in range(50):
        book.note(at(shop, f"b{n}"), NOON)
        book.note(at(shop, f"b{n}", shop=shop.pk, offer=offer.code), NOON)
    with django_assert_num_queries(8):
        # two look up shops, one offers, one the picks; begin, counts, visitors, commit
        assert book.write() == 100
    with django_assert_num_queries(0):
        assert book.write() == 0


def test_what_could_not_be_written_waits(shop, monkeypatch):
    book = Notebook()
    book.note(at(shop), NOON)

    def broken(*_: object) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(looks, "_add", broken)
        with pytest.raises(DatabaseError):
            book.write()
    book.note(at(shop), NOON)
    assert book.write() == 2
    assert counts(shop) == {(DAY, 0, "link"): 2}


def test_a_flood_is_bounded(shop, monkeypatch):
    monkeypatch.setattr(looks, "MOST_NOTED", 3)
    assert written(*((at(shop, f"b{n}"), NOON) for n in range(10)), (at(shop, "b0"), NOON)) == 4


def test_only_people_are_counted():
    assert is_person({"User-Agent": PHONE})
    for said in (
        {},
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "curl/8"},
        {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": PHONE, "Purpose": "prefetch"},
    ):
        assert not is_person(said), said


def test_hashes_go_after_two_days_and_a_number_stays(shop):
    old, recent = NOON - timedelta(days=5), NOON - timedelta(days=1)
    written((at(shop), old), (at(shop, "b"), old), (at(shop), recent))
    with clock.at(NOON):
        assert looks.fold() >= 1
        while looks.fold():
            pass
    assert [(row.day, row.visitors) for row in ShopDay.objects.filter(shop_id=shop.pk)] == [(old.date(), 2)]
    assert ShopVisitor.objects.filter(shop_id=shop.pk).count() == 1
    keeper = acts_for(shop.member)
    days = traffic.days(shop, last=DAY, count=6, by=keeper)
    assert [(day.views, day.visitors) for day in days] == [(2, 2), (0, 0), (0, 0), (0, 0), (1, 1), (0, 0)]


def test_figures_of_a_shop_are_its_own_peoples(shop, offer):
    written((at(shop), NOON), (at(shop, shop=shop.pk, offer=offer.code, source="poster"), NOON))
    by_source, by_offer = traffic.ways(shop, first=DAY, last=DAY, by=acts_for(shop.member))
    assert {(one.source, one.views) for one in by_source} == {("link", 1), ("poster", 1)}
    assert {(one.offer.pk if one.offer else 0, one.views) for one in by_offer} == {(0, 1), (offer.pk, 1)}
    for stranger in (Actor(cluster_id=shop.cluster_id), acts_for(offer.supplier)):
        with pytest.raises(NotFound):
            traffic.days(shop, last=DAY, count=1, by=stranger)
        with pytest.raises(NotFound):
            traffic.ways(shop, first=DAY, last=DAY, by=stranger)
