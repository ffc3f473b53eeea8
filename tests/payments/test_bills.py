"""Bills: what a provider says of a day against what was booked, and which faults are found."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.members import buyer, make_cluster, operator, word
from tests.factories.payments import make_attempt, make_payable
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster
from yunju.members.words import RoleKind
from yunju.payments import actions, bills, verify
from yunju.payments.bills.compare import Difference, differences
from yunju.payments.contract import Bill, BillLine
from yunju.payments.models import Attempt, BillDay, BillDifference, PaymentEvent
from yunju.payments.simulated import Simulated

KIND = "test_bill"


@pytest.fixture(autouse=True)
def named(request):
    """Attempts book under their own id here; what orders books they name themselves."""
    if "db_app" in request.fixturenames:
        bills.register_reference(
            KIND,
            lambda cluster_id, ids: dict(
                Attempt.objects.filter(cluster_id=cluster_id, pk__in=ids).values_list("pk", "out_no")
            ),
        )


def book(cluster, attempt, amount, at, step=0):
    legs = (
        Leg(subjects.gateway("simulated"), Kind.CLEARING, -amount),
        Leg(subjects.gateway("simulated"), Kind.UNAPPLIED, amount),
    )
    with transaction.atomic():
        post([Posting(cluster.pk, KIND, "attempt", attempt.pk, cluster.currency, legs, at, step)])


def line(attempt, amount, at):
    return BillLine("paid", attempt.out_no, "", "S" + attempt.out_no, amount, "CNY", at)


@pytest.fixture
def day(db_app, monkeypatch):
    """(cluster, noon of a day long past, function that compares a bill of these lines)"""
    cluster = make_cluster()
    noon = clock.now().replace(hour=4, minute=0) - timedelta(days=30)
    date = clock.local_day(noon, "Asia/Shanghai")

    def compare(*lines):
        found = {date: lines}
        monkeypatch.setattr(
            Simulated, "bill", lambda self, asked: Bill("simulated", asked, tuple(found.get(asked, ())))
        )
        bills.compare_day(gateway="simulated", day=date)
        rows = BillDifference.objects.filter(cluster_id=cluster.pk, day=date).order_by("kind", "reference")
        return [(row.kind, row.reference, row.ours_minor, row.theirs_minor) for row in rows]

    return cluster, noon, compare


def breaches(cluster):
    return list(verify.check_bills(cluster.pk, True).breaches)


def test_a_bill_that_fits(day):
    cluster, noon, compare = day
    attempts = [make_attempt(cluster) for _ in range(3)]
    for n, attempt in enumerate(attempts):
        book(cluster, attempt, 1_000 + n, noon)
    assert compare(*(line(one, 1_000 + n, noon) for n, one in enumerate(attempts))) == []
    kept = BillDay.objects.get(cluster_id=cluster.pk)
    assert (kept.paid_minor, kept.refunded_minor, kept.lines, kept.ours_minor) == (3_003, 0, 3, 3_003)
    assert breaches(cluster) == []


def test_each_kind_of_fault_is_found_and_no_other(day):
    cluster, noon, compare = day
    fits, less, more, ours, theirs, twice, split = (make_attempt(cluster) for _ in range(7))
    for attempt, amount in [(fits, 500), (less, 100), (more, 900), (ours, 300), (twice, 250), (split, 400)]:
        book(cluster, attempt, amount, noon)
    book(cluster, twice, 250, noon, step=1)
    book(
        cluster, split, 200, noon + timedelta(hours=15), step=1
    )  # booked after midnight: still the same movement
    found = compare(
        line(fits, 500, noon),
        line(less, 101, noon),
        line(more, 899, noon),
        line(theirs, 700, noon),
        line(twice, 250, noon),
        line(split, 600, noon),
    )
    assert sorted(found) == sorted(
        [
            ("amount", less.out_no, 100, 101),
            ("amount", more.out_no, 900, 899),
            ("missing_there", ours.out_no, 300, None),
            ("missing_here", theirs.out_no, None, 700),
            ("amount", twice.out_no, 500, 250),
        ]
    )
    assert breaches(cluster) == []  # every one is an open exception


def test_comparing_again_finds_the_same_and_keeps_explanations(day):
    cluster, noon, compare = day
    one, other = make_attempt(cluster), make_attempt(cluster)
    book(cluster, one, 300, noon)
    book(cluster, other, 400, noon)
    assert len(compare()) == 2
    row = BillDifference.objects.get(cluster_id=cluster.pk, reference=one.out_no)
    by = operator(cluster)
    bills.explain_difference(difference_id=row.pk, words=" a test payment ", by=by)
    assert len(compare(line(other, 400, noon))) == 1
    row.refresh_from_db()
    assert (row.words, row.explained_by) == ("a test payment", by.user_id)
    assert breaches(cluster) == []


def test_who_may_explain(day):
    cluster, noon, compare = day
    book(cluster, make_attempt(cluster), 300, noon)
    compare()
    row = BillDifference.objects.get(cluster_id=cluster.pk)
    for by, refusal in [
        (buyer(cluster), NotFound),
        (operator(make_cluster()), NotFound),
        (operator(cluster, RoleKind.STAFF), Forbidden),
        (operator(cluster, RoleKind.AUDITOR), Forbidden),
    ]:
        with pytest.raises(refusal):
            bills.explain_difference(difference_id=row.pk, words="x", by=by)
    for text in ("", "  ", "x" * 301, "a\x00b"):
        with pytest.raises(Invalid, match=r"input\."):
            bills.explain_difference(difference_id=row.pk, words=text, by=operator(cluster))
    row.refresh_from_db()
    assert row.explained_at is None


def test_a_difference_is_explained_once(day):
    cluster, noon, compare = day
    book(cluster, make_attempt(cluster), 300, noon)
    compare()
    row, by = BillDifference.objects.get(cluster_id=cluster.pk), operator(cluster)
    bills.explain_difference(difference_id=row.pk, words="first", by=by)
    with pytest.raises(Refused, match=r"payments\.already_explained"):
        bills.explain_difference(difference_id=row.pk, words="second", by=by)
    row.refresh_from_db()
    assert row.words == "first"
    kept = BillDay.objects.get(cluster_id=cluster.pk)
    told = PaymentEvent.objects.filter(cluster_id=cluster.pk, noun="bill", noun_id=kept.pk, what="explained")
    assert [(one.by_user_id, one.params["reference"]) for one in told] == [(by.user_id, row.reference)]


def test_lines_of_nobody_are_the_oldest_clusters(day):
    cluster, noon, compare = day
    stray = BillLine("paid", f"A{word()}", "", f"S{word()}", 700, "CNY", noon)
    compare(stray)
    row = BillDifference.objects.get(reference=stray.out_no)
    oldest = Cluster.objects.filter(closed_at=None).order_by("pk").first()
    assert row.cluster_id == 0
    if oldest != cluster:
        with pytest.raises(NotFound):
            bills.explain_difference(difference_id=row.pk, words="ours?", by=operator(cluster))
    by = system(oldest.pk, "test")
    assert bills.explain_difference(difference_id=row.pk, words="a test of the provider", by=by).explained_at
    assert PaymentEvent.objects.filter(cluster_id=oldest.pk, noun="bill", what="explained").exists()


def test_an_entry_booked_into_a_compared_day_breaks_i14(day):
    cluster, noon, compare = day
    attempt = make_attempt(cluster)
    book(cluster, attempt, 300, noon)
    compare(line(attempt, 300, noon))
    book(cluster, make_attempt(cluster), 1, noon)
    assert [breach.noun for breach in breaches(cluster)] == ["bill_day"]


def test_an_exception_that_vanishes_breaks_i14(day):
    cluster, noon, compare = day
    book(cluster, make_attempt(cluster), 300, noon)
    compare()
    BillDifference.objects.filter(cluster_id=cluster.pk).update(ours_minor=299)
    assert len(breaches(cluster)) == 1


def test_a_real_bill_of_the_provider(provider, db_app):
    cluster = make_cluster()
    payable = make_payable(cluster, (700, 300))
    moment = clock.now() + timedelta(days=300)
    provider.set("clock_offset", 300 * 86_400)
    attempt, _ = actions.start_attempt(payable=payable, gateway="simulated", kind="qr", by=system(cluster.pk))
    provider.pay(attempt.out_no)
    provider.hears(attempt.out_no)
    book(cluster, attempt, 1_000, moment)
    provider.set("clock_offset", 302 * 86_400)
    day = clock.local_day(moment, "Asia/Shanghai")
    bills.compare_day(gateway="simulated", day=day)
    assert not BillDifference.objects.filter(cluster_id=cluster.pk).exists()
    assert BillDay.objects.get(cluster_id=cluster.pk, day=day).paid_minor == 1_000


amounts = st.dictionaries(st.sampled_from("abcdef"), st.integers(-50, 50).filter(bool))


@given(theirs=amounts, ours=amounts)
def test_differences_explain_the_whole_gap(theirs, ours):
    found = differences(theirs, ours, ours.keys())
    assert sum((one.theirs or 0) - (one.ours or 0) for one in found) == sum(theirs.values()) - sum(
        ours.values()
    )
    assert {one.reference for one in found} == {
        key for key in theirs | ours if theirs.get(key) != ours.get(key)
    }
    assert all(isinstance(one, Difference) for one in found)
