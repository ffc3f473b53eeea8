"""With what a new shop begins, and what is suggested to post: pure decisions."""

from datetime import UTC, datetime, timedelta

from yunju.shops.choice import Candidate, Postable, first_picks, novelty, suggestions

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def candidate(pk: int, supplier: int, sold: int = 0, hours_ago: int = 0) -> Candidate:
    return Candidate(pk, supplier, sold, NOW - timedelta(hours=hours_ago))


def test_the_best_sold_come_first_and_the_newest_fill_up():
    found = [candidate(1, 1, sold=2), candidate(2, 2, hours_ago=5), candidate(3, 3, sold=9), candidate(4, 4)]
    assert first_picks(found) == [3, 1, 4, 2]


def test_no_supplier_has_more_than_three():
    greedy = [candidate(pk, 1, sold=100 - pk) for pk in range(1, 8)]
    assert first_picks([*greedy, candidate(50, 2)]) == [1, 2, 3, 50]


def test_twelve_are_enough():
    assert len(first_picks([candidate(pk, pk) for pk in range(1, 40)])) == 12
    assert first_picks([candidate(pk, pk) for pk in range(1, 40)], 2) == [39, 38]


def test_nothing_on_the_shelf_is_nothing_to_pick():
    assert first_picks([]) == []


def postable(pk: int, earns: int = 100, sold: int = 0, days: float = 0, offer: int = 0) -> Postable:
    return Postable(offer or pk, pk, earns, sold, NOW - timedelta(days=days))


def test_commission_times_sales_times_novelty():
    found = suggestions([postable(1, 100, 9), postable(2, 500, 4), postable(3, 300, 4, days=7)], NOW)
    assert [(one.post.material_id, one.score) for one in found] == [(2, 2_500.0), (1, 1_000.0), (3, 750.0)]


def test_novelty_is_halved_every_week():
    assert [novelty(NOW - timedelta(days=days), NOW) for days in (0, 7, 14)] == [1.0, 0.5, 0.25]
    assert novelty(NOW + timedelta(hours=1), NOW) == 1.0


def test_an_offer_is_suggested_once_by_its_newest_material():
    found = suggestions([postable(1, days=3, offer=7), postable(2, days=1, offer=7)], NOW)
    assert [one.post.material_id for one in found] == [2]


def test_what_earns_nothing_is_not_suggested():
    assert suggestions([postable(1, earns=0)], NOW) == []
    assert suggestions([], NOW) == []


def test_the_reason_is_what_stands_out():
    others = [postable(pk, 100, 4, days=30) for pk in range(10, 15)]
    by_id = {
        one.post.material_id: (one.reason, one.days)
        for one in suggestions(
            [*others, postable(1, 100, 90, days=30), postable(2, 900, 4, days=30), postable(3, 100, 4)],
            NOW,
            3,
        )
    }
    assert by_id == {1: ("sells", 30), 2: ("pays", 30), 3: ("fresh", 0)}
