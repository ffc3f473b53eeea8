"""`post`, `reverse`, `lock_balances` and the balances, by the application role, committed."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.ledger.book import NOW, fresh_cluster
from yunju.kernel import clock
from yunju.kernel.errors import Busy
from yunju.ledger import actions, errors, models, queries, subjects
from yunju.ledger.actions import Leg, Posting
from yunju.ledger.kinds import Kind

pytestmark = pytest.mark.database
GATEWAY, ANNA, BO = subjects.gateway("x"), subjects.member(1), subjects.member(2)


@pytest.fixture
def cluster(db_app) -> int:
    return fresh_cluster()


def posting(cluster: int, source_id: int, *legs: tuple[str, Kind, int], **more) -> Posting:
    return Posting(cluster, "pay", "test", source_id, "CNY", tuple(Leg(*leg) for leg in legs), NOW, **more)


def paid(cluster: int, source_id: int, amount: int, kind: Kind = Kind.AVAILABLE, who: str = ANNA) -> Posting:
    return posting(cluster, source_id, (GATEWAY, Kind.CLEARING, -amount), (who, kind, amount))


def post(*postings: Posting) -> list[int]:
    with transaction.atomic():
        return actions.post(postings)


def test_posts_in_order_and_balances_follow(cluster):
    first, second = post(paid(cluster, 1, 500), paid(cluster, 2, 70, Kind.PENDING, BO))
    assert first < second
    assert queries.balances(cluster, [ANNA, BO, GATEWAY], "CNY") == {
        (ANNA, Kind.AVAILABLE): 500,
        (BO, Kind.PENDING): 70,
        (GATEWAY, Kind.CLEARING): -570,
    }
    assert queries.balance(cluster, ANNA, Kind.AVAILABLE, "CNY") == 500
    assert queries.balance(cluster, ANNA, Kind.AVAILABLE, "USD") == 0
    assert queries.total(cluster, Kind.CLEARING, "CNY") == -570
    assert queries.total(cluster, Kind.AVAILABLE, "CNY") == 500


def test_the_number_of_statements_does_not_grow(cluster):
    post(*(paid(cluster, n, 5, who=subjects.member(n)) for n in range(1, 200)))
    counts = []
    for size in (1, 199):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            actions.post(
                [paid(cluster, 1_000 * size + n, 5, who=subjects.member(n)) for n in range(1, size + 1)]
            )
        counts.append(len(asked))
    assert counts == [4, 4]


def test_new_accounts_cost_two_statements_more(cluster):
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        actions.post([paid(cluster, n, 5, who=subjects.member(n)) for n in range(1, 100)])
    assert len(asked) == 6


def test_zero_legs_are_dropped_and_legs_of_one_account_merged(cluster):
    legs = [
        (GATEWAY, Kind.CLEARING, -5),
        (ANNA, Kind.PENDING, 3),
        (BO, Kind.PENDING, 0),
        (ANNA, Kind.PENDING, 2),
    ]
    post(posting(cluster, 1, *legs))
    assert queries.balances(cluster, [ANNA, BO], "CNY") == {(ANNA, Kind.PENDING): 5}


def test_nothing_to_post_asks_nothing(cluster):
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert actions.post([]) == []
    assert len(asked) == 0


@pytest.mark.parametrize(
    ("legs", "refusal", "code"),
    [
        ([(GATEWAY, Kind.CLEARING, -5), (ANNA, Kind.PENDING, 4)], errors.Unbalanced, "ledger.unbalanced"),
        ([(GATEWAY, Kind.CLEARING, 0), (ANNA, Kind.PENDING, 0)], errors.Unpostable, "ledger.empty"),
        ([(ANNA, Kind.PENDING, 5), (ANNA, Kind.PENDING, -5)], errors.Unpostable, "ledger.empty"),
        ([], errors.Unpostable, "ledger.empty"),
        (
            [(GATEWAY, Kind.CLEARING, -(10**12) - 1), (ANNA, Kind.PENDING, 10**12 + 1)],
            errors.Unpostable,
            "ledger.amount_range",
        ),
        ([(ANNA, Kind.AVAILABLE, -1), (GATEWAY, Kind.CLEARING, 1)], errors.Overdrawn, "ledger.overdrawn"),
        ([(ANNA, Kind.ESCROW, -1), (GATEWAY, Kind.CLEARING, 1)], errors.Overdrawn, "ledger.overdrawn"),
        ([(ANNA, Kind.DEBT, 1), (GATEWAY, Kind.CLEARING, -1)], errors.Overdrawn, "ledger.debt_above_zero"),
    ],
)
def test_refusals_have_a_code_and_change_nothing(cluster, legs, refusal, code):
    with pytest.raises(refusal) as refused:
        post(posting(cluster, 1, *legs))
    assert refused.value.code == code
    assert set(queries.balances(cluster, [ANNA, GATEWAY], "CNY").values()) <= {0}
    assert queries.entries(cluster, ANNA, NOW, NOW + timedelta(days=1)) == []


def test_the_same_event_is_posted_once(cluster):
    post(paid(cluster, 1, 500))
    with pytest.raises(errors.AlreadyPosted):
        post(paid(cluster, 2, 70), paid(cluster, 1, 500))
    assert queries.balance(cluster, ANNA, Kind.AVAILABLE, "CNY") == 500
    post(posting(cluster, 1, (GATEWAY, Kind.CLEARING, -30), (ANNA, Kind.AVAILABLE, 30), step=1))
    assert queries.balance(cluster, ANNA, Kind.AVAILABLE, "CNY") == 530


def test_one_guilty_posting_loses_the_batch(cluster):
    with pytest.raises(errors.Overdrawn):
        post(paid(cluster, 1, 5), posting(cluster, 2, (ANNA, Kind.RESERVE, -1), (GATEWAY, Kind.CLEARING, 1)))
    assert queries.balances(cluster, [ANNA, GATEWAY], "CNY") == {}


def test_the_books_are_written_inside_a_transaction_only(cluster):
    with pytest.raises(transaction.TransactionManagementError):
        actions.post([paid(cluster, 1, 5)])
    with pytest.raises(transaction.TransactionManagementError):
        actions.lock_balances(cluster, "CNY", [(ANNA, Kind.AVAILABLE)])


def test_one_call_one_cluster_one_currency(cluster):
    usd = Posting(cluster, "pay", "test", 2, "USD", paid(cluster, 1, 5).legs, NOW)
    for strange in (paid(cluster + 1, 2, 5), usd):
        with pytest.raises(ValueError, match="one cluster"):
            post(paid(cluster, 1, 5), strange)


def test_an_amount_is_a_whole_number(cluster):
    with pytest.raises(TypeError):
        post(posting(cluster, 1, (GATEWAY, Kind.CLEARING, -5.0), (ANNA, Kind.PENDING, 5.0)))


def test_reverse_mirrors_once(cluster):
    (original,) = post(paid(cluster, 1, 500))
    with transaction.atomic():
        mirror = actions.reverse(cluster_id=cluster, transfer_id=original, effective_at=NOW)
    assert set(queries.balances(cluster, [ANNA, GATEWAY], "CNY").values()) == {0}
    with pytest.raises(errors.AlreadyReversed), transaction.atomic():
        actions.reverse(cluster_id=cluster, transfer_id=original, effective_at=NOW)
    with pytest.raises(errors.AlreadyReversed), transaction.atomic():
        actions.reverse(cluster_id=cluster, transfer_id=original, effective_at=NOW, kind="correction")
    with transaction.atomic():
        actions.reverse(cluster_id=cluster, transfer_id=mirror, effective_at=NOW)
    assert queries.balance(cluster, ANNA, Kind.AVAILABLE, "CNY") == 500


def test_reverse_of_what_is_gone_is_refused(cluster):
    (original,) = post(paid(cluster, 1, 500))
    post(posting(cluster, 2, (ANNA, Kind.AVAILABLE, -500), (ANNA, Kind.PAYING_OUT, 500)))
    with pytest.raises(errors.Overdrawn), transaction.atomic():
        actions.reverse(cluster_id=cluster, transfer_id=original, effective_at=NOW)
    with pytest.raises(errors.Unpostable), transaction.atomic():
        actions.reverse(cluster_id=cluster + 1, transfer_id=original, effective_at=NOW)


def test_lock_balances_makes_what_is_missing(cluster):
    post(paid(cluster, 1, 500))
    keys = [(ANNA, Kind.AVAILABLE), (ANNA, Kind.DEBT), (BO, Kind.RESERVE)]
    with transaction.atomic():
        found = actions.lock_balances(cluster, "CNY", keys)
    assert found == {(ANNA, Kind.AVAILABLE): 500, (ANNA, Kind.DEBT): 0, (BO, Kind.RESERVE): 0}
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        actions.lock_balances(cluster, "CNY", keys)
    assert len(asked) == 2


def test_only_kept_balances_can_be_locked(cluster):
    with pytest.raises(ValueError, match="cached"), transaction.atomic():
        actions.lock_balances(cluster, "CNY", [(ANNA, Kind.PENDING)])


def test_locking_nothing_asks_nothing(cluster):
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert actions.lock_balances(cluster, "CNY", []) == {}
    assert len(asked) == 0


def test_a_call_has_a_limit(cluster, monkeypatch):
    monkeypatch.setattr(actions, "POSTINGS_MAX", 1)
    with pytest.raises(ValueError, match="at most 1"):
        post(paid(cluster, 1, 5), paid(cluster, 2, 5))


def test_a_fault_of_ours_is_not_dressed_up_as_a_refusal(cluster):
    with pytest.raises(DataError):
        post(Posting(cluster, "k" * 31, "test", 1, "CNY", paid(cluster, 1, 5).legs, NOW))


def test_an_order_keeps_what_is_entrusted_to_it(cluster):
    post(paid(cluster, 1, 500, Kind.ESCROW, subjects.order(7)))
    assert queries.balances(cluster, ["order:7"], "CNY") == {("order:7", Kind.ESCROW): 500}


def test_rows_say_what_they_are():
    """For the back office's lists."""
    assert str(models.Account(subject=ANNA, kind="debt", currency="CNY")) == "member:1 debt CNY"
    assert str(models.Transfer(kind="pay", source_type="order", source_id=7, step=1)) == "pay order:7/1"
    assert str(models.Entry(transfer_id=3, seq=2, amount=-5)) == "3/2: -5"
    assert str(models.Snapshot(account_id=3, upto_entry_id=9, balance=5)) == "3 up to 9: 5"


def test_balances_take_one_statement(cluster):
    post(*(paid(cluster, n, 5, who=subjects.member(n)) for n in range(1, 50)))
    with CaptureQueriesContext(connection) as asked:
        found = queries.balances(cluster, [subjects.member(n) for n in range(1, 50)], "CNY")
    assert (len(asked), len(found)) == (1, 49)


def test_a_snapshot_changes_no_balance(cluster):
    post(paid(cluster, 1, 500), paid(cluster, 2, 70, Kind.PENDING))
    before = queries.balances(cluster, [ANNA, GATEWAY], "CNY")
    assert actions.take_snapshot(cluster) == 3
    assert queries.balances(cluster, [ANNA, GATEWAY], "CNY") == before
    assert actions.take_snapshot(cluster) == 0
    post(paid(cluster, 3, 7, Kind.PENDING))
    assert queries.balance(cluster, ANNA, Kind.PENDING, "CNY") == 77
    assert queries.total(cluster, Kind.CLEARING, "CNY") == -577
    assert actions.take_snapshot(cluster) == 2
    assert queries.total(cluster, Kind.CLEARING, "CNY") == -577


def test_a_snapshot_is_a_transaction_of_its_own(cluster):
    for work in (actions.settled, lambda: actions.take_snapshot(cluster)):
        with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
            work()


def test_a_snapshot_does_not_queue_behind_a_slow_writer(cluster, db_app):
    """Writers would queue behind it in turn."""
    post(paid(cluster, 1, 500))
    with psycopg.connect(db_app.app_url) as slow:
        slow.execute(
            "INSERT INTO ledger_entry (cluster_id, transfer_id, seq, account_id, currency, amount) SELECT 1, 1, 1, 1, 'CNY', 1 WHERE false"
        )
        with pytest.raises(Busy):
            actions.take_snapshot(cluster)
        post(paid(cluster, 2, 500))
    assert actions.take_snapshot(cluster) == 2


def test_entries_of_a_time(cluster):
    with clock.at(NOW):
        post(paid(cluster, 1, 500))
    later = Posting(cluster, "pay", "test", 2, "CNY", paid(cluster, 2, 70).legs, NOW + timedelta(days=1))
    (second,) = post(later)
    (row,) = queries.entries(cluster, ANNA, NOW + timedelta(hours=1), NOW + timedelta(days=2))
    assert row == queries.EntryRow(second, Kind.AVAILABLE, 70, "pay", "test", 2, 0, NOW + timedelta(days=1))
    assert [one.amount for one in queries.entries(cluster, ANNA, NOW, NOW + timedelta(days=2))] == [500, 70]
