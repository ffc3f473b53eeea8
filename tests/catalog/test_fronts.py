"""Hot words on a big shelf: what sells best stands in front, and is looked through first."""

import pytest

from tests.catalog.looking import titles
from tests.factories.catalog import make_offer
from tests.factories.members import make_cluster, make_member
from yunju.catalog import finding, fronts
from yunju.catalog.actions import indexing
from yunju.catalog.finding import Wanted, find
from yunju.catalog.models import Offer, ShelfEntry
from yunju.kernel import clock
from yunju.members.words import CapacityKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER], province="浙江省")


@pytest.fixture
def fronts_of(supplier, monkeypatch):
    """A shelf of 30 cups, the higher their number the better sold, with fronts of 2, 5 and 12."""
    made = [make_offer(supplier, title=f"cup {n}", price_minor=1_000 - n) for n in range(30)]
    monkeypatch.setattr(fronts, "SIZES", {3: 2, 2: 5, 1: 12})
    monkeypatch.setattr(fronts, "SMALL", 3)
    indexing.set_sold({offer.pk: n for n, offer in enumerate(made)}, cluster_id=supplier.cluster_id)

    def by_front() -> dict[int, int]:
        rows = ShelfEntry.objects.filter(cluster_id=supplier.cluster_id).values_list("offer__title", "front")
        return {int(title.split()[1]): front for title, front in rows if front}

    return by_front


def test_what_sells_best_stands_in_front(supplier, fronts_of, monkeypatch):
    cluster_id = supplier.cluster_id
    assert indexing.set_fronts(cluster_id=cluster_id, most=4) == 4
    assert fronts_of() == {29: 3, 28: 3, 27: 2, 26: 2}, "a bounded round takes the best first"
    assert indexing.set_fronts(cluster_id=cluster_id) == 8
    assert fronts_of() == {29: 3, 28: 3} | dict.fromkeys((27, 26, 25), 2) | dict.fromkeys(range(18, 25), 1)
    assert indexing.set_fronts(cluster_id=cluster_id) == 0
    Offer.objects.filter(title="cup 29").update(withdrawn_at=clock.now())
    assert indexing.set_fronts(cluster_id=cluster_id) == 4, "it leaves, and one moves up into each front"
    assert fronts_of() == {28: 3, 27: 3} | dict.fromkeys((26, 25, 24), 2) | dict.fromkeys(range(17, 24), 1)
    monkeypatch.setattr(fronts, "SMALL", 30)
    assert indexing.set_fronts(cluster_id=cluster_id) == 12
    assert fronts_of() == {}, "a small shelf needs none"


@pytest.mark.parametrize("counted", [1, 4, 9, 20, 50])
@pytest.mark.parametrize("words", ["cup", "cu", "cup c", "cup 1"])
def test_orders_are_the_same_through_every_front(supplier, fronts_of, monkeypatch, counted, words):
    """Whatever the number at which a front is enough: pages of an order are exact, and no hit is lost or shown twice."""
    expected = {
        order: titles(supplier, words, sort=order) for order in ("best", "new", "sold", "cheap", "dear")
    }
    indexing.set_fronts(cluster_id=supplier.cluster_id)
    monkeypatch.setattr(finding, "COUNTED", counted)
    for order, whole in expected.items():
        found = find(supplier.cluster_id, Wanted(words=words, sort=order))
        assert [offer.title for offer in found.offers] == whole[: min(counted, finding.PAGE)], order
        assert found.is_capped == (len(finding.ids(supplier.cluster_id, words)) > counted)


def test_what_a_front_counted_while_typing_is_not_told_as_all(supplier, fronts_of, monkeypatch):
    monkeypatch.setattr(finding, "TYPED", 3)
    indexing.set_fronts(cluster_id=supplier.cluster_id)
    for sort in ("", "cheap"):
        found = find(supplier.cluster_id, Wanted(words="cup", is_typing=True, sort=sort))
        assert (found.total, found.is_capped) == (5, True), "five are in the front that holds more than three"
    whole = find(supplier.cluster_id, Wanted(words="cup"))
    assert (whole.total, whole.is_capped) == (30, False)


def test_fronts_obey_filters(supplier, fronts_of, monkeypatch):
    indexing.set_fronts(cluster_id=supplier.cluster_id)
    monkeypatch.setattr(finding, "COUNTED", 3)
    assert titles(supplier, "cup", most_minor=972) == ["cup 29", "cup 28"]
    assert titles(supplier, "cup", least_minor=1_000) == ["cup 0"]
    Offer.objects.filter(title="cup 29").update(withdrawn_at=clock.now())
    assert titles(supplier, "cup") == ["cup 28", "cup 27", "cup 26"], "at once, whatever stands in front"
