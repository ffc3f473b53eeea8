"""Attempts are written first, announced once, closed safely; the inbox knows each event once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.members import make_cluster
from tests.factories.payments import make_attempt, make_payable, paid_event
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.payments import actions, answers, queries
from yunju.payments.contract import Form, Jsapi, Qr, Redirect
from yunju.payments.errors import GatewaySilent
from yunju.payments.models import Attempt, Notification, PaymentEvent


def start(payable, kind="redirect", gateway="simulated"):
    return actions.start_attempt(
        payable=payable, gateway=gateway, kind=kind, by=system(payable.cluster_id, "test")
    )


@pytest.fixture
def payable(db_app):
    return make_payable(make_cluster(), (600, 400))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"gateway": "paypal"}, Invalid("payments.unknown_gateway", field="gateway", gateway="paypal")),
        ({"kind": "cash"}, Invalid("payments.unknown_kind", field="kind", kind="cash")),
        ({"amount_minor": 999}, Invalid("payments.parts_differ", field="parts")),
        ({"amount_minor": 0}, Invalid("payments.no_amount", field="amount")),
        ({"amount_minor": 10**12 + 1}, Invalid("payments.no_amount", field="amount")),
        ({"parts": ()}, Invalid("payments.parts_differ", field="parts")),
        ({"twice": True}, Invalid("payments.parts_differ", field="parts")),
        ({"many": True}, Invalid("payments.too_many_parts", field="parts", most=50, parts=51)),
    ],
)
def test_bad_input_writes_nothing(payable, wrong, refusal):
    way = {"gateway": wrong.pop("gateway", "simulated"), "kind": wrong.pop("kind", "qr")}
    if wrong.pop("twice", False):
        wrong["parts"] = (
            payable.parts[0],
            replace(payable.parts[1], supplier_id=payable.parts[0].supplier_id),
        )
    if wrong.pop("many", False):
        wrong = {"parts": make_payable(make_cluster(), [1] * 51).parts, "amount_minor": 51}
    with pytest.raises(Invalid) as error:
        start(replace(payable, **wrong), **way)
    assert error.value == refusal
    assert not queries.attempts_of(payable.cluster_id, [payable.purchase_id]).exists()


def test_another_cluster_is_not_found(payable):
    with pytest.raises(NotFound):
        actions.start_attempt(
            payable=payable, gateway="simulated", kind="qr", by=system(payable.cluster_id + 1)
        )


def test_an_attempt_keeps_its_answer_and_its_start(payable, provider):
    attempt, answer = start(payable)
    kept = Attempt.objects.get(pk=attempt.pk)
    assert answers.from_json(kept.answer) == answer
    assert [part["amount_minor"] for part in kept.parts] == [600, 400]
    event = PaymentEvent.objects.get(noun="attempt", noun_id=attempt.pk)
    assert (event.what, event.by_name, event.cluster_id) == ("started", "test", payable.cluster_id)


def test_each_kind_has_its_own_attempt(payable, provider):
    found = {kind: start(payable, kind)[0].pk for kind in ("jsapi", "redirect", "form", "qr")}
    assert len(set(found.values())) == 4
    assert found == {kind: start(payable, kind)[0].pk for kind in found}


def test_a_silent_gateway_leaves_an_attempt_that_is_taken_up_again(payable, provider, settings):
    address = settings.YUNJU_GATEWAY_URL
    settings.YUNJU_GATEWAY_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewaySilent):
        start(payable)
    left = queries.attempts_of(payable.cluster_id, [payable.purchase_id]).get()
    assert (left.state, left.answer) == ("started", None)
    settings.YUNJU_GATEWAY_URL = address
    assert start(payable)[0].pk == left.pk


def test_taps_at_once_make_one_attempt(payable, provider):
    found, threads = [], []

    def tap():
        try:
            found.append(start(payable)[0].out_no)
        finally:
            connection.close()

    for _ in range(8):
        threads.append(threading.Thread(target=tap))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_another_amount_for_an_open_attempt_is_refused(payable, provider):
    start(payable)
    part = replace(payable.parts[0], amount_minor=601)
    with pytest.raises(Refused, match=r"payments\.attempt_differs"):
        start(replace(payable, amount_minor=1_001, parts=(part, payable.parts[1])))


def test_a_gateway_is_never_called_inside_a_transaction(payable, provider):
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        start(payable)


def test_closing(payable, provider):
    attempt, _ = start(payable)
    by = system(payable.cluster_id)
    assert actions.close_attempts(purchase_ids=[payable.purchase_id], by=by) == []
    assert actions.close_attempt(out_no=attempt.out_no, by=by) is None
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_at is None) == ("closed", False)
    with pytest.raises(NotFound):
        actions.close_attempt(out_no="A-unknown", by=by)
    with pytest.raises(NotFound):
        actions.close_attempt(out_no=attempt.out_no, by=system(payable.cluster_id + 1))
    assert start(payable)[0].pk != attempt.pk


def test_a_buyer_who_was_faster_is_told_by_closing(payable, provider):
    attempt, _ = start(payable)
    provider.pay(attempt.out_no)
    found = actions.close_attempts(purchase_ids=[payable.purchase_id], by=system(payable.cluster_id))
    assert [(event.out_no, event.amount_minor) for event in found] == [(attempt.out_no, 1_000)]


@pytest.mark.parametrize(
    "answer",
    [Jsapi({"a": "b"}), Redirect("http://x"), Form("http://x", {"a": "b"}), Qr("http://x", clock.now())],
)
def test_answers_survive_json(answer):
    assert answers.from_json(answers.to_json(answer)) == answer


# --- silence --------------------------------------------------------------------------------------------------------


def test_a_payment_nobody_told_of_is_found_by_asking(provider, payable):
    attempt, _ = start(payable)
    provider.control(do="hold", out_no=attempt.out_no)
    provider.pay(attempt.out_no)
    with clock.at(clock.now() + timedelta(minutes=2)):
        found = actions.query_silent(older_than=timedelta(minutes=1), limit=10_000)
        assert attempt.out_no in {event.out_no for event in found}
        again = actions.query_silent(older_than=timedelta(minutes=1), limit=10_000)
        assert attempt.out_no not in {event.out_no for event in again}  # with growing pauses
    with clock.at(clock.now() + timedelta(days=8)):
        too_old = actions.query_silent(older_than=timedelta(minutes=1), limit=10_000)
        assert attempt.out_no not in {event.out_no for event in too_old}


# --- the inbox ------------------------------------------------------------------------------------------------------


def test_an_event_is_new_once(db_app):
    cluster = make_cluster()
    first, second = (paid_event(make_attempt(cluster)) for _ in range(2))
    with transaction.atomic():
        assert actions.note_notifications([second, first, second]) == [True, True, False]
        actions.note_verdicts([first, second], ["paid", "unapplied"])
    with transaction.atomic():
        assert actions.note_notifications([first]) == [False]
    verdicts = Notification.objects.filter(event_id__in=[first.event_id, second.event_id])
    assert sorted(verdicts.values_list("verdict", flat=True)) == ["paid", "unapplied"]
    with transaction.atomic():
        assert actions.note_notifications([]) == []


def test_a_rollback_forgets_the_event_with_its_effect(db_app):
    event = paid_event(make_attempt(make_cluster()))
    with transaction.atomic():
        assert actions.note_notifications([event]) == [True]
        transaction.set_rollback(True)
    with transaction.atomic():
        assert actions.note_notifications([event]) == [True]


def test_marking_paid_is_set_based_and_once(db_app):
    cluster = make_cluster()
    attempts = [make_attempt(cluster) for _ in range(20)]
    attempts[3].state = "closed"
    attempts[3].save()
    events = [paid_event(one, amount_minor=1_000 + n) for n, one in enumerate(attempts)]
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        assert actions.mark_paid(events) == {one.out_no for one in attempts}
    assert len(seen) <= 3
    with transaction.atomic():
        assert actions.mark_paid([*events, replace(events[0], kind="refunded")]) == set()
    rows = Attempt.objects.filter(cluster_id=cluster.pk).order_by("paid_minor")
    assert list(rows.values_list("state", "paid_minor")) == [("paid", 1_000 + n) for n in range(20)]
    assert PaymentEvent.objects.filter(cluster_id=cluster.pk, what="paid").count() == 20
