"""Payouts to the cent: who is paid, one approval by a second person, the bank's file, the bank's answer."""

import io
import zipfile

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from tests.factories.payments import give, make_account, make_payee, many
from yunju.kernel import money
from yunju.kernel.errors import Forbidden, Invalid, InvalidMany, NotFound, Refused, YunjuError
from yunju.ledger import subjects
from yunju.ledger.kinds import Kind
from yunju.ledger.queries import balance
from yunju.members.models import MemberEvent
from yunju.members.words import Channel, RoleKind
from yunju.payments import payouts, queries, verify
from yunju.payments.models import PaymentEvent, PayoutAsk, PayoutRun


@pytest.fixture
def house(db_app):
    """A cluster, two of its people who pay out, and three payees with 12.34, 56.78 and 100.00."""
    cluster = make_cluster()
    payees = [make_member(cluster, name=f"{cluster.code} {n}") for n in range(3)]
    for payee in payees:
        make_payee(payee)
    give(cluster, dict(zip([one.pk for one in payees], [1_234, 5_678, 10_000], strict=True)))
    return cluster, operator(cluster), operator(cluster, RoleKind.MANAGER), payees


def amount(cluster, member, kind):
    return balance(cluster.pk, subjects.member(member.pk), kind, cluster.currency)


def clearing(cluster):
    return balance(cluster.pk, subjects.gateway("simulated"), Kind.CLEARING, cluster.currency)


def sent(house):
    """A run that was made, approved and carried to the bank."""
    _, maker, approver, _ = house
    run = payouts.make_run(by=maker).run
    payouts.approve_run(run_id=run.pk, by=approver)
    return run, payouts.bank_file(run_id=run.pk, by=maker)


def table(content):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def answered(content, results, words="账户已注销", extra=()):
    """The bank's file with results filled in, as XLSX."""
    head, *rows = table(content)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for line, row in enumerate([head, *rows]):
        if line:
            row[11] = results[line - 1]
            row[12] = words if results[line - 1] == "失败" else ""
            row[13] = f"B{line}"
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    for line, row in enumerate(extra, start=len(rows) + 1):
        for column, value in enumerate(row):
            sheet.write(line, column, value)
    book.close()
    return out.getvalue()


def codes(error):
    return sorted(fault.code for fault in error.value.faults)


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


# --- the answer -----------------------------------------------------------------------------------------------------


def test_the_answer_pays_and_gives_back(house):
    cluster, maker, _, payees = house
    before = clearing(cluster)
    run, content = sent(house)
    answer = answered(content, ["成功", "失败", "成功"])
    outcome = payouts.read_results(run_id=run.pk, content=answer, by=maker)
    assert outcome == payouts.Outcome(
        paid=2, failed=1, known=0, waiting=0, paid_minor=11_234, failed_minor=5_678
    )
    assert [amount(cluster, one, Kind.AVAILABLE) for one in payees] == [0, 5_678, 0]
    assert [amount(cluster, one, Kind.PAYING_OUT) for one in payees] == [0, 0, 0]
    assert clearing(cluster) - before == 11_234
    failed = run.items.get(state="failed")
    assert (failed.member_id, failed.bank_words, failed.bank_no) == (payees[1].pk, "账户已注销", "B2")
    run.refresh_from_db()
    assert (run.state, run.done_at is None) == ("done", False)
    again = payouts.read_results(run_id=run.pk, content=answer, by=maker)
    assert (again.paid, again.failed, again.known) == (0, 0, 3)
    assert clearing(cluster) - before == 11_234
    assert payouts.make_run(by=maker).run.items.get().member_id == payees[1].pk
    assert not verify.check_payouts(cluster.pk, True).breaches


def test_rows_without_a_result_wait(house):
    cluster, maker, _, payees = house
    run, content = sent(house)
    outcome = payouts.read_results(run_id=run.pk, content=answered(content, ["成功", "", ""]), by=maker)
    assert (outcome.paid, outcome.waiting) == (1, 2)
    run.refresh_from_db()
    assert run.state == "approved"
    outcome = payouts.read_results(
        run_id=run.pk, content=answered(content, ["成功", "退票", "成功"]), by=maker
    )
    assert (outcome.paid, outcome.failed, outcome.known, outcome.waiting) == (1, 1, 1, 0)
    assert amount(cluster, payees[1], Kind.AVAILABLE) == 5_678


def test_a_csv_as_banks_write_it(house):
    cluster, maker, _, _ = house
    run, content = sent(house)
    _, *rows = table(content)
    lines = ["流水号,金额,状态,原因", *(f'{row[1]},"{row[8]:,.2f}",交易成功,' for row in rows)]
    text = "\r\n".join(lines)
    for encoded in (text.encode("gb18030"), text.encode("utf-8-sig"), text.encode()):
        outcome = payouts.read_results(run_id=run.pk, content=encoded, by=maker)
        assert outcome.waiting == 0
    assert cluster.pk == run.cluster_id


def test_wrong_rows_change_nothing(house):
    cluster, maker, _, payees = house
    before = clearing(cluster)
    run, content = sent(house)
    _, *rows = table(content)
    stranger = [1, f"{run.number}-999999999", "x", "1", "b", "银行", 1, 0, 1.0, "CNY", "", "成功", "", ""]
    twice = list(rows[0])
    twice[11] = "成功"
    wrong = list(rows[1])
    with pytest.raises(InvalidMany) as error:
        payouts.read_results(
            run_id=run.pk, content=answered(content, ["成功"] * 3, extra=[stranger, twice]), by=maker
        )
    assert codes(error) == ["payouts.row_twice", "payouts.row_unknown"]
    assert sorted(fault.params["row"] for fault in error.value.faults) == [5, 6]
    for amount_cell, result, code in [
        (56.79, "成功", "payouts.row_amount"),
        ("5.678e1", "成功", "payouts.row_amount"),
        ("-56.78", "成功", "payouts.row_amount"),
        ("", "成功", "payouts.row_amount"),
        (56.78, "也许", "payouts.row_result"),
    ]:
        wrong[8], wrong[11] = amount_cell, result
        with pytest.raises(InvalidMany) as error:
            payouts.read_results(run_id=run.pk, content=answered(content, [""] * 3, extra=[wrong]), by=maker)
        assert codes(error) == [code]
    assert set(run.items.values_list("state", flat=True)) == {"sent"}
    assert clearing(cluster) == before
    assert amount(cluster, payees[0], Kind.PAYING_OUT) == 1_234


def test_a_second_answer_may_not_contradict_the_first(house):
    _, maker, _, _ = house
    run, content = sent(house)
    payouts.read_results(run_id=run.pk, content=answered(content, ["成功"] * 3), by=maker)
    with pytest.raises(InvalidMany) as error:
        payouts.read_results(run_id=run.pk, content=answered(content, ["失败", "成功", "失败"]), by=maker)
    assert codes(error) == ["payouts.row_settled"] * 2
    assert set(run.items.values_list("state", flat=True)) == {"paid"}


def corner():
    """A tiny workbook that claims a cell in its last corner."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "流水号")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    return out.getvalue()


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "payouts.file_empty"),
        ("流水号,金额,结果".encode(), "payouts.file_empty"),
        ("流水号,金额\nx,1".encode(), "payouts.file_columns"),
        ("流水号,金额,结果,状态\nx,1,成功,成功".encode(), "payouts.file_columns"),
        (b"\x00\x01\x02", "payouts.file_not_a_table"),
        (b"\xff\xff\xff", "payouts.file_not_a_table"),
        (b"PK\x03\x04 not a zip", "payouts.file_not_a_table"),
        (b"x" * 5_000_001, "payouts.file_too_big"),
        (b"a\n" * 50_001, "payouts.file_too_many_rows"),
    ],
)
def test_files_that_are_no_answer(house, content, code):
    _, maker, _, _ = house
    run, _ = sent(house)
    with pytest.raises(Invalid) as error:
        payouts.read_results(run_id=run.pk, content=content, by=maker)
    assert (error.value.code, error.value.field) == (code, "file")


@pytest.mark.parametrize("make", [corner, bomb])
def test_files_made_to_hurt(house, make):
    _, maker, _, _ = house
    run, _ = sent(house)
    with pytest.raises(Invalid, match=r"payouts\.file_"):
        payouts.read_results(run_id=run.pk, content=make(), by=maker)
    assert set(run.items.values_list("state", flat=True)) == {"sent"}


# --- giving up ------------------------------------------------------------------------------------------------------


def test_cancelling_gives_back(house):
    cluster, maker, approver, payees = house
    run = payouts.make_run(by=maker).run
    payouts.approve_run(run_id=run.pk, by=approver)
    payouts.cancel_run(run_id=run.pk, by=maker)
    assert [amount(cluster, one, Kind.AVAILABLE) for one in payees] == [1_234, 5_678, 10_000]
    assert [amount(cluster, one, Kind.PAYING_OUT) for one in payees] == [0, 0, 0]
    assert set(run.items.values_list("state", "code")) == {("cancelled", "payouts.run_cancelled")}
    with pytest.raises(Refused, match=r"payouts\.run_state"):
        payouts.cancel_run(run_id=run.pk, by=maker)
    assert not verify.check_payouts(cluster.pk, True).breaches


def test_once_the_file_is_out_it_is_too_late(house):
    cluster, maker, _, payees = house
    run, _ = sent(house)
    with pytest.raises(Refused, match=r"payouts\.file_is_out"):
        payouts.cancel_run(run_id=run.pk, by=maker)
    assert amount(cluster, payees[0], Kind.PAYING_OUT) == 1_234


def test_what_comes_back_nets_debt_first(house):
    cluster, maker, _, payees = house
    run, content = sent(house)
    give(cluster, {payees[0].pk: -1_000, payees[1].pk: -6_000}, Kind.DEBT)
    payouts.read_results(run_id=run.pk, content=answered(content, ["失败"] * 3), by=maker)
    assert [amount(cluster, one, Kind.DEBT) for one in payees] == [0, -322, 0]
    assert [amount(cluster, one, Kind.AVAILABLE) for one in payees] == [234, 0, 10_000]


# --- many -----------------------------------------------------------------------------------------------------------


def test_the_number_of_statements_does_not_grow(db_app):
    counts = []
    for payees in (2, 30):
        cluster = make_cluster()
        members = [make_member(cluster) for _ in range(payees)]
        for one in members:
            make_payee(one)
        give(cluster, {one.pk: 500 + n for n, one in enumerate(members)})
        maker, approver = operator(cluster), operator(cluster)
        with CaptureQueriesContext(connection) as seen:
            run = payouts.make_run(by=maker).run
            payouts.approve_run(run_id=run.pk, by=approver)
            content = payouts.bank_file(run_id=run.pk, by=maker)
            results = ["成功" if n % 3 else "失败" for n in range(payees)]
            payouts.read_results(run_id=run.pk, content=answered(content, results), by=maker)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.timeout(300)  # making the payees takes longer than paying them
def test_ten_thousand_payees_to_the_cent(db_app):
    """Made by rows, paid by one run. Every eleventh comes back from the bank."""
    cluster = make_cluster()
    maker, approver = operator(cluster), operator(cluster)
    amounts = many(cluster, 10_000)
    before = clearing(cluster)
    run = payouts.make_run(by=maker).run
    assert (run.count, run.total_minor) == (10_000, sum(amounts.values()))
    payouts.approve_run(run_id=run.pk, by=approver)
    content = payouts.bank_file(run_id=run.pk, by=maker)
    _, *rows = table(content)
    in_file = [money.parse_minor(f"{row[8]:.2f}", "CNY") for row in rows]
    assert in_file == [amounts[member_id] for member_id in sorted(amounts)]
    results = ["失败" if n % 11 == 0 else "成功" for n in range(len(rows))]
    outcome = payouts.read_results(run_id=run.pk, content=answered(content, results), by=maker)
    lost = {one for n, one in enumerate(sorted(amounts)) if n % 11 == 0}
    paid = sum(minor for one, minor in amounts.items() if one not in lost)
    assert (outcome.paid, outcome.failed) == (10_000 - len(lost), len(lost))
    assert (outcome.paid_minor, outcome.failed_minor) == (paid, sum(amounts.values()) - paid)
    assert clearing(cluster) - before == paid
    assert not verify.check_payouts(cluster.pk, True).breaches
    left, _ = payouts.candidates(cluster)
    assert {one.member_id: one.gross_minor for one in left} == {one: amounts[one] for one in lost}
