"""The bank's answer, read strictly; giving a run up; ten thousand payees to the cent."""

import io
import zipfile

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.members import make_cluster, make_member, operator
from tests.factories.payments import give, make_payee, many
from tests.payments.bank import amount, answered, clearing, codes, sent, table
from yunju.kernel import money
from yunju.kernel.errors import Invalid, InvalidMany, Refused
from yunju.ledger.kinds import Kind
from yunju.payments import payouts, verify

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
