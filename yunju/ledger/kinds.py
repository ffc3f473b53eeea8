"""The kinds of account (DESIGN 4.3). Pure words and rules, shared by actions, the checker and the SQL guards."""

from enum import StrEnum


class Kind(StrEnum):
    """What an account holds. A payee has the first five; a gateway clearing, unapplied, refund_due; an order escrow."""

    PENDING = "pending"
    AVAILABLE = "available"
    RESERVE = "reserve"
    PAYING_OUT = "paying_out"
    DEBT = "debt"
    CLEARING = "clearing"
    UNAPPLIED = "unapplied"
    REFUND_DUE = "refund_due"
    ESCROW = "escrow"
    LOSS = "loss"
    PROVIDER_COST = "provider_cost"
    TAX_WITHHELD = "tax_withheld"


FLOORED = frozenset({Kind.AVAILABLE, Kind.RESERVE, Kind.PAYING_OUT, Kind.ESCROW})
"""Never below zero; the balance is cached on the account and moved by the ledger's trigger alone."""

CACHED = FLOORED | {Kind.DEBT}
"""Accounts with a cached balance: the floored ones and debt, which is never above zero."""
