"""What sold in 30 days: paid pieces, without what went back; nobody else's cluster."""

from datetime import timedelta

import psycopg
from django.db import transaction

from tests.factories.markets import buy, make_market, place
from yunju.catalog import finding, fronts
from yunju.catalog.actions import indexing
from yunju.catalog.models import ShelfEntry
from yunju.kernel import clock, sql
from yunju.orders.actions import sold
from yunju.orders.models import Line, Purchase


def test_paid_pieces_of_thirty_days_count(db_app):
    market, other = make_market(), make_market()
    buy(market, {0: 2})
    buy(market, {0: 1, 1: 4})
    place(market, {0: 3})
    buy(other, {0: 5})
    Line.objects.filter(offer_id=market.offers[1].pk).update(refunded_quantity=1)
    assert sold.count_in(market.cluster.pk) == 2
    figures = dict(ShelfEntry.objects.filter(cluster_id=market.cluster.pk).values_list("pk", "sold"))
    assert figures == {market.offers[0].pk: 3, market.offers[1].pk: 3}
    assert ShelfEntry.objects.get(pk=other.offers[0].pk).sold == 0
    assert {one.pk for one in finding.best_sold(market.cluster.pk, 9)} == set(figures)
    assert sold.count_in(market.cluster.pk) == 0, "nothing has changed"
    long_ago = clock.now() - timedelta(days=31)
    Purchase.objects.filter(cluster_id=market.cluster.pk).exclude(paid_at=None).update(paid_at=long_ago)
    assert sold.count_in(market.cluster.pk) == 2
    assert finding.best_sold(market.cluster.pk, 9) == []


def test_a_big_shelf_comes_in_order_step_by_step(db_app, monkeypatch):
    """A step moves so many entries; the next ones go on without another count, and then have nothing left to do."""
    market = make_market()
    monkeypatch.setattr(fronts, "SMALL", 0)
    monkeypatch.setattr(fronts, "SIZES", {3: 1, 2: 2, 1: 4})
    monkeypatch.setattr(indexing, "MOVED", 1)
    own = ShelfEntry.objects.filter(cluster_id=market.cluster.pk, front__gte=1)
    count = min(len(market.offers), 4)
    assert count > 1
    sold.count_in(market.cluster.pk)
    seen = [own.count()]
    for _ in range(count):
        assert sold.fill_fronts() == 0
        seen.append(own.count())
    assert seen == [*range(1, count + 1), count]


def test_a_count_never_waits_for_who_edits(db_app):
    """An edit holds an entry: the count goes on without it and has it the next time, so that no two wait in a circle."""
    market = make_market()
    buy(market, {0: 2, 1: 3})
    held, other = market.offers[0].pk, market.offers[1].pk
    with psycopg.connect(db_app.app_url) as editing:
        editing.execute(
            "UPDATE catalog_shelfentry SET least_minor = least_minor + 1 WHERE offer_id = %s", [held]
        )
        with transaction.atomic():
            sql.execute("SET LOCAL lock_timeout = '1s'")
            assert sold.count_in(market.cluster.pk) == 1
        assert dict(ShelfEntry.objects.filter(pk__in=[held, other]).values_list("pk", "sold")) == {
            held: 0,
            other: 3,
        }
        editing.rollback()
    assert sold.count_in(market.cluster.pk) == 1
    assert ShelfEntry.objects.get(pk=held).sold == 2


def test_moving_to_the_front_never_waits_for_who_edits(db_app, monkeypatch):
    market = make_market()
    buy(market, {0: 2, 1: 3})
    sold.count_in(market.cluster.pk)
    monkeypatch.setattr(fronts, "SMALL", 0)
    monkeypatch.setattr(fronts, "SIZES", {3: 1, 2: 2, 1: 4})
    held = market.offers[1].pk
    with psycopg.connect(db_app.app_url) as editing:
        editing.execute(
            "UPDATE catalog_shelfentry SET least_minor = least_minor + 1 WHERE offer_id = %s", [held]
        )
        with transaction.atomic():
            sql.execute("SET LOCAL lock_timeout = '1s'")
            indexing.set_fronts(cluster_id=market.cluster.pk)
        assert ShelfEntry.objects.get(pk=held).front == 0
        assert ShelfEntry.objects.get(pk=market.offers[0].pk).front == 2
        editing.rollback()
    assert indexing.set_fronts(cluster_id=market.cluster.pk) == 1
    assert ShelfEntry.objects.get(pk=held).front == 3
