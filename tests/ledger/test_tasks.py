"""The daily proof: one book a round, the longest unproved first, and an alarm that stays while a book is broken."""

from datetime import timedelta

import pytest

from tests.ledger.book import NOW, fresh_cluster
from yunju.kernel import clock
from yunju.ledger import tasks, verify

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def books(monkeypatch):
    """Two books of this test alone; what was proved is noted, and what `broken` names is found broken."""
    clusters, seen, broken = sorted([fresh_cluster(), fresh_cluster()]), [], {}
    real = verify.verify

    def noted(cluster_id):
        seen.append(cluster_id)
        report = real(cluster_id)
        return verify.Report(cluster_id, report.since, broken.get(cluster_id, report.results))

    monkeypatch.setattr(verify, "clusters", lambda: clusters)
    monkeypatch.setattr(verify, "verify", noted)
    monkeypatch.setattr(tasks, "_proved", {})
    monkeypatch.setattr(tasks, "_broken", {})
    return clusters, seen, broken


def test_each_book_is_proved_once_a_day(books):
    clusters, seen, _ = books
    with clock.at(NOW):
        assert [tasks.prove_next() for _ in range(4)] == [0, 0, 0, 0]
    assert seen == clusters
    with clock.at(NOW + timedelta(days=1)):
        tasks.prove_next()
    assert seen == [*clusters, clusters[0]]


def test_a_broken_book_stays_an_alarm_until_it_is_whole(books):
    clusters, _, broken = books
    breach = verify.Result(1, [verify.Breach("entry", 1, "wrong")])
    broken[clusters[0]] = [(verify.checks()[0], breach)]
    with clock.at(NOW):
        for _ in range(3):
            with pytest.raises(tasks.BookBroken):
                tasks.prove_next()
        broken.clear()
        assert [tasks.prove_next() for _ in range(2)] == [0, 0]
