"""A payout run of the demonstration, from the approval to the bank's answer; one payee's bank sends the money back."""

import csv
import io

from yunju.cli.demo.people import OPERATOR, SECOND, Market
from yunju.payments import payouts, sheet

REASON = "账号与户名不符"
REFERENCE, AMOUNT, RESULT, WHY, BANK_NO = "流水号", "打款金额", "打款结果", "失败原因", "银行流水号"


def pay_out(market: Market) -> None:
    """One person makes the run, another approves it, the bank pays all but the designer."""
    run = payouts.make_run(by=market.actor(OPERATOR)).run
    by = market.actor(SECOND)
    payouts.approve_run(run_id=run.pk, by=by)
    answer = _bank(payouts.bank_file(run_id=run.pk, by=by), failing=market.designer.payee.real_name)
    payouts.read_results(run_id=run.pk, content=answer, by=by)


def _bank(file: bytes, *, failing: str) -> bytes:
    """What a bank makes of the file: the same rows with a result."""
    head, *rows = sheet.read(file)
    holder = head.index("收款人户名")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([REFERENCE, AMOUNT, RESULT, WHY, BANK_NO])
    for number, row in enumerate(rows, start=1):
        known = [row[head.index(REFERENCE)], row[head.index(AMOUNT)]]
        failed = row[holder] == failing
        writer.writerow([*known, *(("失败", REASON, "") if failed else ("成功", "", f"B{number:012}"))])
    return out.getvalue().encode("utf-8-sig")
