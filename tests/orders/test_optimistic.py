"""What is placed without locks is exactly what would be with them: whatever happens between the look and the commit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.markets import Market, make_market, place, request, stranger
from yunju.catalog.models import Stock
from yunju.kernel.errors import Refused, YunjuError
from yunju.kernel.models import OutboxEvent
from yunju.ledger import verify
from yunju.ledger.verify import checks
from yunju.orders.actions import intake, optimistic
from yunju.orders.draft import Placed, PlaceRequest
from yunju.orders.models import Contact, Line, Order, Purchase, Share

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def between(monkeypatch):
    """Have something done by somebody else, after all was seen and decided, and before it is sent. Counts what was sent."""
    sent: list[int] = []

    def hook(work):
        real = optimistic.place

        def late(book, keys, jobs, ids):
            monkeypatch.setattr(optimistic, "place", real)  # the others do not meet themselves
            with ThreadPoolExecutor(1) as other:
                other.submit(_elsewhere, work).result()
            sent.append(len(jobs))
            return real(book, keys, jobs, ids)

        monkeypatch.setattr(optimistic, "place", late)
        return sent

    return hook


def _elsewhere(work):
    try:
        work()
    finally:
        connection.close()


def written(market: Market) -> tuple[int, ...]:
    """Rows of a cluster, table by table."""
    return tuple(
        model.objects.filter(cluster_id=market.cluster.pk).count()
        for model in (Purchase, Order, Line, Share, Contact)
    )


def stock(market: Market, position: int = 0) -> tuple[int, int, int]:
    row = Stock.objects.get(variant=market.variants[position])
    return row.remaining, row.reserved, row.sold


def test_a_batch_that_nothing_stands_against_takes_no_lock_before_its_rows(monkeypatch):
    """Else nothing was won: the way of locks is not even tried."""
    market = make_market(stock=10)
    monkeypatch.setattr(intake, "_hold", lambda *_: pytest.fail("locked"))
    answers = intake.place([request(market) for _ in range(3)])
    assert [type(answer) for answer in answers] == [Placed] * 3
    assert stock(market) == (7, 3, 0)
    codes = Purchase.objects.filter(cluster_id=market.cluster.pk).values_list("code", flat=True)
    assert set(codes) == {answer.code for answer in answers}
    told = OutboxEvent.objects.filter(cluster_id=market.cluster.pk, topic="purchase.placed")
    assert sorted(told.values_list("noun_id", flat=True)) == sorted(one.purchase_id for one in answers)


def test_the_last_piece_that_somebody_else_takes_meanwhile_is_sold_once(between):
    market = make_market(stock=3)
    sent = between(lambda: place(market))
    answers = intake.place([request(market) for _ in range(3)])
    assert sent == [3]
    assert [type(answer) for answer in answers] == [Placed, Placed, Refused]
    assert (answers[2].code, answers[2].params["left"]) == ("stock.sold_out", 0)
    assert stock(market) == (0, 3, 0)
    assert written(market)[0] == 3
    assert verify.verify(market.cluster.pk, whole=True, only=checks()).broken == 0


def test_a_key_that_was_used_meanwhile_is_answered_and_the_others_are_placed_once(between, caplog):
    market = make_market(stock=10)
    mine = request(market)
    sent = between(lambda: intake.place([mine]))
    answers = intake.place([request(market), mine, request(market)])
    assert (sent, [answer.is_replay for answer in answers]) == ([3], [False, True, False])
    assert "yunju" not in {
        one.name.partition(".")[0] for one in caplog.records
    }  # nothing is wrong: somebody was quicker
    assert stock(market) == (7, 3, 0)
    assert written(market)[0] == 3


def test_a_buyer_whose_limit_was_reached_meanwhile_is_refused_alone(between):
    market = make_market(stock=10, unpaid_limit=2)
    by = stranger(market)
    between(lambda: [place(market, by=by) for _ in range(2)])
    answers = intake.place([request(market, by=by), request(market)])
    assert [getattr(answer, "code", "") == "purchase.too_many_unpaid" for answer in answers] == [True, False]
    assert isinstance(answers[1], Placed)
    assert stock(market) == (7, 3, 0)


def test_a_buyer_reaches_the_limit_and_not_beyond_without_any_lock(monkeypatch):
    market = make_market(stock=10, unpaid_limit=2)
    by = stranger(market)
    monkeypatch.setattr(intake, "_hold", lambda *_: pytest.fail("locked"))
    place(market, by=by)
    place(market, by=by)
    monkeypatch.undo()
    with pytest.raises(Refused) as refused:
        place(market, by=by)
    assert (refused.value.code, stock(market)) == ("purchase.too_many_unpaid", (8, 2, 0))


def test_what_was_refused_for_its_input_keeps_its_place_beside_what_is_placed():
    market = make_market(stock=10)
    wrong = request(market)
    wrong = PlaceRequest(by=wrong.by, key=wrong.key, lines=(), contact=wrong.contact, gateway=wrong.gateway)
    answers = intake.place([request(market), wrong, request(market)])
    assert [isinstance(answer, Placed) for answer in answers] == [True, False, True]
    assert isinstance(answers[1], YunjuError)
    again = PlaceRequest(
        by=wrong.by, key=wrong.key, lines=request(market).lines, contact=wrong.contact, gateway=wrong.gateway
    )
    assert isinstance(intake.place([again])[0], Placed)  # its key was given back
    assert stock(market) == (7, 3, 0)


def test_a_fault_in_the_middle_is_logged_leaves_nothing_and_the_connection_goes_on(monkeypatch, caplog):
    """As if PostgreSQL had died between two statements: whole or not at all, and the same request may come again."""
    market = make_market(stock=10)
    before = written(market)
    real = optimistic.write.insert

    def fail(book, rows):
        real(book, rows)
        optimistic.sql.execute("SELECT 1 / 0")

    def never(*_):
        raise Refused("test.refused")

    monkeypatch.setattr(optimistic.write, "insert", fail)
    monkeypatch.setattr(intake, "_commit", never)
    one = request(market)
    with pytest.raises(Refused):
        intake.place([one])
    monkeypatch.undo()
    assert "a batch could not be placed without locks" in caplog.text
    assert (written(market), stock(market)) == (before, (10, 0, 0))
    answer = intake.place([one])[0]
    assert isinstance(answer, Placed)
    assert not answer.is_replay
    expires = Purchase.objects.get(pk=answer.purchase_id)
    assert expires.expires_at - expires.placed_at == timedelta(minutes=market.cluster.unpaid_minutes)
