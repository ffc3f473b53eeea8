"""The invariants of orders that `yunju ledger verify` proves (MONEY A2: I8, I11, I12, I16, orphans). Read only."""

from functools import partial
from pathlib import Path

from yunju.kernel import sql
from yunju.ledger.verify import Breach, Check, Result, register

SQL = sql.queries(Path(__file__).resolve().parent / "sql" / "verify.sql")
ORDERS, SHARES, STOCK, REFUNDS = range(4)


def register_checks() -> None:
    """Called once at start-up; twice is once."""
    for code, title, name, noun, counted in (
        ("I8", "the shares of a line sum to the line", "share_sums", "line", SHARES),
        ("I8", "a released line leaves nothing pending", "shares_closed", "share", SHARES),
        ("I11", "a paid order is in the book once, whole", "order_book", "order", ORDERS),
        ("I11", "what lines gave back is what refunds sent", "line_refunds", "order", ORDERS),
        ("I11", "a payee's pending is the open part of its shares", "pending_by_payee", "member", SHARES),
        ("I12", "refunds under way are what gateways still owe", "refunds_due", "gateway", REFUNDS),
        ("I16", "pieces reserved are pieces of open lines", "stock_reserved", "stock", STOCK),
    ):
        register(Check(code, title, partial(_run, name, noun, counted)))
    register(Check("I18", "every plain id names something", _orphans))


def _run(name: str, noun: str, counted: int, cluster_id: int, _whole: bool) -> Result:  # noqa: FBT001 - the framework's form
    rows = sql.fetch(SQL[name], {"c": cluster_id})
    breaches = [Breach(noun, _number(row[0]), f"{row[0]}: {row[1]} against {row[2]}") for row in rows]
    return Result(int(sql.fetch(SQL["looked_at"], {"c": cluster_id})[0][counted]), breaches)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _orphans(cluster_id: int, _whole: bool) -> Result:  # noqa: FBT001 - the framework's form
    rows = sql.fetch(SQL["orphans"], {"c": cluster_id})
    looked_at = int(sql.fetch(SQL["looked_at"], {"c": cluster_id})[0][SHARES])
    return Result(looked_at, [Breach(noun, found, "names nothing") for noun, found in rows])
