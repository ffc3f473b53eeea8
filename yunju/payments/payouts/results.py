"""The bank's answer, read strictly: one wrong row and nothing changes; read twice, it is read once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from yunju.kernel import clock, outbox, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, InvalidMany, Refused
from yunju.kernel.money import parse_minor
from yunju.payments import journal, sheet
from yunju.payments.models import PayoutItem, PayoutRun
from yunju.payments.payouts import booking, policy
from yunju.payments.payouts.bankfile import reference
from yunju.payments.payouts.runs import items_of, lock_run

ALIASES = {
    "reference": ("流水号", "商户流水号", "业务参考号", "企业流水号", "reference"),
    "amount": ("打款金额", "金额", "交易金额", "实付金额", "amount"),
    "result": ("打款结果", "结果", "交易状态", "状态", "result", "status"),
    "words": ("失败原因", "原因", "备注", "退票原因", "reason", "message"),
    "bank_no": ("银行流水号", "交易流水号", "bank reference"),
}
NEEDED = ("reference", "amount", "result")
RESULTS = {
    **dict.fromkeys(("成功", "已成功", "交易成功", "打款成功", "已支付", "paid", "success", "ok"), "paid"),
    **dict.fromkeys(
        ("失败", "交易失败", "打款失败", "退票", "已退票", "拒绝", "failed", "returned", "rejected"), "failed"
    ),
}
FAULTS_MAX = 200
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reading did: newly paid and failed payees, rows that were read before or have no result, and who waits."""

    paid: int
    failed: int
    known: int
    waiting: int
    paid_minor: int
    failed_minor: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the answer with a result; `line` is its number in the file."""

    line: int
    reference: str
    amount_minor: int
    result: str
    words: str
    bank_no: str


def read_results(*, run_id: int, content: bytes, by: Actor) -> Outcome:
    """Settle items by the bank's answer (XLSX or CSV): paid, or failed with the bank's words. Rows without result wait.

    Raises NotFound, Forbidden, Refused (`payouts.run_state`), Invalid (`payouts.file_*`) for what is no such table, and
    InvalidMany with one fault a row: `payouts.row_unknown`, `row_twice`, `row_amount`, `row_result`, `row_settled`.
    """
    policy.require_payer(by)
    table = _table(content)
    with transaction.atomic():
        run = lock_run(run_id, by)
        if run.state not in {"approved", "done"}:
            raise Refused("payouts.run_state", state=run.state)
        rows = _rows(table, run.currency)
        items = {reference(run, item.pk): item for item in items_of(run, "waiting", "sent", "paid", "failed")}
        _check(rows, items)
        return _settle(run, rows, items, by)


# --- reading --------------------------------------------------------------------------------------------------------


def _table(content: bytes) -> list[list[str]]:
    rows = sheet.read(content)
    if len(rows) < 2:
        raise Invalid("payouts.file_empty", field="file")
    return rows


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Raises Invalid (`payouts.file_columns`) when one that is needed is missing or doubled."""
    found: dict[str, int] = {}
    for name, aliases in ALIASES.items():
        places = [n for n, title in enumerate(head) if title.lower() in aliases]
        if len(places) > 1 or (not places and name in NEEDED):
            raise Invalid("payouts.file_columns", field="file", column=aliases[0])
        if places:
            found[name] = places[0]
    return found


def _rows(table: Sequence[Sequence[str]], currency: str) -> list[Row]:
    places = _columns(table[0])
    rows: list[Row] = []
    faults: list[Invalid] = []
    for line, cells in enumerate(table[1:], start=2):
        texts = {name: cells[n] if n < len(cells) else "" for name, n in places.items()}
        if not any(texts.values()):
            continue
        try:
            row = _row(line, texts, currency)
        except Invalid as fault:
            faults.append(fault)
        else:
            rows += [row] if row.result else []
    _refuse(faults)
    return rows


def _row(line: int, texts: dict[str, str], currency: str) -> Row:
    word = texts["result"].lower()
    if word and word not in RESULTS:
        raise Invalid("payouts.row_result", field="file", row=line, found=texts["result"][:40])
    amount = texts["amount"]
    try:
        minor = parse_minor(amount.replace(",", "") if THOUSANDS.fullmatch(amount) else amount, currency)
    except ValueError as error:
        raise Invalid("payouts.row_amount", field="file", row=line, found=amount[:40]) from error
    words, bank_no = texts.get("words", "")[:300], texts.get("bank_no", "")[:60]
    return Row(line, texts["reference"], minor, RESULTS.get(word, ""), words, bank_no)


def _check(rows: Sequence[Row], items: dict[str, PayoutItem]) -> None:
    """Every row names an item of this run once, with its amount, and contradicts nothing that was read before."""
    faults: list[Invalid] = []
    seen: dict[str, int] = {}
    for row in rows:
        item = items.get(row.reference)
        if item is None:
            faults.append(
                Invalid("payouts.row_unknown", field="file", row=row.line, found=row.reference[:40])
            )
        elif row.reference in seen:
            faults.append(Invalid("payouts.row_twice", field="file", row=row.line, first=seen[row.reference]))
        elif row.amount_minor != item.net_minor:
            faults.append(Invalid("payouts.row_amount", field="file", row=row.line, found=row.amount_minor))
        elif item.state in {"paid", "failed"} and item.state != row.result:
            faults.append(Invalid("payouts.row_settled", field="file", row=row.line))
        seen.setdefault(row.reference, row.line)
    _refuse(faults)


def _refuse(faults: list[Invalid]) -> None:
    if faults:
        raise InvalidMany(faults[:FAULTS_MAX])


# --- booking --------------------------------------------------------------------------------------------------------


def _settle(run: PayoutRun, rows: Sequence[Row], items: dict[str, PayoutItem], by: Actor) -> Outcome:
    at = clock.now()
    new = [row for row in rows if items[row.reference].state in {"waiting", "sent"}]
    paid = [items[row.reference] for row in new if row.result == "paid"]
    failed = [items[row.reference] for row in new if row.result == "failed"]
    if paid:
        booking.pay(run, paid, at)
    if failed:
        booking.give_back(run, failed, booking.FAILED, at)
    sql.execute(
        "UPDATE payments_payoutitem i SET state = r.result, bank_words = r.words, bank_no = r.bank_no, settled_at = %s"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS r(id, result, words, bank_no) WHERE i.id = r.id",
        [
            at,
            [items[row.reference].pk for row in new],
            [row.result for row in new],
            [row.words for row in new],
            [row.bank_no for row in new],
        ],
    )
    outbox.write(
        [
            outbox.Event(run.cluster_id, "payout.settled", items[row.reference].pk, {"as": row.result})
            for row in new
        ]
    )
    waiting = sum(1 for item in items.values() if item.state in {"waiting", "sent"}) - len(new)
    if not waiting and run.state != "done":
        run.state, run.done_at = "done", at
        run.save(update_fields=["state", "done_at"])
    outcome = Outcome(
        paid=len(paid),
        failed=len(failed),
        known=len(rows) - len(new),
        waiting=waiting,
        paid_minor=sum(item.net_minor for item in paid),
        failed_minor=sum(item.gross_minor for item in failed),
    )
    params = {"paid": outcome.paid, "failed": outcome.failed, "known": outcome.known, "waiting": waiting}
    journal.note("run", run.pk, "results_read", params, by)
    return outcome
