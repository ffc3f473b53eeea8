"""The file for the bank: one row per payee, text stays text, every download leaves its trace."""

import io
from collections.abc import Sequence

import xlsxwriter
from django.db import transaction

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused
from yunju.kernel.money import EXPONENTS, decimal_text
from yunju.members.actions.payees import reveal_account_numbers
from yunju.members.models import PayoutAccount
from yunju.payments import journal
from yunju.payments.models import PayoutItem, PayoutRun
from yunju.payments.payouts.runs import items_of, lock_run

REASON = "payout_file"
SHEET = "打款"
COLUMNS = (
    ("序号", 8),
    ("流水号", 26),
    ("收款人户名", 28),
    ("收款账号", 28),
    ("开户行", 28),
    ("渠道", 10),
    ("税前金额", 14),
    ("代扣税额", 14),
    ("打款金额", 14),
    ("币种", 8),
    ("附言", 24),
    ("打款结果", 12),
    ("失败原因", 28),
    ("银行流水号", 26),
)
"""Heading and width. The last three are for the bank's answer: 成功 or 失败, its words, its number."""

CHANNELS = {"bank": "银行", "wechat": "微信", "alipay": "支付宝"}


def reference(run: PayoutRun, item_id: int) -> str:
    """The number by which the bank's answer names an item."""
    return f"{run.number}-{item_id}"


@transaction.atomic
def bank_file(*, run_id: int, by: Actor) -> bytes:
    """The XLSX of an approved run, with account numbers in clear. From the first download on its items count as sent.

    Downloads are in the run's events, and each payee sees that its number was read. Raises NotFound, Forbidden,
    Refused (`payouts.run_state`).
    """
    run = lock_run(run_id, by)
    if run.state not in {"approved", "done"}:
        raise Refused("payouts.run_state", state=run.state)
    items = items_of(run, "waiting", "sent", "paid", "failed")
    account_ids = [item.account_id for item in items]
    numbers = reveal_account_numbers(account_ids=account_ids, reason=REASON, by=by)
    accounts = PayoutAccount.objects.filter(pk__in=account_ids).values_list("pk", "bank", "channel")
    banks = {account_id: (bank, CHANNELS[channel]) for account_id, bank, channel in accounts}
    PayoutItem.objects.filter(run=run, state="waiting").update(state="sent")
    journal.note("run", run.pk, "file_read", {"count": len(items)}, by)
    rows: list[tuple[str | int, ...]] = [
        (
            n,
            reference(run, item.pk),
            item.holder,
            numbers[item.account_id],
            *banks[item.account_id],
            *_money(run, item),
        )
        for n, item in enumerate(items, start=1)
    ]
    return _workbook(rows, run.currency)


def _money(run: PayoutRun, item: PayoutItem) -> tuple[str, ...]:
    amounts = (item.gross_minor, item.tax_minor, item.net_minor)
    return (
        *(decimal_text(minor, run.currency) for minor in amounts),
        run.currency,
        run.number,
        *_answer(item),
    )


def _answer(item: PayoutItem) -> tuple[str, str, str]:
    words = {"paid": "成功", "failed": "失败"}
    return words.get(item.state, ""), item.bank_words, item.bank_no


def _workbook(rows: Sequence[Sequence[str | int]], currency: str) -> bytes:
    """Amounts are number cells written from their exact decimals (15 digits are kept); everything else is text."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(out, options | {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": SHEET, "created": clock.now().replace(tzinfo=None)})
    head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    digits = EXPONENTS[currency]
    money = book.add_format({"num_format": "0." + "0" * digits if digits else "0"})
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    amounts = {
        column for column, (title, _) in enumerate(COLUMNS) if title in {"税前金额", "代扣税额", "打款金额"}
    }
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if column == 0:
                sheet.write_number(line, column, value)
            elif column in amounts:
                sheet.write_number(line, column, float(value), money)
            else:
                sheet.write_string(line, column, str(value), text)
    book.close()
    return out.getvalue()
