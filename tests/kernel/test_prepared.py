"""Statements that are written once: the values take their places, the rows are those of the queryset."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import make_offer
from tests.factories.members import make_cluster, make_member
from yunju.catalog.models import Offer, Presale, Variant
from yunju.kernel.prepared import prepared

pytestmark = [pytest.mark.usefixtures("db_app"), pytest.mark.database]


@pytest.fixture
def offers(db_app):
    supplier = make_member(make_cluster(), capacities=("supplier",))
    return [make_offer(supplier, title=f"cup {n}") for n in range(3)]


@prepared(cluster_id=int, title=str)
def _titled(cluster_id, title):
    return Offer.objects.filter(cluster_id=cluster_id, title=title).select_related("supplier")


@prepared(ids=list)
def _variants(ids):
    return Variant.objects.filter(offer__id__among=ids).order_by("pk").annotate(twice=F("price_minor") * 2)


@prepared(ids=list, day=date)
def _ahead(ids, day):
    ahead = Presale.objects.filter(offer__id__among=ids, ship_from__gt=day)
    return ahead.order_by("pk").values_list("offer_id", "ship_from")


def test_rows_are_those_of_the_values_that_are_given(offers):
    for one in (*offers, offers[0]):
        with CaptureQueriesContext(connection) as asked:
            found = _titled.rows(cluster_id=one.cluster_id, title=one.title)
            assert [row.supplier.name for row in found] == [one.supplier.name]
        assert found == [one]
        assert len(asked) == 1, "the supplier came along"
    assert _titled.rows(cluster_id=offers[0].cluster_id, title="cup' OR 1=1 --") == []
    assert _titled.rows(cluster_id=0, title="cup 1") == []


def test_a_list_is_one_value_however_long(offers):
    ids = [one.pk for one in offers]
    for chosen in (ids, ids[:1], [], (ids[2],), {ids[0], ids[1]}):
        found = _variants.rows(ids=chosen)
        assert {one.offer_id for one in found} == set(chosen)
        assert all(one.twice == one.price_minor * 2 for one in found)


def test_days_and_lists_of_values(offers):
    day = date(2026, 3, 1)
    for n, one in enumerate(offers):
        Presale.objects.create(offer=one, ship_from=day + timedelta(n))
    ids = [one.pk for one in offers]
    assert _ahead.rows(ids=ids, day=day) == [(ids[1], date(2026, 3, 2)), (ids[2], date(2026, 3, 3))]
    assert _ahead.rows(ids=ids[:2], day=day + timedelta(9)) == []


def test_each_thread_asks_on_its_own_connection(offers):
    _titled.rows(cluster_id=offers[0].cluster_id, title="cup 0")
    connection.close()
    seen = []

    def ask():
        try:
            seen.extend(_titled.rows(cluster_id=offers[0].cluster_id, title="cup 1"))
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [offers[1]]
    assert connection.connection is None, "this thread asked nothing"


def test_a_value_that_nothing_is_compared_with_is_refused():
    @prepared(cluster_id=int, title=str)
    def forgot(cluster_id, title):
        return Offer.objects.filter(cluster_id=cluster_id)

    with pytest.raises(TypeError, match="title"):
        forgot.rows(cluster_id=1, title="cup")
    with pytest.raises(TypeError, match="takes cluster_id, title"):
        _titled.rows(cluster_id=1)
