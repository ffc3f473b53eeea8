"""The contract of a gateway, over every registered one. A new adapter brings a bench: how a test makes its provider act."""

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.factories.members import make_cluster
from tests.factories.payments import make_payable
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.payments import actions, registry
from yunju.payments.contract import AnswerKind, Form, Jsapi, Qr, Redirect, RefundOrder
from yunju.payments.errors import Foreign, Forged, GatewayRefused, GatewaySilent, Malformed, Stale

BENCHES = {"simulated": "provider"}
"""Gateway code -> the fixture that plays its provider, with the methods of tests.payments.provider.Provider."""

TYPES = {AnswerKind.JSAPI: Jsapi, AnswerKind.REDIRECT: Redirect, AnswerKind.FORM: Form, AnswerKind.QR: Qr}
DAY = timedelta(days=1)


def test_every_gateway_has_a_bench():
    assert set(registry.all_gateways()) == set(BENCHES)


@pytest.fixture(params=sorted(BENCHES))
def bench(request, db_app):
    """(gateway, its provider)"""
    return registry.gateway(request.param), request.getfixturevalue(BENCHES[request.param])


def begin(gateway, amounts=(1_000,), kind=AnswerKind.REDIRECT):
    cluster = make_cluster()
    payable = make_payable(cluster, amounts)
    attempt, answer = actions.start_attempt(
        payable=payable, gateway=gateway.code, kind=kind, by=system(cluster.pk)
    )
    return attempt, answer, payable


def paid(gateway, provider, amounts=(1_000,)):
    attempt, _, payable = begin(gateway, amounts)
    provider.pay(attempt.out_no)
    provider.hears(attempt.out_no)
    return attempt, payable


def order(attempt, amount, part=None, number="R1"):
    return RefundOrder(
        out_no=attempt.out_no,
        refund_no=f"{number}-{attempt.out_no}",
        part=part,
        amount_minor=amount,
        currency=attempt.currency,
        reason="test",
    )


def refunded(gateway, provider, wish):
    """Order a refund and wait for what the provider says."""
    before = len(provider.ear.about(wish.out_no))
    assert gateway.refund(wish) is None
    heard = provider.hears(wish.out_no, before + 1)[-1]
    return gateway.verify(heard.headers, heard.body)


# --- starting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_each_kind_of_answer_leads_to_a_cashier(bench, kind):
    gateway, _ = bench
    _, answer, payable = begin(gateway, (700, 300), kind)
    assert type(answer) is TYPES[kind]
    if isinstance(answer, Form):
        page = httpx.post(answer.action, data=answer.fields, follow_redirects=True, trust_env=False)
    else:
        url = {Jsapi: lambda: answer.params["url"], Redirect: lambda: answer.url, Qr: lambda: answer.text}[
            type(answer)
        ]()
        page = httpx.get(url, trust_env=False)
    assert page.status_code == 200
    assert "¥10.00" in page.text
    assert all(part.description in page.text for part in payable.parts)


def test_a_qr_code_says_until_when(bench):
    gateway, _ = bench
    assert begin(gateway, kind=AnswerKind.QR)[1].expires_at > clock.now()


def test_the_same_attempt_is_announced_once(bench):
    gateway, _ = bench
    attempt, answer, payable = begin(gateway)
    again = actions.start_attempt(
        payable=payable, gateway=gateway.code, kind="redirect", by=system(payable.cluster_id)
    )
    assert (again[0].pk, again[1]) == (attempt.pk, answer)


def test_another_wish_under_a_known_number_is_refused(bench):
    gateway, _ = bench
    attempt, _, payable = begin(gateway)
    request = actions._request(attempt, payable, AnswerKind.REDIRECT)
    assert isinstance(gateway.start(request), Redirect)
    part = replace(payable.parts[0], amount_minor=999)
    with pytest.raises(GatewayRefused) as refusal:
        gateway.start(replace(request, amount_minor=999, parts=(part,)))
    assert refusal.value.params["reason"] == "conflict"


def test_the_provider_counts_parts_itself(bench):
    gateway, _ = bench
    most = gateway.max_parts
    begin(gateway, [1] * most)
    attempt, _, payable = begin(gateway)
    many = make_payable(make_cluster(), [1] * (most + 1))
    request = actions._request(attempt, payable, AnswerKind.REDIRECT)
    with pytest.raises(GatewayRefused) as refusal:
        gateway.start(replace(request, out_no="A-many", amount_minor=most + 1, parts=many.parts))
    assert refusal.value.params["reason"] == "too_many_parts"


# --- being told -----------------------------------------------------------------------------------------------------


def test_a_payment_is_told_and_verified(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    heard = provider.hears(attempt.out_no)[0]
    event = gateway.verify(heard.headers, heard.body)
    assert (event.gateway, event.kind, event.out_no) == (gateway.code, "paid", attempt.out_no)
    assert (event.amount_minor, event.currency, event.refund_no) == (1_000, "CNY", "")
    assert abs(event.at - clock.now()) < timedelta(seconds=30)
    assert event.provider_no
    assert len(event.body_sha256) == 64


def test_header_names_are_matched_in_any_case(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    heard = provider.hears(attempt.out_no)[0]
    shouted = {name.upper(): value for name, value in heard.headers.items()}
    assert gateway.verify(shouted, heard.body).out_no == attempt.out_no


def test_duplicates_and_queries_carry_one_event_id(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    provider.control(do="send", out_no=attempt.out_no, times=2)
    events = [gateway.verify(one.headers, one.body) for one in provider.hears(attempt.out_no, 3)]
    assert {event.event_id for event in [*events, gateway.query(attempt.out_no)]} == {events[0].event_id}


def test_a_late_notification_is_as_good(bench):
    gateway, provider = bench
    attempt, _, _ = begin(gateway)
    provider.set("notify_delay", 0.5)
    provider.pay(attempt.out_no)
    assert provider.ear.about(attempt.out_no) == []
    heard = provider.hears(attempt.out_no)[0]
    assert gateway.verify(heard.headers, heard.body).amount_minor == 1_000


@pytest.mark.parametrize(
    ("mode", "refusal"),
    [
        ("forged", Forged("payments.forged")),
        ("stale", Stale("payments.stale")),
        ("wrong_amount", Foreign("payments.other_amount", expected=1_000, got=1_001)),
        ("wrong_merchant", Foreign("payments.other_merchant")),
        ("wrong_currency", Foreign("payments.other_currency")),
        ("unknown_kind", Malformed("payments.malformed", field="kind")),
    ],
)
def test_a_false_notification_is_refused(bench, mode, refusal):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    provider.control(do="send", out_no=attempt.out_no, mode=mode)
    heard = provider.hears(attempt.out_no, 2)[1]
    with pytest.raises(type(refusal)) as error:
        gateway.verify(heard.headers, heard.body)
    assert error.value == refusal


def test_a_payment_of_nobody_we_know_is_refused(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    provider.control(do="send", out_no=attempt.out_no, mode="unknown_payment")
    heard = provider.hears("A" + "0" * 24)[-1]
    with pytest.raises(Foreign, match=r"payments\.unknown_payment"):
        gateway.verify(heard.headers, heard.body)


def test_a_paid_notification_for_an_unpaid_payment_is_refused(bench):
    """The provider's own key says it was paid, with another amount: its book, when asked, says it was not."""
    gateway, provider = bench
    attempt, _, _ = begin(gateway)
    provider.control(do="send", out_no=attempt.out_no, mode="wrong_amount")
    heard = provider.hears(attempt.out_no)[0]
    with pytest.raises(Foreign, match=r"payments\.other_amount"):
        gateway.verify(heard.headers, heard.body)


@pytest.mark.parametrize("amount", [1, 999, 1_001, 250_000])
def test_another_amount_really_paid_is_told_as_it_is(bench, amount):
    gateway, provider = bench
    attempt, _, _ = begin(gateway)
    provider.pay(attempt.out_no, amount)
    heard = provider.hears(attempt.out_no)[0]
    assert gateway.verify(heard.headers, heard.body).amount_minor == amount


def test_a_changed_body_or_header_is_forged(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    heard = provider.hears(attempt.out_no)[0]
    changed = json.dumps(heard.fact | {"amount_minor": 1}).encode()
    with pytest.raises(Forged):
        gateway.verify(heard.headers, changed)
    for name in [name for name in heard.headers if name.startswith("X-")]:
        if "Merchant" in name:
            continue
        with pytest.raises(Forged):
            gateway.verify(heard.headers | {name: "１"}, heard.body)
        with pytest.raises(Forged):
            gateway.verify({key: value for key, value in heard.headers.items() if key != name}, heard.body)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff", b"{", b'{"amount_minor": NaN}', b"0" * 2_000])
def test_junk_is_forged_never_an_error(bench, body):
    gateway, _ = bench
    with pytest.raises(Forged):
        gateway.verify({"X-Sim-Timestamp": "1", "X-Sim-Nonce": "2", "X-Sim-Signature": "3"}, body)


# --- asking and closing ---------------------------------------------------------------------------------------------


def test_an_unpaid_payment_is_not_paid(bench):
    gateway, _ = bench
    attempt, _, _ = begin(gateway)
    assert gateway.query(attempt.out_no) is None
    assert gateway.query("A" + "1" * 24) is None


def test_a_closed_payment_cannot_be_started_again(bench):
    gateway, _ = bench
    attempt, answer, payable = begin(gateway)
    gateway.close(attempt.out_no)
    gateway.close(attempt.out_no)
    gateway.close("A" + "1" * 24)
    with pytest.raises(GatewayRefused) as refusal:
        gateway.start(actions._request(attempt, payable, AnswerKind.REDIRECT))
    assert refusal.value.params["reason"] == "closed"
    assert gateway.query(attempt.out_no) is None
    pressed = httpx.post(answer.url, data={"do": "pay"}, trust_env=False)
    assert pressed.status_code == 409


def test_a_paid_payment_cannot_be_closed(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    with pytest.raises(GatewayRefused) as refusal:
        gateway.close(attempt.out_no)
    assert refusal.value.params["reason"] == "paid"
    event = actions.close_attempt(out_no=attempt.out_no, by=system(attempt.cluster_id))
    assert event == gateway.query(attempt.out_no)
    attempt.refresh_from_db()
    assert attempt.state == "started"


# --- refunds --------------------------------------------------------------------------------------------------------


def test_a_whole_refund(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider, (700, 300))
    wish = order(attempt, 1_000)
    event = refunded(gateway, provider, wish)
    assert (event.kind, event.amount_minor, event.refund_no) == ("refunded", 1_000, wish.refund_no)
    assert gateway.query_refund(wish.refund_no) == event
    assert [part["given_back"] for part in provider.state(attempt.out_no)["parts"]] == [700, 300]


def test_refunds_name_a_part_and_stop_at_what_it_got(bench):
    gateway, provider = bench
    attempt, payable = paid(gateway, provider, (700, 300))
    first, second = (part.supplier_id for part in payable.parts)
    assert refunded(gateway, provider, order(attempt, 200, second)).amount_minor == 200
    for number, (amount, part) in enumerate([(101, second), (701, first), (801, None)]):
        with pytest.raises(GatewayRefused) as refusal:
            gateway.refund(order(attempt, amount, part, f"X{number}"))
        assert refusal.value.params["reason"] == "too_much"
    refunded(gateway, provider, order(attempt, 100, second, "R2"))
    refunded(gateway, provider, order(attempt, 700, first, "R3"))
    assert [part["given_back"] for part in provider.state(attempt.out_no)["parts"]] == [700, 300]


def test_what_was_paid_too_much_can_go_back(bench):
    gateway, provider = bench
    attempt, _, _ = begin(gateway)
    provider.pay(attempt.out_no, 1_234)
    provider.hears(attempt.out_no)
    assert refunded(gateway, provider, order(attempt, 1_234)).amount_minor == 1_234


@pytest.mark.parametrize("reason", ["not_paid", "unknown_part", "other_currency", "conflict", "unknown"])
def test_refunds_that_are_refused(bench, reason):
    gateway, provider = bench
    attempt, _ = (begin(gateway)[0], None) if reason == "not_paid" else paid(gateway, provider)
    wish = order(attempt, 100)
    if reason == "conflict":
        refunded(gateway, provider, wish)
    wrong = {
        "not_paid": wish,
        "unknown_part": replace(wish, part=1),
        "other_currency": replace(wish, currency="USD"),
        "conflict": replace(wish, amount_minor=99),
        "unknown": replace(wish, out_no="A" + "1" * 24),
    }[reason]
    with pytest.raises(GatewayRefused) as refusal:
        gateway.refund(wrong)
    assert refusal.value.params["reason"] == reason


def test_a_refund_sent_twice_is_one(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    provider.set("refund_delay", 60)
    wish = order(attempt, 600)
    assert gateway.refund(wish) is None
    assert gateway.refund(wish) is None
    assert gateway.query_refund(wish.refund_no) is None
    assert [part["given_back"] for part in provider.state(attempt.out_no)["parts"]] == [600]


def test_a_failed_refund_is_told_and_tried_anew_under_its_number(bench):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    provider.set("refund_outcome", "refund_failed")
    wish = order(attempt, 1_000)
    failure = refunded(gateway, provider, wish)
    assert (failure.kind, failure.amount_minor, failure.reason) == ("refund_failed", 1_000, "account_closed")
    provider.set("refund_outcome", "refunded")
    success = refunded(gateway, provider, wish)
    assert success.kind == "refunded"
    assert success.event_id != failure.event_id


# --- silence and bills ----------------------------------------------------------------------------------------------


def test_silence_is_not_a_no(bench, settings):
    gateway, _ = bench
    attempt, _, _ = begin(gateway)
    settings.YUNJU_GATEWAY_URL = "http://127.0.0.1:9"
    for ask in (gateway.query, gateway.close, gateway.query_refund):
        with pytest.raises(GatewaySilent):
            ask(attempt.out_no)


def test_an_answer_that_is_not_the_providers_is_silence(bench, settings):
    gateway, provider = bench
    attempt, _ = paid(gateway, provider)
    settings.YUNJU_GATEWAY_URL = provider.ear.url  # somebody else who says 200 to everything
    with pytest.raises(GatewaySilent):
        gateway.query(attempt.out_no)


def test_the_bill_of_a_day_has_its_movements(bench):
    gateway, provider = bench
    today = clock.local_day(clock.now(), gateway.timezone)
    with pytest.raises(GatewayRefused) as refusal:
        gateway.bill(today)
    assert refusal.value.params["reason"] == "too_early"
    day = today + 400 * DAY
    provider.set("clock_offset", 400 * 86_400)
    attempt, _ = paid(gateway, provider, (700, 300))
    event = refunded(gateway, provider, order(attempt, 250))
    provider.set("clock_offset", 402 * 86_400)
    lines = [line for line in gateway.bill(day).lines if line.out_no == attempt.out_no]
    assert [(line.kind, line.amount_minor, line.currency) for line in lines] == [
        ("paid", 1_000, "CNY"),
        ("refunded", 250, "CNY"),
    ]
    assert [line.reference for line in lines] == [attempt.out_no, event.refund_no]
