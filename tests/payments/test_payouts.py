"""Payouts: who is paid, one approval by a second person, the file for the bank."""

import io
import zipfile

import pytest

from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from tests.factories.payments import give, make_account, make_payee
from tests.payments.bank import amount, sent, table
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, YunjuError
from yunju.ledger.kinds import Kind
from yunju.members.models import MemberEvent
from yunju.members.words import Channel, RoleKind
from yunju.payments import payouts, queries, verify
from yunju.payments.models import PaymentEvent, PayoutAsk, PayoutRun

# --- who is paid ----------------------------------------------------------------------------------------------------


def test_who_can_be_paid_and_why_not(house):
    cluster, maker, _, payees = house
    poor, owing, paperless, elsewhere = (make_member(cluster, name=f"{cluster.code} {n}") for n in "abcd")
    for one in (poor, owing):
        make_payee(one)
    make_payee(elsewhere, channel=Channel.ALIPAY)
    give(cluster, {poor.pk: 99, owing.pk: 500, paperless.pk: 700, elsewhere.pk: 800})
    give(cluster, {owing.pk: -1}, Kind.DEBT)
    made = payouts.make_run(by=maker)
    assert made.run.count == 3
    assert made.run.total_minor == 1_234 + 5_678 + 10_000
    found = {one.member_id: one.codes for one in made.left_out}
    assert found == {
        poor.pk: ("payouts.below_minimum",),
        owing.pk: ("payouts.in_debt",),
        paperless.pk: found[paperless.pk],
        elsewhere.pk: ("payouts.other_channel",),
    }
    assert all(code.startswith("members.missing_") for code in found[paperless.pk])
    assert amount(cluster, payees[0], Kind.AVAILABLE) == 1_234  # nothing moves before the approval


def test_nobody_is_in_two_runs(house):
    _, maker, _, payees = house
    first = payouts.make_run(by=maker).run
    with pytest.raises(Refused, match=r"payouts\.nobody"):
        payouts.make_run(by=maker)
    payouts.cancel_run(run_id=first.pk, by=maker)
    second = payouts.make_run(by=maker).run
    assert second.items.count() == len(payees)


def test_the_limit_leaves_the_rest_for_the_next_run(house):
    _, maker, approver, payees = house
    made = payouts.make_run(by=maker, limit=2)
    assert [one.codes for one in made.left_out] == [("payouts.over_limit",)]
    payouts.approve_run(run_id=made.run.pk, by=approver)
    assert payouts.make_run(by=maker).run.items.get().member_id == payees[2].pk
    for limit in (0, 10_001, -1):
        with pytest.raises(Invalid, match=r"payouts\.limit"):
            payouts.make_run(by=maker, limit=limit)


def test_only_those_who_asked(house):
    cluster, maker, approver, payees = house
    owner = acts_for(payees[1])
    ask = payouts.ask_payout(member_id=payees[1].pk, by=owner)
    assert payouts.ask_payout(member_id=payees[1].pk, by=acts_for(payees[1], RoleKind.MANAGER)).pk == ask.pk
    run = payouts.make_run(by=maker, only_asked=True).run
    assert [item.member_id for item in run.items.all()] == [payees[1].pk]
    payouts.approve_run(run_id=run.pk, by=approver)
    ask.refresh_from_db()
    assert ask.run_id == run.pk
    assert ask.answered_at is not None
    with pytest.raises(Refused, match=r"payouts\.nobody"):
        payouts.make_run(by=maker, only_asked=True)
    assert cluster.pk == ask.cluster_id


def test_who_may_ask(house):
    cluster, maker, _, payees = house
    for by, refusal in [
        (acts_for(payees[0], RoleKind.STAFF), Forbidden),
        (acts_for(payees[0], RoleKind.CASHIER), Forbidden),
        (acts_for(payees[0], RoleKind.AUDITOR), Forbidden),
        (acts_for(payees[1]), NotFound),
        (buyer(cluster), NotFound),
        (maker, NotFound),
    ]:
        with pytest.raises(refusal):
            payouts.ask_payout(member_id=payees[0].pk, by=by)
    assert not PayoutAsk.objects.filter(cluster_id=cluster.pk).exists()


def test_a_wish_that_cannot_be_met_says_why(house):
    cluster, _, _, _ = house
    poor = make_member(cluster)
    with pytest.raises(Refused) as refusal:
        payouts.ask_payout(member_id=poor.pk, by=acts_for(poor))
    assert refusal.value.code == "payouts.below_minimum"
    assert not PayoutAsk.objects.filter(member=poor).exists()


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", [RoleKind.STAFF, RoleKind.CASHIER, RoleKind.AUDITOR, "payee", "stranger", "other"]
)
def test_who_may_not_pay_out(house, role):
    cluster, maker, _, payees = house
    run = payouts.make_run(by=maker).run
    by = {
        "payee": lambda: acts_for(payees[0]),
        "stranger": lambda: buyer(cluster),
        "other": lambda: operator(make_cluster()),
    }.get(role, lambda: operator(cluster, role))()
    for act in (
        lambda: payouts.make_run(by=by),
        lambda: payouts.approve_run(run_id=run.pk, by=by),
        lambda: payouts.cancel_run(run_id=run.pk, by=by),
        lambda: payouts.bank_file(run_id=run.pk, by=by),
        lambda: payouts.read_results(run_id=run.pk, content=b"x", by=by),
    ):
        with pytest.raises(YunjuError) as refusal:
            act()
        assert isinstance(refusal.value, Forbidden | NotFound | Invalid | Refused)
    run.refresh_from_db()
    assert run.state == "made"
    assert PayoutRun.objects.filter(cluster=cluster).count() == 1
    assert amount(cluster, payees[0], Kind.PAYING_OUT) == 0


def test_whoever_made_a_run_does_not_approve_it(house):
    _, maker, approver, _ = house
    run = payouts.make_run(by=maker).run
    with pytest.raises(Forbidden, match=r"payouts\.second_person"):
        payouts.approve_run(run_id=run.pk, by=maker)
    approved = payouts.approve_run(run_id=run.pk, by=approver)
    assert (approved.run.made_by, approved.run.approved_by) == (maker.user_id, approver.user_id)
    assert not approved.alone


def test_an_operator_of_one_person_approves_alone_and_it_is_noted(db_app):
    cluster = make_cluster()
    one = make_member(cluster)
    make_payee(one)
    give(cluster, {one.pk: 500})
    role = cluster.member_set.get(capacities__kind="operator").roles.get()
    by = buyer(cluster, role.user)
    approved = payouts.approve_run(run_id=payouts.make_run(by=by).run.pk, by=by)
    assert approved.alone
    assert (
        PaymentEvent.objects.get(noun="run", noun_id=approved.run.pk, what="approved").params["alone"] is True
    )


def test_payees_see_their_own_items_only(house):
    _, maker, _, payees = house
    run, _ = sent(house)
    assert queries.items_visible_to(acts_for(payees[0])).get().gross_minor == 1_234
    assert queries.items_visible_to(maker).count() == 3
    assert queries.runs_visible_to(acts_for(payees[0])).count() == 0
    assert queries.runs_visible_to(maker).get().pk == run.pk


# --- approval -------------------------------------------------------------------------------------------------------


def test_approval_moves_available_to_paying_out(house):
    cluster, maker, approver, payees = house
    run = payouts.make_run(by=maker).run
    payouts.approve_run(run_id=run.pk, by=approver)
    assert [amount(cluster, one, Kind.PAYING_OUT) for one in payees] == [1_234, 5_678, 10_000]
    assert [amount(cluster, one, Kind.AVAILABLE) for one in payees] == [0, 0, 0]
    with pytest.raises(Refused, match=r"payouts\.run_state"):
        payouts.approve_run(run_id=run.pk, by=approver)
    assert not verify.check_payouts(cluster.pk, True).breaches


def test_what_changed_since_falls_out_at_the_approval(house):
    cluster, maker, approver, payees = house
    run = payouts.make_run(by=maker).run
    give(cluster, {payees[0].pk: -1})  # a refund took a cent
    payees[1].payout_accounts.update(ended_at=run.made_at)
    make_account(payees[1], number="6222020000000099999")
    approved = payouts.approve_run(run_id=run.pk, by=approver)
    assert {item.member_id: item.code for item in approved.dropped} == {
        payees[0].pk: "payouts.balance_fell",
        payees[1].pk: "payouts.account_changed",
    }
    assert (approved.run.count, approved.run.total_minor) == (1, 10_000)
    assert [amount(cluster, one, Kind.PAYING_OUT) for one in payees] == [0, 0, 10_000]
    assert payouts.make_run(by=maker).run.count == 2


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_bank_file(house):
    cluster, maker, _, payees = house
    run, content = sent(house)
    head, *rows = table(content)
    assert head[:6] == ["序号", "流水号", "收款人户名", "收款账号", "开户行", "渠道"]
    assert [row[3] for row in rows] == ["6222020000000012345"] * 3
    assert [row[8] for row in rows] == [12.34, 56.78, 100.0]
    assert [row[2] for row in rows] == [one.name for one in payees]
    assert set(run.items.values_list("state", flat=True)) == {"sent"}
    event = PaymentEvent.objects.get(noun="run", noun_id=run.pk, what="file_read")
    assert (event.by_user_id, event.params) == (maker.user_id, {"count": 3})
    assert MemberEvent.objects.filter(cluster_id=cluster.pk, what="payout_account.read").count() == 3
    payouts.bank_file(run_id=run.pk, by=maker)
    assert PaymentEvent.objects.filter(noun="run", noun_id=run.pk, what="file_read").count() == 2


def test_names_never_become_formulas(db_app):
    cluster = make_cluster()
    one = make_member(cluster, name='=HYPERLINK("http://evil")')
    make_payee(one, number="6222020000000012345")
    give(cluster, {one.pk: 500})
    maker, approver = operator(cluster), operator(cluster)
    run = payouts.make_run(by=maker).run
    payouts.approve_run(run_id=run.pk, by=approver)
    content = payouts.bank_file(run_id=run.pk, by=maker)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
    assert table(content)[1][2] == one.name


def test_there_is_no_file_before_the_approval(house):
    _, maker, _, _ = house
    run = payouts.make_run(by=maker).run
    with pytest.raises(Refused, match=r"payouts\.run_state"):
        payouts.bank_file(run_id=run.pk, by=maker)
